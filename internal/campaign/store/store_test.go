package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/campaign/store/storetest"
)

// A clock is one that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func open(t *testing.T, database string) (*store.Store, *clock) {
	t.Helper()
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c := &clock{now: start}
	s.Now = c.Now
	return s, c
}

var tests = map[string]func(*testing.T, string){
	"selection":     testSelection,
	"looks":         testLooks,
	"renames":       testRenames,
	"lists":         testLists,
	"claims":        testClaims,
	"burndown":      testBurndown,
	"pauses":        testPauses,
	"caps":          testCaps,
	"caps together": testCapsTogether,
	"budget":        testBudget,
	"budget shared": testBudgetIsShared,
	"audit":         testAudit,
	"answers":       testAnswers,
	"deliveries":    testDeliveries,
	"owners":        testOwners,
	"waits":         testWaits,
	"migrations":    testMigrations,
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, filepath.Join(t.TempDir(), "a #1?%", "drydock.db"))
		})
	}
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	database := storetest.Postgres(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, database()) })
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// campaign makes one that selects repositories.
func campaign(t *testing.T, s *store.Store, name string, repositories ...string) {
	t.Helper()
	must(t, s.SaveCampaign(t.Context(), store.Campaign{Name: name, Spec: "name: " + name, Path: name + ".yaml", Forge: "file:///r", Stage: store.Running}))
	must(t, s.Enlist(t.Context(), name, repositories))
}

// look sets the state of a changeset.
func look(t *testing.T, s *store.Store, name, repository string, state store.State, needs map[string]int) {
	t.Helper()
	c, err := s.Changeset(t.Context(), name, repository)
	must(t, err)
	c.State = state
	must(t, s.Save(t.Context(), store.Look{Changeset: c, Needs: needs}))
}

// due claims what is due, tells it, and lets it go.
func due(t *testing.T, s *store.Store) string {
	t.Helper()
	claims, err := s.ClaimDue(t.Context(), store.AllCampaigns, "p", 100, time.Minute)
	must(t, err)
	var all []string
	for _, c := range claims {
		all = append(all, c.Campaign+":"+c.Repository)
	}
	must(t, s.Release(t.Context(), func(by string) bool { return by == "p" }))
	slices.Sort(all)
	return strings.Join(all, " ")
}

