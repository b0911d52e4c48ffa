package git

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// ErrTooLarge says that a repository is too large to be cloned in memory.
var ErrTooLarge = errors.New("too large to be cloned")

// errNoPlace says that a clone outgrew its place, and that no larger one is free. What
// was received is dropped, and received again once there is: a server does not wait.
var errNoPlace = errors.New("there is no place for a clone of this size now")

// What a clone takes in memory at most, in bytes of its objects, by the kind of its
// place.
const (
	smallClone   = 8 << 20
	mediumClone  = 64 << 20
	LargestClone = 1 << 30
)

// A Room bounds what clones take together. It has kinds of places, each for larger
// clones than the one before; who finds none free waits without a clone.
type Room struct{ kinds []kind }

type kind struct {
	places chan struct{}
	most   int64 // bytes
}

// NewRoom makes an empty room: so many guests have a small place each, four or one for
// each processor have a medium one, and one has a large one, for so many bytes as the
// largest clone may take.
func NewRoom(guests int, largest int64) *Room {
	return &Room{[]kind{
		{make(chan struct{}, guests), min(smallClone, largest)},
		{make(chan struct{}, max(4, runtime.GOMAXPROCS(0))), min(mediumClone, largest)},
		{make(chan struct{}, 1), largest},
	}}
}

// Enter gives a context under which clones are made in the room, all of them in one
// place, so that whoever has one never waits for another of its kind. leave frees it,
// once none of them is used any more. A nil room is without end.
func (r *Room) Enter(ctx context.Context) (inside context.Context, leave func()) {
	g := &guest{room: r}
	return context.WithValue(ctx, guestKey{}, g), g.leave
}

// A guest is somebody who makes clones.
type guest struct {
	room *Room

	mu    sync.Mutex
	bytes int64
	at    int // the kind of its place, from 1; 0: it has none
}

type guestKey struct{}

func guestOf(ctx context.Context) *guest {
	if g, ok := ctx.Value(guestKey{}).(*guest); ok {
		return g
	}
	return &guest{}
}

// A patience says what is done where no larger place is free.
type patience uint8

const (
	givesUp patience = iota // with errNoPlace
	waits
)

// grow makes room for an object, and takes it. The error is that of prepare.
func (g *guest) grow(ctx context.Context, bytes int64, how patience) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.reserve(ctx, bytes, how); err != nil {
		return err
	}
	g.bytes += bytes
	return nil
}

// prepare makes room for an object that is about to come. The error is the context's,
// errNoPlace, or wraps ErrTooLarge.
func (g *guest) prepare(ctx context.Context, bytes int64, how patience) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reserve(ctx, bytes, how)
}

// reserve is prepare for whoever has the lock.
func (g *guest) reserve(ctx context.Context, bytes int64, how patience) error {
	if g.room == nil {
		return g.fits(bytes, LargestClone)
	}
	if err := g.fits(bytes, g.room.kinds[len(g.room.kinds)-1].most); err != nil {
		return err
	}
	for g.at == 0 || g.bytes+bytes > g.room.kinds[g.at-1].most {
		if err := g.move(ctx, how); err != nil {
			return err
		}
	}
	return nil
}

func (g *guest) fits(bytes, largest int64) error {
	if bytes < 0 || bytes > largest-g.bytes {
		return fmt.Errorf("more than %s: %w", size(largest), ErrTooLarge)
	}
	return nil
}

// shrink frees what was dropped.
func (g *guest) shrink(bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bytes -= bytes
}

// larger waits for a larger place. Who has no clone keeps nobody out meanwhile.
func (g *guest) larger(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.move(ctx, waits)
}

// move takes a place of the next kind, for whoever has the lock. Places are waited for
// in the order of their kinds, so that nobody waits for another forever.
func (g *guest) move(ctx context.Context, how patience) error {
	next := g.at + 1
	to := g.room.kinds[next-1].places
	select {
	case to <- struct{}{}:
	default:
		if how == givesUp {
			return errNoPlace
		}
		if g.bytes == 0 {
			g.free()
		}
		select {
		case to <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	g.free()
	g.at = next
	return nil
}

// free gives up the place, for whoever has the lock.
func (g *guest) free() {
	if g.at > 0 {
		<-g.room.kinds[g.at-1].places
		g.at = 0
	}
}

func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%d MB", bytes>>20)
}

func (g *guest) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free()
	g.bytes = 0
}
