package reconcile_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

func TestACampaignFromPlanToEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shop := w.server.Add("acme/shop", map[string]string{"Dockerfile": before, "api/Dockerfile": before})
	w.server.Add("acme/fine", map[string]string{"Dockerfile": fixed})
	w.server.Add("acme/out", map[string]string{"Dockerfile": before, ".drydock.yaml": "pull-requests: false\n"})
	w.server.Add("acme/old", map[string]string{"Dockerfile": before}).Archived = true
	w.server.Add("acme/empty", nil)
	w.server.Add("acme/odd", map[string]string{"Dockerfile": before, "api/Dockerfile": before, ".drydock.yaml": "no: such\n"})
	all := []string{"acme/shop", "acme/fine", "acme/out", "acme/old", "acme/empty", "acme/odd", "acme/gone"}
	w.campaign(store.Planning, "", all...)
	w.run()
	rest := func() {
		t.Helper()
		w.want("acme/fine", store.NoneDue, "")
		w.want("acme/out", store.Declined, ".drydock.yaml takes no pull requests")
		w.want("acme/old", store.Declined, "archived")
		w.want("acme/empty", store.Declined, "empty")
		w.want("acme/odd", store.Failed, `.drydock.yaml:1:1: unknown key "no"`)
		w.want("acme/gone", store.Declined, "gone")
		if c := w.changeset("acme/odd"); len(c.Unread) != 1 || c.Unread[0] != c.Error || !strings.HasPrefix(c.Error, ".drydock.yaml:1:1: ") {
			t.Errorf("a configuration for two Dockerfiles: %q, %q", c.Error, c.Unread)
		}
	}
	rest()
	w.want("acme/shop", store.Planned, "")
	if got := w.writes(0); len(got) > 0 {
		t.Fatalf("the plan wrote: %v", got)
	}
	c := w.changeset("acme/shop")
	texts, err := w.store.Texts(t.Context(), "c", "acme/shop")
	w.must(err)
	if c.Dockerfiles != 2 || c.Files != 2 || !strings.Contains(texts.Diff, "+USER 1001") || !strings.Contains(texts.Body, "run as 1001") || !strings.Contains(texts.Evidence, `"numeric-user"`) {
		t.Errorf("%+v\n%+v", c, texts)
	}
	needs, err := w.store.Needs(t.Context(), "c")
	w.must(err)
	if got := fmt.Sprint(needs); got != "[{numeric-user 4 3} {package-cleanup 4 3}]" {
		t.Error(got)
	}

	w.campaign(store.Running, "", all...)
	w.again()
	rest()
	w.want("acme/shop", store.Opened, "")
	if c := w.changeset("acme/shop"); c.Pull != 1 || c.PullURL != w.server.URL+"/acme/shop/pull/1" || c.HeadSHA != gittest.Run(t, shop.Dir, "rev-parse", "drydock/c") {
		t.Errorf("%+v", c)
	}

	// A rescan in which nothing happened is free, but for the branch that an empty
	// repository lacks and the repository that is gone.
	w.again()
	n := len(w.server.Requests())
	w.again()
	if got := w.server.Log()[n:]; fake.Count(got).Reads > 2 || len(w.writes(n)) > 0 {
		t.Errorf("a scan with nothing to do: %v", got)
	}

	gittest.Run(t, shop.Dir, "update-ref", "refs/heads/main", "drydock/c")
	shop.Pulls[0].State, shop.Pulls[0].Merged = "closed", true
	w.again()
	w.want("acme/shop", store.Merged, "")
	if needs, _ := w.store.Needs(t.Context(), "c"); fmt.Sprint(needs) != "[{numeric-user 2 2} {package-cleanup 2 2}]" { // of those that take none
		t.Errorf("%v", needs)
	}
	if len(shop.Pulls) != 1 {
		t.Errorf("%d pull requests", len(shop.Pulls))
	}

	entries, err := w.store.Audit(t.Context(), store.Page{Repository: "acme/shop"})
	w.must(err)
	var got []string
	for _, e := range entries {
		got = append([]string{e.Who + " " + e.Action + " " + e.Status}, got...)
	}
	if s := strings.Join(got, ", "); s != "ann push begins, ann push done, ann open begins, ann open done" {
		t.Error(s)
	}
}

func TestWhatSomebodyDecidedStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	files := map[string]string{"Dockerfile": before}
	closed, human := w.server.Add("acme/closed", files), w.server.Add("acme/human", files)
	w.campaign(store.Running, "", "acme/closed", "acme/human")
	w.run()
	closed.Pulls[0].State = "closed"
	tip := gittest.Push(t, human.Dir, "drydock/c", "a tweak", map[string]string{"x": "y"})
	changed := map[string]string{"Dockerfile": strings.Replace(before, "curl", "git", 1)}
	gittest.Push(t, closed.Dir, "main", "more", changed)
	gittest.Push(t, human.Dir, "main", "more", changed)
	w.again()
	w.want("acme/closed", store.Closed, "closed by somebody")
	w.want("acme/human", store.Opened, "commits of somebody else")
	if len(closed.Pulls) != 1 || gittest.Run(t, human.Dir, "rev-parse", "drydock/c") != tip {
		t.Error("they were overruled")
	}
	// Nothing is left to do: what has a human's commits is not closed either.
	for _, r := range []*fake.Repository{closed, human} {
		gittest.Push(t, r.Dir, "main", "done", map[string]string{"Dockerfile": fixed})
	}
	w.again()
	w.want("acme/human", store.Opened, "not closed")
	w.must(w.store.SetStage(t.Context(), "c", store.Closing))
	w.again()
	w.want("acme/human", store.Opened, "not closed")
	if human.Pulls[0].State != "open" {
		t.Error("closed")
	}
}

func TestABaseThatMovesIsFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.campaign(store.Running, "", "acme/shop")
	w.run()
	// A conflict: the rewrite is made again on the new base.
	gittest.Push(t, repo.Dir, "main", "more", map[string]string{"Dockerfile": strings.Replace(before, "curl", "git", 1)})
	w.again()
	if got := gittest.Run(t, repo.Dir, "show", "drydock/c:Dockerfile"); !strings.Contains(got, "git") || len(repo.Pulls) != 1 {
		t.Error(got)
	}
	// Another default branch.
	gittest.Run(t, repo.Dir, "branch", "trunk", "main")
	gittest.Run(t, repo.Dir, "symbolic-ref", "HEAD", "refs/heads/trunk")
	repo.DefaultBranch = "trunk"
	w.again()
	if repo.Pulls[0].Base != "trunk" || w.changeset("acme/shop").Base != "trunk" {
		t.Errorf("%+v", repo.Pulls[0])
	}
	// Somebody has done it by hand.
	gittest.Push(t, repo.Dir, "trunk", "by hand", map[string]string{"Dockerfile": fixed})
	w.again()
	w.want("acme/shop", store.Closed, "nothing is left to do")
	if p := repo.Pulls[0]; p.State != "closed" || len(p.Comments) != 1 || !strings.Contains(p.Comments[0].Body, "Nothing is left") {
		t.Errorf("%+v", p)
	}
}

func TestARenamedRepositoryIsFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.campaign(store.Running, "", "acme/shop")
	w.run()
	w.server.Rename("acme/shop", "corp/store")
	w.again()
	w.want("corp/store", store.Opened, "")
	if _, err := w.store.Changeset(t.Context(), "c", "acme/shop"); err == nil {
		t.Error("the old name is still there")
	}
	if len(repo.Pulls) != 1 {
		t.Errorf("%d pull requests", len(repo.Pulls))
	}
}

