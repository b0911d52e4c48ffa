package cli

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestInOrderKeepsTheOrder(t *testing.T) {
	var got []int
	err := inOrder(t.Context(), 4, numbers(200), func(_ context.Context, i int) int {
		time.Sleep(time.Duration(i*7%5) * time.Millisecond / 4)
		return i
	}, func(i int) error {
		got = append(got, i)
		return nil
	})
	if err != nil || !slices.Equal(got, numbers(200)) {
		t.Errorf("%v, %v", got, err)
	}
}

// However slow the reader is, only a few results wait for it.
func TestInOrderHoldsFewResults(t *testing.T) {
	const workers = 2
	var done, most atomic.Int64
	emitted := int64(0)
	err := inOrder(t.Context(), workers, numbers(300), func(_ context.Context, i int) int {
		done.Add(1)
		return i
	}, func(int) error {
		emitted++
		time.Sleep(time.Millisecond / 4)
		most.Store(max(most.Load(), done.Load()-emitted))
		return nil
	})
	if err != nil || most.Load() > (waiting+2)*workers {
		t.Errorf("%d results waited, %v", most.Load(), err)
	}
}

func TestInOrderEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int64
	err := inOrder(ctx, 2, numbers(1000), func(_ context.Context, i int) int {
		begun.Add(1)
		return i
	}, func(i int) error {
		if i == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || begun.Load() > 100 {
		t.Errorf("%v after %d items", err, begun.Load())
	}
}

func TestInOrderEndsWithEmit(t *testing.T) {
	full := errors.New("disk full")
	emitted := 0
	err := inOrder(t.Context(), 2, numbers(1000), func(_ context.Context, i int) int { return i }, func(int) error {
		emitted++
		return full
	})
	if !errors.Is(err, full) || emitted != 1 {
		t.Errorf("%v after %d results", err, emitted)
	}
}
