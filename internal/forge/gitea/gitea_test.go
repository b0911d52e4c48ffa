package gitea_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	api "code.gitea.io/sdk/gitea"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/gitea"
	"github.com/drydock-dev/drydock/internal/forge/gitea/giteatest"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

const before = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN useradd -m app\nUSER app\nCMD [\"bash\"]\n"

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a server with an organisation and two accounts: one that may push to
// acme/shop, and one that may not.
type world struct {
	t           *testing.T
	server      *giteatest.Server
	admin       *api.Client
	bot, reader string // tokens
}

func newWorld(t *testing.T) *world {
	server := giteatest.Start(t)
	w := &world{t: t, server: server}
	w.admin = server.Client(server.User("boss"))
	w.bot, w.reader = server.User("bot"), server.User("reader")
	_, _, err := w.admin.CreateOrg(api.CreateOrgOption{Name: "acme"})
	must(t, err)
	return w
}

// repository makes one with files in the organisation, that the bot may push to.
func (w *world) repository(name string, files map[string]string) {
	w.t.Helper()
	_, _, err := w.admin.CreateOrgRepo("acme", api.CreateRepoOption{Name: name, DefaultBranch: "main"})
	must(w.t, err)
	write := api.AccessModeWrite
	_, err = w.admin.AddCollaborator("acme", name, "bot", api.AddCollaboratorOption{Permission: &write})
	must(w.t, err)
	all := api.ChangeFilesOptions{Message: "m"}
	for path, text := range files {
		all.Files = append(all.Files, &api.ChangeFileOperation{Operation: "create", Path: path, Content: encoded(text)})
	}
	_, _, err = w.admin.ChangeFiles("acme", name, all)
	must(w.t, err)
}

func (w *world) connect(token string) *gitea.Forge {
	w.t.Helper()
	f, err := gitea.New(gitea.Options{URL: w.server.URL, Token: func(context.Context) (string, error) { return token, nil }})
	must(w.t, err)
	return f
}

func (w *world) options(f forge.Forge) campaign.Options {
	w.t.Helper()
	ordered, err := fix.Order(fixers.All())
	must(w.t, err)
	return campaign.Options{
		Forge: f, Fixers: ordered, Branch: "drydock/all", Selection: config.Selection{Only: []string{"package-cleanup", "numeric-user"}},
		Author: git.Identity{Name: "drydock", Email: "drydock@example.com"}, Now: time.Now,
	}
}

func (w *world) run(o campaign.Options, name string, want campaign.Result) campaign.Done {
	w.t.Helper()
	c, err := o.Look(w.t.Context(), name)
	must(w.t, err)
	done, err := o.Apply(w.t.Context(), c)
	must(w.t, err)
	if done.Result != want {
		w.t.Errorf("%s: %s, not %s", name, done.Result, want)
	}
	return done
}

func TestAgainstARealServer(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]func(*testing.T, *world){
		"the life of a pull request":         lifeOfAPullRequest,
		"forks, commits of others, archived": forksAndOthers,
		"a scan reads by the API":            scanByAPI,
		"what has passed is merged":          mergeOfWhatPassed,
	} {
		t.Run(name, func(t *testing.T) {
			in := *w
			in.t = t
			test(t, &in)
		})
	}
}

