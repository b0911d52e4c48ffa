package cli

import (
	"context"
	"sync"
)

// waiting is how many results per worker may wait for the one before them: some files take
// twenty times as long as most.
const waiting = 16

// inOrder works on every item, up to workers at once, and hands the results to
// emit in the order of the items, from one goroutine. No more results per worker
// than waiting are kept back, so memory does not grow with the number of items. It
// begins no further item once ctx ends or emit fails, and returns emit's error or
// the context's.
func inOrder[T, R any](ctx context.Context, workers int, items []T, work func(context.Context, T) R, emit func(R) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	type job struct {
		item T
		done chan R
	}
	jobs := make(chan job)
	results := make(chan chan R, waiting*workers)
	go func() {
		defer close(results)
		defer close(jobs)
		for _, item := range items {
			if ctx.Err() != nil {
				return
			}
			j := job{item, make(chan R, 1)}
			results <- j.done
			jobs <- j
		}
	}()
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for j := range jobs {
				j.done <- work(ctx, j.item)
			}
		})
	}
	var failed error
	for done := range results {
		result := <-done
		if failed != nil {
			continue
		}
		if failed = emit(result); failed != nil {
			cancel(failed)
		}
	}
	running.Wait()
	if failed != nil {
		return failed
	}
	return context.Cause(ctx)
}
