package reconcile_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// opened is a running campaign whose pull request in acme/shop is open.
func opened(t *testing.T, more string) (*world, *fake.Repository) {
	t.Helper()
	w := newWorld(t)
	repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.campaign(store.Running, more, "acme/shop")
	w.run()
	w.want("acme/shop", store.Opened, "")
	return w, repo
}

// asked are the requests about acme/shop that the next look makes.
func (w *world) asked() string {
	w.t.Helper()
	n := len(w.server.Requests())
	w.again()
	var all []string
	for _, r := range w.server.Requests()[n:] {
		if !strings.HasSuffix(r, "/acme/.github") {
			all = append(all, strings.TrimPrefix(strings.TrimPrefix(r, "GET "), "QUERY "))
		}
	}
	return strings.Join(all, " ")
}

const oneQuery = "/repos/acme/shop /api/graphql"

// TestAnOpenPullRequestIsSeenToByAPartOfAQuery, and nothing else as long as nothing
// happens.
func TestAnOpenPullRequestIsSeenToByAPartOfAQuery(t *testing.T) {
	t.Parallel()
	w, repo := opened(t, "")
	if got := w.asked(); got != oneQuery {
		t.Error(got)
	}
	// What the query does not tell is read.
	for range 19 {
		repo.Pulls = append(repo.Pulls, repo.Pulls[0])
	}
	if got := w.asked(); got != oneQuery+" /repos/acme/shop/issues/1/comments /repos/acme/shop/git/trees/main /repos/acme/shop/pulls" {
		t.Error(got)
	}
	repo.Pulls = repo.Pulls[:1]
	w.server.Break(fake.Fault{On: "QUERY /api/graphql", Times: 1, Do: fake.Answer(http.StatusForbidden, "Resource not accessible by integration")})
	if got := w.asked(); got != oneQuery+" /repos/acme/shop/issues/1/comments /repos/acme/shop/git/trees/main /repos/acme/shop/pulls" {
		t.Error(got)
	}
	if got := w.asked(); got != oneQuery {
		t.Error(got)
	}
}

// TestALookFindsWhatNoWebhookToldOf: none arrives here at all.
func TestALookFindsWhatNoWebhookToldOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(*world, *fake.Repository)
		state   store.State
		why     string
	}{
		"a push": {func(w *world, _ *fake.Repository) {
			w.server.PushTo("acme/shop", "main", map[string]string{"api/Dockerfile": before})
		}, store.Opened, ""},
		"a push that needs nothing any more": {func(w *world, _ *fake.Repository) {
			w.server.PushTo("acme/shop", "main", map[string]string{"Dockerfile": fixed})
		}, store.Closed, "nothing is left to do"},
		"a push of an older commit": {func(w *world, r *fake.Repository) {
			w.server.PushTo("acme/shop", "main", map[string]string{"api/Dockerfile": before})
			w.again()
			gittest.Run(w.t, r.Dir, "update-ref", "refs/heads/main", "main~1")
		}, store.Opened, ""},
		"a merge":  {func(w *world, _ *fake.Repository) { w.server.MergePull("acme/shop", 1, "ann") }, store.Merged, ""},
		"a close":  {func(w *world, _ *fake.Repository) { w.server.ClosePull("acme/shop", 1, "ann") }, store.Closed, "closed by somebody"},
		"a rename": {func(w *world, _ *fake.Repository) { w.server.Rename("acme/shop", "acme/store") }, store.Opened, ""},
		"another default branch": {func(w *world, r *fake.Repository) {
			gittest.Run(w.t, r.Dir, "update-ref", "refs/heads/next", "main")
			r.DefaultBranch = "next"
		}, store.Opened, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, repo := opened(t, "")
			test.happens(w, repo)
			w.again()
			w.want(repo.Name, test.state, test.why)
			// It is what a look that never saw the repository before comes to.
			c := w.changeset(repo.Name)
			base := gittest.Run(t, repo.Dir, "rev-parse", repo.DefaultBranch, repo.DefaultBranch+"^{tree}")
			if c.Base != repo.DefaultBranch || !strings.Contains(base, c.BaseSHA) {
				t.Errorf("looked at %s at %s, and that is at %s", c.Base, c.BaseSHA, base)
			}
			has := gittest.Run(t, repo.Dir, "ls-tree", "-r", "--name-only", repo.DefaultBranch)
			if c.Dockerfiles != strings.Count(has, "Dockerfile") {
				t.Errorf("%d Dockerfiles of\n%s", c.Dockerfiles, has)
			}
			if p := repo.Pulls[0]; test.state == store.Opened && (len(repo.Pulls) != 1 || p.Base != repo.DefaultBranch || p.State != "open") {
				t.Errorf("%+v", p)
			}
		})
	}
}

// TestOnlyWhatMovedIsRead: what stayed is not.
func TestOnlyWhatMovedIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var names []string
	for i := range 5 {
		names = append(names, fmt.Sprintf("acme/r%d", i))
		w.server.Add(names[i], map[string]string{"Dockerfile": before, "README.md": names[i]})
	}
	w.campaign(store.Planning, "", names...)
	w.run()
	w.server.PushTo("acme/r3", "main", map[string]string{"Dockerfile": fixed})
	n := len(w.server.Requests())
	w.again()
	for i, name := range names {
		want := store.Planned
		if i == 3 {
			want = store.NoneDue
		}
		w.want(name, want, "")
		if all := strings.Join(w.server.Requests()[n:], "\n"); strings.Contains(all, name+"/git/trees") != (i == 3) {
			t.Errorf("%s:\n%s", name, all)
		}
	}
}
