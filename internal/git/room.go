package git

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrTooLarge says that a repository is too large to be cloned in memory.
var ErrTooLarge = errors.New("too large to be cloned")

// What clones take in memory, in bytes of their objects.
const (
	clonesAtOnce = 8
	eachClone    = 64 << 20
	LargestClone = 1 << 30
)

// A Room bounds what clones take together: there is a place for some, and one of them
// at a time may be larger than that. The others wait.
type Room struct {
	places, large chan struct{}
	each, largest int64
}

// NewRoom makes an empty room.
func NewRoom() *Room {
	return &Room{make(chan struct{}, clonesAtOnce), make(chan struct{}, 1), eachClone, LargestClone}
}

// Enter gives a context under which clones are made in the room, all of them in one
// place, so that whoever has one never waits for another. leave frees it, once none of
// them is used any more. A nil room is without end.
func (r *Room) Enter(ctx context.Context) (inside context.Context, leave func()) {
	g := &guest{room: r}
	return context.WithValue(ctx, guestKey{}, g), g.leave
}

// A guest is somebody who makes clones.
type guest struct {
	room *Room

	mu                sync.Mutex
	bytes             int64
	hasPlace, isLarge bool
}

type guestKey struct{}

func guestOf(ctx context.Context) *guest {
	if g, ok := ctx.Value(guestKey{}).(*guest); ok {
		return g
	}
	return &guest{}
}

// grow makes room for an object. The error is the context's, or wraps ErrTooLarge.
func (g *guest) grow(ctx context.Context, bytes int64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.more(bytes); err != nil {
		return err
	}
	g.bytes += bytes
	if g.room == nil {
		return nil
	}
	if err := take(ctx, g.room.places, &g.hasPlace); err != nil || g.bytes <= g.room.each {
		return err
	}
	return take(ctx, g.room.large, &g.isLarge)
}

// fits reports whether there can be room for an object.
func (g *guest) fits(bytes int64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.more(bytes)
}

// more is fits for whoever has the lock.
func (g *guest) more(bytes int64) error {
	largest := int64(LargestClone)
	if g.room != nil {
		largest = g.room.largest
	}
	if bytes < 0 || bytes > largest-g.bytes {
		return fmt.Errorf("more than %d MB: %w", largest>>20, ErrTooLarge)
	}
	return nil
}

func take(ctx context.Context, places chan struct{}, has *bool) error {
	if *has {
		return nil
	}
	select {
	case places <- struct{}{}:
		*has = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *guest) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.isLarge {
		<-g.room.large
	}
	if g.hasPlace {
		<-g.room.places
	}
	g.bytes, g.hasPlace, g.isLarge = 0, false, false
}
