// Owns what a module keeps secret with the hub, by account (HUB-CRED); must not know how the hub keeps it.

package hub

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

const (
	// defaultAccount is the account of a call that names none (HUB-CRED-1).
	defaultAccount = "default"
	// maxCredentialNameChars bounds the name of a credential (HUB-CRED-2).
	maxCredentialNameChars = 64
)

// Kept says how long the hub keeps a credential, which the person chose (HUB-CRED-4).
type Kept string

// Where a credential is kept.
const (
	KeptForSession Kept = "session" // until the hub ends
	KeptInKeyring  Kept = "keyring" // in the system's keyring
)

type putResult struct {
	Kept Kept `json:"kept"`
}

// Account returns the account that a call is for, "default" where it names none. Credentials belong to it (HUB-CRED-1).
func Account(ctx context.Context) string {
	if profile := Context(ctx).Profile; profile != "" {
		return profile
	}
	return defaultAccount
}

// CredentialGet reads what the hub keeps under a name for this module and the account of the call; found is false where there is nothing (any more).
// Get it in each call and keep nothing beyond it but by account: one process serves many accounts at once. It needs the permission "credentials".
func CredentialGet[Value any](ctx context.Context, name string) (value Value, found bool, err error) {
	answer, err := askCredential[getResult](ctx, "hub.credentials.get", name, map[string]any{"name": name})
	if err != nil || !answer.Found || answer.Value == nil {
		return value, false, err
	}
	if err := (types.Binder{}).Bind(&value, answer.Value); err != nil {
		return value, false, fmt.Errorf("what is kept under %q does not fit: %s", name, err)
	}
	return value, true, nil
}

// CredentialPut keeps a value under a name of 1 to 64 characters, at most 64 KiB of JSON (HUB-CRED-2). After ttl it is gone; 0 is without end.
// A *HostError of the kind "credentials_unavailable" says that the keyring cannot be used here (HUB-CRED-4).
func CredentialPut(ctx context.Context, name string, value any, ttl time.Duration) (Kept, error) {
	params := map[string]any{"name": name, "value": value}
	if ttl > 0 {
		params["ttl_seconds"] = ttl.Seconds()
	}
	answer, err := askCredential[putResult](ctx, "hub.credentials.put", name, params)
	return answer.Kept, err
}

// CredentialDelete forgets what is kept under a name; deleted is false where there was nothing.
func CredentialDelete(ctx context.Context, name string) (deleted bool, err error) {
	answer, err := askCredential[deleteResult](ctx, "hub.credentials.delete", name, map[string]any{"name": name})
	return answer.Deleted, err
}

// askCredential asks for something under a name, which is judged here: a request that breaks the protocol is not sent.
func askCredential[Result any](ctx context.Context, method, name string, params map[string]any) (Result, error) {
	if n := utf8.RuneCountInString(name); n < 1 || n > maxCredentialNameChars {
		var none Result
		return none, fmt.Errorf("cannot ask for %s: a name has 1 to %d characters, not %d", method, maxCredentialNameChars, n)
	}
	return ask[Result](ctx, method, params)
}
