// Owns the proof that lists are read to their end, once, and nowhere else; must not need the real service.

package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// pagesOf answers droplets first..last-1 in pages of 200, linked as link says; an empty link ends the list.
func pagesOf(total int, link func(r *http.Request, page int) string) answering {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page = max(page, 1)
		var items []string
		for id := (page-1)*perPage + 1; id <= min(total, page*perPage); id++ {
			items = append(items, fmt.Sprintf(`{"id":%d,"region":{"slug":"r%d"}}`, id, id%2))
		}
		next := ""
		if page*perPage < total {
			next = link(r, page+1)
		}
		_, _ = fmt.Fprintf(w, `{"droplets":[%s],"links":{"pages":{"next":%q}},"meta":{"total":%d}}`, strings.Join(items, ","), next, total)
	}
}

func own(r *http.Request, page int) string {
	return fmt.Sprintf("http://%s%s?page=%d&per_page=200", r.Host, r.URL.Path, page)
}

func TestAllPagesAreReadAndNoMoreThanAreNeeded(t *testing.T) {
	for _, c := range []struct {
		in    chosen
		found int
		asked int32
	}{{chosen{}, 1050, 6}, {chosen{Limit: 250}, 250, 2}, {chosen{Limit: 3}, 3, 1}, {chosen{Region: "r1"}, 525, 6}, {chosen{Region: "r1", Limit: 150}, 150, 2}} {
		p := play(t, pagesOf(1050, own))
		items, err := read(t.Context(), p.client, droplets("list", c.in), c.in.Limit)
		if err != nil || len(items) != c.found || p.asked.Load() != c.asked {
			t.Errorf("%+v: %d items in %d requests, %v", c.in, len(items), p.asked.Load(), err)
		}
	}
}

func TestALinkToElsewhereIsNotFollowed(t *testing.T) {
	elsewhere := play(t, says(200, `{}`))
	for _, link := range []string{
		elsewhere.base.String() + "/v2/droplets?page=2", "https://%s/v2/droplets?page=2", "http://%s/v2/account", "http://u@%s/v2/droplets", "http://[x",
	} {
		p := play(t, pagesOf(1050, func(r *http.Request, _ int) string { return strings.ReplaceAll(link, "%s", r.Host) }))
		_, err := read(t.Context(), p.client, droplets("list", chosen{}), 0)
		if own := failed(t, err); own.Code != codeService || !strings.Contains(own.Message, "link to the next page") || p.asked.Load() != 1 {
			t.Errorf("%s: %v", link, own)
		}
	}
	if elsewhere.asked.Load() != 0 {
		t.Error("the token went elsewhere")
	}
}

func TestPagesThatRepeatAreAnError(t *testing.T) {
	p := play(t, pagesOf(1050, func(r *http.Request, _ int) string { return own(r, 1) }))
	_, err := read(t.Context(), p.client, droplets("list", chosen{}), 0)
	if own := failed(t, err); own.Code != codeService || !strings.Contains(own.Message, "repeat") || p.asked.Load() != 2 {
		t.Errorf("%d requests: %v", p.asked.Load(), own)
	}
}

func TestWhatIsPushedToTheNextPageIsThereOnce(t *testing.T) {
	p := play(t,
		says(200, `{"droplets":[{"id":1},{"id":2}],"links":{"pages":{"next":"/v2/droplets?page=2"}},"meta":{"total":3}}`),
		says(200, `{"droplets":[{"id":2},{"id":3}],"links":{},"meta":{"total":3}}`))
	items, err := read(t.Context(), p.client, droplets("list", chosen{}), 0)
	if err != nil || len(items) != 3 {
		t.Errorf("%v %v", items, err)
	}
}

func TestAPageOfAnotherFormIsAnError(t *testing.T) {
	for _, body := range []string{`{}`, `[]`, `null`, `{"droplets":{}}`, `{"droplets":[{"id":"1"}]}`, `{"droplets":[],"links":[]}`, `{"droplets":[],"meta":{"total":"3"}}`} {
		_, err := read(t.Context(), play(t, says(200, body)).client, droplets("list", chosen{}), 0)
		if own := failed(t, err); own.Code != codeService {
			t.Errorf("%s: %v", body, own)
		}
	}
}
