// Owns the service over gRPC, as go-plugin's documentation builds it.

package main

import (
	"context"

	"bench/pb"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

type grpcPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (*grpcPlugin) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	pb.RegisterEchoServer(server, &grpcServer{})
	return nil
}

func (*grpcPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (any, error) {
	return &grpcClient{pb.NewEchoClient(connection)}, nil
}

type grpcServer struct{ pb.UnimplementedEchoServer }

func (*grpcServer) Add(_ context.Context, in *pb.Numbers) (*pb.Sum, error) {
	return &pb.Sum{Sum: in.A + in.B}, nil
}

func (*grpcServer) EchoText(_ context.Context, in *pb.Text) (*pb.Text, error) { return in, nil }

func (*grpcServer) EchoItems(_ context.Context, in *pb.Items) (*pb.Items, error) { return in, nil }

type grpcClient struct{ client pb.EchoClient }

func (c *grpcClient) Add(a, b int64) (int64, error) {
	answer, err := c.client.Add(context.Background(), &pb.Numbers{A: a, B: b})
	if err != nil {
		return 0, err
	}
	return answer.Sum, nil
}

func (c *grpcClient) EchoText(text string) (string, error) {
	answer, err := c.client.EchoText(context.Background(), &pb.Text{Text: text})
	if err != nil {
		return "", err
	}
	return answer.Text, nil
}

func (c *grpcClient) EchoItems(items []Item) ([]Item, error) {
	given := &pb.Items{Items: make([]*pb.Item, len(items))}
	for i, one := range items {
		given.Items[i] = &pb.Item{Id: one.ID, Name: one.Name, Region: one.Region, Memory: one.Memory, Running: one.Running}
	}
	answer, err := c.client.EchoItems(context.Background(), given)
	if err != nil {
		return nil, err
	}
	found := make([]Item, len(answer.Items))
	for i, one := range answer.Items {
		found[i] = Item{one.Id, one.Name, one.Region, one.Memory, one.Running}
	}
	return found, nil
}
