package meter_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

func TestRequestsArePaidFor(t *testing.T) {
	answer := func(w http.ResponseWriter, _ *http.Request) {}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-GitHub-Request-Id", "R"+r.Method)
		answer(w, r)
	}))
	defer server.Close()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	s.Now = func() time.Time { return now }
	limits := store.Limits{store.Requests: {Burst: 100, Rate: 100, Per: time.Hour}, store.Points: {Burst: 20, Rate: 20, Per: time.Minute}}
	if err := s.SetLimits(t.Context(), "bot", limits); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &meter.Transport{Next: http.DefaultTransport, Store: s, Identity: func(*http.Request) string { return "bot" }}}
	ctx, trace := meter.WithTrace(t.Context())
	do := func(method, path string) error {
		req, err := http.NewRequestWithContext(ctx, method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	left := func(bucket store.Bucket, want float64) {
		t.Helper()
		levels, err := s.Budget(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range levels {
			if l.Bucket == bucket && l.Tokens != want {
				t.Errorf("%v of %s are left, not %v", l.Tokens, bucket, want)
			}
		}
	}
	wait := func(err error, want time.Duration) {
		t.Helper()
		var over *meter.OverBudget
		if !errors.As(err, &over) || over.Wait != want {
			t.Errorf("%v, want a wait of %v", err, want)
		}
	}
	for _, call := range []string{"GET /a", "POST /repos/a/b/pulls", "PATCH /repos/a/b/pulls/1"} {
		method, path, _ := strings.Cut(call, " ")
		if err := do(method, path); err != nil {
			t.Fatal(err)
		}
	}
	if got := trace.Take(); got != "RPOST RPATCH" || trace.Take() != "" {
		t.Errorf("the ids of the writes: %s", got)
	}
	left(store.Requests, 97)
	left(store.Points, 9)
	answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }
	if err := do("GET", "/a"); err != nil {
		t.Fatal(err)
	}
	left(store.Requests, 97)
	answer = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-RateLimit-Remaining", "7") }
	if err := do("GET", "/a"); err != nil {
		t.Fatal(err)
	}
	left(store.Requests, 7)
	answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusForbidden)
	}
	wait(do("GET", "/a"), 30*time.Second)
	answer = func(http.ResponseWriter, *http.Request) { t.Error("asked while blocked") }
	wait(do("GET", "/a"), 30*time.Second)
	now = now.Add(time.Minute)
	answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }
	wait(do("GET", "/a"), time.Minute)
	now = now.Add(time.Minute)
	answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }
	if err := do("GET", "/a"); err != nil {
		t.Errorf("a 403 about permissions is no limit: %v", err)
	}
}
