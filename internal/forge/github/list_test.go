package github

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// named lists the names of an owner's repositories.
func named(t *testing.T, f *Forge, whose forge.Owner) (names []string) {
	t.Helper()
	for r, err := range f.List(t.Context(), whose) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, r.Name)
	}
	return names
}

func TestRepositoriesAreListedPageByPage(t *testing.T) {
	server := fake.New(t)
	var want []string
	for i := range 205 {
		name := fmt.Sprintf("acme/r%03d", i)
		server.Add(name, nil)
		want = append(want, name)
	}
	server.Add("else/x", nil)
	f, _ := connect(t, server)
	if got := named(t, f, forge.Owner{Name: "acme"}); !slices.Equal(got, want) {
		t.Errorf("%d repositories: %v", len(got), got)
	}
	if got := len(server.Requests()); got != 3 {
		t.Errorf("%d requests for 205 repositories", got)
	}
	if got := named(t, f, forge.Owner{Name: "else", User: true}); !slices.Equal(got, []string{"else/x"}) {
		t.Error(got)
	}
	if got := named(t, f, forge.Owner{}); len(got) != 206 {
		t.Errorf("%d of everybody", len(got))
	}
	for range f.List(t.Context(), forge.Owner{Name: "acme"}) {
		break // no further page is asked for
	}
	if got := len(server.Requests()); got != 8 {
		t.Errorf("%d requests", got)
	}
}

func TestListsTellFacts(t *testing.T) {
	server := fake.New(t)
	r := server.Add("acme/shop", files)
	r.Archived, r.Fork, r.Language, r.Topics = true, true, "Go", []string{"docker", "web"}
	f, _ := connect(t, server)
	for got := range f.List(t.Context(), forge.Owner{Name: "acme"}) {
		if !got.Archived || !got.Fork || got.Language != "Go" || !slices.Equal(got.Topics, r.Topics) || got.DefaultBranch != "main" {
			t.Errorf("%+v", got)
		}
	}
	for _, err := range f.List(t.Context(), forge.Owner{Name: "nobody"}) {
		if !errors.Is(err, forge.ErrNotFound) {
			t.Error(err)
		}
	}
}

func TestABranchIsDeletedWhereItWasSeen(t *testing.T) {
	server := fake.New(t)
	repo := server.Add("acme/shop", files)
	head := git.Hash(gittest.Push(t, repo.Dir, "main", "x", map[string]string{"x": "x"}))
	gittest.Run(t, repo.Dir, "branch", "drydock/all", "main")
	f, _ := connect(t, server)
	r := repository(t, f, "acme/shop")
	if err := f.DeleteBranch(t.Context(), r, "drydock/all", "0123"); !errors.Is(err, git.ErrMoved) {
		t.Errorf("elsewhere: %v", err)
	}
	for range 2 {
		if err := f.DeleteBranch(t.Context(), r, "drydock/all", head); err != nil {
			t.Error(err)
		}
	}
	if got := gittest.Run(t, repo.Dir, "branch", "--list", "drydock/*"); got != "" {
		t.Error(got)
	}
}

// TestAnIssueAsksAndIsAnswered: only these credentials' own count, and pull requests
// are none.
func TestAnIssueAsksAndIsAnswered(t *testing.T) {
	server := fake.New(t)
	repo := server.Add("acme/shop", files)
	f, _ := connect(t, server)
	in := repository(t, f, "acme/shop")
	for i := range 100 { // more than a page, with the one that follows
		repo.Issues = append(repo.Issues, &fake.Issue{Number: 1001 + i, Author: server.Login, Title: fmt.Sprint(i), Body: "Say so."})
	}
	last, err := f.OpenIssue(t.Context(), in, "May drydock?", "Say so.")
	if err != nil || !last.Open || !strings.HasPrefix(last.URL, server.URL) {
		t.Fatalf("%+v, %v", last, err)
	}
	repo.Issues = append(repo.Issues, &fake.Issue{Number: 1102, Author: "mallory", Title: "May drydock?", Body: "Say so."})
	repo.Pulls = append(repo.Pulls, &fake.Pull{Number: 1, Head: "acme:x", State: "open"})
	all, err := f.Issues(t.Context(), in)
	if err != nil || len(all) != 101 || all[0] != last {
		t.Fatalf("%d, %+v, %v", len(all), all[0], err)
	}
	for i := range 101 {
		repo.Issues[100].Comments = append(repo.Issues[100].Comments, fake.Comment{Author: "ann", Body: fmt.Sprint(i)})
	}
	said, err := f.Remarks(t.Context(), in, last.Number)
	if err != nil || len(said) != 101 || said[100].Author != "ann" || said[100].Text != "100" || said[100].ID <= said[99].ID {
		t.Errorf("%d, %+v, %v", len(said), said, err)
	}
	// Of very many the newest count: who says much first has not said it all.
	for i := 101; i < 1250; i++ {
		repo.Issues[100].Comments = append(repo.Issues[100].Comments, fake.Comment{Author: "ann", Body: fmt.Sprint(i)})
	}
	from := len(server.Log())
	said, err = f.Remarks(t.Context(), in, last.Number)
	if n := len(said); err != nil || n != 950 || said[0].Text != "300" || said[n-1].Text != "1249" || len(server.Log())-from != 11 {
		t.Errorf("%d comments in %d requests, %v", n, len(server.Log())-from, err)
	}
	if err := f.CloseIssue(t.Context(), in, last.Number, "Over."); err != nil || !repo.Issues[100].Closed || repo.Issues[100].Body != "Over." {
		t.Errorf("%+v, %v", repo.Issues[100], err)
	}
	repo.Writers = []string{"ann"}
	for user, want := range map[string]bool{"ann": true, "mallory": false} {
		if may, err := f.MayWrite(t.Context(), in, user); may != want || err != nil {
			t.Errorf("%s: %v, %v", user, may, err)
		}
	}
}

// TestTheLastRequestOfALimitIsNoError: the answer that uses a limit up is a good
// one, and the next request waits for the reset.
func TestTheLastRequestOfALimitIsNoError(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	f, clock := connect(t, server)
	reset := clock.at.Add(10 * time.Minute)
	server.Break(fake.Fault{On: "GET /repos/acme/shop", Times: 1, Do: fake.With("X-RateLimit-Remaining: 0", fmt.Sprintf("X-RateLimit-Reset: %d", reset.Unix()))})
	repository(t, f, "acme/shop")
	if len(clock.sleeps) > 0 {
		t.Errorf("waited %v", clock.sleeps)
	}
	repository(t, f, "acme/shop")
	if want := []time.Duration{10*time.Minute + time.Second}; !slices.Equal(clock.sleeps, want) {
		t.Errorf("waited %v, not %v", clock.sleeps, want)
	}
}