func testSelection(t *testing.T, database string) {
	s, _ := open(t, database)
	campaign(t, s, "one", "acme/a", "acme/b")
	look(t, s, "one", "acme/a", store.Opened, nil)
	look(t, s, "one", "acme/b", store.NoneDue, nil)
	must(t, s.Enlist(t.Context(), "one", []string{"acme/b", "acme/c"}))
	got := map[string]string{}
	all, total, err := s.Changesets(t.Context(), store.Filter{Campaign: "one"})
	must(t, err)
	for _, c := range all {
		got[c.Repository] = fmt.Sprint(c.State, c.Selected, c.Organisation)
	}
	want := map[string]string{"acme/a": "openfalseacme", "acme/b": "none duetrueacme", "acme/c": "pendingtrueacme"}
	if diff := cmp.Diff(want, got); diff != "" || total != 3 {
		t.Errorf("%d: %s", total, diff)
	}
	sum, err := s.Campaign(t.Context(), "one")
	must(t, err)
	must(t, s.Start(t.Context(), "bob", "one"))
	if row, err := s.Row(t.Context(), "one"); err != nil || row.Who != "bob" || row.Stage != store.Running {
		t.Errorf("%+v, %v", row, err)
	}
	if sum.Counts[store.Opened] != 1 || sum.Counts[store.Pending] != 1 || sum.Total() != 3 || !sum.Planned.Equal(start) {
		t.Errorf("%+v", sum)
	}
	if _, err := s.Campaign(t.Context(), "none"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

func testLooks(t *testing.T, database string) {
	s, clock := open(t, database)
	campaign(t, s, "one", "acme/a")
	if got := due(t, s); got != "one:acme/a" {
		t.Errorf("due: %s", got)
	}
	c, err := s.Changeset(t.Context(), "one", "acme/a")
	must(t, err)
	// Somebody asks again while a look is taken.
	found, err := s.LookAgain(t.Context(), "ann", store.AllCampaigns, "acme/a")
	must(t, err)
	if len(found) != 1 {
		t.Errorf("%v", found)
	}
	c.State, c.Desired, c.BaseSHA, c.Pull, c.Title = store.Opened, "d1", "abc", 7, "a\x00b\xff"
	c.Looked, c.Due = clock.Now(), clock.Now().Add(time.Hour)
	texts := store.Texts{Diff: "--- a\n", Body: "b", Evidence: "[]"}
	must(t, s.Save(t.Context(), store.Look{Changeset: c, Texts: &texts, Needs: map[string]int{"x": 2}}))
	if got := due(t, s); got != "one:acme/a" {
		t.Errorf("the other look is lost: %s", got)
	}
	c, err = s.Changeset(t.Context(), "one", "acme/a")
	must(t, err)
	if c.State != store.Opened || c.Pull != 7 || c.Title != "ab\uFFFD" || !c.Looked.Equal(start) || !c.Changed.Equal(start) {
		t.Errorf("%+v", c)
	}
	c.Due = clock.Now().Add(time.Hour)
	must(t, s.Save(t.Context(), store.Look{Changeset: c}))
	if got := due(t, s); got != "" {
		t.Errorf("due: %s", got)
	}
	next, err := s.NextDue(t.Context(), "one")
	must(t, err)
	if !next.Equal(start.Add(time.Hour)) {
		t.Error(next)
	}
	got, err := s.Texts(t.Context(), "one", "acme/a")
	must(t, err)
	if got != texts {
		t.Errorf("%+v", got)
	}
	n, err := s.LookAgainAtAll(t.Context(), "ann", "one", store.Failed)
	must(t, err)
	if n != 0 {
		t.Errorf("%d are looked at again", n)
	}
	c.Repository = "acme/none"
	if err := s.Save(t.Context(), store.Look{Changeset: c}); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

func testClaims(t *testing.T, database string) {
	s, clock := open(t, database)
	campaign(t, s, "one", "a", "b")
	claims, err := s.ClaimDue(t.Context(), "one", "p", 1, time.Minute)
	must(t, err)
	if len(claims) != 1 || claims[0].Repository != "a" {
		t.Fatalf("%v", claims)
	}
	if more, _ := s.ClaimDue(t.Context(), "one", "p", 1, time.Minute); len(more) != 0 {
		t.Errorf("more than the limit: %v", more)
	}
	if n, err := s.Busy(t.Context(), "one"); n != 1 || err != nil {
		t.Error(n, err)
	}
	mine, err := s.Claimed(t.Context(), claims[0])
	must(t, err)
	if others, _ := s.ClaimDue(t.Context(), "one", "q", 9, time.Hour); len(others) != 1 || others[0].Repository != "b" {
		t.Errorf("%v", others)
	}
	clock.pass(50 * time.Second)
	must(t, s.Renew(t.Context(), claims[0], "q", time.Minute))
	clock.pass(50 * time.Second)
	if others, _ := s.ClaimDue(t.Context(), "one", "q", 9, time.Minute); len(others) != 0 {
		t.Errorf("a claim that was renewed is lost: %v", others)
	}
	clock.pass(time.Minute) // its process has died
	again, err := s.ClaimDue(t.Context(), "one", "q", 9, time.Minute)
	must(t, err)
	if len(again) != 1 {
		t.Fatalf("%v", again)
	}
	if _, err := s.Claimed(t.Context(), claims[0]); !errors.Is(err, store.ErrClaimed) {
		t.Error(err)
	}
	mine.State = store.Opened
	if err := s.Save(t.Context(), store.Look{Changeset: mine}); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("the dead one saves: %v", err)
	}
	mine, err = s.Claimed(t.Context(), again[0])
	must(t, err)
	must(t, s.Save(t.Context(), store.Look{Changeset: mine}))
	if mine, _ = s.Changeset(t.Context(), "one", "a"); mine.State != store.Pending {
		t.Errorf("%v", mine.State)
	}
	for i, want := range []bool{true, false} {
		if got, err := s.ClaimListing(t.Context(), "one", clock.Now()); got != want || err != nil {
			t.Errorf("%d: %v, %v", i, got, err)
		}
	}
}

func testRenames(t *testing.T, database string) {
	s, _ := open(t, database)
	campaign(t, s, "one", "acme/a", "acme/b")
	look(t, s, "one", "acme/a", store.Opened, map[string]int{"x": 1})
	must(t, s.Rename(t.Context(), "one", "acme/a", "corp/z"))
	c, err := s.Changeset(t.Context(), "one", "corp/z")
	must(t, err)
	if c.State != store.Opened || c.Organisation != "corp" {
		t.Errorf("%+v", c)
	}
	must(t, s.Rename(t.Context(), "one", "acme/b", "corp/z"))
	if _, total, _ := s.Changesets(t.Context(), store.Filter{}); total != 1 {
		t.Errorf("%d changesets", total)
	}
	points, err := s.Burndown(t.Context(), "one", 1)
	must(t, err)
	if points[0].Counts[store.Pending] != 0 || points[0].Counts[store.Opened] != 1 || points[0].Needed != 1 {
		t.Errorf("%+v", points)
	}
	// A list shows the new name before anybody looked: what is known of the old one
	// is not lost.
	campaign(t, s, "two", "acme/old")
	claims, err := s.ClaimDue(t.Context(), "two", "p", 1, time.Minute)
	must(t, err)
	merged, err := s.Claimed(t.Context(), claims[0])
	must(t, err)
	merged.State, merged.Pull = store.Merged, 7
	must(t, s.Save(t.Context(), store.Look{Changeset: merged}))
	must(t, s.Enlist(t.Context(), "two", []string{"acme/new"}))
	for range 2 {
		must(t, s.Rename(t.Context(), "two", "acme/old", "acme/new"))
		c, err = s.Changeset(t.Context(), "two", "acme/new")
		if err != nil || c.State != store.Merged || c.Pull != 7 || !c.Selected {
			t.Errorf("%+v, %v", c, err)
		}
	}
	if _, total, _ := s.Changesets(t.Context(), store.Filter{Campaign: "two"}); total != 1 {
		t.Errorf("%d changesets", total)
	}
}

func testLists(t *testing.T, database string) {
	s, _ := open(t, database)
	campaign(t, s, "one", "acme/a_b", "acme/axb", "Corp/A%b")
	look(t, s, "one", "acme/axb", store.Failed, nil)
	for want, f := range map[string]store.Filter{
		"Corp/A%b acme/a_b acme/axb": {},
		"Corp/A%b":                   {Repository: "a%"},
		"acme/a_b":                   {Repository: "A_B"},
		"acme/axb":                   {States: []store.State{store.Failed, store.Merged}},
		"acme/a_b acme/axb":          {Repository: "acme", Campaign: "one"},
		"":                           {Error: true},
	} {
		all, total, err := s.Changesets(t.Context(), f)
		must(t, err)
		var names []string
		for _, c := range all {
			names = append(names, c.Repository)
		}
		slices.Sort(names) // the databases order capitals differently
		if got := strings.Join(names, " "); got != want || total != len(all) {
			t.Errorf("%+v: %s, want %s; %d", f, got, want, total)
		}
	}
	page, total, err := s.Changesets(t.Context(), store.Filter{Limit: 2, Offset: 2})
	must(t, err)
	if len(page) != 1 || total != 3 {
		t.Errorf("%d of %d", len(page), total)
	}
}

func testBurndown(t *testing.T, database string) {
	s, clock := open(t, database)
	campaign(t, s, "one", "a", "b")
	clock.pass(time.Hour)
	look(t, s, "one", "a", store.Opened, map[string]int{"x": 2, "y": 1})
	look(t, s, "one", "b", store.Planned, map[string]int{"x": 1})
	clock.pass(time.Hour)
	look(t, s, "one", "a", store.Merged, map[string]int{})
	points, err := s.Burndown(t.Context(), "one", 3)
	must(t, err)
	var got []string
	for _, p := range points {
		got = append(got, fmt.Sprintf("%s left %d open %d needed %d", p.At.Sub(start), p.Left(), p.Counts[store.Opened], p.Needed))
	}
	want := []string{"0s left 2 open 0 needed 0", "1h0m0s left 2 open 1 needed 4", "2h0m0s left 1 open 0 needed 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	needs, err := s.Needs(t.Context(), "one")
	must(t, err)
	if diff := cmp.Diff([]store.Need{{Fixer: "x", Dockerfiles: 1, Repositories: 1}}, needs); diff != "" {
		t.Error(diff)
	}
}

func testPauses(t *testing.T, database string) {
	s, clock := open(t, database)
	campaign(t, s, "one", "a")
	campaign(t, s, "two", "b")
	if err := s.Pause(t.Context(), "ann", "none", ""); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	must(t, s.Pause(t.Context(), "ann", "one", "freeze"))
	must(t, s.Pause(t.Context(), "bob", "one", "again"))
	p, err := s.Paused(t.Context(), "one")
	must(t, err)
	if p == nil || p.Who != "ann" || p.Reason != "freeze" {
		t.Errorf("%+v", p)
	}
	if p, _ := s.Paused(t.Context(), "two"); p != nil {
		t.Errorf("%+v", p)
	}
	must(t, s.Pause(t.Context(), "ann", store.AllCampaigns, "fire"))
	if p, _ := s.Paused(t.Context(), "two"); p == nil {
		t.Error("not paused")
	}
	c, err := s.Changeset(t.Context(), "one", "a")
	must(t, err)
	c.Due = clock.Now().Add(time.Hour)
	must(t, s.Save(t.Context(), store.Look{Changeset: c}))
	must(t, s.Resume(t.Context(), "bob", store.AllCampaigns))
	must(t, s.Resume(t.Context(), "bob", "one"))
	if got := due(t, s); got != "one:a two:b" {
		t.Errorf("due: %s", got)
	}
	if p, _ := s.Paused(t.Context(), "one"); p != nil {
		t.Errorf("%+v", p)
	}
	entries, err := s.Audit(t.Context(), store.Page{})
	must(t, err)
	var got []string
	for _, e := range slices.Backward(entries) {
		got = append(got, e.Who+" "+e.Action+" "+e.Campaign)
	}
	if diff := cmp.Diff([]string{"ann pause one", "ann pause ", "bob resume ", "bob resume one"}, got); diff != "" {
		t.Error(diff)
	}
}

func testAudit(t *testing.T, database string) {
	s, _ := open(t, database)
	for i := range 3 {
		must(t, s.Record(t.Context(), store.Entry{Who: "ann", Via: "host:1", Campaign: "one", Repository: fmt.Sprint("a/", i), Action: "open", Target: "<#1>", Request: "R1", Status: "201"}))
	}
	must(t, s.Record(t.Context(), store.Entry{Who: "ann", Campaign: "two", Action: "open"}))
	for _, statement := range []string{"UPDATE audit SET who = 'bob'", "DELETE FROM audit"} {
		if _, err := s.DB().Exec(statement); err == nil || !strings.Contains(err.Error(), "only added to") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	var out bytes.Buffer
	must(t, s.ExportAudit(t.Context(), &out, "one"))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var first store.Entry
	must(t, json.Unmarshal([]byte(lines[0]), &first))
	want := store.Entry{ID: first.ID, At: start, Who: "ann", Via: "host:1", Campaign: "one", Repository: "a/0", Action: "open", Target: "<#1>", Request: "R1", Status: "201"}
	if diff := cmp.Diff(want, first); diff != "" || len(lines) != 3 || !strings.Contains(lines[0], `"<#1>"`) {
		t.Errorf("%s\n%s", diff, out.String())
	}
	newest, err := s.Audit(t.Context(), store.Page{Limit: 2})
	must(t, err)
	older, err := s.Audit(t.Context(), store.Page{Before: newest[1].ID, Repository: "a/1"})
	must(t, err)
	if newest[0].Campaign != "two" || len(older) != 1 || older[0].Repository != "a/1" {
		t.Errorf("%+v %+v", newest, older)
	}
}

func testDeliveries(t *testing.T, database string) {
	s, _ := open(t, database)
	for _, step := range []struct {
		d    store.Delivery
		want bool
	}{
		{store.Delivery{App: "a", GUID: "1", Event: "push"}, true},
		{store.Delivery{App: "a", GUID: "1", Event: "push"}, false},
		{store.Delivery{App: "b", GUID: "1", Event: "push"}, true},
	} {
		first, err := s.Deliver(t.Context(), step.d)
		must(t, err)
		if first != step.want {
			t.Errorf("%+v: %v", step.d, first)
		}
	}
}

func testMigrations(t *testing.T, database string) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := store.Open(context.Background(), database)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	all.Wait()
	s, _ := open(t, database)
	if _, err := s.DB().Exec("UPDATE drydock_schema SET version = 99"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), database); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Error(err)
	}
}

func TestPasswordsStayOut(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"postgres://ann:s3cret@127.0.0.1:1/x?connect_timeout=1", "postgres://ann:s3cret@%zz/x", "postgres://ann:s3cret@h/x?sslmode=odd"} {
		_, err := store.Open(t.Context(), address)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
}
