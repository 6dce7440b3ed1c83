// Owns which half of the peer this process is: `bench host grpc|netrpc`, or the plugin that the host starts.

package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

var handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "BENCH_PLUGIN", MagicCookieValue: "bench"}

// By the form that the host asks for, which the plugin learns from its environment.
var offered = map[string]plugin.PluginSet{"grpc": {"echo": &grpcPlugin{}}, "netrpc": {"echo": &netPlugin{}}}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "plugin" {
		serve()
		return
	}
	if len(os.Args) != 3 || os.Args[1] != "host" {
		fail("usage: bench host grpc|netrpc")
	}
	service, end, err := start(os.Args[2])
	if err != nil {
		fail(err.Error())
	}
	defer end()
	if err := work(service, os.Stdin, os.Stdout); err != nil {
		end()
		fail(err.Error())
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "go-plugin host: "+why)
	os.Exit(1)
}

func serve() {
	form := os.Getenv("BENCH_FORM")
	config := &plugin.ServeConfig{HandshakeConfig: handshake, Plugins: offered[form],
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Error})}
	if form == "grpc" {
		// The largest payload is beyond gRPC's default of 4 MiB.
		config.GRPCServer = func(options []grpc.ServerOption) *grpc.Server {
			return plugin.DefaultGRPCServer(append(options, grpc.MaxRecvMsgSize(math.MaxInt32), grpc.MaxSendMsgSize(math.MaxInt32)))
		}
	}
	plugin.Serve(config)
}

func start(form string) (service, func(), error) {
	command := exec.Command(os.Args[0], "plugin")
	command.Env = append(os.Environ(), "BENCH_FORM="+form)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          offered[form],
		Cmd:              command,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC, plugin.ProtocolNetRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Error}),
		SyncStdout:       io.Discard,
		SyncStderr:       io.Discard,
	})
	protocol, err := client.Client()
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	raw, err := protocol.Dispense("echo")
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	return raw.(service), client.Kill, nil
}
