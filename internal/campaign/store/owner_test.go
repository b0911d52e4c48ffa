package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

func testOwners(t *testing.T, database string) {
	s, clock := open(t, database)
	campaign(t, s, "one", "acme/a", "acme/b", "acme/never", "acmes/c")
	later := start.Add(time.Hour)
	for name, looked := range map[string]time.Time{"acme/a": start.Add(-time.Hour), "acme/b": start, "acmes/c": start.Add(-time.Hour)} {
		c, err := s.Changeset(t.Context(), "one", name)
		must(t, err)
		c.Looked, c.Due = looked, later
		must(t, s.Save(t.Context(), store.Look{Changeset: c}))
	}
	running, err := s.Changeset(t.Context(), "one", "acme/b")
	must(t, err)
	must(t, s.WakeOwner(t.Context(), "one", "github github.com", "Acme", 10*time.Minute))
	if got := due(t, s); got != "one:acme/a one:acme/never" {
		t.Errorf("due: %s", got)
	}
	clock.pass(10 * time.Minute)
	if got := due(t, s); got != "one:acme/a one:acme/b one:acme/never" {
		t.Errorf("due later: %s", got)
	}
	// A step that was being taken meanwhile may have read what was said before.
	running.Due = later
	must(t, s.Save(t.Context(), store.Look{Changeset: running}))
	if c, err := s.Changeset(t.Context(), "one", "acme/b"); err != nil || c.Due.After(clock.Now()) {
		t.Errorf("%v, %v", c.Due, err)
	}
	must(t, s.WakeOwner(t.Context(), "one", "github github.com", "acme", 0))
	for of, want := range map[string]int64{"github github.com": 2, "gitea git.example": 0} {
		if n, err := s.Told(t.Context(), of, "ACME"); n != want || err != nil {
			t.Errorf("%s: %d, %v", of, n, err)
		}
	}
}

func testWaits(t *testing.T, database string) {
	s, _ := open(t, database)
	campaign(t, s, "one", "acme/a", "acme/b", "acme/c", "acme/d")
	for i, name := range []string{"acme/a", "acme/b", "acme/c", "acme/d"} {
		c, err := s.Changeset(t.Context(), "one", name)
		must(t, err)
		c.State, c.Reason, c.Due = store.Planned, "the limit", start.Add(time.Duration(9-i)*time.Hour)
		switch name {
		case "acme/c":
			c.Reason = "a window"
		case "acme/d":
			c.State = store.Declined
		}
		must(t, s.Save(t.Context(), store.Look{Changeset: c}))
	}
	got, err := s.Waits(t.Context(), "one")
	must(t, err)
	want := []store.Wait{{Why: "the limit", Repositories: 2, Until: start.Add(8 * time.Hour)}, {Why: "a window", Repositories: 1, Until: start.Add(7 * time.Hour)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
