package github

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git"
)

// stoppedClock passes time by being told to.
type stoppedClock struct {
	at     time.Time
	sleeps []time.Duration
}

func (c *stoppedClock) clock() clock {
	return clock{
		now: func() time.Time { return c.at },
		sleep: func(_ context.Context, d time.Duration) error {
			c.at = c.at.Add(d)
			c.sleeps = append(c.sleeps, d)
			return nil
		},
	}
}

func connect(t *testing.T, server *fake.Server) (*Forge, *stoppedClock) {
	t.Helper()
	c := &stoppedClock{at: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	token := func(context.Context) (string, error) { return server.Token, nil }
	f, err := newForge(Options{API: server.URL, Token: token}, c.clock())
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

var files = map[string]string{"Dockerfile": "FROM a\n"}

func repository(t *testing.T, f *Forge, name string) forge.Repository {
	t.Helper()
	r, err := f.Repository(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRepository(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	server.Add("acme/empty", nil)
	server.Add("acme/old", files).Archived = true
	server.Add("acme/theirs", files).ReadOnly = true
	server.Add("acme/was", files).MovedTo = "acme/shop"
	f, _ := connect(t, server)

	got := repository(t, f, "acme/shop")
	got.Remote.Credentials = nil
	want := forge.Repository{ID: "R_acme/shop", Name: "acme/shop", Owner: "acme", DefaultBranch: "main", MayPush: true, Topics: []string{}, Remote: git.Remote{URL: server.URL + "/git/acme/shop.git"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r := repository(t, f, "acme/empty"); r.DefaultBranch != "" {
		t.Errorf("an empty repository has the branch %s", r.DefaultBranch)
	}
	if r := repository(t, f, "acme/old"); !r.Archived {
		t.Error("not seen to be archived")
	}
	if r := repository(t, f, "acme/theirs"); r.MayPush {
		t.Error("a push is thought to be allowed")
	}
	if r := repository(t, f, "acme/was"); r.Name != "acme/shop" {
		t.Errorf("renamed: %s", r.Name)
	}
	if _, err := f.Repository(t.Context(), "acme/none"); !errors.Is(err, forge.ErrNotFound) {
		t.Error(err)
	}
	for _, name := range []string{"acme", "acme/", "/shop", "a/b/c", ""} {
		if _, err := f.Repository(t.Context(), name); err == nil {
			t.Errorf("%q is taken for a repository", name)
		}
	}
}

func TestPullRequests(t *testing.T) {
	server := fake.New(t)
	repo := server.Add("acme/shop", files)
	f, _ := connect(t, server)
	r := repository(t, f, "acme/shop")
	head := forge.Head{Owner: "acme", Branch: "drydock/all"}

	pulls, err := f.Pulls(t.Context(), r, head)
	if err != nil || len(pulls) != 0 {
		t.Fatalf("%v, %v", pulls, err)
	}
	made, err := f.Open(t.Context(), r, head, forge.Proposal{Title: "T", Body: "B", Base: "main", Draft: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(t.Context(), r, head, forge.Proposal{Title: "T", Base: "main"}); !errors.Is(err, forge.ErrExists) {
		t.Errorf("a second one: %v", err)
	}
	if err := f.Edit(t.Context(), r, made.Number, forge.Proposal{Title: "T2", Body: "B2", Base: "main"}); err != nil {
		t.Fatal(err)
	}
	repo.Pulls = append(repo.Pulls, &fake.Pull{Number: 2, Head: "acme:other", Base: "main", State: "open"})
	pulls, err = f.Pulls(t.Context(), r, head)
	want := []forge.Pull{{Number: 1, URL: server.URL + "/acme/shop/pull/1", State: forge.Open, Base: "main", Title: "T2", Body: "B2"}}
	if diff := cmp.Diff(want, pulls); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if !repo.Pulls[0].Draft {
		t.Error("it is no draft")
	}
	repo.Pulls[0].State, repo.Pulls[0].Merged = "closed", true
	if pulls, _ = f.Pulls(t.Context(), r, head); pulls[0].State != forge.Merged {
		t.Errorf("merged: %v", pulls)
	}
	repo.Pulls[0].Merged = false
	if pulls, _ = f.Pulls(t.Context(), r, head); pulls[0].State != forge.Closed {
		t.Errorf("closed: %v", pulls)
	}
}

func TestClosingAndCommenting(t *testing.T) {
	server := fake.New(t)
	repo := server.Add("acme/shop", files)
	f, _ := connect(t, server)
	r := repository(t, f, "acme/shop")
	made, err := f.Open(t.Context(), r, forge.Head{Owner: "acme", Branch: "b"}, forge.Proposal{Title: "T", Body: "B", Base: "main"})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Comment(t.Context(), r, made.Number, "why"); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := f.Close(t.Context(), r, made.Number); err != nil {
			t.Error(err)
		}
	}
	if p := repo.Pulls[0]; p.State != "closed" || p.Title != "T" || len(p.Comments) != 1 || p.Comments[0].Body != "why" {
		t.Errorf("%+v", p)
	}
	if err := f.Close(t.Context(), r, 9); err == nil {
		t.Error("one that is not there is closed")
	}
}

func TestAttentionReachesWhomItCan(t *testing.T) {
	server := fake.New(t)
	server.Strangers = []string{"stranger"}
	repo := server.Add("acme/shop", files)
	f, _ := connect(t, server)
	r := repository(t, f, "acme/shop")
	made, err := f.Open(t.Context(), r, forge.Head{Owner: "acme", Branch: "b"}, forge.Proposal{Title: "T", Base: "main"})
	if err != nil {
		t.Fatal(err)
	}
	err = f.Attend(t.Context(), r, made, forge.Attention{
		Labels: []string{"docker"}, Reviewers: []string{"ann", "stranger"}, Teams: []string{"ops"}, Assignees: []string{"bob"}, AutoMerge: true,
	})
	if err == nil || !strings.Contains(err.Error(), "stranger") || strings.Contains(err.Error(), "ann") {
		t.Errorf("the stranger is not told of: %v", err)
	}
	p := repo.Pulls[0]
	if !slices.Equal(p.Labels, []string{"docker"}) || !slices.Equal(p.Reviewers, []string{"ann", "@ops"}) || !slices.Equal(p.Assignees, []string{"bob"}) {
		t.Errorf("%+v", p)
	}
	if got := server.AutoMerged(); !slices.Equal(got, []string{"PR_acme/shop_1 MERGE"}) {
		t.Error(got)
	}
}

func TestAForkIsWaitedFor(t *testing.T) {
	server := fake.New(t)
	server.ForkAppearsAfter = 3
	server.Add("acme/shop", files).ReadOnly = true
	f, _ := connect(t, server)
	fork, err := f.Fork(t.Context(), repository(t, f, "acme/shop"))
	if err != nil || fork.Name != "drydock-bot/shop" || !fork.MayPush || fork.DefaultBranch != "main" {
		t.Errorf("%+v, %v", fork, err)
	}
}

func TestLimitsAreWaitedFor(t *testing.T) {
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	reset := "X-RateLimit-Reset: " + strconv.FormatInt(start.Add(90*time.Second).Unix(), 10)
	for name, c := range map[string]struct {
		fault func(http.ResponseWriter, *http.Request, http.HandlerFunc)
		times int
		waits []time.Duration
	}{
		"403 with retry-after":        {fake.Answer(403, "You have exceeded a secondary rate limit", "Retry-After: 30"), 1, []time.Duration{30 * time.Second}},
		"429 with retry-after":        {fake.Answer(429, "slow down", "Retry-After: 5"), 2, []time.Duration{5 * time.Second, 5 * time.Second}},
		"403 that tells the reset":    {fake.Answer(403, "API rate limit exceeded", "X-RateLimit-Remaining: 0", reset), 1, []time.Duration{91 * time.Second}},
		"403 that tells nothing":      {fake.Answer(403, "You have exceeded a secondary rate limit"), 3, []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute}},
		"429 that tells nothing":      {fake.Answer(429, "Too many"), 1, []time.Duration{time.Minute}},
		"a server that fails to read": {fake.Answer(502, "bad gateway"), 2, []time.Duration{time.Second, 2 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			server := fake.New(t)
			server.Add("acme/shop", files)
			clock := &stoppedClock{at: start}
			var told []time.Duration
			f, err := newForge(Options{API: server.URL, Waits: func(d time.Duration) { told = append(told, d) }}, clock.clock())
			if err != nil {
				t.Fatal(err)
			}
			server.Break(fake.Fault{On: "GET /repos/acme/shop", Times: c.times, Do: c.fault})
			repository(t, f, "acme/shop")
			if diff := cmp.Diff([][]time.Duration{c.waits, c.waits}, [][]time.Duration{clock.sleeps, told}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsNoLimitIsAnError(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	f, clock := connect(t, server)
	server.Break(fake.Fault{On: "GET /repos/acme/shop", Times: 1, Do: fake.Answer(403, "Resource not accessible by integration")})
	if _, err := f.Repository(t.Context(), "acme/shop"); err == nil || !strings.Contains(err.Error(), "not accessible") {
		t.Error(err)
	}
	if len(clock.sleeps) > 0 {
		t.Errorf("waited %v", clock.sleeps)
	}
}

func TestAWriteThatMayBeDoneIsNotRepeated(t *testing.T) {
	server := fake.New(t)
	repo := server.Add("acme/shop", files)
	f, _ := connect(t, server)
	r := repository(t, f, "acme/shop")
	server.Break(fake.Fault{On: "POST /repos/acme/shop/pulls", Times: 1, Do: fake.DoneAndLost})
	if _, err := f.Open(t.Context(), r, forge.Head{Owner: "acme", Branch: "b"}, forge.Proposal{Title: "T", Base: "main"}); err == nil {
		t.Error("no error")
	}
	if len(repo.Pulls) != 1 {
		t.Errorf("%d pull requests", len(repo.Pulls))
	}
}

func TestWritesAreASecondApart(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	f, clock := connect(t, server)
	r := repository(t, f, "acme/shop")
	for _, branch := range []string{"a", "b", "c"} {
		if _, err := f.Open(t.Context(), r, forge.Head{Owner: "acme", Branch: branch}, forge.Proposal{Title: "T", Base: "main"}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []time.Duration{time.Second, time.Second}; !slices.Equal(clock.sleeps, want) {
		t.Errorf("waited %v, not %v", clock.sleeps, want)
	}
}

func TestGraphQLSaysALimitWithA200(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	f, clock := connect(t, server)
	r := repository(t, f, "acme/shop")
	made, err := f.Open(t.Context(), r, forge.Head{Owner: "acme", Branch: "b"}, forge.Proposal{Title: "T", Base: "main"})
	if err != nil {
		t.Fatal(err)
	}
	limited := func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`))
	}
	server.Break(fake.Fault{On: "POST /api/graphql", Times: 1, Do: limited})
	if err := f.Attend(t.Context(), r, made, forge.Attention{AutoMerge: true}); err != nil {
		t.Error(err)
	}
	if !slices.Contains(clock.sleeps, time.Minute) || len(server.AutoMerged()) != 1 {
		t.Errorf("waited %v, merged %v", clock.sleeps, server.AutoMerged())
	}
}

func TestTheTokenGoesNowhereElse(t *testing.T) {
	leaked := make(chan string, 1)
	elsewhere := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked <- r.Header.Get("Authorization")
		http.NotFound(w, r)
	})}
	listener := listen(t)
	go elsewhere.Serve(listener)
	t.Cleanup(func() { elsewhere.Close() })

	server := fake.New(t)
	server.Add("acme/shop", files)
	f, _ := connect(t, server)
	server.Break(fake.Fault{On: "GET /repos/acme/shop", Times: 1, Do: func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		http.Redirect(w, r, "http://"+listener.Addr().String()+"/", http.StatusFound)
	}})
	_, err := f.Repository(t.Context(), "acme/shop")
	if got := <-leaked; got != "" {
		t.Errorf("another host was sent %q", got)
	}
	if err == nil || strings.Contains(err.Error(), server.Token) {
		t.Errorf("error: %v", err)
	}
	for _, address := range []string{"ftp://x", "https://user:pass@x", "nothing", "https://"} {
		if _, err := New(Options{API: address}); err == nil || strings.Contains(err.Error(), "pass") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
