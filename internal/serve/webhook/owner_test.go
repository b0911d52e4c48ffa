package webhook

import (
	"fmt"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// pushed tells of a push to a branch of a repository whose default branch is main.
func pushed(branch, repository, host string) string {
	return fmt.Sprintf(`{"ref":"refs/heads/%s","repository":{"full_name":%q,"html_url":"https://%s/x","default_branch":"main"}}`, branch, repository, host)
}

// TestAnOwnersSettingsWakeTheirRepositories, and those of nobody else.
func TestAnOwnersSettingsWakeTheirRepositories(t *testing.T) {
	w := newWorld(t)
	w.must(w.store.Enlist(t.Context(), "c", []string{"acme/shop", "acme/web", "acmex/shop"}))
	w.due()
	const both = "acme/shop, acme/web"
	for i, c := range []struct{ event, body, want string }{
		{"push", pushed("main", "acme/.github", "github.com"), both},
		{"push", pushed("main", "Acme/.GitHub", "github.com"), both},
		{"push", pushed("draft", "acme/.github", "github.com"), ""},
		{"push", pushed("main", "acme/.github", "ghe.example"), ""},
		{"push", pushed("main", "acme/.profile", "github.com"), ""},
		{"push", pushed("main", "acme/docs", "github.com"), ""},
		{"repository", `{"action":"deleted","repository":{"full_name":"acme/.github","html_url":"https://github.com/acme/.github"}}`, both},
		{"repository", `{"action":"renamed","changes":{"repository":{"name":{"from":".github"}}},"repository":{"full_name":"acme/old","html_url":"https://github.com/acme/old"}}`, both},
	} {
		w.deliver(c.event, fmt.Sprint("g", i), c.body)
		if got := w.due(); got != c.want {
			t.Errorf("%s: %q is due, not %q", c.body, got, c.want)
		}
	}
	w.deliver("push", "g0", pushed("main", "acme/.github", "github.com"))
	if got := w.due(); got != "" {
		t.Errorf("a replay: %q", got)
	}
}

// TestOwnersWhoPushAgainAndAgainCostNoMore: what was looked at just now is looked at
// again a while later.
func TestOwnersWhoPushAgainAndAgainCostNoMore(t *testing.T) {
	w := newWorld(t)
	c, err := w.store.Changeset(t.Context(), "c", "acme/shop")
	w.must(err)
	c.Looked = w.now.Add(-betweenOwners / 2)
	w.must(w.store.Save(t.Context(), store.Look{Changeset: c}))
	for i := range 3 {
		w.deliver("push", fmt.Sprint("g", i), pushed("main", "acme/.github", "github.com"))
	}
	if got := w.due(); got != "acme/web" {
		t.Errorf("%q", got)
	}
	w.now = w.now.Add(betweenOwners/2 + time.Second)
	if got := w.due(); got != "acme/shop" {
		t.Errorf("later: %q", got)
	}
}
