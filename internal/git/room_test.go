package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// served is a repository of some files of 1 KB each.
func served(t *testing.T, n int) Remote {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprint("f", i)] = fmt.Sprintf("%1024d", i)
	}
	gittest.Bare(t, dir+"/a/b.git", files)
	return Remote{URL: gittest.Serve(t, dir, "") + "/a/b.git"}
}

// small is a room for two clones of 4 KB, and one of 16.
func small() *Room {
	return &Room{[]kind{{make(chan struct{}, 2), 4 << 10}, {make(chan struct{}, 1), 16 << 10}}}
}

func TestACloneThatIsTooLargeIsRefused(t *testing.T) {
	at := served(t, 20)
	ctx, leave := small().Enter(t.Context())
	defer leave()
	if _, _, err := Clone(ctx, at, "main"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	// Outside of a room there is more of it, and what comes is whole.
	r, head, err := Clone(t.Context(), at, "main")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := r.Entries(head)
	if err != nil || len(entries) != 20 {
		t.Errorf("%d, %v", len(entries), err)
	}
	for _, e := range entries {
		if text, err := r.Blob(e.Hash); err != nil || len(text) != 1024 || BlobHash(text) != e.Hash {
			t.Errorf("%s: %d, %v", e.Path, len(text), err)
		}
	}
}

// TestClonesTakeTurns, of which some are larger than a place: never too many at a time,
// and all come to an end.
func TestClonesTakeTurns(t *testing.T) {
	little, much := served(t, 1), served(t, 10)
	room := small()
	var at, most, large, mostLarge atomic.Int64
	rise := func(n, most *atomic.Int64) {
		now := n.Add(1)
		for was := most.Load(); now > was && !most.CompareAndSwap(was, now); was = most.Load() {
		}
	}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			ctx, leave := room.Enter(t.Context())
			defer leave()
			remote := little
			if i%3 == 0 {
				remote = much
			}
			if _, _, err := Clone(ctx, remote, "main"); err != nil {
				t.Error(err)
				return
			}
			rise(&at, &most)
			defer at.Add(-1)
			if i%3 == 0 {
				rise(&large, &mostLarge)
				defer large.Add(-1)
			} else if _, _, err := Clone(ctx, little, "main"); err != nil { // in the same place
				t.Error(err)
			}
			time.Sleep(20 * time.Millisecond)
		})
	}
	all.Wait()
	if most.Load() > 3 || mostLarge.Load() > 1 {
		t.Errorf("%d clones at a time, and %d large ones", most.Load(), mostLarge.Load())
	}
	if len(room.kinds[0].places)+len(room.kinds[1].places) > 0 {
		t.Error("a place is taken for good")
	}
}

// TestWhoWaitsForALargerPlaceKeepsNobodyOut: it drops what it has received, and gets it
// again when there is a place.
func TestWhoWaitsForALargerPlaceKeepsNobodyOut(t *testing.T) {
	room, little, much := &Room{[]kind{{make(chan struct{}, 1), 4 << 10}, {make(chan struct{}, 1), 16 << 10}}}, served(t, 1), served(t, 10)
	ctx, leave := room.Enter(t.Context())
	if _, _, err := Clone(ctx, much, "main"); err != nil {
		t.Fatal(err)
	}
	waits := make(chan error, 1)
	go func() {
		ctx, leave := room.Enter(t.Context())
		defer leave()
		r, head, err := Clone(ctx, much, "main")
		if err == nil {
			_, err = r.Files(head)
		}
		waits <- err
	}()
	for range 5 {
		time.Sleep(20 * time.Millisecond)
		ctx, leave := room.Enter(t.Context())
		if _, _, err := Clone(ctx, little, "main"); err != nil {
			t.Error(err)
		}
		leave()
	}
	select {
	case err := <-waits:
		t.Errorf("it did not wait: %v", err)
	default:
	}
	leave()
	if err := <-waits; err != nil {
		t.Error(err)
	}
}

// TestALargerCloneMovesOn, and leaves its place to the next one.
func TestALargerCloneMovesOn(t *testing.T) {
	dir := t.TempDir()
	gittest.Bare(t, dir+"/a/b.git", map[string]string{"one": strings.Repeat("x", 6<<10)})
	room := small()
	ctx, leave := room.Enter(t.Context())
	if _, _, err := Clone(ctx, Remote{URL: gittest.Serve(t, dir, "") + "/a/b.git"}, "main"); err != nil {
		t.Fatal(err)
	}
	taken := func() [2]int { return [2]int{len(room.kinds[0].places), len(room.kinds[1].places)} }
	if got := taken(); got != [2]int{0, 1} {
		t.Errorf("places: %v", got)
	}
	leave()
	if got := taken(); got != [2]int{} {
		t.Errorf("places after it: %v", got)
	}
}

func TestWhoWaitsForAPlaceCanLeave(t *testing.T) {
	room, at := small(), served(t, 1)
	for range 2 {
		ctx, leave := room.Enter(t.Context())
		defer leave()
		if _, _, err := Clone(ctx, at, "main"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	ctx, leave := room.Enter(ctx)
	defer leave()
	if _, _, err := Clone(ctx, at, "main"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
