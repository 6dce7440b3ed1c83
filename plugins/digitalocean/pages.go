// Owns the reading of a list that comes in pages; must not know what is listed.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/hub-plugins/hub/sdk/go"
)

const (
	// perPage is the service's largest page.
	perPage = 200
	// maxPages is twice what the interface's largest limit needs; a list without an end must have one here.
	maxPages = 1000
)

// list is one kind of thing that the service has in pages.
type list[Item any] struct {
	doing string // "list droplets"
	path  string
	word  string // the member that holds the items
	query url.Values
	key   func(Item) string // what an item is known by
	keep  func(Item) bool
}

// page is what the pages of all lists have.
type page struct {
	Links struct {
		Pages struct {
			Next string `json:"next"`
		} `json:"pages"`
	} `json:"links"`
	Meta struct {
		Total float64 `json:"total"`
	} `json:"meta"`
}

// read returns at most limit items (0: all), each once. Pages are followed as the service links them, within the service.
func read[Item any](ctx context.Context, c *client, l list[Item], limit int) ([]Item, error) {
	size := perPage
	if l.keep == nil && limit > 0 {
		size = min(size, limit)
	}
	query := url.Values{"per_page": {strconv.Itoa(size)}}
	for name, values := range l.query {
		query[name] = values
	}
	next := c.at(l.path, query)
	found, seen := []Item{}, map[string]bool{}
	for number := 1; next != nil; number++ {
		r := request{doing: l.doing, method: http.MethodGet, url: next}
		items, rest, err := onePage(ctx, c, l, r)
		if err != nil {
			return nil, err
		}
		before := len(seen)
		for _, item := range items {
			// While one reads, new things push others to the next page: those come twice.
			if key := l.key(item); !seen[key] {
				seen[key] = true
				if l.keep == nil || l.keep(item) {
					found = append(found, item)
				}
			}
		}
		if limit > 0 && len(found) >= limit {
			return found[:limit], nil
		}
		hub.Progress(ctx, float64(len(seen)), max(rest.Meta.Total, float64(len(seen))), "page "+strconv.Itoa(number))
		if rest.Links.Pages.Next == "" {
			return found, nil
		}
		if len(seen) == before || number == maxPages {
			return nil, c.unreachable(r, "its pages repeat, or have no end", false)
		}
		if next, err = c.follow(l.path, rest.Links.Pages.Next); err != nil {
			return nil, c.unreachable(r, err.Error(), false)
		}
	}
	return found, nil
}

func onePage[Item any](ctx context.Context, c *client, l list[Item], r request) (items []Item, rest page, err error) {
	var members map[string]json.RawMessage
	if err := c.do(ctx, r, &members); err != nil {
		return nil, rest, err
	}
	text, there := members[l.word]
	bad := !there || json.Unmarshal(text, &items) != nil
	for name, target := range map[string]any{"links": &rest.Links, "meta": &rest.Meta} {
		if text, ok := members[name]; ok {
			bad = bad || json.Unmarshal(text, target) != nil
		}
	}
	if bad {
		return nil, rest, c.unreachable(r, "its answer has another form than that of "+l.word, false)
	}
	return items, rest, nil
}

// follow returns where the link to the next page leads. The token goes with it, so it must not lead elsewhere.
func (c *client) follow(path, link string) (*url.URL, error) {
	next, err := url.Parse(link)
	if err != nil {
		return nil, errors.New("its link to the next page cannot be read")
	}
	next = c.base.ResolveReference(next)
	if next.Scheme != c.base.Scheme || next.Host != c.base.Host || next.Path != c.base.Path+path || next.User != nil {
		return nil, errors.New("its link to the next page leads elsewhere")
	}
	return next, nil
}
