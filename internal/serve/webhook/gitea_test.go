package webhook

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	api "code.gitea.io/sdk/gitea"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/gitea"
	"github.com/drydock-dev/drydock/internal/forge/gitea/giteatest"
)

// TestARealGitea sends what it does, and is asked who may write.
func TestARealGitea(t *testing.T) {
	server := giteatest.Start(t) // skips the test where there is none
	w := newWorld(t)
	row, err := w.store.Row(t.Context(), "c")
	w.must(err)
	row.Forge = "gitea+" + server.URL
	w.must(w.store.SaveCampaign(t.Context(), row))
	boss := server.User("boss")
	admin, ann, eve := server.Client(boss), server.Client(server.User("ann")), server.Client(server.User("eve"))
	connected, err := gitea.New(gitea.Options{URL: server.URL, Token: func(context.Context) (string, error) { return boss, nil }})
	w.must(err)
	w.follower.Connect = func(string) (forge.Forge, error) { return connected, nil }

	// The receiver is where the world's is, and tells that something came.
	var mu sync.Mutex
	events := map[string]int{}
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		w.handler["gitea"].ServeHTTP(answer, r)
		rw.WriteHeader(answer.Code)
		mu.Lock()
		defer mu.Unlock()
		events[r.Header.Get("X-Gitea-Event")+" "+http.StatusText(answer.Code)]++
	}))
	t.Cleanup(site.Close)
	seen := func(event string) {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			mu.Lock()
			n := events[event]
			if n > 0 {
				delete(events, event)
			}
			mu.Unlock()
			if n > 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s does not come: %v", event, events)
			}
		}
		_, err := w.follower.Once(t.Context())
		w.must(err)
	}
	_, _, err = admin.CreateOrg(api.CreateOrgOption{Name: "acme"})
	w.must(err)
	_, _, err = admin.CreateOrgRepo("acme", api.CreateRepoOption{Name: "shop", DefaultBranch: "main", AutoInit: true})
	w.must(err)
	write := api.AccessModeWrite
	_, err = admin.AddCollaborator("acme", "shop", "ann", api.AddCollaboratorOption{Permission: &write})
	w.must(err)
	hook := func(repository, secret string) {
		t.Helper()
		_, _, err := admin.CreateRepoHook("acme", repository, api.CreateHookOption{
			Type: api.HookTypeGitea, Active: true, Events: []string{"push", "pull_request", "pull_request_sync", "issue_comment", "pull_request_comment"},
			Config: map[string]string{"url": site.URL + "/webhooks/gitea", "content_type": "json", "secret": secret},
		})
		w.must(err)
	}
	hook("shop", giteaSecret)
	file := func(repository, branch, name string) {
		t.Helper()
		_, _, err := admin.CreateFile("acme", repository, name, api.CreateFileOptions{
			Content: base64.StdEncoding.EncodeToString([]byte("x")), FileOptions: api.FileOptions{Message: "m", BranchName: "main", NewBranchName: branch},
		})
		w.must(err)
	}
	file("shop", "", "one.txt")
	seen("push Accepted")
	if got := w.due(); got != "acme/shop" {
		t.Errorf("a push: %q", got)
	}
	file("shop", "drydock/c", "two.txt")
	seen("push Accepted")
	pull, _, err := admin.CreatePullRequest("acme", "shop", api.CreatePullRequestOption{Head: "drydock/c", Base: "main", Title: "t"})
	w.must(err)
	seen("pull_request No Content") // it is opened, which is no news
	c, err := w.store.Changeset(t.Context(), "c", "acme/shop")
	w.must(err)
	c.Pull, c.Due = int(pull.Index), w.now.Add(24*time.Hour)
	w.must(w.store.Save(t.Context(), store.Look{Changeset: c}))

	for _, one := range []struct {
		who        *api.Client
		text, want string
	}{{ann, "drydock rebase", "acme/shop rebase ann"}, {eve, "drydock ignore", ""}, {ann, "thanks\n\ndrydock explain", "acme/shop explain ann"}} {
		_, _, err := one.who.CreateIssueComment("acme", "shop", pull.Index, api.CreateIssueCommentOption{Body: one.text})
		w.must(err)
		seen("issue_comment Accepted")
		if got := w.due(); got != one.want {
			t.Errorf("%q: %q is due, not %q", one.text, got, one.want)
		}
	}
	issue, _, err := admin.CreateIssue("acme", "shop", api.CreateIssueOption{Title: "i"})
	w.must(err)
	_, _, err = ann.CreateIssueComment("acme", "shop", issue.Index, api.CreateIssueCommentOption{Body: "drydock ignore"})
	w.must(err)
	seen("issue_comment Accepted")
	if got := w.due(); got != "" {
		t.Errorf("an issue that does not ask: %q", got)
	}

	closed := api.StateClosed
	_, _, err = admin.EditPullRequest("acme", "shop", pull.Index, api.EditPullRequestOption{State: &closed})
	w.must(err)
	seen("pull_request Accepted")
	if got := w.due(); got != "acme/shop" {
		t.Errorf("a pull request that was closed: %q", got)
	}
	// The owner's settings, for all of theirs.
	_, _, err = admin.CreateOrgRepo("acme", api.CreateRepoOption{Name: ".profile", DefaultBranch: "main", AutoInit: true})
	w.must(err)
	hook(".profile", giteaSecret)
	file(".profile", "", ".drydock.yaml")
	seen("push Accepted")
	if got := w.due(); got != "acme/shop, acme/web" {
		t.Errorf("an owner's settings: %q", got)
	}
	file(".profile", "draft", "other.txt")
	seen("push Accepted")
	if got := w.due(); got != "" {
		t.Errorf("another branch of an owner's settings: %q", got)
	}

	hook("shop", "another secret")
	file("shop", "", "three.txt")
	seen("push Unauthorized")
	seen("push Accepted")
	if strings.Contains(w.log.String(), giteaSecret) {
		t.Error("the secret is in the log")
	}
}
