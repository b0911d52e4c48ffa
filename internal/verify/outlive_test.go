package verify_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// Nothing that a command starts outlives it, whether it ends or is interrupted: no
// process, and no container of what it built.
func TestPodmanLeavesNothingRunning(t *testing.T) {
	storage(t, "podman")
	leavesNothing(t, "podman")
}

func TestBuildahLeavesNothingRunning(t *testing.T) {
	storage(t, "buildah")
	leavesNothing(t, "buildah", "its build is interrupted") // it starts nothing
}

// storage gives podman or buildah a folder of its own, and skips without the program.
func storage(t *testing.T, program string) {
	t.Helper()
	if out, err := exec.Command(program, "info").CombinedOutput(); err != nil || os.Geteuid() != 0 {
		t.Skipf("no %s that root can use: %v %s", program, err, out)
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "storage.conf")
	text := fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n", filepath.Join(dir, "graph"), filepath.Join(dir, "run"))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CONTAINERS_STORAGE_CONF", conf)
	// What a container on a machine inside another may have: fewer files than podman
	// asks for, and cgroups as runc takes them.
	settings := "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n[engine]\ncgroup_manager = \"cgroupfs\"\n"
	if _, err := exec.LookPath("runc"); err == nil {
		settings += "runtime = \"runc\"\n"
	}
	limits := filepath.Join(dir, "containers.conf")
	if err := os.WriteFile(limits, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CONTAINERS_CONF", limits)
}

// leavesNothing verifies a Dockerfile whose image holds a program of a name that
// nothing else on the machine has. only names the cases to try, none for all.
func leavesNothing(t *testing.T, address string, only ...string) {
	program, dir := drydock(t), t.TempDir()
	mark := fmt.Sprintf("outlive-%d-%d", os.Getpid(), time.Now().UnixNano())
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	const hold = `"agent", "hold"]` + "\n" // waits for a signal, as a server does
	server := fmt.Sprintf("FROM scratch\nCOPY %[1]s /%[1]s\nEXPOSE 9\nCMD [\"/%[1]s\", ", mark) + hold
	for _, c := range []struct {
		name      string
		before    string
		wait      string
		interrupt bool
	}{
		{name: "it ends", before: server, wait: "2s"},
		{name: "it is interrupted", before: server, wait: "10m", interrupt: true}, // nothing listens on port 9
		{name: "its build is interrupted", before: strings.Replace(server, "CMD", "RUN", 1), wait: "10m", interrupt: true},
	} {
		if len(only) > 0 && !slices.Contains(only, c.name) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			for name, text := range map[string]string{mark: string(text), "before": c.before, "Dockerfile": c.before + "LABEL a=b\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			cmd := exec.Command(program, "verify", "--builder", address, "--no-verify-cache", "--no-rebuild", "--progress", "plain",
				"--accept", "config", "--start-timeout", c.wait, "--before", "before", "Dockerfile")
			cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
			cmd.Env = append(os.Environ(), "DRYDOCK_TEST_MARK="+mark)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			started := false
			limit := time.After(5 * time.Minute)
			for running := true; running; {
				select {
				case <-ended:
					running = false
				case <-limit:
					_ = cmd.Process.Kill()
					t.Fatalf("it does not end\n%s", &out)
				case <-time.After(50 * time.Millisecond):
					if !started && holds(t, mark) {
						started = true
						if c.interrupt {
							_ = cmd.Process.Signal(syscall.SIGINT)
						}
					}
				}
			}
			if !started && strings.Contains(out.String(), "OCI ") {
				t.Skipf("the builder starts nothing on this machine:\n%s", &out)
			}
			if !started {
				t.Fatalf("nothing was started\n%s", &out)
			}
			// A killed container is gone a moment later.
			var left []string
			for range 100 {
				if left = leftOver(t, mark); len(left) == 0 {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
			t.Errorf("it leaves\n%s", strings.Join(left, "\n"))
		})
	}
}

// holds reports whether a container that has /MARK runs what holds it. A builder's
// own programs enter such a tree, too.
func holds(t *testing.T, mark string) bool {
	for _, pid := range processes(t) {
		line, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
		_, err := os.Lstat(filepath.Join("/proc", pid, "root", mark))
		program, hold := bytes.CutSuffix(line, []byte("\x00agent\x00hold\x00"))
		if err == nil && hold && (string(program) == builder.AgentPath || string(program) == "/"+mark) {
			return true
		}
	}
	return false
}

// leftOver lists the processes of containers that hold /MARK, and those that were
// started, at any remove, with MARK in their environment.
func leftOver(t *testing.T, mark string) []string {
	var left []string
	for _, pid := range processes(t) {
		environ, _ := os.ReadFile(filepath.Join("/proc", pid, "environ")) // a process may be gone
		_, err := os.Lstat(filepath.Join("/proc", pid, "root", mark))
		if err == nil || bytes.Contains(environ, []byte("DRYDOCK_TEST_MARK="+mark)) {
			line, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
			left = append(left, pid+" "+string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return left
}

func processes(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err == nil {
			all = append(all, e.Name())
		}
	}
	return all
}

// The same holds of a BuildKit, which itself goes on.
func TestLabLeavesNothingRunning(t *testing.T) {
	labDir(t)
	leavesNothing(t, os.Getenv("BUILDKIT_HOST"))
}
