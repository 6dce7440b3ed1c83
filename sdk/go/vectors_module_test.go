// Owns the module `vectors`, as the vectors describe it.

package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

// vectorsModule is the module of that name which the vectors describe.
func vectorsModule() *hub.Module {
	m := hub.NewModule(hub.Info{Name: "vectors", Version: "1.0.0", License: "MIT", Authors: []string{"The hub authors"}})
	m.Permissions("store", "call:other", "credentials")
	m.Implements("example.vectors/1.0")
	var settings struct {
		Config        json.RawMessage `json:"config"`
		DataDirectory string          `json:"data_directory"`
	}
	hub.OnInit(m, func(_ context.Context, config json.RawMessage, dataDirectory string) error {
		settings.Config, settings.DataDirectory = config, dataDirectory
		var known struct{ Disable, Fail string }
		if err := json.Unmarshal(config, &known); err != nil {
			return err
		}
		switch {
		case known.Disable != "":
			return hub.Disable(known.Disable)
		case known.Fail != "":
			return hub.NewError(hub.CodeInvalidParams, known.Fail, nil)
		}
		return nil
	})
	hub.Function(m, "settings", func(context.Context, struct{}) (any, error) { return settings, nil })
	addVectorAnswers(m)
	addVectorServices(m)
	addVectorCredentials(m)
	return m
}

type pair struct {
	A int `json:"a"`
	B int `json:"b"`
}

func addVectorAnswers(m *hub.Module) {
	type value struct {
		Value json.RawMessage `json:"value"`
	}
	type failing struct {
		Code    int64           `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data,omitempty"`
	}
	type secret struct {
		Secret string `json:"secret"`
	}
	type counting struct {
		Count int `json:"count"`
	}
	hub.Function(m, "echo", func(_ context.Context, in value) (any, error) { return in.Value, nil })
	hub.Function(m, "add", func(_ context.Context, in pair) (int, error) { return in.A + in.B, nil })
	hub.Function(m, "slow", func(ctx context.Context, _ struct{}) (hub.Null, error) {
		<-ctx.Done()
		return hub.Null{}, ctx.Err()
	})
	hub.Function(m, "fail", func(_ context.Context, in failing) (hub.Null, error) {
		if in.Data == nil {
			return hub.Null{}, hub.NewError(in.Code, in.Message, nil)
		}
		return hub.Null{}, hub.NewError(in.Code, in.Message, in.Data)
	})
	hub.Function(m, "raise", func(_ context.Context, in secret) (hub.Null, error) {
		panic(errors.New("the secret is " + in.Secret))
	})
	hub.Function(m, "steps", func(ctx context.Context, in counting) (int, error) {
		for i := 1; i <= in.Count; i++ {
			hub.Progress(ctx, float64(i), float64(in.Count), "")
		}
		return in.Count, nil
	})
}

func addVectorServices(m *hub.Module) {
	type calling struct {
		Function string          `json:"function"`
		Params   json.RawMessage `json:"params,omitempty"`
	}
	type entry struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}
	type key struct {
		Key string `json:"key"`
	}
	type line struct {
		Level   string `json:"level"`
		Message string `json:"message"`
	}
	hub.Function(m, "call_back", func(ctx context.Context, in calling) (json.RawMessage, error) {
		if in.Params == nil {
			return hub.Call[json.RawMessage](ctx, in.Function, nil)
		}
		return hub.Call[json.RawMessage](ctx, in.Function, in.Params)
	})
	hub.Function(m, "remember", func(ctx context.Context, in entry) (any, error) {
		if err := hub.StoreSet(ctx, in.Key, in.Value); err != nil {
			return nil, err
		}
		value, _, err := hub.StoreGet[any](ctx, in.Key)
		return value, err
	})
	hub.Function(m, "forget", func(ctx context.Context, in key) (bool, error) { return hub.StoreDelete(ctx, in.Key) })
	hub.Function(m, "log", func(ctx context.Context, in line) (hub.Null, error) {
		var level slog.Level
		err := level.UnmarshalText([]byte(map[string]string{"warning": "WARN"}[in.Level]))
		hub.Log(ctx, level, in.Message, nil)
		return hub.Null{}, err
	})
	hub.Function(m, "change", func(ctx context.Context, _ struct{}) (hub.Null, error) {
		hub.CapabilitiesChanged(ctx)
		return hub.Null{}, nil
	})
}

func addVectorCredentials(m *hub.Module) {
	type secret struct {
		Name       string          `json:"name"`
		Value      json.RawMessage `json:"value"`
		TTLSeconds float64         `json:"ttl_seconds,omitempty"`
	}
	type named struct {
		Name string `json:"name"`
	}
	hub.Function(m, "keep", func(ctx context.Context, in secret) (any, error) {
		kept, err := hub.CredentialPut(ctx, in.Name, in.Value, time.Duration(in.TTLSeconds*float64(time.Second)))
		if err != nil {
			return nil, err
		}
		value, found, err := hub.CredentialGet[json.RawMessage](ctx, in.Name)
		same := found && hubtest.Equal(value, in.Value)
		return map[string]any{"account": hub.Account(ctx), "kept": kept, "same": same}, err
	})
	hub.Function(m, "discard", func(ctx context.Context, in named) (bool, error) { return hub.CredentialDelete(ctx, in.Name) })
}