func mergeOfWhatPassed(t *testing.T, w *world) {
	w.repository("merged", map[string]string{"Dockerfile": before})
	f := w.connect(w.bot)
	done := w.run(w.options(f), "acme/merged", campaign.Opened)
	r, err := f.Repository(t.Context(), "acme/merged")
	must(t, err)
	waits := func(at git.Hash, want string) {
		t.Helper()
		var got string
		// The server finds out in the background whether a pull request can be merged.
		for range 50 {
			got, err = f.Waits(t.Context(), r, done.Pull.Number, at)
			must(t, err)
			if got == want {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("%q, want %q", got, want)
	}
	status := func(state api.StatusState) {
		t.Helper()
		_, _, err := w.admin.CreateStatus("acme", "merged", string(done.Head), api.CreateStatusOption{State: state, Context: "ci"})
		must(t, err)
	}
	waits("0123", "its branch has moved")
	waits(done.Head, "nothing has checked it")
	status(api.StatusPending)
	waits(done.Head, "its status is pending")
	status(api.StatusSuccess)
	waits(done.Head, "")
	if err := f.Merge(t.Context(), r, done.Pull.Number, git.Hash(strings.Repeat("0", 40))); err == nil {
		t.Error("another commit was merged")
	}
	waits(done.Head, "")
	// After an attempt the server finds out anew, and says 405 meanwhile.
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if err = f.Merge(t.Context(), r, done.Pull.Number, done.Head); err == nil || time.Now().After(end) {
			break
		}
		t.Log(err)
	}
	must(t, err)
	if p, _, err := w.admin.GetPullRequest("acme", "merged", int64(done.Pull.Number)); err != nil || !p.HasMerged {
		t.Errorf("%+v %v", p, err)
	}
}

func lifeOfAPullRequest(t *testing.T, w *world) {
	w.repository("shop", map[string]string{"Dockerfile": before, "CODEOWNERS": ".* @boss @nobody-there\n"})
	w.repository("fine", map[string]string{"README.md": "x"})
	w.repository("out", map[string]string{"Dockerfile": before, ".drydock.yaml": "pull-requests: false\n"})
	_, _, err := w.admin.CreateOrgRepo("acme", api.CreateRepoOption{Name: "empty"})
	must(t, err)
	_, err = w.admin.SetRepoTopics("acme", "shop", []string{"docker"})
	must(t, err)
	f := w.connect(w.bot)
	o := w.options(f)
	o.Attention = forge.Attention{Labels: []string{"containers"}, Reviewers: []string{"boss", "nobody-there"}, Assignees: []string{"boss"}}
	o.Draft = true

	done := w.run(o, "acme/shop", campaign.Opened)
	if done.Trouble == nil || !strings.Contains(done.Trouble.Error(), "nobody-there") || strings.Contains(done.Trouble.Error(), "boss") {
		t.Errorf("trouble: %v", done.Trouble)
	}
	p, _, err := w.admin.GetPullRequest("acme", "shop", int64(done.Pull.Number))
	must(t, err)
	if !strings.HasPrefix(p.Title, "WIP: Dockerfile: ") || len(p.Labels) != 1 || p.Labels[0].Name != "containers" || len(p.Assignees) != 1 || len(p.RequestedReviewers) != 1 || p.HTMLURL != done.Pull.URL {
		t.Errorf("%+v", p)
	}
	bare := filepath.Join(w.server.Repos, "acme", "shop.git")
	if got := gittest.Run(t, bare, "show", "drydock/all:Dockerfile"); !strings.Contains(got, "USER 1001") {
		t.Error(got)
	}
	head := gittest.Run(t, bare, "rev-parse", "drydock/all")
	w.run(o, "acme/shop", campaign.Unchanged)
	if got := gittest.Run(t, bare, "rev-parse", "drydock/all"); got != head || string(done.Head) != head {
		t.Error("the branch moved")
	}

	// Another title is another text, and the draft stays one.
	o.Title = "Better images"
	w.run(o, "acme/shop", campaign.Updated)
	p, _, err = w.admin.GetPullRequest("acme", "shop", int64(done.Pull.Number))
	must(t, err)
	if p.Title != "WIP: Better images" {
		t.Error(p.Title)
	}

	r, err := f.Repository(t.Context(), "acme/shop")
	must(t, err)
	if !slices.Equal(r.Topics, []string{"docker"}) {
		t.Errorf("topics: %v", r.Topics)
	}
	if _, err := f.Open(t.Context(), r, forge.Head{Owner: "acme", Branch: "drydock/all"}, forge.Proposal{Title: "T", Base: "main"}); !errors.Is(err, forge.ErrExists) {
		t.Errorf("a second one: %v", err)
	}
	must(t, f.Comment(t.Context(), r, done.Pull.Number, "why"))
	for range 2 {
		must(t, f.Close(t.Context(), r, done.Pull.Number))
	}
	if err := f.DeleteBranch(t.Context(), r, "drydock/all", "0123"); !errors.Is(err, git.ErrMoved) {
		t.Errorf("elsewhere: %v", err)
	}
	for range 2 {
		must(t, f.DeleteBranch(t.Context(), r, "drydock/all", git.Hash(gittest.Run(t, bare, "rev-parse", head))))
	}
	// What was closed does not come back, though its branch is gone.
	w.run(o, "acme/shop", campaign.Closed)

	if common, err := o.ReadCommon(t.Context(), "acme/shop"); common != nil || err != nil {
		t.Errorf("an owner who says nothing: %+v, %v", common, err)
	}
	w.repository(".profile", map[string]string{".drydock.yaml": "safe: true\n"})
	if common, err := o.ReadCommon(t.Context(), "acme/shop"); err != nil || common == nil || !common.Safe || common.Path != "acme/.profile/.drydock.yaml" {
		t.Errorf("an owner who does: %+v, %v", common, err)
	}
	w.run(o, "acme/fine", campaign.Nothing)
	w.run(o, "acme/out", campaign.Unwanted)
	if _, err := o.Look(t.Context(), "acme/empty"); !errors.Is(err, campaign.ErrEmpty) {
		t.Error(err)
	}
	if _, err := f.Repository(t.Context(), "acme/none"); !errors.Is(err, forge.ErrNotFound) {
		t.Error(err)
	}
	asked, err := f.OpenIssue(t.Context(), r, "May drydock?", "Say so.")
	if err != nil || !strings.HasPrefix(asked.URL, w.server.URL+"/acme/shop/issues/") {
		t.Error(asked, err)
	}
	_, _, err = w.admin.CreateIssue("acme", "shop", api.CreateIssueOption{Title: "May drydock?", Body: "Say so."})
	must(t, err)
	_, _, err = w.admin.CreateIssueComment("acme", "shop", int64(asked.Number), api.CreateIssueCommentOption{Body: "drydock go"})
	must(t, err)
	if all, err := f.Issues(t.Context(), r); err != nil || !slices.Equal(all, []forge.Issue{asked}) {
		t.Error(all, err)
	}
	if said, err := f.Remarks(t.Context(), r, asked.Number); err != nil || len(said) != 1 || said[0].ID == 0 || said[0].Author != "boss" || said[0].Text != "drydock go" {
		t.Error(said, err)
	}
	must(t, f.CloseIssue(t.Context(), r, asked.Number, "Over."))
	if all, err := f.Issues(t.Context(), r); err != nil || len(all) != 1 || all[0].Open || all[0].Text != "Over." {
		t.Error(all, err)
	}

	var names []string
	for r, err := range f.List(t.Context(), forge.Owner{Name: "acme"}) {
		must(t, err)
		names = append(names, fmt.Sprint(r.Name, r.Topics))
	}
	for _, want := range []string{"acme/empty[]", "acme/fine[]", "acme/out[]", "acme/shop[docker]"} {
		if !slices.Contains(names, want) {
			t.Errorf("%v lacks %s", names, want)
		}
	}
	for _, err := range f.List(t.Context(), forge.Owner{Name: "nobody"}) {
		if !errors.Is(err, forge.ErrNotFound) {
			t.Error(err)
		}
	}
}

func forksAndOthers(t *testing.T, w *world) {
	w.repository("store", map[string]string{"Dockerfile": before})
	w.repository("lib", map[string]string{"Dockerfile": before})
	w.repository("old", map[string]string{"Dockerfile": before})

	// Who may not push uses a fork, twice.
	o := w.options(w.connect(w.reader))
	done := w.run(o, "acme/store", campaign.Opened)
	w.run(o, "acme/store", campaign.Unchanged)
	p, _, err := w.admin.GetPullRequest("acme", "store", int64(done.Pull.Number))
	must(t, err)
	if p.Head.Repository.FullName != "reader/store" {
		t.Errorf("%+v", p.Head)
	}
	_, _, err = w.admin.UpdateFile("acme", "store", "Dockerfile", api.UpdateFileOptions{SHA: blob(t, w, "store"), Content: encoded(strings.Replace(before, "curl", "git", 1))})
	must(t, err)
	w.run(o, "acme/store", campaign.Updated)

	o = w.options(w.connect(w.bot))
	done = w.run(o, "acme/lib", campaign.Opened)
	gittest.Run(t, filepath.Join(w.server.Repos, "acme", "lib.git"), "cat-file", "-e", string(done.Head))
	// A human commits on the branch.
	_, _, err = w.admin.CreateFile("acme", "lib", "note", api.CreateFileOptions{Content: encoded("x"), FileOptions: api.FileOptions{BranchName: "drydock/all", Message: "mine"}})
	must(t, err)
	w.run(o, "acme/lib", campaign.Foreign)

	archived := true
	_, _, err = w.admin.EditRepo("acme", "old", api.EditRepoOption{Archived: &archived})
	must(t, err)
	w.run(o, "acme/old", campaign.Archived)
}

// scanByAPI: what has nothing to do, or is only planned, is not cloned, and both ways
// find the same.
func scanByAPI(t *testing.T, w *world) {
	w.repository("calm", map[string]string{"Dockerfile": "FROM alpine:3.20\n", "deploy/pod.yaml": "kind: Pod\n", "README.md": "x"})
	w.repository("due", map[string]string{"api/Dockerfile": before, "Makefile": "a:\n\tdocker build api\n"})
	many := map[string]string{"Dockerfile": before}
	for i := range 24 {
		many[fmt.Sprintf("k8s/%d.yaml", i)] = fmt.Sprintf("kind: Pod # %d\n", i)
	}
	w.repository("many", many)
	asked := &recorder{}
	f, err := gitea.New(gitea.Options{URL: w.server.URL, Transport: asked, Token: func(context.Context) (string, error) { return w.bot, nil }})
	must(t, err)
	o := w.options(f)
	o.Plan = true
	for _, c := range []struct {
		name         string
		most, change int
	}{{"acme/calm", 5, 0}, {"acme/due", 5, 1}, {"acme/many", 30, 1}} {
		asked.paths = nil
		found, err := o.Look(t.Context(), c.name)
		must(t, err)
		if len(asked.paths) > c.most || len(found.Steps) != c.change {
			t.Errorf("%s: %d changes, asked for %q", c.name, len(found.Steps), asked.paths)
		}
		cloning := o
		cloning.Clone = true
		cloned, err := cloning.Look(t.Context(), c.name)
		must(t, err)
		if found.At != cloned.At || found.Hash() != cloned.Hash() {
			t.Errorf("%s: %s by the API, %s by a clone", c.name, found.At, cloned.At)
		}
		asked.paths = nil
		if _, err = o.Look(t.Context(), c.name); err != nil || len(asked.paths) != 3 {
			t.Errorf("%s, again: %v, asked for %q", c.name, err, asked.paths)
		}
	}
	seen, err := o.Glance(t.Context(), repositoryOf(t, f, "acme/due"))
	must(t, err)
	_, _, err = w.admin.CreateFile("acme", "due", "more", api.CreateFileOptions{Content: encoded("x"), FileOptions: api.FileOptions{Message: "m"}})
	must(t, err)
	o.Plan = false
	// The base moved after the glance: it is read again.
	moved, err := o.LookOn(t.Context(), repositoryOf(t, f, "acme/due"), seen)
	if err != nil || moved.At == seen.At || len(moved.Steps) != 1 {
		t.Errorf("%+v, %v", moved, err)
	}
	o.Base = "none"
	if _, err := o.Glance(t.Context(), repositoryOf(t, f, "acme/due")); !errors.Is(err, git.ErrNoBranch) {
		t.Error(err)
	}
}

func repositoryOf(t *testing.T, f forge.Forge, name string) forge.Repository {
	t.Helper()
	r, err := f.Repository(t.Context(), name)
	must(t, err)
	return r
}

// recorder keeps the paths of requests.
type recorder struct{ paths []string }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.paths = append(r.paths, strings.TrimPrefix(req.URL.Path, "/api/v1"))
	return http.DefaultTransport.RoundTrip(req)
}

