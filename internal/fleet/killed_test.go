package fleet

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store/storetest"
	"github.com/drydock-dev/drydock/internal/forge/fake"
)

// seed makes the points of a run random, and a failure tells them.
func seed(t *testing.T) *rand.Rand {
	n := uint64(time.Now().UnixNano())
	t.Logf("seed %d", n)
	return rand.New(rand.NewPCG(n, 0))
}

// TestFleetKilledAnywhere: an apply that is killed at random points and run again
// makes one pull request each.
func TestFleetKilledAnywhere(t *testing.T) {
	together(t)
	random := seed(t)
	f := newFolder(t, scaled(t, 30, 1000))
	r := newRun(t, f.address(), "limits: {per-hour: 1000000, open: 1000000}\n")
	r.do("campaign", "plan", "c.yaml", "-q")
	for range scaled(t, 8, 50) {
		kill := r.start("campaign", "apply", "c.yaml", "-q", "-j", "2")
		time.Sleep(time.Duration(random.IntN(scaled(t, 300, 1000))) * time.Millisecond)
		kill()
	}
	out, _ := r.do("campaign", "apply", "c.yaml", "-q")
	if want := fmt.Sprintf("c: %d none due, %d open\n", f.rest, f.due); !strings.HasPrefix(out, want) {
		t.Errorf("%s, want %s", out, want)
	}
	f.oneEach()
}

// TestFleetKilledOnGitHub is the same against the stand-in, whose writes take a
// second each.
func TestFleetKilledOnGitHub(t *testing.T) {
	t.Parallel() // it waits for its budget, mostly
	random := seed(t)
	server := fake.New(t)
	model := server.Add("acme/model", map[string]string{"Dockerfile": due})
	n := scaled(t, 2, 60)
	for i := range n - 1 {
		server.Copy(fmt.Sprintf("acme/r%03d", i), model)
	}
	server.Copy("acme/fine", server.Add("acme/model2", map[string]string{"Dockerfile": notDue}))
	r := newRun(t, server.URL, "pull-request: {labels: [docker]}\nlimits: {per-hour: 1000}\n")
	replaceIn(t, r, "everything: true", "organisations: [acme]")
	r.token = server.Token
	for range scaled(t, 2, 50) {
		kill := r.start("campaign", "apply", "c.yaml", "-q", "-j", "4")
		time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
		kill()
	}
	r.do("campaign", "apply", "c.yaml", "-q")
	for i := range n {
		name := fmt.Sprintf("acme/r%03d", i)
		if i == n-1 {
			name = "acme/model"
		}
		pulls := server.Repository(name).Pulls
		if len(pulls) != 1 {
			t.Errorf("%s has %d pull requests", name, len(pulls))
		}
	}
	if len(server.Repository("acme/fine").Pulls)+len(server.Repository("acme/model2").Pulls) > 0 {
		t.Error("pull requests where none is due")
	}
	withinLimits(t, server)
	tokenIsNowhere(t, r)
}

// withinLimits expects that no limit of GitHub's was exceeded, as the stand-in
// counts.
func withinLimits(t *testing.T, server *fake.Server) {
	t.Helper()
	log := server.Log()
	one := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	for _, limit := range []struct {
		what   string
		within time.Duration
		most   int
		cost   func(fake.Request) int
	}{
		{"requests", time.Hour, 5000, func(r fake.Request) int { return one(!r.IsFree() && !r.IsGraphQL()) }},
		{"points", time.Minute, 900, func(r fake.Request) int { return one(!r.IsGraphQL()) * (5 - 4*one(r.IsRead())) }},
		{"GraphQL", time.Hour, 5000, func(r fake.Request) int { return one(r.IsGraphQL()) }},
		{"GraphQL points", time.Minute, 2000, func(r fake.Request) int { return one(r.IsGraphQL()) * (5 - 4*one(r.IsRead())) }},
		{"contents", time.Minute, 80, func(r fake.Request) int { return one(r.IsContent()) }},
		// A second between writes, give or take what the network does to them.
		{"writes", 10 * time.Second, 11, func(r fake.Request) int { return one(!r.IsRead()) }},
	} {
		sum, from, worst := 0, 0, 0
		for _, r := range log {
			sum += limit.cost(r)
			for r.At.Sub(log[from].At) >= limit.within {
				sum -= limit.cost(log[from])
				from++
			}
			worst = max(worst, sum)
		}
		t.Logf("%s: at most %d within %v, of %d", limit.what, worst, limit.within, limit.most)
		if worst > limit.most {
			t.Errorf("%s: %d within %v, and %d are allowed", limit.what, worst, limit.within, limit.most)
		}
	}
	for _, r := range log {
		if r.Exceeds {
			t.Errorf("%s %s exceeds a limit", r.Method, r.Path)
		}
	}
}

