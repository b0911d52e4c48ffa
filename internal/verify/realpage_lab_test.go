package verify_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/drydock-dev/drydock/internal/verify"
)

// A realResult is what was seen of a real Dockerfile. It is kept in drydock/real of
// the user's cache, for the page of later runs and of other worktrees.
type realResult struct {
	Key    string // of the context, both texts and what is accepted
	Report *verify.Report
}

func (c realCase) key(r verify.Rewrite) string {
	context := txtar.Format(&txtar.Archive{Files: c.archive.Files})
	accepted := notes(string(c.archive.Comment), "accept")
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", r.Before, r.After, context, accepted)))
}

func (c realCase) resultFile() (string, error) {
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "drydock", "real", filepath.FromSlash(c.name)+".json"), err
}

// kept is the last result, nil if there is none.
func (c realCase) kept() *realResult {
	name, err := c.resultFile()
	if err != nil {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	var seen realResult
	if json.Unmarshal(text, &seen) != nil || seen.Report == nil {
		return nil
	}
	return &seen
}

func (c realCase) keep(t *testing.T, r verify.Rewrite, report *verify.Report) {
	t.Helper()
	name, err := c.resultFile()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(realResult{c.key(r), report})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

const realHead = `# Real Dockerfiles, built before and after

"make real" writes this page: Dockerfiles of the corpus (../shared/corpus, by their paths in it) that multistage splits,
drawn by lot for each family, built and started as they are and as rewritten. The corpus has no build contexts; those in
testdata/real were written for this, each before its rewrite was looked at. The official images have stand-ins of the same
family (internal/lab), whatever the version; Python's folder of packages is called as the stand-in's, and a case may name the
release where a floating tag has moved on. "At first" is what the first run saw in which the file as it is could be used;
what it found wrong was mended since, and "now" is the last run.

`

// writeReal writes the page from what was kept of all cases, if it is of the context
// and the rewrite as they are now.
func writeReal(t *testing.T, name string, keys *sync.Map) {
	t.Helper()
	var table, left strings.Builder
	judged, first, proven, declined := 0, 0, 0, 0
	for _, c := range realCases(t) {
		judged++
		atFirst := c.note("first")
		if atFirst == "proven" {
			first++
		}
		key, _ := keys.Load(c.name)
		size, state := "", "not run"
		switch seen := c.kept(); {
		case c.isDeclined():
			declined++
			state = "declined: " + cell(c.note("declined"))
		case seen == nil || seen.Key != key:
		case !seen.Report.Proven() || seen.Report.Before == nil || seen.Report.After == nil:
			state = "NOT PROVEN"
		default:
			proven++
			state = "proven"
			size = fmt.Sprintf("%.0f → %.0f", float64(seen.Report.Before.Size)/1e6, float64(seen.Report.After.Size)/1e6)
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", c.name, cell(c.note("about")), size, cell(atFirst), state)
	}
	if judged == 0 {
		t.Fatal("there are no cases")
	}
	lefts := leftFiles(t)
	for _, l := range lefts {
		fmt.Fprintf(&left, "| %s | %s | %s |\n", l.family, l.file, cell(l.why))
	}
	text := realHead + fmt.Sprintf("Of %d judged, %d (%.0f%%) were proven at first. Of the %d that are still split, %d (%.0f%%) are proven now; declined instead: %d. Drawn, and not to be judged here: %d more.\n\n",
		judged, first, percent(first, judged), judged-declined, proven, percent(proven, judged-declined), declined, len(lefts)) +
		"| Dockerfile | what it is | size, MB | at first | now |\n|---|---|---|---|---|\n" + table.String() +
		"\nDrawn, and not judged:\n\n| family | Dockerfile | why |\n|---|---|---|\n" + left.String()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(of) }

// cell is a text in a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
