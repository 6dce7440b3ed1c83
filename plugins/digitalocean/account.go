// Owns how a token comes to the hub, and leaves it; must not know what it is good for.

package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/hub-plugins/hub/sdk/go"
)

// form is what the person is asked for.
type form struct {
	Token string `json:"token" hub:"writeOnly,minLength=1,maxLength=4096,description=a personal access token of DigitalOcean"`
}

type identity struct {
	Account  string `json:"account" hub:"description=The account of the hub that was used."`
	Identity string `json:"identity" hub:"description=Who the service says this is."`
}

type forgotten struct {
	Forgotten bool `json:"forgotten" hub:"description=Whether anything was kept."`
}

func (s *service) authenticate(ctx context.Context, _ struct{}) (identity, error) {
	const doing = "authenticate"
	account := hub.Account(ctx)
	answer, ok, err := hub.Ask[form](ctx, "A token for DigitalOcean, to be kept for account "+account+":")
	if err != nil {
		return identity{}, err
	}
	token := strings.TrimSpace(answer.Token)
	switch {
	case !ok:
		return identity{}, hub.NewError(codeCredentials, "cannot "+doing+": the person gave no token", nothing{})
	case !isToken(token):
		return identity{}, hub.NewError(codeCredentials, "cannot "+doing+": what was given is no token; copy it once more", nothing{})
	}
	who, err := s.with(account, token).whoami(ctx, doing)
	if err != nil {
		return identity{}, err
	}
	if _, err := hub.CredentialPut(ctx, tokenName, token, 0); err != nil {
		return identity{}, err
	}
	return who, nil
}

// isToken is whether it can stand in a header at all: printable, without spaces.
func isToken(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

func (s *service) whoami(ctx context.Context, _ struct{}) (identity, error) {
	c, err := s.client(ctx, "say whose account this is")
	if err != nil {
		return identity{}, err
	}
	return c.whoami(ctx, "say whose account this is")
}

func (c *client) whoami(ctx context.Context, doing string) (identity, error) {
	var answer struct {
		Account struct {
			Email string `json:"email"`
			UUID  string `json:"uuid"`
		} `json:"account"`
	}
	r := request{doing: doing, method: http.MethodGet, url: c.at("/v2/account", nil)}
	if err := c.do(ctx, r, &answer); err != nil {
		return identity{}, err
	}
	who := answer.Account.Email
	if who == "" {
		who = answer.Account.UUID
	}
	if who == "" {
		return identity{}, c.unreachable(r, "it does not say whose account this is", false)
	}
	return identity{c.account, who}, nil
}

func (s *service) forget(ctx context.Context, _ struct{}) (forgotten, error) {
	was, err := hub.CredentialDelete(ctx, tokenName)
	return forgotten{was}, err
}
