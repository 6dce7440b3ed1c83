// Owns the functions that hand a host service through; must not know how they are declared.

package main

import (
	"context"
	"encoding/json"

	"github.com/hub-plugins/hub/sdk/go"
)

type askArgs struct {
	Message string                     `json:"message" hub:"description=the question"`
	Schema  map[string]json.RawMessage `json:"schema" hub:"description=JSON Schema of a flat object: the form to fill in"`
}

func ask(ctx context.Context, in askArgs) (any, error) {
	schema, err := json.Marshal(in.Schema)
	if err != nil {
		return nil, err
	}
	content, ok, err := hub.AskWith(ctx, in.Message, schema)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return map[string]any{"action": "decline"}, nil
	}
	return map[string]any{"action": "accept", "content": content}, nil
}

type keyArgs struct {
	Key string `json:"key" hub:"minLength=1,maxLength=256,description=1 to 256 characters"`
}

type found struct {
	Found bool            `json:"found" hub:"description=whether there is one"`
	Value json.RawMessage `json:"value,omitempty" hub:"description=the value, when there is one"`
}

func storeGet(ctx context.Context, in keyArgs) (found, error) {
	value, ok, err := hub.StoreGet[json.RawMessage](ctx, in.Key)
	return found{ok, value}, err
}

type setArgs struct {
	Key   string          `json:"key" hub:"minLength=1,maxLength=256,description=1 to 256 characters"`
	Value json.RawMessage `json:"value" hub:"description=anything at all"`
}

func storeSet(ctx context.Context, in setArgs) (hub.Null, error) {
	return hub.Null{}, hub.StoreSet(ctx, in.Key, in.Value)
}

type deleted struct {
	Deleted bool `json:"deleted" hub:"description=whether there was one"`
}

func storeDelete(ctx context.Context, in keyArgs) (deleted, error) {
	was, err := hub.StoreDelete(ctx, in.Key)
	return deleted{was}, err
}

type listArgs struct {
	Prefix string `json:"prefix" hub:"default=,description=only keys that begin so"`
}

type listed struct {
	Keys []string `json:"keys" hub:"description=sorted"`
}

func storeList(ctx context.Context, in listArgs) (listed, error) {
	keys, err := hub.StoreList(ctx, in.Prefix)
	return listed{keys}, err
}
