package github

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/internal/forge"
)

// conditional asks for what is known already only if it has changed: GitHub does
// not count an answer of 304 ("Best practices for using the REST API").
type conditional struct {
	next  http.RoundTripper
	cache forge.Cache
}

// known is an answer that was kept.
type known struct {
	ETag   string      `json:"etag"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

var keptHeaders = []string{"Content-Type", "Link"}

// longestKept is the size in bytes above which an answer is not kept. A tree has at
// most 7 MB.
const longestKept = 8 << 20

func (c *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return c.next.RoundTrip(req)
	}
	// An App asks for its repositories at each owner by the same address.
	key := strings.Join([]string{"answer", OwnerOf(req), req.Header.Get("Accept"), req.URL.String()}, " ")
	var old known
	if text, ok := c.cache.Get(req.Context(), key); ok && json.Unmarshal(text, &old) == nil && old.ETag != "" {
		req = req.Clone(req.Context())
		req.Header.Set("If-None-Match", old.ETag)
	}
	res, err := c.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch tag := res.Header.Get("ETag"); {
	case res.StatusCode == http.StatusNotModified && old.ETag != "":
		res.Body.Close()
		// What it says anew counts (RFC 9111, 3.2): the first page of a list stays as it was
		// when another page is added.
		header := http.Header{}
		for _, name := range keptHeaders {
			if value := cmp.Or(res.Header.Get(name), old.Header.Get(name)); value != "" {
				header.Set(name, value)
			}
		}
		res.StatusCode, res.Status, res.Header = http.StatusOK, "200 OK", header
		res.ContentLength = int64(len(old.Body))
		res.Body = io.NopCloser(bytes.NewReader(old.Body))
	case res.StatusCode == http.StatusOK && tag != "":
		return c.keep(req, res, key)
	}
	return res, nil
}

// secret is the token that GitHub puts into what it says of a private repository.
var secret = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"temp_clone_token"\s*:\s*"[^"]*"`) })

// keep reads an answer and puts it into the cache.
func (c *conditional) keep(req *http.Request, res *http.Response, key string) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(res.Body, longestKept+1))
	if err != nil {
		res.Body.Close()
		return nil, err
	}
	if len(body) > longestKept {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), res.Body), res.Body}
		return res, nil
	}
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	kept := known{ETag: res.Header.Get("ETag"), Header: http.Header{}, Body: secret().ReplaceAll(body, []byte(`"temp_clone_token":null`))}
	for _, name := range keptHeaders {
		if value := res.Header.Get(name); value != "" {
			kept.Header.Set(name, value)
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return nil, err
	}
	c.cache.Put(req.Context(), key, text)
	return res, nil
}
