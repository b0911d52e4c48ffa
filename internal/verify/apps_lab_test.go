package verify_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/verify"
)

// representative are the applications whose rewrites are proven in every run: one
// of each kind. Those with wrong rewrites are among them, as what is wrong is held
// against the application as it is.
var representative = []string{
	"c-curl", "go-cgo", "go-templates", "java-maven", "node-express", "python-notes", "python-pgmini", "python-web80", "ruby-miniserve", "rust-http",
}

// leave is the time before the end of a run after which nothing is begun any more.
const leave = 2 * time.Minute

// A run is which applications are tried, and until when.
type run struct {
	all   bool
	until time.Time // zero for ever

	mu   sync.Mutex
	left []string // what was left out, and why
}

// newRun reads what "make lab" and "make lab-all" say: DRYDOCK_LAB_APPS is "all" or
// else the representative ones, DRYDOCK_LAB_UNTIL a time.
func newRun(t *testing.T) *run {
	t.Helper()
	r := &run{all: os.Getenv("DRYDOCK_LAB_APPS") == "all"}
	if text := os.Getenv("DRYDOCK_LAB_UNTIL"); text != "" {
		until, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatalf("DRYDOCK_LAB_UNTIL: %v", err)
		}
		r.until = until
	}
	return r
}

// leavesOut reports whether something is not tried in this run, and notes it.
func (r *run) leavesOut(app, name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.all && !slices.Contains(representative, app):
		r.left = append(r.left, app+" (make lab-all has it)")
	case !r.until.IsZero() && time.Until(r.until) < leave:
		r.left = append(r.left, app+"/"+name+" (the time is up)")
	default:
		return false
	}
	return true
}

// Every application builds and starts alike before and after, and every wrong
// rewrite of it is caught and named for what it is. Where no times are taken for the
// table, applications go side by side: much of each is waiting.
func TestLabApplications(t *testing.T) {
	dir := labDir(t)
	b := connect(t)
	run := newRun(t)
	results := results{dir: filepath.Join(dir, "results")}
	t.Cleanup(func() {
		if len(run.left) > 0 {
			t.Logf("LEFT OUT: %s", strings.Join(run.left, ", "))
		}
		if name := os.Getenv("DRYDOCK_LAB_TABLE"); name != "" {
			results.write(t, name)
		}
	})
	for _, app := range wrongFirst(t) {
		wrongs := list(t, filepath.Join(apps, app, "wrong"))
		if len(wrongs) == 0 && run.leavesOut(app, "rewrite") {
			continue
		}
		t.Run(app, func(t *testing.T) {
			if !run.all {
				t.Parallel()
			}
			r := rewrite(t, app)
			o := options(t, b, dir, app, r.After)
			o.Rebuild = run.all
			v := verify.New(o)
			for _, file := range wrongs {
				name := strings.TrimSuffix(file, ".Dockerfile")
				if run.leavesOut(app, name) {
					continue
				}
				t.Run(name, func(t *testing.T) {
					wrong := verify.Rewrite{Before: r.Before, After: read(t, filepath.Join(apps, app, "wrong", file)), ByHand: true}
					results.caught(t, app, name, catches(t, v, wrong))
				})
			}
			if !run.leavesOut(app, "rewrite") {
				t.Run("rewrite", func(t *testing.T) { results.proven(t, app, r.ByHand, proves(t, v, r)) })
			}
		})
	}
}

// wrongFirst lists the applications, those with wrong rewrites in front: when the
// time is up, it is rewrites that are left out.
func wrongFirst(t *testing.T) []string {
	t.Helper()
	all := list(t, apps)
	slices.SortStableFunc(all, func(a, b string) int {
		return min(1, len(list(t, filepath.Join(apps, b, "wrong")))) - min(1, len(list(t, filepath.Join(apps, a, "wrong"))))
	})
	return all
}

// Every wrong rewrite belongs to an application that every run has.
func TestRepresentativeApplicationsHaveAllWrongRewrites(t *testing.T) {
	wrong := 0
	for _, app := range list(t, apps) {
		n := len(list(t, filepath.Join(apps, app, "wrong")))
		wrong += n
		if n > 0 && !slices.Contains(representative, app) {
			t.Errorf("%s has wrong rewrites and is not among the representative applications", app)
		}
	}
	if wrong < 12 {
		t.Errorf("there are %d wrong rewrites", wrong)
	}
}

func TestRunSaysWhatItLeavesOut(t *testing.T) {
	r := &run{}
	if r.leavesOut("python-notes", "rewrite") || !r.leavesOut("go-tools", "rewrite") {
		t.Error("it tries others than the representative applications")
	}
	r.until = time.Now().Add(leave / 2)
	if !r.leavesOut("python-notes", "lost-file") {
		t.Error("it begins something when the time is up")
	}
	want := "go-tools (make lab-all has it), python-notes/lost-file (the time is up)"
	if got := strings.Join(r.left, ", "); got != want {
		t.Errorf("it says %q", got)
	}
	if all := (&run{all: true}); all.leavesOut("go-tools", "rewrite") {
		t.Error("lab-all leaves something out")
	}
}
