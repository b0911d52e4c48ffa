package dependencycopy_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/drydock-dev/drydock/fixers/dependencycopy"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// Nothing that cargo made of the stubs is taken for what it makes of the source,
// which is older than the stubs: real cargo, run as the rewritten file says.
func TestCargoBuildsTheSourceAndNotTheStubs(t *testing.T) {
	if _, err := exec.LookPath("cargo"); err != nil {
		t.Skip("no cargo")
	}
	program := map[string]string{
		"Cargo.toml":  "[package]\nname = \"two-words\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
		"Cargo.lock":  "version = 3\n",
		"src/main.rs": "fn main() { println!(\"the source\"); }\n",
	}
	library := maps.Clone(program)
	library["src/main.rs"] = "fn main() { println!(\"the {}{}\", two_words::so(), env!(\"REST\")); }\n"
	library["src/lib.rs"] = "pub fn so() -> &'static str { \"so\" }\n"
	library["build.rs"] = "fn main() { println!(\"cargo:rustc-env=REST=urce\"); }\n"
	for name, test := range map[string]struct {
		files          map[string]string
		build, program string
	}{
		"program":             {program, "cargo build --release", "target/release/two-words"},
		"not optimized":       {program, "cargo build", "target/debug/two-words"},
		"library and script":  {library, "cargo build --release", "target/release/two-words"},
		"for a target":        {library, "cargo build --release --target x86_64-unknown-linux-gnu", "target/x86_64-unknown-linux-gnu/release/two-words"},
		"installed for cargo": {library, "cargo install --path .", "cargo/bin/two-words"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, run := range stubRuns(t, test.files, test.build) {
				if run == "the source" {
					write(t, dir, test.files)
					continue
				}
				cmd := exec.Command("sh", "-ec", run)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "CARGO_NET_OFFLINE=true", "CARGO_INSTALL_ROOT="+filepath.Join(dir, "cargo"))
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", run, err, out)
				}
			}
			out, err := exec.Command(filepath.Join(dir, test.program)).Output()
			if err != nil || string(out) != "the source\n" {
				t.Errorf("it prints %q (%v)", out, err)
			}
		})
	}
}

// stubRuns are the commands of the rewritten file, and "the source" where that is
// copied. The manifests are there before, as the first COPY brings them.
func stubRuns(t *testing.T, files map[string]string, build string) []string {
	t.Helper()
	tree := fstest.MapFS{".dockerignore": {Data: []byte("target\n")}}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := project.NewContext(tree, "")
	if err != nil {
		t.Fatal(err)
	}
	text := "FROM rust:1.80\nWORKDIR /app\nCOPY . .\nRUN " + build + "\n"
	result, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: text, Context: c}, []fix.Fixer{dependencycopy.Fixer})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(result.Text, "RUN ") != 2 {
		t.Fatalf("nothing is built ahead:\n%s", result.Text)
	}
	var runs []string
	for line := range strings.Lines(result.Text) {
		switch command, ok := strings.CutPrefix(strings.TrimSpace(line), "RUN "); {
		case ok:
			runs = append(runs, command)
		case strings.HasPrefix(line, "COPY . ."):
			runs = append(runs, "the source")
		case strings.HasPrefix(line, "COPY "):
			for _, name := range []string{"Cargo.toml", "Cargo.lock"} {
				runs = append(runs, "cat >"+name+" <<'END'\n"+files[name]+"END\n")
			}
		}
	}
	return runs
}

// write writes files as a checkout of long ago has them.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, text := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(full, old, old); err != nil {
			t.Fatal(err)
		}
	}
}
