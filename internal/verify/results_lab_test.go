package verify_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/verify"
	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// results keeps what the lab saw, a file an application, so that the table can be
// put together from several runs.
type results struct{ dir string }

// A result is what the lab saw of an application.
type result struct {
	ByHand bool
	Proven *verify.Report
	Caught map[string][]string // what each wrong rewrite is caught by
}

func (r results) file(app string) string { return filepath.Join(r.dir, app+".json") }

func (r results) read(app string) (result, error) {
	var seen result
	text, err := os.ReadFile(r.file(app))
	if os.IsNotExist(err) {
		return seen, nil
	}
	if err != nil {
		return seen, err
	}
	return seen, json.Unmarshal(text, &seen)
}

// note changes what is kept of an application.
func (r results) note(t *testing.T, app string, change func(*result)) {
	t.Helper()
	seen, err := r.read(app)
	if err != nil {
		t.Fatal(err)
	}
	change(&seen)
	text, err := json.Marshal(seen)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.file(app), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (r results) proven(t *testing.T, app string, byHand bool, report *verify.Report) {
	t.Helper()
	r.note(t, app, func(seen *result) { seen.ByHand, seen.Proven = byHand, report })
}

// caught keeps a wrong rewrite that is caught as it should be.
func (r results) caught(t *testing.T, app, wrong string, by []string) {
	t.Helper()
	r.note(t, app, func(seen *result) {
		if seen.Caught == nil {
			seen.Caught = map[string][]string{}
		}
		if delete(seen.Caught, wrong); !t.Failed() {
			seen.Caught[wrong] = by
		}
	})
}

const tableHead = `# What the lab measures

"make lab-all" writes this page: the applications in testdata/apps, built and started as they are and as rewritten, on
stand-ins for the official images that are made from Debian packages (internal/lab). Sizes are those of the image, layers
not compressed; a rebuild is after a blank line more in a source file. Seconds are those of a shared machine of two cores, and
tell more by their ratio. PHP and .NET are not among them: nothing stands in for their images here, and their rewrites are held
by structure alone (fixers/multistage/testdata, the corpus).

| application | rewritten by | size, MB | layers | rebuild, s | steps cached | user |
|---|---|---|---|---|---|---|
`

// rebuilds says what a rebuild does where it is not much faster.
const rebuilds = `
What is left of a rebuild, where it is not much faster:

- Maven fetches nothing any more: go-offline, ahead of the source, leaves not one download to the build (java-shade, counted).
  The rest is Maven's own: its start, the compiler and the plugins.
- Go compiles its standard library anew where the layer of the source is built anew; that is most of the time of a small
  program, and modules are downloaded ahead. Compiling it in a layer ahead (go build std) would take all of it, whatever the
  program uses of it, and for the flags of the build. What keeps it soundly is a cache mount, with "style: cache-mount"
  (go-mounts, java-mounts).
- Rust's crates are compiled in a layer ahead (rust-crates). The other applications have none from a registry, and compile
  themselves alone.
- Gradle has no command that fetches what a build needs and reads no source: "gradle dependencies" reads the descriptions of
  the dependencies and fetches no archive. With "style: cache-mount" they are kept in a mount.
- "pip install ." installs ahead what pyproject.toml lists (python-pyproject); what a setup.py computes is in no list
  (python-package).
- TypeScript and Vite build the source, which is the work itself; their dependencies were installed ahead before, too.
`

// installs are the commands that install dependencies; Go's is left out, as go build
// tells nothing of modules.
var installs = regexp.MustCompile(`\b(pip install|bundle install|(npm|pnpm|yarn) (ci|install)|mvn|gradle)\b`)

// summary is the page's text on the sizes of what was split, and on the rebuilds that
// installed dependencies again.
func summary(all map[string]*verify.Report) string {
	var smaller, faster []float64
	for app, p := range all {
		if p.Before == nil || p.After == nil || !p.Proven() {
			continue
		}
		if dockerfile, err := os.ReadFile(filepath.Join(apps, app, "app", "Dockerfile")); err != nil || len(stagesOf(string(dockerfile))) > 1 {
			continue // repaired, not split
		}
		smaller = append(smaller, 100*(1-float64(p.After.Size)/float64(p.Before.Size)))
		if b, a := p.Before.Rebuild, p.After.Rebuild; b != nil && a != nil && a.Seconds > 0 && slices.ContainsFunc(b.Steps, func(s builder.Step) bool {
			return !s.Cached && installs.MatchString(s.Name)
		}) {
			faster = append(faster, b.Seconds/a.Seconds)
		}
	}
	if len(smaller) == 0 || len(faster) == 0 {
		return ""
	}
	slices.Sort(smaller)
	slices.Sort(faster)
	return fmt.Sprintf("\nThe median image of those that were split is %.0f%% smaller. Of the applications that installed dependencies again after an edit, the %d measured rebuild %.1f to %.0f times faster, %.0f times in the median.\n",
		smaller[len(smaller)/2], len(faster), faster[0], faster[len(faster)-1], faster[len(faster)/2])
}

// write writes the table of all applications.
func (r results) write(t *testing.T, name string) {
	t.Helper()
	var proven, caught strings.Builder
	var left []string
	all := map[string]*verify.Report{}
	for _, app := range list(t, apps) {
		seen, err := r.read(app)
		if err != nil {
			t.Fatal(err)
		}
		if seen.Proven == nil {
			left = append(left, app)
		} else {
			proven.WriteString(row(app, seen))
			all[app] = seen.Proven
		}
		for _, wrong := range list(t, filepath.Join(apps, app, "wrong")) {
			wrong = strings.TrimSuffix(wrong, ".Dockerfile")
			by, ok := seen.Caught[wrong]
			if !ok {
				by = []string{"NOT CAUGHT, or not run"}
			}
			fmt.Fprintf(&caught, "| %s | %s | %s |\n", app, wrong, strings.Join(by, "; "))
		}
	}
	if len(left) > 0 {
		fmt.Fprintf(&proven, "\nNot measured this time: %s.\n", strings.Join(left, ", "))
	}
	text := tableHead + proven.String() + summary(all) + rebuilds + "\nEvery wrong rewrite is caught, and named for what it is:\n\n| application | wrong rewrite | caught by |\n|---|---|---|\n" + caught.String()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// row is an application's line of the table.
func row(app string, seen result) string {
	by := map[bool]string{true: "hand", false: "drydock"}[seen.ByHand]
	p := seen.Proven
	if p.Before == nil || p.After == nil || !p.Proven() {
		return fmt.Sprintf("| %s | %s | NOT PROVEN | | | | |\n", app, by)
	}
	rebuild, cached := "not measured", ""
	if b, a := p.Before.Rebuild, p.After.Rebuild; b != nil && a != nil {
		rebuild = fmt.Sprintf("%.1f → %.1f", b.Seconds, a.Seconds)
		cached = fmt.Sprintf("%d of %d → %d of %d", b.Cached, len(b.Steps), a.Cached, len(a.Steps))
	}
	return fmt.Sprintf("| %s | %s | %.1f → %.1f | %d → %d | %s | %s | %s → %s |\n", app, by,
		float64(p.Before.Size)/1e6, float64(p.After.Size)/1e6, len(p.Before.Layers), len(p.After.Layers), rebuild, cached, p.Before.User, p.After.User)
}
