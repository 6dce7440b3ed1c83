// Owns what the service's answers hold, as far as this module reads them, and how a droplet is a server; must not know how they come.

package main

import (
	"encoding/json"
	"strconv"
	"time"
)

// nullable is a string, or null where it is empty.
type nullable string

// MarshalJSON writes null for "".
func (n nullable) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(n))
}

// JSONSchema says what MarshalJSON writes.
func (nullable) JSONSchema() json.RawMessage { return json.RawMessage(`{"type":["string","null"]}`) }

// droplet is what the service says of one.
type droplet struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	Status    string   `json:"status"`
	CreatedAt string   `json:"created_at"`
	Memory    int64    `json:"memory"`
	VCPUs     int64    `json:"vcpus"`
	Disk      int64    `json:"disk"`
	SizeSlug  string   `json:"size_slug"`
	Tags      []string `json:"tags"`
	Region    struct {
		Slug string `json:"slug"`
	} `json:"region"`
	Image struct {
		Slug string `json:"slug"`
		Name string `json:"name"`
	} `json:"image"`
	Networks struct {
		V4 []address `json:"v4"`
	} `json:"networks"`
}

type address struct {
	IPAddress string `json:"ip_address"`
	Type      string `json:"type"`
}

// server is a droplet as all clouds have it.
type server struct {
	ID         string   `json:"id" hub:"description=The droplet's number."`
	Name       string   `json:"name" hub:"description=The name that its owner gave it."`
	Status     string   `json:"status" hub:"enum=starting|running|stopping|stopped|deleting|error|unknown,description=What it is doing."`
	Region     string   `json:"region" hub:"description=The slug of its region."`
	Size       string   `json:"size" hub:"description=The slug of its size."`
	Image      nullable `json:"image" hub:"description=What it was made from."`
	PublicIPv4 nullable `json:"public_ipv4" hub:"description=Where it is reached."`
	CreatedAt  nullable `json:"created_at" hub:"description=RFC 3339, UTC."`
}

var statuses = map[string]string{"new": "starting", "active": "running", "off": "stopped", "archive": "stopped"}

func (d droplet) key() string { return strconv.FormatInt(d.ID, 10) }

func (d droplet) server() server {
	status, known := statuses[d.Status]
	if !known {
		status = "unknown"
	}
	return server{
		ID: d.key(), Name: d.Name, Status: status, Region: d.Region.Slug, Size: d.SizeSlug,
		Image: d.image(), PublicIPv4: d.publicIPv4(), CreatedAt: utc(d.CreatedAt),
	}
}

func (d droplet) image() nullable {
	if d.Image.Slug != "" {
		return nullable(d.Image.Slug)
	}
	return nullable(d.Image.Name) // a snapshot has no slug
}

func (d droplet) publicIPv4() nullable {
	for _, a := range d.Networks.V4 {
		if a.Type == "public" {
			return nullable(a.IPAddress)
		}
	}
	return ""
}

// utc returns a time as the interface wants it, nothing for what is no time.
func utc(text string) nullable {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return ""
	}
	return nullable(when.UTC().Format(time.RFC3339))
}
