package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

func testCaps(t *testing.T, database string) {
	s, clock := open(t, database)
	campaign(t, s, "one", "x/a", "x/b", "y/c", "y/d")
	caps := store.Caps{Open: 3, OpenPerOrganisation: 1, PerHour: 3}
	admit := func(repository string) string {
		t.Helper()
		refused, err := s.Admit(t.Context(), "one", repository, caps)
		must(t, err)
		if refused == nil {
			return ""
		}
		return refused.Why + " " + refused.Again.Sub(start).String()
	}
	for _, step := range []struct{ repository, want string }{
		{"x/a", ""},
		{"x/a", ""},
		{"x/b", "the limit of 1 open pull requests in x is reached 10m0s"},
		{"y/c", ""},
	} {
		if got := admit(step.repository); got != step.want {
			t.Errorf("%s: %q, want %q", step.repository, got, step.want)
		}
	}
	look(t, s, "one", "x/a", store.Merged, nil)
	look(t, s, "one", "y/c", store.Closed, nil)
	clock.pass(time.Minute)
	if got := admit("x/b"); got != "" {
		t.Error(got)
	}
	if got := admit("y/d"); got != "the limit of 3 pull requests an hour is reached 1h0m0s" {
		t.Error(got)
	}
	clock.pass(time.Hour)
	if got := admit("y/d"); got != "" {
		t.Error(got)
	}
}

func testCapsTogether(t *testing.T, database string) {
	a, _ := open(t, database)
	b, _ := open(t, database)
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("x/%d", i))
	}
	campaign(t, a, "one", names...)
	var passed sync.Map
	var all sync.WaitGroup
	for i, name := range names {
		s := []*store.Store{a, b}[i%2]
		all.Go(func() {
			refused, err := s.Admit(context.Background(), "one", name, store.Caps{Open: 7})
			if err != nil {
				t.Error(err)
			} else if refused == nil {
				passed.Store(name, true)
			}
		})
	}
	all.Wait()
	n := 0
	passed.Range(func(any, any) bool { n++; return true })
	if n != 7 {
		t.Errorf("%d passed a cap of 7", n)
	}
}

func testBudget(t *testing.T, database string) {
	s, clock := open(t, database)
	must(t, s.SetLimits(t.Context(), "bot", store.Limits{
		store.Requests: {Burst: 10, Rate: 10, Per: time.Hour},
		store.Writes:   {Burst: 1, Rate: 1, Per: time.Second},
		store.GraphQL:  {Burst: 10, Rate: 10, Per: time.Hour},
	}))
	spend := func(c store.Cost, want time.Duration) {
		t.Helper()
		wait, err := s.Spend(t.Context(), "bot", c)
		must(t, err)
		if wait != want {
			t.Errorf("wait %v, not %v", wait, want)
		}
	}
	spend(store.Write, 0)
	spend(store.Write, time.Second)
	spend(store.Read, 0)
	clock.pass(time.Second)
	spend(store.Write, 0)
	must(t, s.Observe(t.Context(), "bot", store.Observed{Bucket: store.Requests, Reset: clock.Now().Add(10 * time.Minute)}))
	spend(store.Read, 10*time.Minute)
	spend(store.Query, 0) // it has a limit of its own
	levels, err := s.Budget(t.Context())
	must(t, err)
	if len(levels) != 3 || levels[1].Bucket != store.Requests || levels[1].Tokens != 0 || !levels[1].Blocked.IsZero() {
		t.Errorf("%+v", levels)
	}
	must(t, s.Block(t.Context(), "bot", clock.Now().Add(time.Minute), "what the forge asks"))
	must(t, s.Block(t.Context(), "bot", clock.Now().Add(time.Second), "shorter"))
	spend(store.Query, time.Minute)
	if levels, _ := s.Budget(t.Context()); levels[0].Blocked.IsZero() {
		t.Errorf("%+v", levels)
	}
	clock.pass(time.Minute)
	spend(store.Query, 0)
	spend(store.Read, 9*time.Minute)
	clock.pass(9 * time.Minute)
	spend(store.Read, 0) // an hour brings 10
	spend(store.Read, 2*time.Minute)
	must(t, s.Settle(t.Context(), "bot", store.Read, store.NotModified))
	spend(store.Read, 0)
	// A limit in debt is no matter of those that do not take from it.
	must(t, s.Settle(t.Context(), "bot", store.Cost{}, store.Cost{store.GraphQL: 20}))
	clock.pass(6 * time.Minute)
	spend(store.Read, 0)
	// An App's limit is another one.
	must(t, s.Observe(t.Context(), "bot", store.Observed{Bucket: store.Requests, Limit: 100, Remaining: 90}))
	if levels, _ := s.Budget(t.Context()); levels[1].Burst != 50 || int(levels[1].Tokens) != 40 {
		t.Errorf("%+v", levels)
	}
	must(t, s.SetLimits(t.Context(), "bot", store.Limits{store.Requests: {Burst: 10, Rate: 10, Per: time.Hour}}))
	if levels, _ := s.Budget(t.Context()); len(levels) != 1 || levels[0].Tokens != 10 {
		t.Errorf("%+v", levels)
	}
	if wait, err := s.Spend(t.Context(), "nobody", store.Write); wait != 0 || err != nil {
		t.Error(wait, err)
	}
	if _, err := s.Spend(t.Context(), "bot", store.Cost{store.Requests: 11}); err == nil {
		t.Error("a cost above the burst would wait for ever")
	}
}

// testBudgetIsShared: two processes that spend as fast as they can never take more
// in any window than the limit.
func testBudgetIsShared(t *testing.T, database string) {
	a, clockA := open(t, database)
	b, _ := open(t, database)
	b.Now = clockA.Now
	limits := store.GitHub()
	must(t, a.SetLimits(t.Context(), "bot", limits))
	var taken []time.Time
	for range 3000 {
		s := []*store.Store{a, b}[rand.IntN(2)]
		wait, err := s.Spend(t.Context(), "bot", store.CreateContent)
		must(t, err)
		if wait > 0 {
			clockA.pass(wait)
			continue
		}
		taken = append(taken, clockA.Now())
		if len(taken) == 700 {
			break
		}
	}
	for _, limit := range []struct {
		within time.Duration
		most   int
	}{{time.Minute, 80}, {time.Hour, 500}, {999 * time.Millisecond, 1}} {
		for i := range taken {
			n := 0
			for _, other := range taken[i:] {
				if other.Sub(taken[i]) < limit.within {
					n++
				}
			}
			if n > limit.most {
				t.Fatalf("%d within %v", n, limit.within)
			}
		}
	}
	if len(taken) < 700 {
		t.Errorf("only %d in %v", len(taken), clockA.Now().Sub(start))
	}
}
