package verify_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
	"github.com/drydock-dev/drydock/internal/verify"
	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// reals are build contexts for Dockerfiles of the corpus, which has none and whose
// files stay where they are: FAMILY/STRATUM-SHA12.txtar is the context of
// STRATUM/SHA12.Dockerfile. In FAMILY/left.tsv are those that were drawn as well and
// cannot be judged, each with its reason.
const reals = "../../testdata/real"

// Every real Dockerfile builds and starts alike before and after multistage split
// it. The images that it names are those of the lab of the same family.
func TestLabRealDockerfiles(t *testing.T) {
	if os.Getenv("DRYDOCK_CORPUS") == "" {
		t.Skip("no corpus: run make real")
	}
	dir := labDir(t)
	corpus := corpusFiles(t)
	b := connect(t)
	known := layouts(t, dir)
	var now sync.Map // the key of each case, by its name
	if name := os.Getenv("DRYDOCK_REAL_TABLE"); name != "" {
		t.Cleanup(func() { writeReal(t, name, &now) })
	}
	for _, c := range realCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, there := corpus[c.file]
			if !there {
				t.Fatalf("the corpus has no %s", c.file)
			}
			folder := c.unpack(t, c.released(text))
			r := rewritten(t, folder)
			if split := len(stagesOf(r.After)) > len(stagesOf(r.Before)); split == c.isDeclined() {
				t.Fatalf("split: %t; a line in left.tsv, or in the case, says why it is not\n%s", split, r.After)
			} else if !split {
				return
			}
			r.Before, r.After = asStandIn(r.Before), asStandIn(r.After)
			now.Store(c.name, c.key(r))
			if seen := c.kept(); seen != nil && seen.Key == c.key(r) && seen.Report.Proven() {
				t.Log("proven in an earlier run, with the same context and the same rewrite")
				return
			}
			images := map[string]string{}
			for _, ref := range append(imagesOf(r.Before), imagesOf(r.After)...) {
				name := standIn(ref)
				if name == "" {
					t.Fatalf("the lab has no stand-in for %s", ref)
				}
				images[ref] = known[name]
			}
			v := verify.New(verify.Options{Builder: b, Request: builder.Request{Context: folder, Layouts: images}, Accept: c.accepted(t)})
			c.keep(t, r, proves(t, v, r))
		})
	}
}

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

// corpusFiles reads the Dockerfiles that have a case, by their paths.
func corpusFiles(t *testing.T) map[string]string {
	t.Helper()
	wanted, all := map[string]bool{}, map[string]string{}
	for _, c := range realCases(t) {
		wanted[c.file] = true
	}
	f, err := os.Open(filepath.Join(os.Getenv("DRYDOCK_CORPUS"), "dockerfiles.tar.gz"))
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
		if name := path.Clean(header.Name); wanted[name] {
			text, err := io.ReadAll(archive)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = string(text)
		}
	}
}

func stagesOf(text string) []*build.Stage {
	return build.New(syntax.Parse(source.New("Dockerfile", text)), build.Options{}).Stages
}

// imagesOf are the images that a Dockerfile is built on or copies from.
func imagesOf(text string) []string {
	var refs []string
	stages := stagesOf(text)
	for _, s := range stages {
		if s.Base == nil && s.Ref != "scratch" {
			refs = append(refs, s.Ref)
		}
		for _, inst := range s.Instructions {
			if from := inst.FlagValue("from"); from != "" && s.Model().StageBy(from, s.Index) == nil {
				refs = append(refs, from)
			}
		}
	}
	return refs
}

// pythonFolder finds the folder of a Python's packages, which has its version.
var pythonFolder = regexp.MustCompile(`(/usr/local/lib/)python\d\.\d+/`)

// asStandIn gives a text, which is rewritten for the image that it names, the paths
// that its stand-in has: those of Python's packages have the version.
func asStandIn(text string) string {
	return pythonFolder.ReplaceAllString(text, "${1}python3.11/")
}

// golangMinor finds N in the tag 1.N of Go's images.
var golangMinor = regexp.MustCompile(`^1\.(\d+)`)

// standIn names the image of the lab that stands for one of the same family,
// whatever its version; "" if there is none: programs and packages of Alpine's are
// not to be had here.
func standIn(ref string) string {
	name, tag, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(ref, "docker.io/"), "library/"), ":")
	name, _, _ = strings.Cut(name, "@")
	slim := strings.Contains(tag, "slim")
	suffix := map[bool]string{true: "-slim"}[slim]
	switch {
	case strings.HasPrefix(name, "gcr.io/distroless/static"):
		return ref
	case name == "alpine":
		return "alpine:3.20"
	case strings.Contains(tag, "alpine"), strings.Contains(tag, "windows"), strings.Contains(tag, "nanoserver"):
		return ""
	}
	switch name {
	case "debian", "ubuntu":
		return "debian:bookworm-slim"
	case "python":
		return "online/python:3.11" + suffix
	case "node":
		return "node:20" + suffix
	case "ruby":
		return "ruby:3.1" + suffix
	case "golang":
		if m := golangMinor.FindStringSubmatch(tag); m != nil && len(m[1]) == 1 || m != nil && m[1] < "13" {
			return "gopath/golang:1.26"
		}
		return "golang:1.26"
	case "rust":
		return "rust:1.96-bookworm"
	case "maven":
		return "maven:3.9-eclipse-temurin-17"
	case "eclipse-temurin", "openjdk":
		if strings.Contains(tag, "jre") {
			return "eclipse-temurin:17-jre"
		}
		return "eclipse-temurin:17-jdk"
	}
	return ""
}

func TestStandInsAreOfTheSameFamily(t *testing.T) {
	for ref, want := range map[string]string{
		"python:3.8":                     "online/python:3.11",
		"python:3-slim-buster":           "online/python:3.11-slim",
		"golang:1.9":                     "gopath/golang:1.26",
		"golang:1.12.6-stretch":          "gopath/golang:1.26",
		"golang:1.13":                    "golang:1.26",
		"golang":                         "golang:1.26",
		"docker.io/library/node:10-slim": "node:20-slim",
		"node@sha256:0123":               "node:20",
		"node:lts-alpine":                "",
		"alpine":                         "alpine:3.20",
		"openjdk:8-jre-slim":             "eclipse-temurin:17-jre",
		"gcr.io/distroless/static-debian12:nonroot": "gcr.io/distroless/static-debian12:nonroot",
		"mcr.microsoft.com/dotnet/aspnet:8.0":       "",
	} {
		if got := standIn(ref); got != want {
			t.Errorf("standIn(%q) = %q, not %q", ref, got, want)
		}
	}
}

func TestPathsAreThoseOfTheStandIn(t *testing.T) {
	got := asStandIn("COPY --from=build /usr/local/lib/python3.6/site-packages /usr/local/lib/python3.6/site-packages\n")
	want := "COPY --from=build /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages\n"
	if got != want {
		t.Errorf("asStandIn gives %q, not %q", got, want)
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