func blob(t *testing.T, w *world, name string) string {
	t.Helper()
	return gittest.Run(t, filepath.Join(w.server.Repos, "acme", name+".git"), "rev-parse", "main:Dockerfile")
}

// TestTheTokenGoesNowhereElse, and limits are waited for, whatever the server is.
func TestTheTokenGoesNowhereElse(t *testing.T) {
	leaked := make(chan string, 1)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked <- r.Header.Get("Authorization")
		http.NotFound(w, r)
	}))
	t.Cleanup(other.Close)
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("Authorization") != "token secret-token" {
			t.Errorf("%q", r.Header.Get("Authorization"))
		}
		if asked == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		http.Redirect(w, r, other.URL, http.StatusFound)
	}))
	t.Cleanup(server.Close)
	f, err := gitea.New(gitea.Options{URL: server.URL, Token: func(context.Context) (string, error) { return "secret-token", nil }})
	must(t, err)
	_, err = f.Repository(t.Context(), "a/b")
	if got := <-leaked; got != "" || asked != 2 {
		t.Errorf("another host was sent %q; %d requests", got, asked)
	}
	if err == nil || strings.Contains(err.Error(), "secret-token") {
		t.Errorf("error: %v", err)
	}
	for _, address := range []string{"ftp://x", "https://user:pass@x", "nothing", "https://", ""} {
		if _, err := gitea.New(gitea.Options{URL: address}); err == nil || strings.Contains(err.Error(), "pass") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
