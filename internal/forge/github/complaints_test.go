package github_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/forge/github"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// What users of other bots complained of, each as a scenario. More of them are in
// internal/campaign: closed pull requests that come back, no way to opt out, no
// reviewer asked, CI that runs for nothing.

const before = "FROM debian:12\nRUN useradd -m app\nUSER app\nCMD [\"bash\"]\n"

// world is a stand-in and a bot that live by the same clock, which passes by being
// waited for.
type world struct {
	t      *testing.T
	server *fake.Server
	mu     sync.Mutex
	now    time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, server: fake.New(t), now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	w.server.Now = w.time
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	return ctx.Err()
}

func (w *world) bot(o github.Options) campaign.Options {
	w.t.Helper()
	o.API = w.server.URL
	if o.App == nil {
		o.Token = func(context.Context) (string, error) { return w.server.Token, nil }
	}
	hub, err := github.NewAt(o, w.time, w.sleep)
	if err != nil {
		w.t.Fatal(err)
	}
	ordered, err := fix.Order(fixers.All())
	if err != nil {
		w.t.Fatal(err)
	}
	return campaign.Options{
		Forge: hub, Fixers: ordered, Branch: "drydock/all", Selection: config.Selection{Only: []string{"numeric-user"}},
		Author: git.Identity{Name: "drydock", Email: "drydock@example.com"}, Now: w.time,
	}
}

// add makes n repositories with something to do.
func (w *world) add(n int) (names []string) {
	for i := range n {
		name := fmt.Sprintf("acme/r%03d", i)
		w.server.Add(name, map[string]string{"Dockerfile": before})
		names = append(names, name)
	}
	return names
}

func (w *world) run(o campaign.Options, name string) (campaign.Done, error) {
	c, err := o.Look(w.t.Context(), name)
	if err != nil {
		return campaign.Done{}, err
	}
	return o.Apply(w.t.Context(), c)
}

func (w *world) mustRun(o campaign.Options, name string, want campaign.Result) campaign.Done {
	w.t.Helper()
	done, err := w.run(o, name)
	if err != nil {
		w.t.Fatal(err)
	}
	if done.Result != want {
		w.t.Fatalf("%s: %s, not %s", name, done.Result, want)
	}
	return done
}

// one fails unless a repository has exactly one pull request, whose branch is one
// commit ahead of main and holds the rewrite.
func (w *world) one(name string) {
	w.t.Helper()
	r := w.server.Repository(name)
	if len(r.Pulls) != 1 || r.Pulls[0].State != "open" {
		w.t.Errorf("%s has %d pull requests", name, len(r.Pulls))
	}
	if got := gittest.Run(w.t, r.Dir, "rev-list", "--count", "main..drydock/all"); got != "1" {
		w.t.Errorf("%s: %s commits", name, got)
	}
	if got := gittest.Run(w.t, r.Dir, "show", "drydock/all:Dockerfile"); !strings.Contains(got, "USER 1001") {
		w.t.Error(got)
	}
}

// Secondary limits hit at the 22nd to 50th repository (multi-gitter#276, nori#149):
// GitHub's own are kept by the pace alone, and narrower ones are waited for.
func TestSecondaryLimitsStopNoRun(t *testing.T) {
	for name, c := range map[string]struct {
		limits       fake.Limits
		repositories int
		refused      bool
	}{
		"GitHub's":         {fake.Limits{}, 60, false},
		"narrower content": {fake.Limits{ContentMinute: 10}, 12, true},
		"narrower primary": {fake.Limits{Requests: 50}, 12, false}, // the headers tell
		"narrower points":  {fake.Limits{Points: 60}, 12, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.server.Limits = c.limits
			o := w.bot(github.Options{})
			o.Attention = forge.Attention{Labels: []string{"docker"}}
			names := w.add(c.repositories)
			for _, name := range names {
				w.mustRun(o, name, campaign.Opened)
			}
			for _, name := range names {
				w.one(name)
			}
			log := w.server.Log()
			if n := fake.Count(log); n.Writes != 5*len(names) || n.Content != 2*len(names) || n.Refused > 0 != c.refused {
				t.Errorf("%+v", n)
			}
			var last time.Time
			for _, r := range log {
				if r.IsRead() {
					continue
				}
				if gap := r.At.Sub(last); gap < time.Second {
					t.Fatalf("%s comes %v after another write", r, gap)
				}
				last = r.At
			}
		})
	}
}

