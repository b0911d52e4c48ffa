package verify_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/drydock-dev/drydock/internal/verify"
)

// A realCase is a Dockerfile of the corpus and its build context.
type realCase struct {
	name    string // FAMILY/STRATUM-SHA12
	file    string // STRATUM/SHA12.Dockerfile
	archive *txtar.Archive
}

// realCases reads all contexts, sorted.
func realCases(t *testing.T) []realCase {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(reals, "*", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var all []realCase
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(filepath.Base(name), ".txtar")
		stratum, sha, _ := strings.Cut(base, "-")
		all = append(all, realCase{path.Join(filepath.Base(filepath.Dir(name)), base), stratum + "/" + sha + ".Dockerfile", archive})
	}
	return all
}

// note is what the archive's comment says under a key; "" for nothing.
func (c realCase) note(key string) string {
	all := notes(string(c.archive.Comment), key)
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// plainTag finds a FROM whose tag is a version and no more.
var plainTag = regexp.MustCompile(`(?m)^(FROM \S+:[\w.]+)$`)

// released gives the tag of a text the release that a case names after "release": a
// floating tag is on another today than the stand-in, and a rewrite installs packages
// by the names of the release.
func (c realCase) released(text string) string {
	release := c.note("release")
	if release == "" {
		return text
	}
	return plainTag.ReplaceAllString(text, "${1}-"+release)
}

// isDeclined reports whether a case was split at first, and wrongly, and is declined
// since, for what it says after "declined".
func (c realCase) isDeclined() bool { return c.note("declined") != "" }

func (c realCase) accepted(t *testing.T) []verify.Accepted {
	t.Helper()
	var all []verify.Accepted
	for _, text := range notes(string(c.archive.Comment), "accept") {
		a, err := verify.ParseAccepted(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// unpack writes the context and the Dockerfile into a folder. What begins with #! is
// executable.
func (c realCase) unpack(t *testing.T, dockerfile string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range append(c.archive.Files, txtar.File{Name: "Dockerfile", Data: []byte(dockerfile)}) {
		if !filepath.IsLocal(f.Name) {
			t.Fatalf("%s leaves the context", f.Name)
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(string(f.Data), "#!") {
			mode = 0o755
		}
		if err := os.WriteFile(name, f.Data, mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A leftFile was drawn and cannot be judged.
type leftFile struct{ family, file, why string } // file is STRATUM/SHA12

// leftFiles reads those of all families.
func leftFiles(t *testing.T) []leftFile {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(reals, "*", "left.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var all []leftFile
	for _, name := range names {
		for line := range strings.Lines(read(t, name)) {
			file, why, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			all = append(all, leftFile{filepath.Base(filepath.Dir(name)), file, why})
		}
	}
	return all
}

// corpusFiles reads the Dockerfiles of the corpus in $DRYDOCK_CORPUS, or beside the
// repository, by their paths; the test is skipped without one.
func corpusFiles(t *testing.T) map[string]string {
	t.Helper()
	dir := os.Getenv("DRYDOCK_CORPUS")
	if dir == "" {
		dir = "../../../shared/corpus"
	}
	all := map[string]string{}
	f, err := os.Open(filepath.Join(dir, "dockerfiles.tar.gz"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("there is no corpus: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if name := path.Clean(header.Name); strings.HasSuffix(name, ".Dockerfile") {
			text, err := io.ReadAll(archive)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = string(text)
		}
	}
}

// Every case says what it is and what its first run saw, and is split, or declined, as it
// says; what is left has a reason, and no case. This needs no lab.
func TestRealCasesAreWhatTheySay(t *testing.T) {
	corpus := corpusFiles(t)
	cases := map[string]bool{}
	for _, c := range realCases(t) {
		cases[c.file] = true
		t.Run(c.name, func(t *testing.T) {
			if c.note("about") == "" || c.note("first") == "" {
				t.Error("its comment does not say what it is, and what the first run saw")
			}
			text, there := corpus[c.file]
			if !there {
				t.Fatalf("the corpus has no %s", c.file)
			}
			r := rewritten(t, c.unpack(t, c.released(text)))
			if split := isSplit(r); split == c.isDeclined() {
				t.Errorf("split: %t\n%s", split, r.After)
			}
		})
	}
	for _, l := range leftFiles(t) {
		file := l.file + ".Dockerfile"
		if _, there := corpus[file]; !there || l.why == "" || cases[file] {
			t.Errorf("%s/left.tsv: %q: it is in the corpus: %t, has a case: %t, its reason: %q", l.family, l.file, there, cases[file], l.why)
		}
	}
}

// README's numbers are those of the cases.
func TestReadmeCountsRealCases(t *testing.T) {
	judged, first, split := 0, 0, 0
	for _, c := range realCases(t) {
		judged++
		if c.note("first") == "proven" {
			first++
		}
		if !c.isDeclined() {
			split++
		}
	}
	for _, words := range []string{
		fmt.Sprintf("Of %d splits of real Dockerfiles", judged), fmt.Sprintf("%d were proven at the first run", first), fmt.Sprintf("all of the %d that it still makes", split),
	} {
		if !strings.Contains(read(t, "../../README.md"), words) {
			t.Errorf("README does not say %q", words)
		}
	}
}

func TestReleaseOfACase(t *testing.T) {
	named := realCase{archive: &txtar.Archive{Comment: []byte("# release: bookworm\n")}}
	for text, want := range map[string]string{
		"FROM python:3.9\nRUN true\n": "FROM python:3.9-bookworm\nRUN true\n",
		"FROM python:3.9-slim\n":      "FROM python:3.9-slim\n",
	} {
		if got := named.released(text); got != want {
			t.Errorf("released(%q) = %q, not %q", text, got, want)
		}
	}
	if got := (realCase{archive: &txtar.Archive{}}).released("FROM python:3.9\n"); got != "FROM python:3.9\n" {
		t.Errorf("without a note the text is %q", got)
	}
}
