//go:build unix

package serve_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/queue"
	"github.com/drydock-dev/drydock/internal/campaign/reconcile"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/campaign/store/storetest"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/forge/github"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/serve"
	"github.com/drydock-dev/drydock/internal/serve/login"
	"github.com/drydock-dev/drydock/internal/serve/webhook"
)

const (
	before = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN useradd -m app\nUSER app\nCMD [\"bash\"]\n"
	token  = "operators-own-token-0123456789"
	secret = "secret-of-webhooks-0123456789"
)

// A writer knows that ann may write: the stand-in's description of GitHub has no
// such path.
type writer struct{ forge.Forge }

func (writer) MayWrite(_ context.Context, _ forge.Repository, user string) (bool, error) {
	return user == "ann", nil
}

// TestWhole: pages, webhooks and workers together, with the stand-in for GitHub, on
// both databases. What happens on the forge is seen at once, and nothing is done
// twice.
func TestWhole(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		whole(t, filepath.Join(t.TempDir(), "drydock.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		whole(t, storetest.Postgres(t)())
	})
}

func whole(t *testing.T, database string) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	hub := fake.New(t)
	shop := hub.Add("acme/shop", map[string]string{"Dockerfile": before})
	web := hub.Add("acme/web", map[string]string{"Dockerfile": before})
	s, err := store.Open(t.Context(), database)
	must(err)
	t.Cleanup(func() { s.Close() })
	ordered, err := fix.Order(fixers.All())
	must(err)
	connected, err := github.New(github.Options{
		API: hub.URL, Pace: -1, Token: func(context.Context) (string, error) { return hub.Token, nil },
		Transport: &meter.Transport{Next: http.DefaultTransport, Store: s, Identity: func(*http.Request) string { return "bot" }},
	})
	must(err)
	r := &reconcile.Reconciler{
		Store: s, Fixers: ordered, Who: "bot", Via: "test:1", Version: "1", Author: git.Identity{Name: "drydock", Email: "drydock@example.com"},
		Connect: func(string) (reconcile.Connection, error) {
			return reconcile.Connection{Forge: connected, Identity: "bot"}, nil
		},
	}
	q, err := queue.New(t.Context(), s, r.Step, queue.Options{Workers: 2})
	must(err)
	ctx, stop := context.WithCancel(t.Context())
	jobs, err := q.Jobs(ctx, serve.JobsPath, slog.New(slog.DiscardHandler))
	must(err)
	tokens, err := login.ParseTokens("ann:operator:" + token)
	must(err)
	logger := slog.New(slog.DiscardHandler)
	served, err := serve.New(serve.Options{
		Store: s, Fixers: ordered, Sessions: login.NewSessions(nil, nil), Tokens: tokens, Jobs: jobs, Working: q.Working, WebhookSecret: []byte(secret), Logger: logger,
	})
	must(err)
	site := httptest.NewServer(served)
	t.Cleanup(site.Close)
	inbox := &webhook.Follower{Store: s, Logger: logger, Connect: func(string) (forge.Forge, error) { return writer{connected}, nil }}
	ended := make(chan error, 2)
	go func() { ended <- q.Run(ctx, nil) }()
	go func() { ended <- inbox.Run(ctx) }()

	text := "name: c\nforge: " + hub.URL + "\nselect: {everything: true}\nfixers: {only: [package-cleanup, numeric-user]}\n"
	must(s.SaveCampaign(t.Context(), store.Campaign{Name: "c", Spec: text, Path: "c.yaml", Forge: hub.URL, Stage: store.Planning}))
	must(s.Enlist(t.Context(), "c", []string{"acme/shop", "acme/web"}))
	until := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				c, _ := s.Changeset(t.Context(), "c", "acme/shop")
				t.Fatalf("%s: it does not come\n%+v", what, c)
			}
		}
	}
	state := func(name string, want store.State) func() bool {
		return func() bool {
			c, err := s.Changeset(t.Context(), "c", name)
			must(err)
			return c.State == want
		}
	}
	until("a plan", state("acme/shop", store.Planned))

	jar, err := cookiejar.New(nil)
	must(err)
	browser := &http.Client{Jar: jar}
	page := func(path string) string {
		t.Helper()
		got, err := browser.Get(site.URL + path)
		must(err)
		defer got.Body.Close()
		text, err := io.ReadAll(got.Body)
		must(err)
		if got.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s\n%s", path, got.Status, text)
		}
		return string(text)
	}
	_, err = browser.PostForm(site.URL+"/login", url.Values{"token": {token}})
	must(err)
	_, form, _ := strings.Cut(page("/campaigns/c/do/start"), `name="form" value="`)
	form, _, _ = strings.Cut(form, `"`)
	started, err := browser.PostForm(site.URL+"/campaigns/c/do/start", url.Values{"form": {form}})
	must(err)
	if started.StatusCode != http.StatusOK || started.Request.URL.Path != "/campaigns/c" {
		t.Fatalf("start: %s %s", started.Status, started.Request.URL)
	}
	until("a pull request", state("acme/shop", store.Opened))
	until("a pull request", state("acme/web", store.Opened))
	if text := page("/campaigns/c/changesets/acme/shop"); !strings.Contains(text, hub.URL+"/acme/shop/pull/1") || !strings.Contains(text, "USER 1001") {
		t.Error(text)
	}
	if page("/readyz") != "ready\n" || !strings.Contains(page("/jobs/api/states"), "completed") || !strings.Contains(page("/metrics"), `drydock_changesets{campaign="c",state="open"} 2`) {
		t.Error("ready, jobs or metrics")
	}

	send := func() {
		t.Helper()
		all := hub.Deliveries()
		for range 2 { // each is sent twice
			for _, d := range all {
				if got := hub.Send(d, site.URL+"/webhooks/github", secret); got >= 300 {
					t.Errorf("%s: %d", d.Event, got)
				}
				if got := hub.Send(d, site.URL+"/webhooks/github", "another secret"); got != http.StatusUnauthorized {
					t.Errorf("forged: %d", got)
				}
			}
		}
	}
	hub.Comment("acme/web", 1, "eve", "NONE", "drydock ignore")
	hub.Comment("acme/web", 1, "ann", "MEMBER", "drydock explain")
	send()
	until("an answer", func() bool { return len(hub.Comments("acme/web", 1)) == 3 })
	hub.MergePull("acme/shop", 1, "ann")
	send()
	until("the merge", state("acme/shop", store.Merged))
	hub.Comment("acme/web", 1, "ann", "MEMBER", "drydock ignore")
	send()
	until("the close", state("acme/web", store.Closed))
	if len(shop.Pulls) != 1 || len(web.Pulls) != 1 || len(web.Pulls[0].Comments) != 5 || !strings.Contains(web.Pulls[0].Comments[2].Body, "run as 1001") {
		t.Errorf("%+v\n%+v", shop.Pulls, web.Pulls)
	}
	stop()
	for range 2 {
		must(<-ended)
	}
	if q.Working() == nil {
		t.Error("the workers have ended, and it is not said")
	}
}