// An aborted run leaves branches without pull requests (multi-gitter#369): it may
// be cut off at any call, before or after the server has done it.
func TestARunThatIsCutOffAnywhereIsTakenUp(t *testing.T) {
	probe := newWorld(t)
	o := probe.bot(github.Options{})
	o.Attention = forge.Attention{Labels: []string{"docker"}}
	probe.mustRun(o, probe.add(1)[0], campaign.Opened)
	calls := probe.server.Log()
	if len(calls) < 9 {
		t.Fatalf("%v", calls)
	}
	cutOff := func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) { panic(http.ErrAbortHandler) }
	doneAndCutOff := func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		fake.DoneAndLost(w, r, next)
		panic(http.ErrAbortHandler)
	}
	for i, call := range calls {
		for name, fault := range map[string]func(http.ResponseWriter, *http.Request, http.HandlerFunc){"before": cutOff, "after": doneAndCutOff} {
			t.Run(fmt.Sprintf("%02d %s %s", i, name, call), func(t *testing.T) {
				w := newWorld(t)
				repository := w.add(1)[0]
				nth := 0
				for _, earlier := range calls[:i] {
					if earlier.Method == call.Method && earlier.Path == call.Path {
						nth++
					}
				}
				w.server.Break(fake.Fault{On: call.Method + " " + call.Path, Times: nth + 1, Do: func(rw http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
					if nth--; nth >= 0 {
						next(rw, r)
						return
					}
					fault(rw, r, next)
				}})
				o := w.bot(github.Options{})
				o.Attention = forge.Attention{Labels: []string{"docker"}}
				// It may even succeed: what was lost is looked for.
				if _, err := w.run(o, repository); err != nil && strings.Contains(err.Error(), w.server.Token) {
					t.Errorf("the error tells the token: %v", err)
				}
				done, err := w.run(w.bot(github.Options{}), repository)
				if err != nil || done.Result != campaign.Opened && done.Result != campaign.Unchanged {
					t.Fatalf("again: %v, %v", done, err)
				}
				w.one(repository)
			})
		}
	}
}

// Human commits are overwritten (renovate#3724, #9376): not even one that comes in
// the moment before the branch is moved.
func TestACommitThatComesInTheLastMomentStays(t *testing.T) {
	w := newWorld(t)
	name := w.add(1)[0]
	repo := w.server.Repository(name)
	o := w.bot(github.Options{})
	w.mustRun(o, name, campaign.Opened)
	gittest.Push(t, repo.Dir, "main", "more", map[string]string{"Dockerfile": strings.Replace(before, "bash", "sh", 1)})
	human := ""
	w.server.Break(fake.Fault{On: "POST /api/graphql", Times: 1, Do: func(rw http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		human = gittest.Push(t, repo.Dir, "drydock/all", "mine", map[string]string{"note": "x"})
		next(rw, r)
	}})
	if done, err := w.run(o, name); err == nil || !strings.Contains(err.Error(), git.ErrMoved.Error()) {
		t.Errorf("%v, %v", done, err)
	}
	if got := gittest.Run(t, repo.Dir, "rev-parse", "drydock/all"); human == "" || got != human {
		t.Error("the commit is gone")
	}
	w.mustRun(o, name, campaign.Foreign)
}

// A server without the mutation is served all the same.
func TestABranchIsMovedOnAnOldServer(t *testing.T) {
	w := newWorld(t)
	w.server.NoUpdateRefs = true
	name := w.add(1)[0]
	repo := w.server.Repository(name)
	o := w.bot(github.Options{})
	w.mustRun(o, name, campaign.Opened)
	gittest.Push(t, repo.Dir, "main", "more", map[string]string{"Dockerfile": strings.Replace(before, "bash", "sh", 1)})
	w.mustRun(o, name, campaign.Updated)
	w.one(name)
	if got := gittest.Run(t, repo.Dir, "show", "drydock/all:Dockerfile"); !strings.Contains(got, `"sh"`) {
		t.Error(got)
	}
}

