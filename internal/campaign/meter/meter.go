// Package meter counts what is asked of a forge's API against a budget that all
// workers share.
//
// Invariants: no request leaves without having been paid for. A limit that the
// forge names stops every worker of the identity. A request is never tried again
// here: whoever made it looks again later.
package meter

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
)

// OverBudget says that a request was not made, or not answered, for a limit.
type OverBudget struct {
	Identity string
	Wait     time.Duration
}

func (e *OverBudget) Error() string {
	return fmt.Sprintf("the budget of %s is spent for %v", e.Identity, e.Wait.Round(time.Second))
}

// A Transport sends requests, and has an identity pay for each.
type Transport struct {
	Next     http.RoundTripper
	Store    *store.Store
	Identity func(*http.Request) string // who pays; it has its limits in the store
	// Patience is how long a request may wait for its turn. What takes longer is
	// an *OverBudget.
	Patience time.Duration
}

// DefaultPatience lets the writes of a hundred workers follow each other, a second
// apart: whoever has begun to write should come to an end.
const DefaultPatience = 2 * time.Minute

// withoutHint is how long to wait where the answer does not say ("Best practices
// for using the REST API": at least one minute).
const withoutHint = time.Minute

func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	cost, identity := CostOf(req), t.Identity(req)
	if err := t.pay(req.Context(), identity, cost); err != nil {
		return nil, err
	}
	sent := time.Now()
	res, err := t.Next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if !forge.IsRead(req) {
		traceOf(req.Context()).add(res.Header.Get("X-GitHub-Request-Id"))
	}
	if err := t.settle(req, identity, cost, res, time.Since(sent)); err != nil {
		res.Body.Close()
		return nil, err
	}
	if err := t.observe(req.Context(), identity, res); err != nil {
		res.Body.Close()
		return nil, err
	}
	return res, nil
}

// settle corrects what was paid for an answer.
func (t *Transport) settle(req *http.Request, identity string, paid store.Cost, res *http.Response, took time.Duration) error {
	cost := paid
	switch _, timed := paid[store.GraphQLSeconds]; {
	case res.StatusCode == http.StatusNotModified:
		cost = store.NotModified
	case timed:
		cost = maps.Clone(paid)
		cost[store.GraphQLSeconds] = took.Seconds()
	default:
		return nil
	}
	return t.Store.Settle(req.Context(), identity, paid, cost)
}

// pay spends a cost, once the budget has it.
func (t *Transport) pay(ctx context.Context, identity string, cost store.Cost) error {
	for begun := time.Now(); ; {
		wait, err := t.Store.Spend(ctx, identity, cost)
		if err != nil || wait == 0 {
			return err
		}
		if time.Since(begun)+wait > t.Patience {
			return &OverBudget{identity, wait}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// observe takes over what the forge says of its limits. The error is an
// *OverBudget if the request was refused for one.
func (t *Transport) observe(ctx context.Context, identity string, res *http.Response) error {
	now := t.Store.Now()
	remaining, known := number(res.Header, "X-RateLimit-Remaining")
	reset, _ := number(res.Header, "X-RateLimit-Reset")
	bucket, primary := primaries[res.Header.Get("X-RateLimit-Resource")]
	if known && primary {
		limit, _ := number(res.Header, "X-RateLimit-Limit")
		if err := t.Store.Observe(ctx, identity, store.Observed{Bucket: bucket, Limit: limit, Remaining: remaining, Reset: time.Unix(int64(reset), 0)}); err != nil {
			return err
		}
	}
	after, hinted := number(res.Header, "Retry-After")
	limited := res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusForbidden && (hinted || known && remaining == 0)
	if !limited {
		return nil // a 403 without either may be one of a secondary limit: the forge waits
	}
	wait := withoutHint
	switch {
	case hinted:
		wait = time.Duration(after) * time.Second
	case known && remaining == 0:
		wait = max(time.Unix(int64(reset), 0).Sub(now), 0) + time.Second
		if primary { // what has another limit goes on
			return &OverBudget{identity, wait}
		}
	}
	if err := t.Store.Block(ctx, identity, now.Add(wait), "the forge answered with "+res.Status); err != nil {
		return err
	}
	return &OverBudget{identity, wait}
}

func number(h http.Header, name string) (int, bool) {
	n, err := strconv.Atoi(h.Get(name))
	return n, err == nil && n >= 0
}

// primaries are the limits that X-RateLimit-Resource names, the first where it is not
// there. Search has another one, by the minute.
var primaries = map[string]store.Bucket{"": store.Requests, "core": store.Requests, "graphql": store.GraphQL}

// CostOf says what a request of GitHub's REST or GraphQL API costs.
func CostOf(req *http.Request) store.Cost {
	isRead, path := forge.IsRead(req), req.URL.Path
	isGraphQL := strings.HasSuffix(path, "/graphql")
	switch {
	case isGraphQL && isRead:
		return store.Query
	case isGraphQL:
		return store.Mutation
	case isRead && strings.Contains(path, "/search/"):
		return store.SearchRead
	case isRead:
		return store.Read
	case req.Method == http.MethodPost && strings.Contains(path, "/repos/") && !strings.Contains(path, "/git/"):
		return store.CreateContent // pull requests, comments, and what notifies people
	}
	return store.Write
}

// A Trace collects the forge's ids of the writes that were made under a context.
type Trace struct {
	mu  sync.Mutex
	ids []string
}

type traceKey struct{}

// WithTrace gives a context under which ids are collected.
func WithTrace(ctx context.Context) (context.Context, *Trace) {
	t := &Trace{}
	return context.WithValue(ctx, traceKey{}, t), t
}

func traceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

func (t *Trace) add(id string) {
	if t == nil || id == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ids = append(t.ids, id)
}

// Take gives the ids that came since the last Take, with spaces between.
func (t *Trace) Take() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := strings.Join(t.ids, " ")
	t.ids = nil
	return all
}
