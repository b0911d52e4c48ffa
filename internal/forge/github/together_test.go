package github

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git"
)

// services are repositories of which no two have the same file.
func services(t *testing.T, server *fake.Server, f *Forge, n int) (all []forge.Repository) {
	t.Helper()
	for i := range n {
		name := fmt.Sprintf("acme/r%d", i)
		server.Add(name, map[string]string{"Dockerfile": textOf(i)})
		all = append(all, repository(t, f, name))
	}
	return all
}

func textOf(i int) string { return fmt.Sprintf("FROM debian:12\nLABEL n=%d\n", i) }

// lookAhead has the Dockerfile got ahead, and reads it.
func lookAhead(ctx context.Context, f *Forge, of forge.Repository) (text string, err error) {
	c, at, err := f.Read(ctx, of, "main")
	if err != nil {
		return "", err
	}
	if err := c.Ahead(ctx, at, forge.Likely{Files: []string{"Dockerfile"}, Pulls: forge.Head{Owner: of.Owner, Branch: "drydock/c"}}); err != nil {
		return "", err
	}
	tree, err := c.Files(ctx, at)
	if err != nil {
		return "", err
	}
	read, err := fs.ReadFile(tree, "Dockerfile")
	return string(read), err
}

// allAhead looks at some repositories at the same time.
func allAhead(t *testing.T, f *Forge, some []forge.Repository) {
	t.Helper()
	var looks sync.WaitGroup
	for i, r := range some {
		looks.Go(func() {
			if text, err := lookAhead(t.Context(), f, r); err != nil || text != textOf(i) {
				t.Errorf("%s: %q %v", r.Name, text, err)
			}
		})
	}
	looks.Wait()
}

// calls counts the requests from the n-th on that have a part.
func calls(server *fake.Server, n int, part string) (found int) {
	for _, r := range server.Requests()[n:] {
		if strings.Contains(r, part) {
			found++
		}
	}
	return found
}

func TestSlowAnswersAreAboutManyRepositories(t *testing.T) {
	server := fake.New(t)
	server.QueryTime = 500 * time.Millisecond
	f, _ := connect(t, server)
	some := services(t, server, f, 15)
	allAhead(t, f, some)
	if queries, blobs := calls(server, 0, "QUERY"), calls(server, 0, "/git/blobs"); queries > 7 || blobs > 0 { // the looks do not come at once
		t.Errorf("%d queries and %d blobs for %d repositories", queries, blobs, len(some))
	}
}

func TestAQueryIsBounded(t *testing.T) {
	of := func(files ...int) (all []*question) {
		for _, n := range files {
			all = append(all, &question{blobs: make([]git.Hash, n)})
		}
		return all
	}
	for _, c := range []struct {
		all  []*question
		want int
	}{
		{of(60), 1}, {of(150, 50, 1), 2}, {of(300, 1), 1}, {of(make([]int, 30)...), mostTogether},
	} {
		if got := fit(c.all); got != c.want {
			t.Errorf("%d of %d, want %d", got, len(c.all), c.want)
		}
	}
}

func TestOneRepositoryDoesNotSpoilAQuery(t *testing.T) {
	server := fake.New(t)
	f, _ := connect(t, server)
	some := services(t, server, f, 3)
	questions := make([]*question, len(some))
	for i, r := range some {
		_, name, _ := strings.Cut(r.Name, "/")
		questions[i] = &question{ctx: t.Context(), owner: r.Owner, name: name, blobs: []git.Hash{git.BlobHash([]byte(textOf(i)))}}
	}
	server.Repository("acme/r1").Gone = true
	f.together.answer(questions)
	for i, q := range questions {
		if got, want := string(q.found["f0"]), fmt.Sprintf("n=%d", i); strings.Contains(got, want) != (i != 1) {
			t.Errorf("%d: %s", i, got)
		}
	}
	if n := calls(server, 0, "QUERY"); n != 1 {
		t.Errorf("%d queries", n)
	}

	// What GitHub cannot answer at once, it may in parts.
	server.Repository("acme/r1").Gone = false
	n := len(server.Requests())
	server.Break(fake.Fault{On: "QUERY /api/graphql", Times: 1, Do: fake.Answer(http.StatusUnprocessableEntity, "too much")})
	f.together.answer(questions)
	for i, q := range questions {
		if !strings.Contains(string(q.found["f0"]), fmt.Sprintf("n=%d", i)) {
			t.Errorf("%d: %s", i, q.found["f0"])
		}
	}
	if n := calls(server, n, "QUERY"); n != 3 {
		t.Errorf("%d queries", n)
	}
}

func TestWhereGraphQLIsSpentRESTGoesOn(t *testing.T) {
	server := fake.New(t)
	server.Limits.GraphQL = 1
	f, clock := connect(t, server)
	some := services(t, server, f, 3)
	for i, r := range some {
		if text, err := lookAhead(t.Context(), f, r); err != nil || text != textOf(i) {
			t.Errorf("%s: %q %v", r.Name, text, err)
		}
	}
	if queries, blobs := calls(server, 0, "QUERY"), calls(server, 0, "/git/blobs"); queries != 1 || blobs != 2 || len(clock.sleeps) > 0 {
		t.Errorf("%d queries, %d blobs, waited %v", queries, blobs, clock.sleeps)
	}
}

func TestWhoGivesUpLeavesTheOthers(t *testing.T) {
	server := fake.New(t)
	server.QueryTime = 300 * time.Millisecond
	f, _ := connect(t, server)
	some := services(t, server, f, 2)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		time.Sleep(100 * time.Millisecond)
		cancel()
	}()
	var looks sync.WaitGroup
	looks.Go(func() {
		if _, err := lookAhead(ctx, f, some[0]); err == nil {
			t.Error("it was not given up")
		}
	})
	looks.Go(func() {
		time.Sleep(20 * time.Millisecond)
		if text, err := lookAhead(t.Context(), f, some[1]); err != nil || text != textOf(1) {
			t.Errorf("%q %v", text, err)
		}
	})
	looks.Wait()
}
