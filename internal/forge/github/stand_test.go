package github

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// TestManyAreAskedWhereTheyStandTogether, and each gets its own answer: as Read finds
// it.
func TestManyAreAskedWhereTheyStandTogether(t *testing.T) {
	server := fake.New(t)
	server.QueryTime = 500 * time.Millisecond
	f, _ := connect(t, server)
	some := services(t, server, f, 15)
	const talked = 3
	pulled := server.Repository(some[talked].Name)
	pulled.Pulls = []*fake.Pull{{Number: 1, Head: "acme:drydock/c", Base: "main", State: "open", Title: "T"}}
	server.Comment(pulled.Name, 1, "ann", "NONE", "no")
	server.Comment(pulled.Name, 1, "ann", "NONE", "yes")
	n := len(server.Requests())
	var asked sync.WaitGroup
	for i, r := range some {
		asked.Go(func() {
			stance := forge.Stance{Branch: "main", Pulls: forge.Head{Owner: r.Owner, Branch: "drydock/c"}}
			if i == talked {
				stance.Pull = 1
			}
			s, known, err := f.Stand(t.Context(), r, stance)
			dir := server.Repository(r.Name).Dir
			if err != nil || !known || !s.Is(git.Hash(gittest.Run(t, dir, "rev-parse", "main"))) || !s.Is(git.Hash(gittest.Run(t, dir, "rev-parse", "main^{tree}"))) || s.Is("") {
				t.Errorf("%s: %+v, %v, %v", r.Name, s, known, err)
			}
			if talks := i == talked; talks != (len(s.Pulls) == 1) || talks != (s.Said == 2) {
				t.Errorf("%s: %+v", r.Name, s)
			}
		})
	}
	asked.Wait()
	if queries := calls(server, n, "QUERY"); queries > 7 || len(server.Requests()) != n+queries {
		t.Errorf("%d queries for %d repositories: %v", queries, len(some), server.Requests()[n:])
	}
}

func TestWhatAQueryLacksIsNotKnown(t *testing.T) {
	server := fake.New(t)
	f, _ := connect(t, server)
	r := services(t, server, f, 1)[0]
	for _, stance := range []forge.Stance{{Branch: "none"}, {Branch: "main", Pull: 7}} {
		if s, known, err := f.Stand(t.Context(), r, stance); known || err != nil {
			t.Errorf("%+v: %+v, %v", stance, s, err)
		}
	}
	r.Name = "acme/gone"
	if s, known, err := f.Stand(t.Context(), r, forge.Stance{Branch: "main"}); known || err != nil {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestACommentIsKnownByItsAddress(t *testing.T) {
	for said, want := range map[string]int64{
		`{"comments": {"nodes": [{"url": "https://github.com/o/r/pull/1#issuecomment-5971292356"}]}}`: 5971292356,
		`{"comments": {"nodes": []}}`:                                                       0,
		`{"comments": {"nodes": [{"url": "https://github.com/o/r/pull/1"}]}}`:               -1,
		`{"comments": {"nodes": [{"url": "https://github.com/o/r/pull/1#discussion_r1"}]}}`: -1,
		`null`: -1,
		``:     -1,
	} {
		got, ok := lastSaid(json.RawMessage(said))
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%s: %d, %v", said, got, ok)
		}
	}
}
