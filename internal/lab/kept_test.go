package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

func keeps(t *testing.T) *lab {
	t.Helper()
	return &lab{shared: filepath.Join(t.TempDir(), "lab")}
}

// ends gives up what a lab that ends gives up.
func (l *lab) ends(t *testing.T) {
	t.Helper()
	for _, lock := range l.locks {
		if err := lock.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Labs that need the same at the same time make it once, and all find it whole.
func TestKeptIsMadeOnce(t *testing.T) {
	shared := keeps(t).shared
	var made atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			l := &lab{shared: shared}
			dir, err := l.kept(t.Context(), "bases", "k", func(_ context.Context, dir string) error {
				made.Add(1)
				time.Sleep(50 * time.Millisecond)
				return os.WriteFile(filepath.Join(dir, "whole"), nil, 0o600)
			})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := os.Stat(filepath.Join(dir, "whole")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
}

// One who waits to be the maker has what another made as soon as it is there, and not
// when that one ends.
func TestWaitingLooksAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bases-k")
	maker, waiting := flock.New(dir+".lock"), flock.New(dir+".lock")
	t.Cleanup(func() { _, _ = maker.Close(), waiting.Close() })
	attempt := func(lock *flock.Flock, wantThere, wantOK bool) {
		t.Helper()
		if there, ok, err := take(lock, dir); err != nil || there != wantThere || ok != wantOK {
			t.Fatalf("take gives %v, %v, %v", there, ok, err)
		}
	}
	attempt(maker, false, true)
	attempt(waiting, false, false)
	if err := errors.Join(os.Mkdir(dir, 0o755), maker.RLock()); err != nil {
		t.Fatal(err)
	}
	attempt(waiting, true, true)
}

// What was not finished is not taken for whole.
func TestKeptIsMadeAnewAfterAFailure(t *testing.T) {
	first := keeps(t)
	broken := errors.New("broken")
	if _, err := first.kept(t.Context(), "bases", "k", func(_ context.Context, dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "half"), nil, 0o600), broken)
	}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	first.ends(t)
	second := &lab{shared: first.shared}
	dir, err := second.kept(t.Context(), "bases", "k", func(context.Context, string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("it holds %v", left)
	}
}

// What was not used for long goes when something new is made, unless a lab has it.
func TestForgetLeavesWhatIsUsed(t *testing.T) {
	l := keeps(t)
	nothing := func(context.Context, string) error { return nil }
	long := time.Now().Add(-2 * unused)
	dirs := map[string]string{}
	for _, key := range []string{"old", "used", "recent"} {
		other := &lab{shared: l.shared}
		dir, err := other.kept(t.Context(), "bases", key, nothing)
		if err != nil {
			t.Fatal(err)
		}
		if key != "used" {
			other.ends(t)
		}
		dirs[key] = dir
	}
	for _, key := range []string{"old", "used"} {
		if err := os.Chtimes(dirs[key], long, long); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.kept(t.Context(), "bases", "new", nothing); err != nil {
		t.Fatal(err)
	}
	for key, dir := range dirs {
		if _, err := os.Stat(dir); (err == nil) != (key != "old") {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// A lab that waits ends when it is interrupted.
func TestWaitingEnds(t *testing.T) {
	l := keeps(t)
	if _, err := l.kept(t.Context(), "bases", "k", func(context.Context, string) error {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		other := &lab{shared: l.shared}
		_, err := other.kept(ctx, "bases", "k", nil)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it gives %v", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
