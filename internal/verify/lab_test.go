package verify_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/verify"
	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// apps are applications: NAME/app is a build context with its Dockerfile,
// NAME/after.Dockerfile a rewrite by hand where drydock makes none, and
// NAME/wrong/CLAIM.Dockerfile wrong rewrites.
const apps = "../../testdata/apps"

// labDir gives the folder of the lab that the test runs in, and skips without one:
// "make lab" makes it.
func labDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("DRYDOCK_LAB")
	if dir == "" || os.Getenv("BUILDKIT_HOST") == "" {
		t.Skip("no lab: run make lab")
	}
	return dir
}

// layouts are the lab's bases.
func layouts(t *testing.T, lab string) map[string]string {
	t.Helper()
	refs, err := filepath.Glob(filepath.Join(lab, "oci", "*", "ref"))
	if err != nil || len(refs) == 0 {
		t.Fatalf("the lab has no bases: %v", err)
	}
	all := map[string]string{}
	for _, ref := range refs {
		text, err := os.ReadFile(ref)
		if err != nil {
			t.Fatal(err)
		}
		for name := range strings.FieldsSeq(string(text)) {
			all[name] = filepath.Dir(ref)
		}
	}
	return all
}

// drydock builds the program, static.
func drydock(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "drydock")
	cmd := exec.Command("go", "build", "-o", out, "../../cmd/drydock")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	return out
}

func connect(t *testing.T) builder.Builder {
	t.Helper()
	b, err := builder.Find(t.Context(), builder.Options{Getenv: os.Getenv, Agent: drydock(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// rewritten runs drydock's fixers on an application; a second run must change
// nothing.
func rewritten(t *testing.T, dir string) verify.Rewrite {
	t.Helper()
	text := read(t, filepath.Join(dir, "Dockerfile"))
	done := fixed(t, dir, text)
	if again := fixed(t, dir, done.Text); again.Text != done.Text {
		t.Errorf("a second run changes what the first one made of it\n%s\ninto\n%s", done.Text, again.Text)
	}
	r := verify.Rewrite{Before: text, After: done.Text}
	for _, o := range done.Outcomes {
		if o.Status == engine.Applied {
			r.Changes = append(r.Changes, o.Changes...)
		}
	}
	return r
}

// fixed runs all fixers on a text in the place of an application's Dockerfile.
func fixed(t *testing.T, dir, text string) engine.Result {
	t.Helper()
	c, err := project.NewContext(os.DirFS(dir), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	ordered, err := fix.Order(fixers.All())
	if err != nil {
		t.Fatal(err)
	}
	done, err := engine.Run(t.Context(), engine.Input{Name: "Dockerfile", Text: text, Context: c, Settings: settings(t, dir, ordered)}, ordered)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// Every application is rewritten, and a second run changes nothing; this needs no lab.
func TestApplicationsConverge(t *testing.T) {
	for _, app := range list(t, apps) {
		t.Run(app, func(t *testing.T) {
			if r := rewrite(t, app); r.After == r.Before {
				t.Error("nothing is rewritten")
			}
		})
	}
}

// settings are those of the application's own configuration, if it has one.
func settings(t *testing.T, dir string, all []fix.Fixer) fix.Settings {
	t.Helper()
	name := filepath.Join(dir, config.FileName)
	if _, err := os.Lstat(name); os.IsNotExist(err) {
		return fix.Settings{}
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	c, err := config.Load(name, names)
	if err != nil {
		t.Fatal(err)
	}
	return c.Settings
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// notes reads the comments "# key: value" at the top of a file.
func notes(text, key string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "# "+key+": "); ok {
			all = append(all, strings.TrimSpace(rest))
		}
	}
	return all
}

// options are those of an application. A rewrite by hand says what it accepts in
// "# accept: CHECK:PATTERN" lines.
func options(t *testing.T, b builder.Builder, lab, app, rewrite string) verify.Options {
	t.Helper()
	o := verify.Options{
		Builder: b,
		Request: builder.Request{Context: filepath.Join(apps, app, "app"), Layouts: layouts(t, lab)},
	}
	for _, text := range notes(rewrite, "accept") {
		a, err := verify.ParseAccepted(text)
		if err != nil {
			t.Fatal(err)
		}
		o.Accept = append(o.Accept, a)
	}
	return o
}

// rewrite is the one by hand, or drydock's.
func rewrite(t *testing.T, app string) verify.Rewrite {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(apps, app, "after.Dockerfile"))
	if err != nil {
		return rewritten(t, filepath.Join(apps, app, "app"))
	}
	return verify.Rewrite{Before: read(t, filepath.Join(apps, app, "app", "Dockerfile")), After: string(text), ByHand: true}
}

func proves(t *testing.T, v *verify.Verifier, r verify.Rewrite) *verify.Report {
	t.Helper()
	if r.After == r.Before {
		t.Fatal("nothing is rewritten")
	}
	report, err := v.Verify(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := verify.WriteTable(&table, report); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", &table)
	if !report.Proven() {
		t.Errorf("it is not proven\n%s", r.After)
	}
	return report
}

// catches holds the report of a wrong rewrite to the first lines of the rewrite:
// "# caught: CHECK WORDS OF THE MESSAGE".
func catches(t *testing.T, v *verify.Verifier, r verify.Rewrite) []string {
	t.Helper()
	report, err := v.Verify(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	wanted := notes(r.After, "caught")
	if len(wanted) == 0 {
		t.Fatal("it does not say what is wrong with it")
	}
	for _, want := range wanted {
		check, words, _ := strings.Cut(want, " ")
		if !has(report.Findings, verify.Check(check), words) {
			t.Errorf("nothing says %q of %s:\n%s", words, check, findings(report))
		}
	}
	t.Logf("%s", findings(report))
	return wanted
}

func has(all []verify.Finding, check verify.Check, words string) bool {
	for _, f := range all {
		if f.Check == check && strings.Contains(f.Message, words) {
			return true
		}
	}
	return false
}

func findings(r *verify.Report) string {
	var text strings.Builder
	if r.Unproven != "" {
		fmt.Fprintf(&text, "unproven: %s\n", r.Unproven)
	}
	if r.Failure != nil {
		fmt.Fprintf(&text, "%s\n%s\n", r.Failure.Message, strings.Join(r.Failure.Lines, "\n"))
	}
	for _, f := range r.Findings {
		fmt.Fprintln(&text, f)
	}
	return text.String()
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
