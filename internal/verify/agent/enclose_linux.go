package agent

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// enclose runs a program that makes containers until it ends, is interrupted, or
// lifeline ends: whoever holds the other end is gone then. Of what was interrupted
// nothing is left: a builder that is ended in the middle of a step leaves the
// step's container to itself.
func enclose(args []string, lifeline io.Reader, out io.Writer) Ended {
	if len(args) == 0 {
		return Ended{Fault: "there is no command"}
	}
	// What loses its parent becomes a child of this process, and can be found.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return Ended{Code: 127, Fault: "prctl: " + err.Error()}
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		interrupted <- syscall.SIGTERM
	}()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second // as for runCommand
	if err := cmd.Start(); err != nil {
		return Ended{Code: 127, Fault: err.Error()}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return endedWith(cmd, err)
	case <-interrupted:
	}
	group := -cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	var err error
	select {
	case err = <-ended:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(group, syscall.SIGKILL)
		err = <-ended
	}
	// Its children may be making a container still.
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		_, _ = syscall.Wait4(group, nil, syscall.WNOHANG, nil)
		if syscall.Kill(group, 0) != nil {
			break
		}
		if time.Since(start) > 5*time.Second {
			_ = syscall.Kill(group, syscall.SIGKILL)
		}
	}
	killContainers()
	return endedWith(cmd, err)
}

// killContainers kills the first process of each container among the children of
// this process, and the kernel all others of it (pid_namespaces(7)). Other
// children are left: a rootless podman keeps its user namespace by one.
func killContainers() {
	self := strconv.Itoa(os.Getpid())
	depth := len(statusFields(self, "NSpid"))
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, e := range entries {
		name := filepath.Base(e)
		if !slices.Equal(statusFields(name, "PPid"), []string{self}) || len(statusFields(name, "NSpid")) <= depth {
			continue
		}
		if pid, err := strconv.Atoi(name); err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil {
			_, _ = syscall.Wait4(pid, nil, 0, nil)
		}
	}
}

// statusFields are the values of a line of /proc/PID/status (proc_pid_status(5)),
// nil if the process is gone.
func statusFields(pid, name string) []string {
	text, _ := os.ReadFile(filepath.Join("/proc", pid, "status"))
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name+":")); ok {
			var values []string
			for f := range bytes.FieldsSeq(rest) {
				values = append(values, string(f))
			}
			return values
		}
	}
	return nil
}
