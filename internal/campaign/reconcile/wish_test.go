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

// TestALookHearsWhatNoWebhookToldOf: of who may write, once, and of what came in a
// webhook nothing.
func TestALookHearsWhatNoWebhookToldOf(t *testing.T) {
	t.Parallel()
	w, repo := opened(t, "")
	repo.Writers = []string{"bob", "bot[bot]"}
	pull := repo.Pulls[0]
	hears := func(by, text string, comments int) {
		t.Helper()
		w.server.Comment("acme/shop", 1, by, "NONE", text)
		w.again()
		w.again()
		if len(pull.Comments) != comments {
			t.Fatalf("%s said %q: %d comments, want %d: %+v", by, text, len(pull.Comments), comments, pull.Comments)
		}
	}
	hears("bob", "why?\ndrydock explain\n", 2)
	if !strings.Contains(pull.Comments[1].Body, "run as 1001") {
		t.Errorf("%+v", pull.Comments)
	}
	hears("bob", "I would drydock explain", 3)
	hears("mallory", "drydock ignore", 4)
	hears("bot[bot]", "drydock explain", 5)

	// A week later the webhook is forgotten, and the comment is as old as it was.
	w.must(w.store.Ask(t.Context(), "github hub.example", 6, store.Key{Campaign: "c", Repository: "acme/shop"}, store.Wish{Want: store.WantExplain, Who: "bob"}))
	hears("bob", "drydock explain", 7)
	w.now = w.now.AddDate(0, 0, 8)
	w.must(w.store.Forget(t.Context(), w.now))
	w.again()
	if len(pull.Comments) != 7 {
		t.Errorf("heeded again: %+v", pull.Comments)
	}
	if got := w.asked(); got != oneQuery {
		t.Errorf("nothing was said since: %s", got)
	}

	hears("bob", "drydock ignore", 9)
	w.want("acme/shop", store.Closed, "bob asked to be left alone")
}

// TestWhatWasSaidBeforeItWasHeardIsOld: an earlier drydock has done it, or not.
func TestWhatWasSaidBeforeItWasHeardIsOld(t *testing.T) {
	t.Parallel()
	w, repo := opened(t, "")
	repo.Writers = []string{"bob"}
	if _, err := w.store.DB().Exec("UPDATE changeset SET heard = -1"); err != nil {
		t.Fatal(err)
	}
	w.server.Comment("acme/shop", 1, "bob", "NONE", "drydock ignore")
	w.again()
	w.want("acme/shop", store.Opened, "")
	w.server.Comment("acme/shop", 1, "bob", "NONE", "drydock explain")
	w.again()
	if n := len(repo.Pulls[0].Comments); n != 3 {
		t.Errorf("%d comments", n)
	}
}
