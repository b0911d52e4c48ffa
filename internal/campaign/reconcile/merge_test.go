package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

const merging = "pull-request: {auto-merge: true}\n"

// merges counts the calls that were to merge, and fails if GitHub was asked to do it by
// itself.
func (w *world) merges() (n int) {
	w.t.Helper()
	for _, call := range w.writes(0) {
		if strings.HasSuffix(call, "/merge") {
			n++
		}
	}
	if all := w.server.AutoMerged(); len(all) > 0 {
		w.t.Errorf("auto-merge was turned on: %v", all)
	}
	return n
}

func TestAutoMergeKeepsToWindowsAndPauses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shop := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.now = time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC) // a Thursday
	w.campaign(store.Running, merging+"schedule: {windows: [{days: [thu], from: \"09:00\", to: \"10:00\"}]}\n", "acme/shop")
	w.run()
	w.want("acme/shop", store.Opened, "not merged yet: nothing has checked it")

	shop.Pulls[0].Checks = []string{"success", ""}
	w.now = w.now.Add(10 * time.Minute)
	w.run()
	w.want("acme/shop", store.Opened, "not merged yet: the check build runs")

	shop.Pulls[0].Checks = []string{"success", "skipped"}
	w.now = time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	w.run()
	w.want("acme/shop", store.Opened, "outside of the campaign's windows until 2026-03-12 09:00 UTC")

	w.now = time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)
	w.must(w.store.Pause(t.Context(), "ann", "c", "freeze"))
	w.again()
	w.want("acme/shop", store.Opened, "paused by ann")
	if n := w.merges(); n > 0 || shop.Pulls[0].Merged {
		t.Fatalf("%d merges while it was held", n)
	}

	w.must(w.store.Resume(t.Context(), "ann", "c"))
	w.run()
	w.want("acme/shop", store.Merged, "")
	if n := w.merges(); n != 1 || !shop.Pulls[0].Merged {
		t.Errorf("%d merges, %+v", n, shop.Pulls[0])
	}
	w.again() // the base branch has it now
	w.want("acme/shop", store.Merged, "")
	if n := w.merges(); n != 1 {
		t.Errorf("%d merges", n)
	}
}

func TestAutoMergeWaitsForWhatTheRepositoryAsks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		pull func(*fake.Repository, *fake.Pull)
		why  string
	}{
		{"a review is missing", func(_ *fake.Repository, p *fake.Pull) { p.Mergeable = "blocked" }, "not merged yet: a review or a check that the repository asks for is missing"},
		{"a conflict", func(_ *fake.Repository, p *fake.Pull) { p.Mergeable = "dirty" }, "not merged yet: it conflicts with the base branch"},
		{"a check fails", func(_ *fake.Repository, p *fake.Pull) { p.Checks = []string{"success", "failure"} }, "not merged yet: the check build has not passed"},
		{"a status fails", func(_ *fake.Repository, p *fake.Pull) { p.Status = "failure" }, "not merged yet: its status is failure"},
		{"somebody's commit", func(r *fake.Repository, _ *fake.Pull) {
			gittest.Run(t, r.Dir, "update-ref", "refs/heads/drydock/c", gittest.Run(t, r.Dir, "commit-tree", "drydock/c^{tree}", "-p", "drydock/c", "-m", "mine"))
		}, "not merged yet: its branch has moved"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			shop := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
			w.campaign(store.Running, merging, "acme/shop")
			w.run()
			shop.Pulls[0].Checks = []string{"success"}
			c.pull(shop, shop.Pulls[0])
			w.again()
			w.want("acme/shop", store.Opened, c.why)
			if w.merges() > 0 {
				t.Error("it was merged")
			}
		})
	}
}

// TestAutoMergeLeavesForeignCommits looks at a branch that somebody went on with while
// what is wanted has changed too.
func TestAutoMergeLeavesForeignCommits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shop := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.campaign(store.Running, merging, "acme/shop")
	w.run()
	gittest.Run(t, shop.Dir, "update-ref", "refs/heads/drydock/c", gittest.Run(t, shop.Dir, "commit-tree", "drydock/c^{tree}", "-p", "drydock/c", "-m", "mine"))
	commit(t, shop, "Dockerfile", strings.Replace(before, "curl", "wget", 1))
	shop.Pulls[0].Checks = []string{"success"}
	w.again()
	w.want("acme/shop", store.Opened, "the branch has commits of somebody else")
	w.again()
	if w.merges() > 0 {
		t.Error("it was merged")
	}
}

func TestAMergeWhoseAnswerIsLostIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shop := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.campaign(store.Running, merging, "acme/shop")
	w.run()
	shop.Pulls[0].Checks, shop.Pulls[0].Status = []string{"neutral"}, "success"
	w.server.Break(fake.Fault{On: "PUT /repos/acme/shop/pulls/1/merge", Times: 1, Do: fake.DoneAndLost})
	w.again()
	w.now = w.now.Add(time.Hour)
	w.run()
	w.want("acme/shop", store.Merged, "")
	if n := w.merges(); n != 1 {
		t.Errorf("%d merges", n)
	}
}

func TestAQuestionIsNotMerged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shop := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.campaign(store.Running, merging+"onboarding: pull-request\n", "acme/shop")
	w.run()
	shop.Pulls[0].Checks = []string{"success"}
	w.again()
	if w.merges() > 0 || shop.Pulls[0].State != "open" {
		t.Error("drydock merged its own configuration")
	}
}
