// Package fixtest runs a fixer over golden cases.
//
// A case is a txtar file, named for the one thing that it shows:
//
//	a comment that says what and why
//	-- Dockerfile --
//	-- context/requirements.txt --   the build context, if one is known; context/.keep for an empty one
//	-- repository/k8s/app.yaml --    another file of the repository, at whose root the Dockerfile lies
//	-- settings --                   style: cache-mount, add-user: never, uid: 2000, targets: a b,
//	                                 images: NAME=DOCKERFILE ..., restricted-profile: true,
//	                                 evidence: libpq5 (packages that the built image showed)
//	-- want --                       the Dockerfile afterwards; left out if nothing changes
//	-- want/k8s/app.yaml --          another file afterwards
//	-- findings --                   LINE: message, or LINE: declined: reason; lines count in Dockerfile
//
// Each case runs through the engine, contract and second round included, so that
// a case that passes is one that a user would get.
package fixtest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

var update = flag.Bool("update", false, "write what the fixers do into the cases; read the diff before you commit it")

// Run runs the fixers over every case under pattern, a glob such as
// "testdata/*.txtar".
func Run(t *testing.T, pattern string, fixers ...fix.Fixer) {
	t.Helper()
	if err := fix.Validate(fixers); err != nil && len(fixers) > 1 {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases under %s (%v)", pattern, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			runCase(t, path, fixers)
		})
	}
}

func runCase(t *testing.T, path string, fixers []fix.Fixer) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, archive)
	result, err := engine.Run(context.Background(), c.input, fixers)
	if err != nil {
		t.Fatalf("the engine: %v", err)
	}
	findings := Findings(result.Outcomes)
	if *update {
		c.write(t, path, archive, result, findings)
		return
	}
	others := map[string]string{}
	for _, o := range result.Others {
		others[o.Path] = o.After
	}
	if d := cmp.Diff(c.others, others); d != "" {
		t.Errorf("the other files (-want +got):\n%s", d)
	}
	if d := cmp.Diff(c.want, result.Text); d != "" {
		t.Errorf("the rewrite (-want +got):\n%s\n%s", d, findings)
	}
	if d := cmp.Diff(c.findings, findings); d != "" {
		t.Errorf("the findings (-want +got):\n%s", d)
	}
	again := c.input
	again.Text, again.Left = result.Text, others
	second, err := engine.Run(context.Background(), again, fixers)
	if err != nil {
		t.Fatalf("the engine, second run: %v", err)
	}
	if d := cmp.Diff(result.Text, second.Text); d != "" || len(second.Others) > 0 {
		t.Errorf("a second run changes the file again (-first +second):\n%s", d)
	}
}

// Findings prints outcomes as cases hold them, a line each.
func Findings(outcomes []engine.Outcome) string {
	var b strings.Builder
	for _, o := range outcomes {
		fmt.Fprintf(&b, "%d: ", o.Position.Line)
		switch o.Status {
		case engine.Applied:
			fmt.Fprintln(&b, o.Message)
		default:
			fmt.Fprintf(&b, "%s: %s\n", o.Status, o.Reason)
		}
		for _, n := range o.Notes {
			fmt.Fprintf(&b, "  %s\n", n)
		}
	}
	return b.String()
}

type golden struct {
	input    engine.Input
	want     string
	others   map[string]string // the other files that change, afterwards
	findings string
}

