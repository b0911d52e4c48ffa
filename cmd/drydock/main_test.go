package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"drydock": main})
}

// TestScripts runs what users run. Each script's first line says what it shows.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mkfifo":   mkfifo,
			"hardlink": hardLink,
			"write":    write,
			"mode":     mode,
			"nobody":   nobody,
			"tinydisk": tinyDisk,
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "root":
				return os.Getuid() == 0, nil
			case "tools":
				_, git := exec.LookPath("git")
				_, patch := exec.LookPath("patch")
				return git == nil && patch == nil, nil
			}
			return false, fmt.Errorf("unknown condition %s", name)
		},
	})
}

// mkfifo makes a FIFO: mkfifo NAME.
func mkfifo(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o644))
}

// hardLink gives a file another name: hardlink NAME OTHER.
func hardLink(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.Link(ts.MkAbs(args[0]), ts.MkAbs(args[1])))
}

// write makes a file of quoted text, several times: write NAME TEXT [COUNT].
func write(ts *testscript.TestScript, neg bool, args []string) {
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	if len(args) == 3 {
		count, err := strconv.Atoi(args[2])
		ts.Check(err)
		text = strings.Repeat(text, count)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// mode checks the mode of a file: mode NAME 0640.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%#o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s has the mode %s, want %s", args[0], got, args[1])
	}
}

// nobody runs drydock as a user who is not root and expects the exit code:
// nobody CODE ARG.... It leaves standard error in the file "stderr".
func nobody(ts *testscript.TestScript, neg bool, args []string) {
	// The user must reach the folder that the script runs in.
	for dir := ts.MkAbs("."); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		ts.Check(err)
		ts.Check(os.Chmod(dir, info.Mode()|0o055))
		if filepath.Dir(dir) == os.TempDir() {
			break
		}
	}
	program, err := exec.LookPath("drydock")
	if err != nil {
		program = filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "drydock")
	}
	text, err := os.ReadFile(program)
	ts.Check(err)
	own := ts.MkAbs("drydock-for-nobody/drydock")
	ts.Check(os.MkdirAll(filepath.Dir(own), 0o755))
	ts.Check(os.WriteFile(own, text, 0o755))
	var cmd *exec.Cmd
	var output []byte
	// A process that another script starts meanwhile has the file open to write to until
	// it runs its own program.
	for err = syscall.ETXTBSY; errors.Is(err, syscall.ETXTBSY); {
		cmd = exec.Command(own, args[1:]...)
		cmd.Dir = ts.MkAbs(".")
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		output, err = cmd.CombinedOutput()
	}
	ts.Check(os.WriteFile(ts.MkAbs("stderr"), output, 0o644))
	if code := strconv.Itoa(cmd.ProcessState.ExitCode()); code != args[0] {
		ts.Fatalf("exit code %s, want %s:\n%s", code, args[0], output)
	}
}

// tinyDisk mounts a disk of one page at a folder, to be full with the next file.
func tinyDisk(ts *testscript.TestScript, neg bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8k"); err != nil {
		ts.Fatalf("mount: %v", err)
	}
	ts.Defer(func() { ts.Check(syscall.Unmount(dir, syscall.MNT_DETACH)) })
}
