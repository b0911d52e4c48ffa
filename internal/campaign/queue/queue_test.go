package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/queue"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/campaign/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	n := 0
	testAll(t, func() string { n++; return filepath.Join(t.TempDir(), fmt.Sprint(n, ".db")) })
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	testAll(t, storetest.Postgres(t))
}

func testAll(t *testing.T, database func() string) {
	t.Run("drain", func(t *testing.T) { testDrain(t, database()) })
	t.Run("several", func(t *testing.T) { testSeveral(t, database()) })
	t.Run("stop", func(t *testing.T) { testStop(t, database()) })
}

func open(t *testing.T, database string, repositories int) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if repositories == 0 {
		return s
	}
	var names []string
	for i := range repositories {
		names = append(names, fmt.Sprintf("acme/r%d", i))
	}
	if err := errors.Join(s.SaveCampaign(t.Context(), store.Campaign{Name: "c"}), s.Enlist(t.Context(), "c", names)); err != nil {
		t.Fatal(err)
	}
	return s
}

// A counter takes steps, and counts them.
type counter struct {
	store *store.Store
	mu    sync.Mutex
	taken map[string]int
	each  func(repository string, n int) error
}

func (c *counter) step(ctx context.Context, claim store.Claim) error {
	row, err := c.store.Claimed(ctx, claim)
	if errors.Is(err, store.ErrClaimed) {
		return nil
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.taken == nil {
		c.taken = map[string]int{}
	}
	c.taken[claim.Repository]++
	n := c.taken[claim.Repository]
	c.mu.Unlock()
	if c.each != nil {
		if err := c.each(claim.Repository, n); err != nil {
			return err
		}
	}
	row.State, row.Due = store.NoneDue, time.Now().Add(time.Hour)
	return c.store.Save(ctx, store.Look{Changeset: row})
}

func (c *counter) queue(t *testing.T, workers int) *queue.Queue {
	t.Helper()
	q, err := queue.New(t.Context(), c.store, c.step, queue.Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// testDrain: each is stepped once, one that is over budget again after its wait.
func testDrain(t *testing.T, database string) {
	c := &counter{store: open(t, database, 30)}
	c.each = func(repository string, n int) error {
		if repository == "acme/r7" && n == 1 {
			return &meter.OverBudget{Wait: time.Second}
		}
		return nil
	}
	begun := time.Now()
	if err := c.queue(t, 4).Drain(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	for name, n := range c.taken {
		if want := 1; name != "acme/r7" && n != want || name == "acme/r7" && n != 2 {
			t.Errorf("%s was stepped %d times", name, n)
		}
	}
	if len(c.taken) != 30 || time.Since(begun) < time.Second {
		t.Errorf("%d in %v", len(c.taken), time.Since(begun))
	}
	// Nothing is due: it ends at once.
	if err := c.queue(t, 4).Drain(t.Context(), "c"); err != nil || len(c.taken) != 30 {
		t.Error(err)
	}
}

// testSeveral: what two drain at the same time is stepped once.
func testSeveral(t *testing.T, database string) {
	a := &counter{store: open(t, database, 60)}
	b := &counter{store: open(t, database, 0)}
	var all sync.WaitGroup
	for _, c := range []*counter{a, b} {
		all.Go(func() {
			if err := c.queue(t, 3).Drain(t.Context(), "c"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sum := 0
	for _, c := range []*counter{a, b} {
		for name, n := range c.taken {
			sum += n
			if n != 1 {
				t.Errorf("%s was stepped %d times", name, n)
			}
		}
	}
	if sum != 60 {
		t.Errorf("%d steps", sum)
	}
}

// testStop: a worker that is told to stop ends the step at hand first, and begins no
// other.
func testStop(t *testing.T, database string) {
	c := &counter{store: open(t, database, 20)}
	ctx, stop := context.WithCancel(t.Context())
	c.each = func(string, int) error {
		stop()
		time.Sleep(300 * time.Millisecond)
		return nil
	}
	if err := c.queue(t, 1).Run(ctx, nil); err != nil {
		t.Fatal(err)
	}
	_, done, err := c.store.Changesets(t.Context(), store.Filter{States: []store.State{store.NoneDue}})
	if err != nil || done != len(c.taken) || done == 0 || done == 20 {
		t.Errorf("%d stored, %d begun, %v", done, len(c.taken), err)
	}
}

func TestTheDead(t *testing.T) {
	if queue.IsDead(queue.Process()) || queue.IsDead("elsewhere:1") || queue.IsDead("") {
		t.Error("a living process is taken for dead")
	}
	host, _ := os.Hostname()
	if !queue.IsDead(host + ":999999999") {
		t.Error("a dead one is not")
	}
}

// TestSeveralMakeTheTables: processes that begin at the same time do not get in each
// other's way.
func TestSeveralMakeTheTables(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "db")
	var all sync.WaitGroup
	for range 5 {
		s := open(t, database, 0)
		all.Go(func() {
			if _, err := queue.New(context.Background(), s, nil, queue.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
