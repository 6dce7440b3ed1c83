// Owns what an operator can set, and what of it is usable; must not know what is asked of the service.

package main

import (
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
)

// config is the table [config] of the manifest, as the operator overlaid it.
type config struct {
	BaseURL        string  `json:"base_url" hub:"default=https://api.digitalocean.com,description=where the API is"`
	TimeoutSeconds float64 `json:"timeout_seconds" hub:"default=10,exclusiveMinimum=0,maximum=300,description=of one HTTP request"`
	MaxAttempts    int     `json:"max_attempts" hub:"default=4,minimum=1,maximum=10,description=of one request"`
}

func (c config) timeout() time.Duration {
	return time.Duration(c.TimeoutSeconds * float64(time.Second))
}

// base returns the address that all paths are joined to. Without TLS it has to be this machine's own: the token travels there (HUB-INIT-2).
func (c config) base() (*url.URL, error) {
	refuse := func(why string) (*url.URL, error) { return nil, hub.InvalidArgument("/config/base_url", why) }
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return refuse("must be an address that begins with https://")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return refuse("must be an address without user, query and fragment")
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return refuse("must begin with https:// where it is another machine: the token would travel readable")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	return base, nil
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || (address != nil && address.IsLoopback())
}