func read(t *testing.T, archive *txtar.Archive) golden {
	c := golden{input: engine.Input{Name: "Dockerfile"}, others: map[string]string{}}
	tree, repository := fstest.MapFS{}, fstest.MapFS{}
	known, hasWant := false, false
	for _, f := range archive.Files {
		text := string(f.Data)
		if strings.HasPrefix(f.Name, "context/") {
			known = true
			tree[strings.TrimPrefix(f.Name, "context/")] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
			continue
		}
		if name, ok := strings.CutPrefix(f.Name, "repository/"); ok {
			repository[name] = &fstest.MapFile{Data: []byte(bytesOf(text)), Mode: 0o644}
			continue
		}
		if name, ok := strings.CutPrefix(f.Name, "want/"); ok {
			c.others[name] = bytesOf(text)
			continue
		}
		switch f.Name {
		case "Dockerfile":
			c.input.Text = bytesOf(text)
		case "want":
			c.want, hasWant = bytesOf(text), true
		case "findings":
			c.findings = text
		case "settings":
			c.settings(t, text)
		default:
			t.Fatalf("unknown section %q", f.Name)
		}
	}
	if !hasWant {
		c.want = c.input.Text
	}
	if len(repository) > 0 {
		repository["Dockerfile"] = &fstest.MapFile{Data: []byte(c.input.Text), Mode: 0o644}
		c.input.Repository, c.input.Path = project.NewRepository(repository), "Dockerfile"
	}
	if known {
		if _, ok := tree["Dockerfile"]; !ok {
			tree["Dockerfile"] = &fstest.MapFile{Data: []byte(c.input.Text), Mode: 0o644}
		}
		var err error
		if c.input.Context, err = project.NewContext(tree, "Dockerfile"); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// marks stand for bytes that a txtar file cannot show or editors would mend.
var marks = strings.NewReplacer("␍", "\r", "␉", "\t", "␠", " ", "␄\n", "")

// bytesOf replaces the marks: ␍ is a carriage return, ␉ a tab, ␠ a blank, and ␄
// at the end means that the last line has no line end.
func bytesOf(text string) string { return marks.Replace(text) }

func (c *golden) settings(t *testing.T, text string) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "style":
			only(t, key, value, "cache-mount")
			c.input.Settings.CacheMounts = true
		case "add-user":
			only(t, key, value, "never")
			c.input.Settings.AddUser = fix.AddUserNever
		case "uid":
			if _, err := fmt.Sscan(value, &c.input.Settings.UserID); err != nil {
				t.Fatal(err)
			}
		case "restricted-profile":
			only(t, key, value, "true")
			c.input.Settings.RestrictedProfile = true
		case "images": // NAME=DOCKERFILE ...
			c.input.Settings.Images = map[string]string{}
			for pair := range strings.FieldsSeq(value) {
				name, dockerfile, _ := strings.Cut(pair, "=")
				c.input.Settings.Images[name] = dockerfile
			}
		case "evidence":
			c.input.Evidence = &fix.Evidence{Packages: strings.Fields(value)}
		case "targets":
			c.input.Build = build.Options{Targets: strings.Fields(value)}
		default:
			t.Fatalf("unknown setting %q", key)
		}
	}
}

// only refuses a value that says nothing but what holds without the setting, or is
// a slip of the pen.
func only(t *testing.T, key, value, want string) {
	t.Helper()
	if value != want {
		t.Fatalf("the setting %s takes %s, not %q", key, want, value)
	}
}

// write puts what the fixers did into the case.
func (c golden) write(t *testing.T, path string, archive *txtar.Archive, result engine.Result, findings string) {
	var kept []txtar.File
	for _, f := range archive.Files {
		if f.Name != "want" && f.Name != "findings" && !strings.HasPrefix(f.Name, "want/") {
			kept = append(kept, f)
		}
	}
	if result.Text != c.input.Text {
		kept = append(kept, txtar.File{Name: "want", Data: shown(result.Text)})
	}
	for _, o := range result.Others {
		kept = append(kept, txtar.File{Name: "want/" + o.Path, Data: shown(o.After)})
	}
	if findings != "" {
		kept = append(kept, txtar.File{Name: "findings", Data: []byte(findings)})
	}
	archive.Files = kept
	if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shown is text as a case holds it, with marks.
func shown(text string) []byte {
	text = strings.ReplaceAll(text, "\r", "␍")
	if !strings.HasSuffix(text, "\n") {
		text += "␄\n"
	}
	return []byte(text)
}
