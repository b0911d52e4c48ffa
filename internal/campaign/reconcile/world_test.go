package reconcile_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/reconcile"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/forge/github"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

const (
	before = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN useradd -m app\nUSER app\nCMD [\"bash\"]\n"
	fixed  = "FROM alpine:3.20\nRUN apk add --no-cache curl\n"
)

// A world is a campaign over the stand-in, with a clock of its own.
type world struct {
	t      *testing.T
	server *fake.Server
	store  *store.Store
	r      *reconcile.Reconciler
	now    time.Time
	over   []time.Duration // what was over budget
	crash  func()          // ends the step at hand
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, server: fake.New(t), now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)} // a Wednesday
	var err error
	if w.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "drydock.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	w.store.Now = func() time.Time { return w.now }
	ordered, err := fix.Order(fixers.All())
	if err != nil {
		t.Fatal(err)
	}
	hub, err := github.New(github.Options{
		API: w.server.URL, Token: func(context.Context) (string, error) { return w.server.Token, nil },
		Pace:      -1, // the clock is the test's
		Transport: &meter.Transport{Next: http.DefaultTransport, Store: w.store, Identity: func(*http.Request) string { return "bot" }},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.r = &reconcile.Reconciler{
		Store: w.store, Fixers: ordered, Who: "ann", Via: "test:1", Version: "1", Author: git.Identity{Name: "drydock", Email: "drydock@example.com"},
		Connect: func(string) (reconcile.Connection, error) {
			return reconcile.Connection{Forge: hub, Identity: "bot"}, nil
		},
	}
	return w
}

// campaign makes or changes the campaign, which selects all repositories.
func (w *world) campaign(stage store.Stage, more string, repositories ...string) {
	w.t.Helper()
	text := "name: c\nforge: https://hub.example\nselect: {everything: true}\nfixers: {only: [package-cleanup, numeric-user]}\n" + more
	w.must(w.store.SaveCampaign(w.t.Context(), store.Campaign{Name: "c", Spec: text, Path: "c.yaml", Stage: stage}))
	w.must(w.store.Enlist(w.t.Context(), "c", repositories))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run takes steps until nothing is due.
func (w *world) run() {
	w.t.Helper()
	for range 200 {
		claims, err := w.store.ClaimDue(w.t.Context(), "c", "p", 1, reconcile.Lasting)
		w.must(err)
		if len(claims) == 0 {
			return
		}
		ctx, cancel := context.WithCancel(w.t.Context())
		w.crash = cancel
		err = w.r.Step(ctx, claims[0])
		cancel()
		if errors.Is(err, context.Canceled) {
			w.now = w.now.Add(2 * reconcile.Lasting) // another process takes over
			continue
		}
		if over, ok := err.(*meter.OverBudget); ok {
			w.over = append(w.over, over.Wait)
			w.now = w.now.Add(over.Wait + reconcile.Lasting)
			continue
		}
		w.must(err)
	}
	w.t.Fatal("it does not come to an end")
}

// again has everything looked at once more.
func (w *world) again() {
	w.t.Helper()
	_, err := w.store.LookAgainAtAll(w.t.Context(), "ann", "c")
	w.must(err)
	w.run()
}

func (w *world) changeset(name string) store.Changeset {
	w.t.Helper()
	c, err := w.store.Changeset(w.t.Context(), "c", name)
	w.must(err)
	return c
}

// want compares a state, and with what follows a space the reason or error.
func (w *world) want(name string, state store.State, why string) {
	w.t.Helper()
	c := w.changeset(name)
	if got := c.Reason + c.Error; c.State != state || !strings.Contains(got, why) || why == "" && got != "" {
		w.t.Errorf("%s is %s (%s), want %s (%s)", name, c.State, got, state, why)
	}
}

// writes are the requests since the n-th that are no reads.
func (w *world) writes(n int) []string { return w.server.Writes(n) }

// commit puts a file on the main branch.
func commit(t *testing.T, r *fake.Repository, name, text string) {
	t.Helper()
	gittest.Push(t, r.Dir, "main", "more", map[string]string{name: text})
}
