// Owns the proof that a wrong configuration is refused by member; must not know what is asked of the service.

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

func TestAnUnusableConfigurationIsRefusedByMember(t *testing.T) {
	for _, c := range []struct {
		config  map[string]any
		pointer string
	}{
		{map[string]any{"base_url": "api.digitalocean.com"}, "/config/base_url"},
		{map[string]any{"base_url": "http://api.digitalocean.com"}, "/config/base_url"},
		{map[string]any{"base_url": "ftp://127.0.0.1"}, "/config/base_url"},
		{map[string]any{"base_url": "https://u:p@h"}, "/config/base_url"},
		{map[string]any{"base_url": "https://h?x=1"}, "/config/base_url"},
		{map[string]any{"base_url": 5}, "/config/base_url"},
		{map[string]any{"timeout_seconds": 0}, "/config/timeout_seconds"},
		{map[string]any{"max_attempts": 11}, "/config/max_attempts"},
		{map[string]any{"base": "https://h"}, "/config/base"},
	} {
		_, err := hubtest.Try(t, module(world()), hubtest.Settings{Config: c.config})
		var own *hub.Error
		if !errors.As(err, &own) || own.Code != hub.CodeInvalidParams || !strings.HasPrefix(own.Message, c.pointer+" ") {
			t.Errorf("%v: %v, not of %s", c.config, err, c.pointer)
		}
	}
}

func TestAUsableConfigurationIsTaken(t *testing.T) {
	for _, base := range []string{"https://api.digitalocean.com", "https://proxy.example.com/do/", "http://127.0.0.1:8080", "http://[::1]:80", "http://localhost:1"} {
		hubtest.Start(t, module(world()), hubtest.Settings{Config: map[string]any{"base_url": base}})
	}
}
