package reconcile_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// TestWishes: what is asked for below a pull request is done once, and behind the
// gate like every write.
func TestWishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.campaign(store.Running, "", "acme/shop")
	w.run()
	comments := 0
	ask := func(want store.Want) {
		t.Helper()
		comments++
		w.must(w.store.Ask(t.Context(), "app", int64(comments), store.Key{Campaign: "c", Repository: "acme/shop"}, store.Wish{Want: want, Who: "bob"}))
		w.run()
	}
	head := func() string { return gittest.Run(t, repo.Dir, "rev-parse", "drydock/c") }

	ask(store.WantExplain)
	if said := repo.Pulls[0].Comments; len(said) != 1 || !strings.Contains(said[0].Body, "run as 1001") {
		t.Errorf("%+v", said)
	}

	// The base moves elsewhere: nobody's CI starts again but for who asks for it.
	tip := gittest.Push(t, repo.Dir, "main", "elsewhere", map[string]string{"README": "x"})
	w.again()
	was := head()
	w.must(w.store.Pause(t.Context(), "ann", "c", ""))
	ask(store.WantRebase)
	if head() != was {
		t.Error("rebased while paused")
	}
	w.must(w.store.Resume(t.Context(), "ann", "c"))
	w.run()
	if head() == was || gittest.Run(t, repo.Dir, "rev-parse", "drydock/c~1") != tip {
		t.Error("not rebased")
	}
	was = head()
	w.again()
	if head() != was || len(repo.Pulls[0].Comments) != 1 {
		t.Error("a wish was granted twice")
	}

	ask(store.WantIgnore)
	w.want("acme/shop", store.Closed, "bob asked to be left alone")
	w.again()
	if len(repo.Pulls) != 1 || repo.Pulls[0].State != "closed" {
		t.Errorf("%+v", repo.Pulls)
	}
	if c := w.changeset("acme/shop"); c.Wish != (store.Wish{}) {
		t.Errorf("%+v", c.Wish)
	}
}
