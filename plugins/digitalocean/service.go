// Owns the way from a call to a client for its account; must not know what is then asked. The only state is the configuration:
// what belongs to an account lives as long as a call.

package main

import (
	"context"
	"net/url"

	"github.com/hub-plugins/hub/sdk/go"
)

const (
	defaultAccount = "default"
	// tokenName is what the hub keeps the token as, one for each account.
	tokenName = "token"
)

type service struct {
	surroundings
	config config
	base   *url.URL
}

func (s *service) begin(_ context.Context, given config, _ string) error {
	base, err := given.base()
	if err != nil {
		return err
	}
	s.config, s.base = given, base
	return nil
}

func (s *service) with(account, token string) *client {
	return &client{
		surroundings: s.surroundings, base: s.base, token: token, account: account,
		timeout: s.config.timeout(), attempts: s.config.MaxAttempts,
	}
}

// client returns what speaks for the account of this call, with the token that the hub keeps for it (HUB-CRED-1).
func (s *service) client(ctx context.Context, doing string) (*client, error) {
	account := hub.Account(ctx)
	token, found, err := hub.CredentialGet[string](ctx, tokenName)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, hub.NewError(codeCredentials, "cannot "+doing+": there is no token for account "+account+"; "+renew(account), nothing{})
	}
	return s.with(account, token), nil
}
