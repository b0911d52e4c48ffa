package github

import (
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/internal/forge"
)

// listed are the facts of repositories that a list has just told: a hundred come in
// one request. Each is used once, and soon: who looks again asks GitHub.
type listed struct {
	mu     sync.Mutex
	byName map[string]told
}

type told struct {
	forge.Repository
	at time.Time
}

const (
	soon     = 10 * time.Minute
	mostTold = 100_000
)

func (l *listed) keep(r forge.Repository, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byName == nil || len(l.byName) >= mostTold {
		l.byName = map[string]told{}
	}
	l.byName[strings.ToLower(r.Name)] = told{r, now}
}

func (l *listed) take(name string, now time.Time) (forge.Repository, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.byName[strings.ToLower(name)]
	delete(l.byName, strings.ToLower(name))
	return found.Repository, ok && now.Sub(found.at) < soon
}