// tokenIsNowhere expects the token in no file of a run.
func tokenIsNowhere(t *testing.T, r *run) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), r.token) {
			t.Errorf("%s has the token", name)
		}
	}
}

func replaceIn(t *testing.T, r *run, old, by string) {
	t.Helper()
	name := filepath.Join(r.dir, "c.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), old, by, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFleetTwoMachines: two workers share a PostgreSQL, and either is killed at any
// point, to come again.
func TestFleetTwoMachines(t *testing.T) {
	together(t)
	f := newFolder(t, scaled(t, 45, 1000))
	r := newRun(t, f.address(), "limits: {per-hour: 1000000, open: 1000000}\n")
	r.database = storetest.Postgres(t)()
	r.do("campaign", "apply", "c.yaml", "--detach")
	want := fmt.Sprintf("c: %d none due, %d open\n", f.rest, f.due)
	r.twoMachines(want, scaled(t, 4, 50), "-j", "2")
	f.oneEach()
}

// twoMachines has two workers work for a campaign until its status is as it should
// be, kills one or the other so many times, and tells what it took.
func (r *run) twoMachines(want string, kills int, args ...string) {
	t := r.t
	t.Helper()
	random, begun := seed(t), time.Now()
	worker := append([]string{"worker", "-q"}, args...)
	machines := []func() used{r.start(worker...), r.start(worker...)}
	amid, most := 0, used{}
	status := func() string {
		out, _ := r.do("campaign", "status")
		return out
	}
	for range kills {
		time.Sleep(time.Duration(50+random.IntN(300)) * time.Millisecond)
		i := random.IntN(len(machines))
		most.memory = max(most.memory, machines[i]().memory)
		if !strings.HasPrefix(status(), want) {
			amid++
		}
		machines[i] = r.start(worker...)
	}
	waitFor(t, want, 20*time.Minute, func() bool { return strings.HasPrefix(status(), want) })
	took := time.Since(begun)
	for _, kill := range machines {
		most.memory = max(most.memory, kill().memory)
	}
	t.Logf("%d kills, %d of them amid the work, %v, at most %d MB each", kills, amid, took.Round(time.Millisecond), most.megabytes())
	most.within(t)
	// Few repositories may be done after the first.
	if n := repositories(t); n > 0 && amid == 0 || n >= 500 && amid < kills/2 {
		t.Errorf("the work was done after %d of %d kills: they came too late to show anything", amid, kills)
	}
}

// TestFleetTwoMachinesShareOneBudget: two workers never ask for more than one may.
func TestFleetTwoMachinesShareOneBudget(t *testing.T) {
	t.Parallel() // it waits for its budget, mostly
	database := storetest.Postgres(t)()
	server := fake.New(t)
	model := server.Add("acme/model", map[string]string{"Dockerfile": due})
	n := scaled(t, 2, 60)
	for i := range n - 1 {
		server.Copy(fmt.Sprintf("acme/r%03d", i), model)
	}
	r := newRun(t, server.URL, "limits: {per-hour: 1000}\n")
	replaceIn(t, r, "everything: true", "organisations: [acme]")
	r.database, r.token = database, server.Token
	r.do("campaign", "apply", "c.yaml", "--detach")
	for range 2 {
		r.start("worker", "-q", "-j", "4")
	}
	want := fmt.Sprintf("c: %d open\n", n)
	waitFor(t, want, 10*time.Minute, func() bool {
		out, _ := r.do("campaign", "status")
		return strings.HasPrefix(out, want)
	})
	withinLimits(t, server)
}
