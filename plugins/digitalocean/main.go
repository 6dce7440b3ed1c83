// The module for DigitalOcean: its droplets as the servers of cloud.compute, and as themselves. This file owns what the functions are called
// and how they are described; it must not know how the service is spoken to.
package main

import (
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	_ "github.com/hub-plugins/hub/sdk/go/early"
)

const version = "1.0.0"

// listSeconds is for lists of many pages, and for a service that asks to wait between them.
const listSeconds = 120 * time.Second

func main() { module(world()).Run() }

func module(w surroundings) *hub.Module {
	m := hub.NewModule(hub.Info{
		Name: "digitalocean", Version: version, License: "Apache-2.0", Authors: []string{"The hub authors"},
		Description: []string{"Droplets at DigitalOcean, of many accounts."},
		Homepage:    "https://docs.digitalocean.com/reference/api/",
	})
	m.Permissions("ask", "credentials")
	m.Implements("cloud.account/1.0", "cloud.compute/1.0")
	s := &service{surroundings: w}
	hub.OnInit(m, s.begin)
	addAccount(m, s)
	addServers(m, s)
	addDroplets(m, s)
	return m
}

// described returns the options of a function that asks the service.
func described(summary string, more ...hub.Option) []hub.Option {
	return append(append(failures(), hub.Summary(summary)), more...)
}

func addAccount(m *hub.Module, s *service) {
	hub.Function(m, "authenticate", s.authenticate, described("Ask the person for a token, try it, and have the hub keep it.", hub.OpenWorld())...)
	hub.Function(m, "whoami", s.whoami, described("Say whose account this is.", hub.ReadOnly(), hub.Idempotent(), hub.OpenWorld())...)
	hub.Function(m, "forget", s.forget, described("Have the hub forget the token of this account.", hub.Idempotent())...)
}

func addServers(m *hub.Module, s *service) {
	reads := []hub.Option{hub.ReadOnly(), hub.Idempotent(), hub.OpenWorld(), hub.Timeout(listSeconds)}
	hub.Function(m, "list_regions", s.listRegions, described("List the places where droplets can be made.", reads...)...)
	hub.Function(m, "list_servers", s.listServers, described("List all droplets of the account, all pages of them.", reads...)...)
	hub.Function(m, "create_server", s.createServer, described("Create a droplet; it costs money.",
		hub.Description("Answers as soon as the service has accepted it. Never tried twice by the module."),
		hub.ReadOnly(false), hub.Idempotent(false), hub.OpenWorld())...)
	hub.Function(m, "delete_server", s.deleteServer, described("Delete a droplet and what is on it.",
		hub.Destructive(), hub.Idempotent(), hub.OpenWorld())...)
}

func addDroplets(m *hub.Module, s *service) {
	reads := []hub.Option{hub.ReadOnly(), hub.Idempotent(), hub.OpenWorld(), hub.Timeout(listSeconds)}
	hub.Function(m, "list_droplets", s.listDroplets, described("List droplets with what DigitalOcean knows of them.", reads...)...)
	hub.Function(m, "list_sizes", s.listSizes, described("List the sizes that droplets can have, and what they cost.", reads...)...)
	hub.Function(m, "list_images", s.listImages, described("List the images that droplets can be made from.", reads...)...)
}
