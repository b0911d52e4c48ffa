package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store/storetest"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// TestFleetThousand plans many repositories, in time and memory, and in a time that
// grows with them.
func TestFleetThousand(t *testing.T) {
	n := repositories(t)
	if n == 0 {
		t.Skip("make fleet runs this")
	}
	plan := func(n int) (lasted time.Duration) {
		f := newFolder(t, n)
		r := newRun(t, f.address(), nothing)
		begun := time.Now()
		out, took := r.do("campaign", "plan", "c.yaml", "-q", "--report", "plan.html")
		lasted = time.Since(begun)
		if !strings.Contains(out, "planned") {
			t.Error(out)
		}
		begun = time.Now()
		r.do("campaign", "rescan", "c", "-q")
		t.Logf("%d repositories: planned in %v with %d MB, %v of the processor; a rescan in which nothing happened in %v",
			n, lasted.Round(time.Millisecond), took.megabytes(), took.processor.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
		took.within(t)
		return lasted
	}
	few := plan(max(n/4, 1))
	all := plan(n)
	if limit := 2 * time.Minute * time.Duration(n) / 1000; n >= 100 && all > limit {
		t.Errorf("%v, and %v is promised", all, limit)
	}
	if n >= 400 && all > 6*few {
		t.Errorf("a quarter takes %v, all take %v: that is not linear", few, all)
	}
}

// unlimited is a stand-in for GitHub without rate limits, since its own would make
// many pull requests take hours, of which two in three repositories are due.
func unlimited(t *testing.T, n int) (server *fake.Server, r *run, ceiling string) {
	t.Helper()
	server = fake.New(t)
	const many = 1 << 30
	server.Limits = fake.Limits{Requests: many, Points: many, ContentMinute: many, ContentHour: many, Search: many,
		GraphQL: many, GraphQLPoints: many, GraphQLSeconds: many}
	models := []*fake.Repository{
		server.Add("acme/due", map[string]string{"Dockerfile": due, "src/a.go": "package a\n"}),
		server.Add("acme/fine", map[string]string{"Dockerfile": notDue, "src/a.go": "package a\n"}),
	}
	for i := range n {
		server.Copy(numbered(i), models[i%3/2])
	}
	r = newRun(t, server.URL, "limits: {per-hour: 1000000, open: 1000000}\n")
	replaceIn(t, r, "everything: true", "organisations: [acme], match: /r")
	r.token = server.Token
	ceiling = filepath.Join(r.dir, "ceiling.yaml")
	if err := os.WriteFile(ceiling, []byte("budget: none\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return server, r, ceiling
}

func numbered(i int) string { return fmt.Sprintf("acme/r%04d", i) }

// onePullEach expects one open pull request where one is due, and none elsewhere, of
// a branch one commit over the base.
func onePullEach(t *testing.T, server *fake.Server, n int) {
	t.Helper()
	for i := range n {
		want := 1 - i%3/2
		r := server.Repository(numbered(i))
		if len(r.Pulls) != want {
			t.Errorf("%s has %d pull requests, not %d", r.Name, len(r.Pulls), want)
			continue
		}
		if want == 0 {
			continue
		}
		if p := r.Pulls[0]; p.State != "open" || p.Head != "acme:drydock/c" {
			t.Errorf("%s: %+v", r.Name, p)
		}
		if commits := gittest.Run(t, r.Dir, "rev-list", "--count", "main..drydock/c"); commits != "1" {
			t.Errorf("%s: %s commits", r.Name, commits)
		}
	}
}

// TestFleetThousandPulls gives every repository of the stand-in that is due one pull
// request, and the others none.
func TestFleetThousandPulls(t *testing.T) {
	n := repositories(t)
	if n == 0 {
		t.Skip("make fleet runs this")
	}
	server, r, ceiling := unlimited(t, n)
	tell := func(what string, args ...string) {
		from, begun := len(server.Log()), time.Now()
		_, took := r.do(append(args, "-q", "-j", "8", "--ceiling", ceiling)...)
		t.Logf("%s: %v, %+v, %d MB", what, time.Since(begun).Round(time.Millisecond), fake.Count(server.Log()[from:]), took.megabytes())
	}
	tell("plan", "campaign", "plan", "c.yaml")
	tell("rescan", "campaign", "rescan", "c")
	tell("apply", "campaign", "apply", "c")
	tell("apply again", "campaign", "apply", "c")
	onePullEach(t, server, n)
}

// TestFleetThousandKilled is the same with two workers on a PostgreSQL, of which
// either is killed 50 times at any point.
func TestFleetThousandKilled(t *testing.T) {
	n := repositories(t)
	if n == 0 {
		t.Skip("make fleet runs this")
	}
	server, r, ceiling := unlimited(t, n)
	r.database = storetest.Postgres(t)()
	r.do("campaign", "apply", "c.yaml", "--detach", "--ceiling", ceiling)
	rest := n / 3
	r.twoMachines(fmt.Sprintf("c: %d none due, %d open\n", rest, n-rest), scaled(t, 4, 50), "-j", "4", "--ceiling", ceiling)
	t.Logf("%+v", fake.Count(server.Log()))
	onePullEach(t, server, n)
}