// TestWhatWasCutOffIsDone: labels and people come though a limit, a pause or a crash
// came right after the pull request was opened.
func TestWhatWasCutOffIsDone(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(w *world){
		"a limit": func(w *world) {
			w.server.Break(fake.Fault{On: "POST /repos/acme/shop/issues/1/labels", Times: 1, Do: fake.Answer(429, "slow down", "Retry-After: 60")})
		},
		"a pause": func(w *world) {
			w.server.Break(fake.Fault{On: "POST /repos/acme/shop/pulls", Times: 1, Do: func(rw http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
				w.must(w.store.Pause(t.Context(), "ann", "c", "freeze"))
				next(rw, r)
			}})
		},
		"a crash": func(w *world) {
			w.server.Break(fake.Fault{On: "POST /repos/acme/shop/issues/1/labels", Times: 1, Do: func(http.ResponseWriter, *http.Request, http.HandlerFunc) {
				w.crash()
			}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
			w.campaign(store.Running, "pull-request: {labels: [docker]}\n", "acme/shop")
			cut(w)
			w.run()
			if pause, _ := w.store.Paused(t.Context(), "c"); pause != nil {
				w.must(w.store.Resume(t.Context(), "ann", "c"))
				w.run()
			}
			w.want("acme/shop", store.Opened, "")
			if len(repo.Pulls) != 1 || !slices.Equal(repo.Pulls[0].Labels, []string{"docker"}) {
				t.Errorf("%+v", repo.Pulls)
			}
		})
	}
}

func TestCapsWindowsAndPausesGateEveryWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var names []string
	var repos []*fake.Repository
	for i := range 4 {
		names = append(names, fmt.Sprintf("acme/r%d", i))
		repos = append(repos, w.server.Add(names[i], map[string]string{"Dockerfile": before}))
	}
	open := func() (n int) {
		for _, r := range repos {
			n += len(r.Pulls)
		}
		return n
	}
	w.campaign(store.Running, "schedule: {windows: [{days: [thu], from: \"09:00\", to: \"10:00\"}]}\nlimits: {per-hour: 2, open: 3}\n", names...)
	w.run()
	w.want("acme/r0", store.Planned, "outside of the campaign's windows until 2026-03-05 09:00 UTC")
	if got := w.writes(0); len(got) > 0 {
		t.Fatalf("%v", got)
	}
	w.now = time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	w.must(w.store.Pause(t.Context(), "ann", "c", "freeze"))
	w.run()
	w.want("acme/r0", store.Planned, "paused by ann")
	if got := w.writes(0); len(got) > 0 {
		t.Fatalf("%v", got)
	}
	w.must(w.store.Resume(t.Context(), "ann", "c"))
	w.run()
	if n := open(); n != 2 {
		t.Fatalf("%d within an hour", n)
	}
	w.want("acme/r3", store.Planned, "the limit of 2 pull requests an hour is reached")
	n := len(w.server.Requests())
	w.again() // who waits for a turn costs nothing
	for _, r := range w.server.Requests()[n:] {
		if strings.Contains(r, "r2") || strings.Contains(r, "r3") {
			t.Errorf("asked: %s", r)
		}
	}
	w.now = time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)
	w.run()
	w.want("acme/r3", store.Planned, "the limit of 3 open pull requests of the campaign is reached")
	// To close is a write, too.
	w.must(w.store.SetStage(t.Context(), "c", store.Closing))
	w.must(w.store.Pause(t.Context(), "ann", store.AllCampaigns, "fire"))
	w.again()
	if repos[0].Pulls[0].State != "open" {
		t.Error("closed while paused")
	}
	w.must(w.store.Resume(t.Context(), "ann", store.AllCampaigns))
	w.again()
	w.want("acme/r0", store.Closed, "closed by the campaign")
	if open() != 3 || repos[0].Pulls[0].State != "closed" {
		t.Errorf("%d pull requests", open())
	}
}

func TestFailuresAreKeptAndTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.server.Break(fake.Fault{On: "POST /repos/acme/shop/pulls", Times: 2, Do: fake.Answer(http.StatusInternalServerError, "down")})
	w.campaign(store.Running, "", "acme/shop")
	w.run()
	w.want("acme/shop", store.Failed, "GitHub says 500: down")
	for range 2 {
		w.now = w.changeset("acme/shop").Due
		w.run()
	}
	w.want("acme/shop", store.Opened, "")
	if c := w.changeset("acme/shop"); c.Attempts != 0 || len(repo.Pulls) != 1 {
		t.Errorf("%+v", c)
	}
}

func TestALimitOfTheForgeStopsTheIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.server.Break(fake.Fault{On: "POST /repos/acme/shop/pulls", Times: 1, Do: fake.Answer(http.StatusForbidden, "You have exceeded a secondary rate limit", "Retry-After: 90")})
	w.campaign(store.Running, "", "acme/shop")
	w.run()
	w.want("acme/shop", store.Opened, "")
	if len(w.over) == 0 || w.over[0] != 90*time.Second || len(repo.Pulls) != 1 {
		t.Errorf("over budget: %v", w.over)
	}
}

func TestASpentLimitOfGraphQLDoesNotStopREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SetLimits(t.Context(), "bot", store.GitHub()))
	w.server.Limits.GraphQL = 2
	var names []string
	for i := range 4 {
		names = append(names, fmt.Sprintf("acme/r%d", i))
		w.server.Add(names[i], map[string]string{"Dockerfile": before + fmt.Sprintf("LABEL n=%d\n", i)})
	}
	w.campaign(store.Planning, "", names...)
	w.run()
	for _, name := range names {
		w.want(name, store.Planned, "")
	}
	levels, err := w.store.Budget(t.Context())
	w.must(err)
	for _, l := range levels {
		if !l.Blocked.IsZero() || (l.Tokens < 1) != (l.Bucket == store.GraphQL) {
			t.Errorf("%+v", l)
		}
	}
	if len(w.over) > 0 {
		t.Errorf("over budget: %v", w.over)
	}
}

func TestOnboardingComesFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	no := w.server.Add("acme/no", map[string]string{"Dockerfile": before})
	w.server.Add("acme/fine", map[string]string{"Dockerfile": fixed})
	w.campaign(store.Running, "onboarding: true\n", "acme/shop", "acme/no", "acme/fine")
	w.run()
	w.want("acme/shop", store.Opened, "")
	w.want("acme/fine", store.NoneDue, "")
	if got := gittest.Run(t, repo.Dir, "diff", "--stat", "--format=", "main", "drydock/configure"); !strings.Contains(got, ".drydock.yaml") || !strings.Contains(got, "1 file changed") {
		t.Error(got)
	}
	head := gittest.Run(t, repo.Dir, "rev-parse", "drydock/configure")
	w.now = w.now.Add(25 * time.Hour)
	w.again()
	if len(repo.Pulls) != 1 || gittest.Run(t, repo.Dir, "rev-parse", "drydock/configure") != head {
		t.Error("proposed again")
	}
	gittest.Run(t, repo.Dir, "update-ref", "refs/heads/main", "drydock/configure")
	repo.Pulls[0].State, repo.Pulls[0].Merged = "closed", true
	no.Pulls[0].State = "closed"
	w.again()
	w.want("acme/shop", store.Opened, "")
	w.want("acme/no", store.Closed, "closed by somebody")
	if len(repo.Pulls) != 2 || repo.Pulls[1].Head != "acme:drydock/c" || len(no.Pulls) != 1 {
		t.Errorf("%d and %d pull requests", len(repo.Pulls), len(no.Pulls))
	}
}

func TestTheCeilingWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.r.Ceiling = spec.Ceiling{Owners: []string{"acme"}, Only: []string{"numeric-user"}}
	w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.server.Add("corp/shop", map[string]string{"Dockerfile": before})
	w.campaign(store.Planning, "", "acme/shop", "corp/shop")
	w.run()
	w.want("corp/shop", store.Declined, "not one that the operator allows")
	texts, err := w.store.Texts(t.Context(), "c", "acme/shop")
	w.must(err)
	if !strings.Contains(texts.Diff, "+USER 1001") || strings.Contains(texts.Diff, "no-install-recommends") {
		t.Error(texts.Diff)
	}
}

func TestARepositoryMaySkipMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Add("acme/shop", map[string]string{"Dockerfile": before, ".drydock.yaml": "skip: [package-cleanup]\n"})
	w.campaign(store.Planning, "", "acme/shop")
	w.run()
	texts, err := w.store.Texts(t.Context(), "c", "acme/shop")
	w.must(err)
	if strings.Contains(texts.Diff, "no-install-recommends") || !strings.Contains(texts.Diff, "+USER 1001") {
		t.Error(texts.Diff)
	}
}
