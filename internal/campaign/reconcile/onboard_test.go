package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge/fake"
)

const asksFirst = "onboarding: issue\n"

// asks makes a campaign that has asked in repositories of these names.
func asks(t *testing.T, more string, names ...string) (w *world, repos []*fake.Repository) {
	t.Helper()
	w = newWorld(t)
	for _, name := range names {
		r := w.server.Add(name, map[string]string{"Dockerfile": before})
		r.Writers = []string{"ann", "bob"}
		repos = append(repos, r)
	}
	w.campaign(store.Running, asksFirst+more, names...)
	w.run()
	return w, repos
}

func say(i *fake.Issue, who, text string) {
	i.Comments = append(i.Comments, fake.Comment{Author: who, Body: text})
}

func TestAnIssueAsksBeforeAnyPullRequest(t *testing.T) {
	t.Parallel()
	w, repos := asks(t, "", "acme/shop")
	repo := repos[0]
	w.server.Add("acme/fine", map[string]string{"Dockerfile": fixed})
	w.server.Add("acme/has", map[string]string{"Dockerfile": before, ".drydock.yaml": "safe: false\n"})
	w.campaign(store.Running, asksFirst, "acme/shop", "acme/fine", "acme/has")
	w.run()
	w.want("acme/shop", store.Opened, "asked in an issue, and not answered yet")
	w.want("acme/fine", store.NoneDue, "")
	w.want("acme/has", store.Opened, "")
	if len(repo.Issues) != 1 || len(repo.Pulls) != 0 || len(w.server.Repository("acme/fine").Issues) != 0 || len(w.server.Repository("acme/has").Issues) != 0 {
		t.Fatalf("%+v", repo)
	}
	issue := repo.Issues[0]
	if c := w.changeset("acme/shop"); c.Pull != issue.Number || !strings.HasSuffix(c.PullURL, "/acme/shop/issues/1001") {
		t.Errorf("%+v", c)
	}
	for _, part := range []string{"`drydock go`", "close this issue", "Changed: Dockerfile", "clean up after package managers"} {
		if !strings.Contains(issue.Body, part) {
			t.Errorf("%q is not in %s", part, issue.Body)
		}
	}
	// It is asked once, whoever else says what.
	say(issue, "mallory", "drydock go")
	say(issue, "ann", "what does drydock go do?")
	w.again()
	w.now = w.now.Add(25 * time.Hour)
	n := len(w.server.Requests())
	w.run()
	w.want("acme/shop", store.Opened, "not answered yet")
	if got := w.writes(n); len(got) > 0 || len(repo.Issues) != 1 {
		t.Errorf("%v", got)
	}
	say(issue, "ann", "Sure.\r\n  Drydock GO\r\n")
	w.now = w.now.Add(time.Hour)
	w.run() // nobody had to ask for it
	w.want("acme/shop", store.Opened, "")
	if len(repo.Pulls) != 1 || repo.Pulls[0].Head != "acme:drydock/c" || !issue.Closed || w.changeset("acme/shop").Pull != 1 {
		t.Errorf("%+v", w.changeset("acme/shop"))
	}
	w.again()
	if len(repo.Pulls) != 1 || len(repo.Issues) != 1 {
		t.Error("once more")
	}
	entries, err := w.store.Audit(t.Context(), store.Page{Repository: "acme/shop"})
	w.must(err)
	var got []string
	for _, e := range entries {
		if e.Status == "done" {
			got = append([]string{e.Action}, got...)
		}
	}
	if s := strings.Join(got, ", "); s != "ask, close issue, push, open" {
		t.Error(s)
	}
}

func TestANoIsHeeded(t *testing.T) {
	t.Parallel()
	w, repos := asks(t, "", "acme/closed", "acme/said", "acme/config", "acme/later")
	closed, said, configured, later := repos[0], repos[1], repos[2], repos[3]
	closed.Issues[0].Closed = true
	say(said.Issues[0], "ann", "drydock go")
	say(said.Issues[0], "bob", "drydock ignore")
	say(later.Issues[0], "ann", "drydock ignore")
	commit(t, configured, ".drydock.yaml", "pull-requests: false\n")
	w.again()
	w.want("acme/closed", store.Closed, "the issue was answered with no, or closed")
	w.want("acme/said", store.Closed, "bob said no in the issue")
	w.want("acme/config", store.Declined, ".drydock.yaml takes no pull requests")
	if !configured.Issues[0].Closed {
		t.Error("it still asks")
	}
	w.now = w.now.Add(25 * time.Hour)
	for _, r := range repos {
		commit(t, r, "Dockerfile", strings.Replace(before, "curl", "git", 1))
	}
	say(later.Issues[0], "ann", "drydock go")
	w.again()
	for _, r := range repos[:3] {
		if len(r.Pulls) > 0 || len(r.Issues) != 1 {
			t.Errorf("%s: %d pull requests, %d issues", r.Name, len(r.Pulls), len(r.Issues))
		}
	}
	if len(later.Pulls) != 1 || len(later.Issues) != 1 {
		t.Error("a change of mind is not heeded")
	}
}

// TestAQuestionIsFoundAgain: a process that died after it had asked does not ask
// again, and neither does another campaign.
func TestAQuestionIsFoundAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := w.server.Add("acme/shop", map[string]string{"Dockerfile": before})
	w.server.Break(fake.Fault{On: "POST /repos/acme/shop/issues", Times: 1, Do: fake.DoneAndLost})
	w.campaign(store.Running, asksFirst, "acme/shop")
	w.run()
	w.now = w.now.Add(2 * time.Minute)
	w.run()
	w.want("acme/shop", store.Opened, "not answered yet")
	if len(repo.Issues) != 1 {
		t.Errorf("asked %d times", len(repo.Issues))
	}
}

// TestAQuestionCountsAsAPullRequest: caps, windows and pauses hold it back.
func TestAQuestionCountsAsAPullRequest(t *testing.T) {
	t.Parallel()
	w, repos := asks(t, "limits: {open: 1}\n", "acme/a", "acme/b")
	if len(repos[0].Issues)+len(repos[1].Issues) != 1 {
		t.Error("both")
	}
	w.want("acme/b", store.Planned, "the limit of 1 open pull requests of the campaign is reached")
	repos[0].Issues[0].Closed = true
	w.now = w.now.Add(time.Hour)
	w.must(w.store.Pause(t.Context(), "ann", "c", "freeze"))
	w.run()
	if len(repos[1].Issues) != 0 {
		t.Error("asked while paused")
	}
	w.must(w.store.Resume(t.Context(), "ann", "c"))
	w.run()
	w.again()
	if len(repos[1].Issues) != 1 {
		t.Error("no room was made")
	}
}

func TestAQuestionEndsWithItsCampaign(t *testing.T) {
	t.Parallel()
	w, repos := asks(t, "", "acme/shop", "acme/done")
	commit(t, repos[1], "Dockerfile", fixed)
	w.again()
	w.want("acme/done", store.NoneDue, "")
	w.must(w.store.End(t.Context(), "ann", "c"))
	w.run()
	w.want("acme/shop", store.Closed, "closed by the campaign")
	for _, r := range repos {
		if i := r.Issues[0]; !i.Closed || strings.Contains(i.Body, "drydock go") {
			t.Errorf("%s: %+v", r.Name, i)
		}
	}
	// Another campaign may ask again, since nobody has answered.
	w.campaign(store.Running, asksFirst, "acme/shop")
	w.again()
	if len(repos[0].Issues) != 2 {
		t.Error("not asked again")
	}
}
