package github

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// What a query is about at most, so that it ends within the 10 seconds that GitHub gives
// it. One repository may have up to mostAhead files.
const (
	mostTogether      = 20 // repositories
	mostFilesTogether = 200
)

// together has what several repositories are asked for at the same time go into one
// query. GitHub bounds how long its answers take by the minute ("Rate limits and query
// limits for the GraphQL API"), so one query is under way at a time, for each owner of an
// App's: the longer it takes, the more questions wait for the next one.
type together struct {
	forge *Forge

	mu      sync.Mutex
	waiting map[string][]*question
	asking  map[string]bool
}

// A question is what GraphQL is asked of one repository.
type question struct {
	ctx         context.Context
	owner, name string
	blobs       []git.Hash // answered as f0 and so on
	from        forge.Head // whose pull requests are answered as "pulls"; zero: none
	branch      string     // whose newest commit is answered as "tip"; "": none
	pull        int        // whose last comment is answered as "said"; 0: none

	found map[string]json.RawMessage // nil if it got no answer
	done  chan struct{}
}

// ask gives an answer, or none: what it would tell can be read otherwise. The error is
// the context's.
func (t *together) ask(ctx context.Context, q *question) (map[string]json.RawMessage, error) {
	q.ctx, q.done = ctx, make(chan struct{})
	account := ""
	if t.forge.app != nil {
		account = strings.ToLower(q.owner)
	}
	t.mu.Lock()
	if t.waiting == nil {
		t.waiting, t.asking = map[string][]*question{}, map[string]bool{}
	}
	t.waiting[account] = append(t.waiting[account], q)
	if !t.asking[account] {
		t.asking[account] = true
		go t.work(account)
	}
	t.mu.Unlock()
	select {
	case <-q.done:
		return q.found, ctx.Err()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// work asks until nothing waits.
func (t *together) work(account string) {
	for {
		t.mu.Lock()
		all := t.waiting[account]
		if len(all) == 0 {
			delete(t.waiting, account)
			delete(t.asking, account)
			t.mu.Unlock()
			return
		}
		next := all[:fit(all)]
		t.waiting[account] = all[len(next):]
		t.mu.Unlock()
		t.answer(next)
		for _, q := range next {
			close(q.done)
		}
	}
}

// fit is how many of the first fit into a query, one at least.
func fit(all []*question) int {
	files := 0
	for i, q := range all[:min(len(all), mostTogether)] {
		if files += len(q.blobs); i > 0 && files > mostFilesTogether {
			return i
		}
	}
	return min(len(all), mostTogether)
}

// answer asks for some at once, and where that gets nothing, for half of them.
func (t *together) answer(some []*question) {
	ctx, cancel := whileAny(some)
	defer cancel()
	text, variables := queryOf(some)
	var found map[string]map[string]json.RawMessage
	// What one repository has wrong is told beside what the others have.
	err := t.forge.query(withoutWaiting(forge.Reading(withOwner(ctx, some[0].owner))), text, variables, &found)
	if err != nil && found == nil && len(some) > 1 && ctx.Err() == nil && isAnswer(err) {
		t.answer(some[:len(some)/2])
		t.answer(some[len(some)/2:])
		return
	}
	for i, q := range some {
		q.found = found[fmt.Sprintf("r%d", i)]
	}
}

// whileAny gives a context that lasts as long as somebody waits.
func whileAny(some []*question) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(some[0].ctx))
	var left atomic.Int64
	left.Store(int64(len(some)))
	for _, q := range some {
		context.AfterFunc(q.ctx, func() {
			if left.Add(-1) == 0 {
				cancel()
			}
		})
	}
	return ctx, cancel
}

// queryOf writes a query for some repositories, as r0 and so on.
func queryOf(some []*question) (text string, variables map[string]any) {
	var declared, fields strings.Builder
	variables = map[string]any{}
	declare := func(name string, value any) string {
		fmt.Fprintf(&declared, "$%s: String!, ", name)
		variables[name] = value
		return "$" + name
	}
	for i, q := range some {
		owner, name := declare(fmt.Sprintf("o%d", i), q.owner), declare(fmt.Sprintf("n%d", i), q.name)
		fmt.Fprintf(&fields, "r%d: repository(owner: %s, name: %s) {\n", i, owner, name)
		if q.from.Branch != "" {
			head := declare(fmt.Sprintf("h%d", i), q.from.Branch)
			fmt.Fprintf(&fields, "pulls: pullRequests(headRefName: %s, first: %d, orderBy: {field: CREATED_AT, direction: DESC}) {\n", head, mostPullsAhead)
			fields.WriteString("nodes { number url state baseRefName title body headRepositoryOwner { login } } }\n")
		}
		if q.branch != "" {
			fmt.Fprintf(&fields, "tip: ref(qualifiedName: %s) { target { oid ...on Commit { tree { oid } } } }\n", declare(fmt.Sprintf("b%d", i), "refs/heads/"+q.branch))
		}
		if q.pull != 0 {
			fmt.Fprintf(&fields, "said: pullRequest(number: %d) { comments(last: 1) { nodes { url } } }\n", q.pull)
		}
		for j, hash := range q.blobs {
			fmt.Fprintf(&fields, "f%d: object(oid: %q) { ...text }\n", j, hash)
		}
		fields.WriteString("}\n")
	}
	text = fmt.Sprintf("query(%s) {\n%s}\n", strings.TrimSuffix(declared.String(), ", "), fields.String())
	if slices.ContainsFunc(some, func(q *question) bool { return len(q.blobs) > 0 }) {
		text += "fragment text on Blob { text }"
	}
	return text, variables
}