// A push by force is forbidden (renovate#5718): the branch goes on, and the pull
// request shows the rewrite alone, as often as the base moves.
func TestABranchThatTakesNoForceGoesOn(t *testing.T) {
	for how, clones := range map[string]bool{"by the API": false, "in a clone": true} {
		t.Run(how, func(t *testing.T) {
			w := newWorld(t)
			name := w.add(1)[0]
			repo := w.server.Repository(name)
			o := w.bot(github.Options{})
			o.Clone, o.Commits = clones, campaign.CommitPerFixer
			head := string(w.mustRun(o, name, campaign.Opened).Head)
			repo.Protected = "drydock/*"
			gittest.Run(t, repo.Dir, "config", "receive.denyNonFastForwards", "true")
			w.mustRun(o, name, campaign.Unchanged)
			for _, shell := range []string{"sh", "dash"} {
				gittest.Push(t, repo.Dir, "main", "more", map[string]string{"Dockerfile": strings.Replace(before, "bash", shell, 1), shell: "x"})
				done := w.mustRun(o, name, campaign.Updated)
				gittest.Run(t, repo.Dir, "merge-base", "--is-ancestor", head, "drydock/all") // which fails if it is none
				head = gittest.Run(t, repo.Dir, "rev-parse", "drydock/all")
				if string(done.Head) != head {
					t.Errorf("%s, not %s", done.Head, head)
				}
				// As GitHub shows a pull request: from where the branch left the base.
				if got := gittest.Run(t, repo.Dir, "diff", "--name-only", "main...drydock/all"); got != "Dockerfile" {
					t.Errorf("it shows %s", got)
				}
				if got := gittest.Run(t, repo.Dir, "show", "drydock/all:Dockerfile"); !strings.Contains(got, shell) || !strings.Contains(got, "USER 1001") {
					t.Error(got)
				}
				w.mustRun(o, name, campaign.Unchanged)
			}
			if len(repo.Pulls) != 1 {
				t.Errorf("%d pull requests", len(repo.Pulls))
			}
			// It still knows a stranger's commit.
			gittest.Push(t, repo.Dir, "drydock/all", "mine", map[string]string{"note": "x"})
			w.mustRun(o, name, campaign.Foreign)
		})
	}
}

// A branch that may not be deleted stays, and that is told: its pull request is closed
// all the same.
func TestAProtectedBranchIsNotDeleted(t *testing.T) {
	w := newWorld(t)
	name := w.add(1)[0]
	repo := w.server.Repository(name)
	o := w.bot(github.Options{})
	w.mustRun(o, name, campaign.Opened)
	repo.Protected = "drydock/*"
	r, err := o.Forge.Repository(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	done, err := o.Close(t.Context(), r, "over")
	if err != nil || done.Result != campaign.Closed || done.Trouble == nil || !strings.Contains(done.Trouble.Error(), "Cannot delete this protected branch") {
		t.Errorf("%+v, %v", done, err)
	}
}

// The hour of a token ends in the middle of a run (scala-steward-action#625).
func TestARunOfManyHoursAsAnApp(t *testing.T) {
	w := newWorld(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	w.server.App = &fake.App{ID: 7, Slug: "drydock", Public: &key.PublicKey, Owners: []string{"acme"}}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	w.server.Limits = fake.Limits{ContentHour: 8}
	o := w.bot(github.Options{App: &github.App{ID: "7", Key: text}})
	names := w.add(20)
	for _, name := range names {
		w.mustRun(o, name, campaign.Opened)
	}
	for _, name := range names {
		w.one(name)
		w.mustRun(o, name, campaign.Unchanged)
	}
	if w.server.App.Minted < 3 || w.time().Sub(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)) < 2*time.Hour {
		t.Errorf("%d tokens in %v", w.server.App.Minted, w.time())
	}
	if slices.ContainsFunc(w.server.Log(), func(r fake.Request) bool { return r.Status == http.StatusUnauthorized }) {
		t.Error("a token was used after its end")
	}
}

// A repository is renamed, archived or deleted while a run is at it.
func TestARepositoryChangesMidRun(t *testing.T) {
	w := newWorld(t)
	w.server.Add("acme/was", map[string]string{"Dockerfile": before})
	o := w.bot(github.Options{})
	c, err := o.Look(t.Context(), "acme/was")
	if err != nil {
		t.Fatal(err)
	}
	w.server.Rename("acme/was", "acme/is")
	if done, err := o.Apply(t.Context(), c); err != nil || done.Result != campaign.Opened {
		t.Errorf("renamed: %v, %v", done, err)
	}
	w.one("acme/is")

	for name, change := range map[string]func(*fake.Repository){
		"archived": func(r *fake.Repository) { r.Archived = true },
		"deleted":  func(r *fake.Repository) { r.Gone = true },
	} {
		r := w.server.Add("acme/"+name, map[string]string{"Dockerfile": before})
		c, err := o.Look(t.Context(), "acme/"+name)
		if err != nil {
			t.Fatal(err)
		}
		change(r)
		if done, err := o.Apply(t.Context(), c); err == nil || len(r.Pulls) > 0 {
			t.Errorf("%s: %v", name, done)
		}
	}
}
