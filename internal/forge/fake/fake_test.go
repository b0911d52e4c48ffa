package fake_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// TestDeliveriesAreSignedAndSentAsToldTo: late, out of order, twice.
func TestDeliveriesAreSignedAndSentAsToldTo(t *testing.T) {
	var got []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := hmac.New(sha256.New, []byte("hush"))
		sum.Write(body)
		if r.Header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(sum.Sum(nil)) {
			t.Error("not signed")
		}
		var said struct{ Action, Ref string }
		if err := json.Unmarshal(body, &said); err != nil {
			t.Error(err)
		}
		got = append(got, r.Header.Get("X-GitHub-Event")+" "+said.Action+said.Ref+" "+r.Header.Get("X-GitHub-Delivery")[34:])
	}))
	t.Cleanup(hook.Close)
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": "FROM a\n"})
	gittest.Run(t, repo.Dir, "branch", "b", "main")
	repo.Pulls = []*fake.Pull{{Number: 1, Head: "acme:b", Base: "main", State: "open"}, {Number: 2, Head: "acme:b", Base: "main", State: "open"}}
	server.Comment("acme/shop", 1, "ann", "MEMBER", "drydock explain")
	server.ClosePull("acme/shop", 1, "ann")
	server.PushTo("acme/shop", "main", map[string]string{"x": "x"})
	server.MergePull("acme/shop", 2, "ann")
	all := server.Deliveries()
	for _, d := range slices.Backward(all) {
		for range 2 {
			if status := server.Send(d, hook.URL, "hush"); status != http.StatusOK {
				t.Error(status)
			}
		}
	}
	want := "pull_request closed 04 pull_request closed 04 push refs/heads/main 03 push refs/heads/main 03 " +
		"pull_request closed 02 pull_request closed 02 issue_comment created 01 issue_comment created 01"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

// ask sends a plain request to the stand-in.
func ask(t *testing.T, server *fake.Server, method, path string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/v3"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+server.Token)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// TestLimitsAreCounted: what exceeds one is refused, and what has not changed is free
// of the primary one.
func TestLimitsAreCounted(t *testing.T) {
	server := fake.New(t)
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	server.Now = func() time.Time { return now }
	server.Limits = fake.Limits{Requests: 5, Points: 23}
	server.Add("acme/shop", map[string]string{"Dockerfile": "FROM a\n"})
	first := ask(t, server, "GET", "/repos/acme/shop")
	if first.Header.Get("X-RateLimit-Remaining") != "4" || first.Header.Get("X-GitHub-Request-Id") == "" {
		t.Errorf("%v", first.Header)
	}
	tag := "If-None-Match: " + first.Header.Get("ETag")
	for range 20 {
		if res := ask(t, server, "GET", "/repos/acme/shop", tag); res.StatusCode != http.StatusNotModified {
			t.Fatal(res.Status)
		}
	}
	var statuses []string
	get := func(later time.Duration) {
		now = now.Add(later)
		res := ask(t, server, "GET", "/repos/acme/shop")
		statuses = append(statuses, fmt.Sprint(res.StatusCode, " ", res.Header.Get("Retry-After"), " ", res.Header.Get("X-RateLimit-Remaining")))
	}
	for _, later := range []time.Duration{0, 0, 0, time.Minute, 0, 0, time.Hour} {
		get(later)
	}
	want := []string{"200  3", "200  2", "429 60 1", "200  1", "200  0", "429  0", "200  4"}
	if !slices.Equal(statuses, want) {
		t.Errorf("got  %q\nwant %q", statuses, want)
	}
	if n := fake.Count(server.Log()); n != (fake.Counts{Reads: 6, Free: 20, Refused: 2}) {
		t.Errorf("%+v", n)
	}
}
