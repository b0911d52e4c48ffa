package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
)

// upper is a fixer that writes every keyword in capitals.
func upper(hook func()) fix.Fixer {
	return fix.Fixer{Name: "upper", Doc: fix.Doc{Title: "Write keywords in capitals"}, Run: func(p *fix.Pass) {
		hook()
		for _, inst := range p.File.Instructions {
			if p.File.Slice(inst.Keyword) != inst.Name {
				p.Apply(inst.Span, "write "+inst.Name, fix.Fix{Safety: fix.Safe, Edits: []edit.Edit{edit.Replace(inst.Keyword, inst.Name)}})
			}
		}
	}}
}

// run runs a command line with one fixer and gives its exit code and streams.
func run(ctx context.Context, fixer fix.Fixer, terminal bool, args ...string) (code int, out, err string) {
	var o, e strings.Builder
	f := &Factory{Fixers: []fix.Fixer{fixer}, Streams: Streams{
		In: strings.NewReader("from a\n"), Out: &o, Err: &e, ErrTerminal: terminal, ErrWidth: func() int { return 20 }, Getenv: func(string) string { return "" },
	}}
	code = Run(ctx, f, args)
	return code, o.String(), e.String()
}

// tree makes a folder with n Dockerfiles.
func tree(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.Dockerfile", i)), []byte("from a\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// An interrupt leaves every file whole, and the report names all that are new.
func TestInterruptLeavesFilesWholeAndReported(t *testing.T) {
	dir := tree(t, 200)
	ctx, cancel := context.WithCancel(t.Context())
	runs := make(chan struct{}, 1000)
	fixer := upper(func() {
		runs <- struct{}{}
		if len(runs) == 50 {
			cancel()
		}
	})
	code, out, stderr := run(ctx, fixer, false, "fix", dir)
	if code != exitFailed || !strings.Contains(stderr, "interrupted") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	written := 0
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch string(text) {
		case "FROM a\n":
			written++
			if !strings.Contains(out, path+":1: upper: write FROM\n") {
				t.Errorf("%s is written and not reported", e.Name())
			}
		case "from a\n":
		default:
			t.Errorf("%s holds %q", e.Name(), text)
		}
	}
	if written == 0 || written == 200 || len(entries) != 200 {
		t.Errorf("%d of %d files written", written, len(entries))
	}
}

func TestAFaultInAFixerFailsItsFileOnly(t *testing.T) {
	dir := tree(t, 3)
	first := make(chan struct{}, 1)
	first <- struct{}{}
	fixer := upper(func() {
		select {
		case <-first:
			panic("boom")
		default:
		}
	})
	code, out, stderr := run(t.Context(), fixer, false, "check", "-j1", dir)
	if code != exitFailed || strings.Count(out, "write FROM") != 2 || !strings.Contains(stderr, "000.Dockerfile:1:1: drydock has a fault here, please report it: boom") {
		t.Errorf("exit code %d\n%s\n%s", code, out, stderr)
	}
}

func TestTheOrderDoesNotDependOnJobs(t *testing.T) {
	dir := tree(t, 100)
	fixer := upper(func() {})
	_, want, _ := run(t.Context(), fixer, false, "diff", "-j1", dir)
	for range 5 {
		if _, got, _ := run(t.Context(), fixer, false, "diff", "-j16", dir); got != want {
			t.Fatal("the output differs")
		}
	}
}

func TestProgressOnATerminalOnly(t *testing.T) {
	dir := tree(t, 30)
	slow := upper(func() { time.Sleep(30 * time.Millisecond) })
	_, _, stderr := run(t.Context(), slow, true, "diff", "-j1", dir)
	if !strings.Contains(stderr, "/30") || !strings.HasSuffix(strings.TrimSuffix(stderr, "30 fixes (upper 30)\n"), "\x1b[K30 files, 30 to change; ") {
		t.Errorf("on a terminal: %q", stderr)
	}
	for line := range strings.SplitSeq(stderr, "\r") {
		if strings.HasPrefix(line, "[") && len(line) >= 20 {
			t.Errorf("wider than the terminal: %q", line)
		}
	}
	if _, _, stderr = run(t.Context(), slow, false, "diff", dir); strings.ContainsAny(stderr, "\r\x1b") {
		t.Errorf("not on a terminal: %q", stderr)
	}
	if _, _, stderr = run(t.Context(), upper(func() {}), true, "diff", dir); strings.ContainsAny(stderr, "\r\x1b") {
		t.Errorf("in less than a second: %q", stderr)
	}
}

// A diff for a person does not steer the terminal, also without colours; one for a file
// is exact.
func TestOnlyADiffOnATerminalSpellsOutControls(t *testing.T) {
	for terminal, want := range map[bool]string{true: "+FROM a^[[2J\n", false: "+FROM a\x1b[2J\n"} {
		var out strings.Builder
		f := &Factory{Fixers: []fix.Fixer{upper(func() {})}, Streams: Streams{
			In: strings.NewReader("from a\x1b[2J\n"), Out: &out, Err: io.Discard, OutTerminal: terminal,
			ErrWidth: func() int { return 0 }, Getenv: func(string) string { return "dumb" },
		}}
		if Run(t.Context(), f, []string{"diff", "-"}); !strings.HasSuffix(out.String(), want) {
			t.Errorf("terminal %v: %q", terminal, out.String())
		}
	}
}

// Every fixer can be named in .drydock.yaml, and the editor that reads the schema
// knows it.
func TestTheSchemaNamesTheFixers(t *testing.T) {
	for _, f := range fixers.All() {
		if !strings.Contains(config.Schema, `"`+f.Name+`"`) {
			t.Errorf("schema.json does not name %s", f.Name)
		}
	}
}
