// Owns the functions of cloud.compute; must not know how requests are tried and pages are read.

package main

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

type region struct {
	ID        string `json:"id" hub:"description=What region takes."`
	Name      string `json:"name" hub:"description=For people."`
	Available bool   `json:"available" hub:"description=Whether droplets can be made there now."`
}

type chosen struct {
	Region  string `json:"region,omitempty" hub:"minLength=1,description=Only those of this region."`
	Limit   int    `json:"limit,omitempty" hub:"minimum=1,maximum=100000,description=At most so many; all when absent."`
	TagName string `json:"tag_name,omitempty" hub:"minLength=1,maxLength=255,description=Only those with this tag."`
}

type wanted struct {
	Name    string   `json:"name" hub:"minLength=1,maxLength=63,pattern=^[A-Za-z0-9][A-Za-z0-9.-]*$,description=Letters, digits, dots and hyphens."`
	Region  string   `json:"region" hub:"minLength=1,description=The slug of a region."`
	Size    string   `json:"size" hub:"minLength=1,description=The slug of a size."`
	Image   string   `json:"image" hub:"minLength=1,description=The slug of an image, or its number."`
	SSHKeys []string `json:"ssh_keys,omitempty" hub:"maxItems=100,description=Fingerprints of keys that the account has."`
	Tags    []string `json:"tags,omitempty" hub:"maxItems=100,description=Tags to give it."`
}

type which struct {
	ID string `json:"id" hub:"minLength=1,description=The droplet's number."`
}

type deleted struct {
	Deleted bool `json:"deleted" hub:"description=Whether it was there."`
}

func (s *service) listRegions(ctx context.Context, _ struct{}) ([]region, error) {
	type answered struct {
		Slug      string `json:"slug"`
		Name      string `json:"name"`
		Available bool   `json:"available"`
	}
	regions := list[answered]{doing: "list regions", path: "/v2/regions", word: "regions", key: func(r answered) string { return r.Slug }}
	return listed(ctx, s, regions, 0, func(r answered) region { return region{r.Slug, r.Name, r.Available} })
}

func (s *service) listServers(ctx context.Context, in chosen) ([]server, error) {
	return listed(ctx, s, droplets("list servers", in), in.Limit, droplet.server)
}

// listed reads a list with the token of the call's account, and shows each item.
func listed[Item, Shown any](ctx context.Context, s *service, l list[Item], limit int, show func(Item) Shown) ([]Shown, error) {
	c, err := s.client(ctx, l.doing)
	if err != nil {
		return nil, err
	}
	items, err := read(ctx, c, l, limit)
	if err != nil {
		return nil, err
	}
	shown := make([]Shown, len(items))
	for i, item := range items {
		shown[i] = show(item)
	}
	return shown, nil
}

// droplets are those of a region: the service itself cannot choose by region.
func droplets(doing string, in chosen) list[droplet] {
	l := list[droplet]{doing: doing, path: "/v2/droplets", word: "droplets", query: url.Values{}, key: droplet.key}
	if in.TagName != "" {
		l.query.Set("tag_name", in.TagName)
	}
	if in.Region != "" {
		l.keep = func(d droplet) bool { return d.Region.Slug == in.Region }
	}
	return l
}

func (s *service) createServer(ctx context.Context, in wanted) (server, error) {
	doing := "create server " + in.Name
	c, err := s.client(ctx, doing)
	if err != nil {
		return server{}, err
	}
	body := map[string]any{"name": in.Name, "region": in.Region, "size": in.Size, "image": in.Image}
	if number, err := strconv.ParseInt(in.Image, 10, 64); err == nil {
		body["image"] = number
	}
	if len(in.SSHKeys) > 0 {
		body["ssh_keys"] = in.SSHKeys
	}
	if len(in.Tags) > 0 {
		body["tags"] = in.Tags
	}
	var answer struct {
		Droplet droplet `json:"droplet"`
	}
	r := request{doing: doing, method: http.MethodPost, url: c.at("/v2/droplets", nil), body: body}
	if err := c.do(ctx, r, &answer); err != nil {
		return server{}, err
	}
	if answer.Droplet.ID == 0 {
		return server{}, c.unreachable(r, "its answer has no droplet", true)
	}
	return answer.Droplet.server(), nil
}

func (s *service) deleteServer(ctx context.Context, in which) (deleted, error) {
	doing := "delete server " + in.ID
	c, err := s.client(ctx, doing)
	if err != nil {
		return deleted{}, err
	}
	number, err := strconv.ParseUint(in.ID, 10, 63)
	if err != nil {
		return deleted{false}, nil // all droplets have numbers, and nothing else may become part of a path
	}
	r := request{doing: doing, method: http.MethodDelete, url: c.at("/v2/droplets/"+strconv.FormatUint(number, 10), nil)}
	err = c.do(ctx, r, nil)
	if hasCode(err, codeMissing) {
		return deleted{false}, nil
	}
	return deleted{err == nil}, err
}
