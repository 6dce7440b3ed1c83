// Owns the service over net/rpc, as go-plugin's documentation builds it.

package main

import (
	"errors"
	"net/rpc"

	"github.com/hashicorp/go-plugin"
)

type netPlugin struct{}

func (*netPlugin) Server(*plugin.MuxBroker) (any, error) { return &netServer{}, nil }

func (*netPlugin) Client(_ *plugin.MuxBroker, client *rpc.Client) (any, error) {
	return &netClient{client}, nil
}

// Numbers is exported because net/rpc serves no method whose arguments are not.
type Numbers struct{ A, B int64 }

type netServer struct{}

func (*netServer) Add(in Numbers, sum *int64) error {
	*sum = in.A + in.B
	return nil
}

func (*netServer) EchoText(in string, out *string) error {
	*out = in
	return nil
}

func (*netServer) EchoItems(in []Item, out *[]Item) error {
	if in == nil {
		return errors.New("no items")
	}
	*out = in
	return nil
}

type netClient struct{ client *rpc.Client }

func (c *netClient) Add(a, b int64) (sum int64, err error) {
	err = c.client.Call("Plugin.Add", Numbers{a, b}, &sum)
	return sum, err
}

func (c *netClient) EchoText(text string) (answer string, err error) {
	err = c.client.Call("Plugin.EchoText", text, &answer)
	return answer, err
}

func (c *netClient) EchoItems(items []Item) (answer []Item, err error) {
	err = c.client.Call("Plugin.EchoItems", items, &answer)
	return answer, err
}
