package webhook

import (
	"context"
	"encoding/base64"
	"fmt"
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

// deliverGitea sends what a Gitea does: its own headers, and GitHub's beside them.
func (w *world) deliverGitea(event, guid, body string, change func(http.Header)) int {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/webhooks/gitea", strings.NewReader(body))
	mac := strings.TrimPrefix(sign(body, giteaSecret), "sha256=")
	for name, value := range map[string]string{
		"X-Gitea-Event": event, "X-Gitea-Event-Type": "pull_request_sync", "X-Gitea-Delivery": guid, "X-Gitea-Signature": mac,
		"X-Hub-Signature": "sha1=0", "X-Hub-Signature-256": "sha256=" + mac, "X-GitHub-Event": event, "X-GitHub-Delivery": guid,
	} {
		r.Header.Set(name, value)
	}
	if change != nil {
		change(r.Header)
	}
	answer := httptest.NewRecorder()
	w.handler["gitea"].ServeHTTP(answer, r)
	_, err := w.follower.Once(w.t.Context())
	w.must(err)
	return answer.Code
}

// onGitea makes the campaign one of a Gitea.
func (w *world) onGitea() {
	w.t.Helper()
	row, err := w.store.Row(w.t.Context(), "c")
	w.must(err)
	row.Forge = "gitea+https://git.example"
	w.must(w.store.SaveCampaign(w.t.Context(), row))
}

func giteaComment(author, text string, id int) string {
	return fmt.Sprintf(`{"action":"created","is_pull":true,"issue":{"number":7,"pull_request":{"merged":false}},"comment":{"id":%d,"body":%q,"user":{"login":%q}},"repository":{"full_name":"acme/shop","html_url":"https://Git.example/acme/shop"}}`, id, text, author)
}

func TestGitea(t *testing.T) {
	w := newWorld(t)
	w.onGitea()
	onlyOwn := func(h http.Header) {
		for name := range h {
			if !strings.HasPrefix(name, "X-Gitea-") {
				h.Del(name)
			}
		}
	}
	forgejo := func(h http.Header) {
		for name, values := range h.Clone() {
			h.Del(name)
			if own, ok := strings.CutPrefix(name, "X-Gitea-"); ok {
				h["X-Forgejo-"+own] = values
			}
		}
	}
	for i, c := range []struct {
		event, body, want string
		status            int
		change            func(http.Header)
	}{
		{"push", push, "acme/shop", 202, nil},
		{"push", push, "acme/shop", 202, onlyOwn},
		{"push", push, "acme/shop", 202, forgejo},
		{"pull_request", `{"action":"synchronized","pull_request":{"head":{"ref":"drydock/c"}},"repository":{"full_name":"acme/shop"}}`, "acme/shop", 202, nil},
		{"pull_request", `{"action":"label_updated","pull_request":{"head":{"ref":"drydock/c"}},"repository":{"full_name":"acme/shop"}}`, "", 204, nil},
		{"repository", `{"action":"deleted","repository":{"full_name":"acme/web"}}`, "acme/web", 202, nil},
		{"issue_comment", giteaComment("ann", "drydock rebase", 1), "acme/shop rebase ann", 202, nil},
		{"issue_comment", giteaComment("ann.x", "drydock ignore", 2), "acme/shop ignore ann.x", 202, nil},
		{"issue_comment", giteaComment("eve", "drydock ignore", 3), "", 202, nil},
		{"issue_comment", giteaComment("../ann", "drydock ignore", 4), "", 204, nil},
		{"issue_comment", strings.Replace(giteaComment("ann", "drydock ignore", 5), `{"merged":false}`, "null", 1), "", 202, nil}, // of an issue that does not ask
		{"pull_request_approved", `{"action":"reviewed"}`, "", 204, nil},
		{"push", push, "", 401, func(h http.Header) { h.Set("X-Gitea-Signature", strings.Repeat("0", 64)) }},
		{"push", push, "", 401, func(h http.Header) { h.Set("X-Hub-Signature-256", sign(push, secret)) }},
		{"push", push, "", 401, func(h http.Header) { h.Del("X-Gitea-Signature"); h.Set("X-Hub-Signature-256", "sha256=") }},
		{"push", push, "", 401, func(h http.Header) { h.Del("X-Gitea-Signature"); h.Del("X-Hub-Signature-256") }},
		{"push", push, "", 400, func(h http.Header) { h.Del("X-Gitea-Delivery") }},
	} {
		if got := w.deliverGitea(c.event, fmt.Sprint("g", i), c.body, c.change); got != c.status {
			t.Errorf("%d %s: %d", i, c.event, got)
		}
		if got := w.due(); got != c.want {
			t.Errorf("%d %s: %q is due, not %q", i, c.event, got, c.want)
		}
	}
	if got := w.deliverGitea("push", "g0", push, nil); got != http.StatusOK || w.due() != "" {
		t.Errorf("a replay: %d", got)
	}
	w.deliverGitea("issue_comment", "again", giteaComment("ann", "drydock rebase", 1), nil)
	if got := w.due(); got != "" {
		t.Errorf("a comment that came before: %s", got)
	}
}

// TestACommentCountsOnItsOwnForge: whoever may write somewhere under a name is not
// whoever has it elsewhere.
func TestACommentCountsOnItsOwnForge(t *testing.T) {
	w := newWorld(t)
	w.deliverGitea("issue_comment", "g1", giteaComment("ann", "drydock ignore", 1), nil)
	w.deliverGitea("issue_comment", "g2", strings.Replace(giteaComment("ann", "drydock ignore", 2), "Git.example", "github.com", 1), nil)
	w.deliver("issue_comment", "g3", strings.Replace(comment("ann", "drydock ignore", 3), "https://github.com/", "https://ghe.example/", 1))
	w.deliver("issue_comment", "g4", strings.Replace(comment("ann", "drydock ignore", 4), `,"html_url":"https://github.com/acme/shop"`, "", 1))
	if got := w.due(); got != "" {
		t.Errorf("%s: a comment from elsewhere", got)
	}
	w.deliver("issue_comment", "g5", comment("ann", "drydock ignore", 4))
	if got := w.due(); got != "acme/shop ignore ann" {
		t.Errorf("%q", got)
	}
}
