package fleet

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/cli"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// asDrydock makes this program drydock itself, so that there is a process to kill.
const asDrydock = "DRYDOCK_FLEET_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asDrydock) != "" {
		code := cli.Main()
		tellPeak()
		os.Exit(code)
	}
	flag.Parse()
	if isDefault := flag.Lookup("test.parallel").Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)); isDefault {
		_ = flag.Set("test.parallel", strconv.Itoa(atOnce)) // which cannot fail
	}
	os.Exit(m.Run())
}

// atOnce is how many tests run at a time, whatever the processors: they mostly wait for
// what one request a second lets through.
const atOnce = 12

// repositories is how many "make fleet" asks for; 0 without it.
func repositories(t *testing.T) int {
	t.Helper()
	text := os.Getenv("DRYDOCK_FLEET")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("DRYDOCK_FLEET=%s is no number", text)
	}
	return n
}

// together lets tests over some repositories run at the same time: they mostly wait.
func together(t *testing.T) {
	t.Helper()
	if repositories(t) <= 100 {
		t.Parallel()
	}
}

// scaled is a number for every day, or for "make fleet" the part of the one that
// goes with 1,000 repositories.
func scaled(t *testing.T, everyday, thousand int) int {
	t.Helper()
	return max(everyday, thousand*repositories(t)/1000)
}

const (
	due     = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN useradd -m app\nUSER app\nCMD [\"bash\"]\n"
	notDue  = "FROM alpine:3.20\nRUN apk add --no-cache curl\n"
	fixers  = "fixers: {only: [package-cleanup, numeric-user]}\n"
	nothing = ""
)

// A run is a campaign in a folder of its own.
type run struct {
	t        *testing.T
	dir      string
	database string
	token    string
}

func newRun(t *testing.T, forge, limits string) *run {
	t.Helper()
	r := &run{t: t, dir: t.TempDir(), token: "unused"}
	r.database = filepath.Join(r.dir, "drydock.db")
	text := "name: c\nforge: " + forge + "\nselect: {everything: true}\n" + fixers + limits
	if err := os.WriteFile(filepath.Join(r.dir, "c.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return r
}

// command is drydock as a process of its own.
func (r *run) command(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.Command(self, append(args, "--database", r.database)...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), asDrydock+"=1", "GH_TOKEN="+r.token)
	return cmd
}

// do runs drydock to its end.
func (r *run) do(args ...string) (out string, took used) {
	r.t.Helper()
	cmd, told := r.command(args...), filepath.Join(r.dir, "peak")
	cmd.Env = append(cmd.Env, toldIn+"="+told)
	said, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("drydock %s: %v\n%s", strings.Join(args, " "), err, said)
	}
	return string(said), used{toldPeak(r.t, told), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}

// start begins drydock, and gives what kills it, which tells what it took.
func (r *run) start(args ...string) (kill func() used) {
	r.t.Helper()
	cmd := r.command(args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	kill = sync.OnceValue(func() (took used) {
		took.memory = peak(strconv.Itoa(cmd.Process.Pid))
		cmd.Process.Kill()
		cmd.Wait()
		took.processor = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		return took
	})
	r.t.Cleanup(func() { kill() })
	return kill
}

// A folder is a forge of bare repositories.
type folder struct {
	t    *testing.T
	dir  string
	due  int
	rest int
}

// newFolder makes one with n repositories, of which every third has nothing to do.
func newFolder(t *testing.T, n int) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir()}
	models := t.TempDir()
	for i, text := range []string{due, notDue} {
		gittest.Bare(t, filepath.Join(models, fmt.Sprint(i)), map[string]string{"Dockerfile": text, "README.md": "x", "src/a.go": "package a\n"})
	}
	for i := range n {
		model := 0
		if i%3 == 2 {
			model = 1
			f.rest++
		} else {
			f.due++
		}
		to := filepath.Join(f.dir, fmt.Sprintf("org%d", i%5), fmt.Sprintf("r%04d.git", i))
		if err := os.CopyFS(to, os.DirFS(filepath.Join(models, fmt.Sprint(model)))); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f *folder) address() string { return "file://" + filepath.ToSlash(f.dir) }

// oneEach expects one open pull request where one is due, and nothing elsewhere.
func (f *folder) oneEach() {
	f.t.Helper()
	pulls := 0
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, isRepository := strings.CutSuffix(path, ".git")
		if !isRepository {
			return nil
		}
		text, err := os.ReadFile(name + ".pulls.json")
		var all []struct{ State, Branch string }
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case json.Unmarshal(text, &all) != nil:
			f.t.Errorf("%s: %s", path, text)
		}
		pulls += len(all)
		hasBranch := f.branch(path)
		if len(all) > 1 || hasBranch != (len(all) == 1) || hasBranch && (all[0].State != "open" || all[0].Branch != "drydock/c") {
			f.t.Errorf("%s: branch %v, %+v", path, hasBranch, all)
		}
		return fs.SkipDir
	})
	if err != nil {
		f.t.Fatal(err)
	}
	if pulls != f.due {
		f.t.Errorf("%d pull requests, and %d are due", pulls, f.due)
	}
}

// branch reports whether a repository has the campaign's branch, one commit over
// the base.
func (f *folder) branch(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "refs/heads/drydock/c")); err != nil {
		return false
	}
	if n := gittest.Run(f.t, dir, "rev-list", "--count", "main..drydock/c"); n != "1" {
		f.t.Errorf("%s: %s commits", dir, n)
	}
	return true
}

// waitFor waits until something holds.
func waitFor(t *testing.T, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}
