package forge

import (
	"container/list"
	"context"
	"sync"
)

// A Cache keeps what a forge answered one identity, so that asking again is free. It
// may lose anything at any time, and be used from several goroutines.
type Cache interface {
	Get(ctx context.Context, key string) (value []byte, ok bool)
	Put(ctx context.Context, key string, value []byte)
}

// Tiers are caches of which each is asked where the one before has nothing.
type Tiers []Cache

func (t Tiers) Get(ctx context.Context, key string) ([]byte, bool) {
	for i, c := range t {
		if value, ok := c.Get(ctx, key); ok {
			Tiers(t[:i]).Put(ctx, key, value)
			return value, true
		}
	}
	return nil, false
}

func (t Tiers) Put(ctx context.Context, key string, value []byte) {
	for _, c := range t {
		c.Put(ctx, key, value)
	}
}

// Memory is a Cache that forgets what was not used for longest. The zero value
// keeps nothing.
type Memory struct {
	Bytes int // to hold at most

	mu     sync.Mutex
	held   int
	recent list.List // of memo, the last used first
	byKey  map[string]*list.Element
}

type memo struct {
	key   string
	value []byte
}

func (m memo) size() int { return len(m.key) + len(m.value) }

func (m *Memory) Get(_ context.Context, key string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok := m.byKey[key]
	if !ok {
		return nil, false
	}
	m.recent.MoveToFront(at)
	return at.Value.(memo).value, true
}

func (m *Memory) Put(_ context.Context, key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.byKey[key]; ok {
		m.drop(at)
	}
	if m.byKey == nil {
		m.byKey = map[string]*list.Element{}
	}
	kept := memo{key, value}
	if kept.size() > m.Bytes {
		return
	}
	m.byKey[key] = m.recent.PushFront(kept)
	for m.held += kept.size(); m.held > m.Bytes; {
		m.drop(m.recent.Back())
	}
}

func (m *Memory) drop(at *list.Element) {
	old := m.recent.Remove(at).(memo)
	delete(m.byKey, old.key)
	m.held -= old.size()
}
