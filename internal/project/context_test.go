package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// memory gives the tree that a txtar-like list of "path: content" makes.
func memory(files map[string]string) fstest.MapFS {
	tree := fstest.MapFS{}
	for name, content := range files {
		tree[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	return tree
}

func contextOf(t *testing.T, files map[string]string) *Context {
	t.Helper()
	c, err := NewContext(memory(files), "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContextHonoursDockerignore(t *testing.T) {
	c := contextOf(t, map[string]string{
		".dockerignore":     "**/*.log\ndocs\n!docs/keep.md\nnode_modules\n",
		"app.py":            "x",
		"a/b.log":           "x",
		"docs/keep.md":      "x",
		"docs/other.md":     "x",
		"node_modules/x.js": "x",
	})
	for name, want := range map[string]bool{
		"app.py": true, "/app.py": true, "./app.py": true, "../../app.py": true, ".": true,
		"a": true, "a/b.log": false, "docs": true, "docs/keep.md": true, "docs/other.md": false,
		"node_modules": false, "node_modules/x.js": false, "gone": false,
	} {
		if got := c.Has(name); got != want {
			t.Errorf("Has(%q) = %v", name, got)
		}
	}
	files, err := c.Files(".")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{".dockerignore", "app.py", "docs/keep.md"}, files); diff != "" {
		t.Errorf("Files (-want +got):\n%s", diff)
	}
	if _, err := c.Read("a/b.log"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of an ignored file: %v", err)
	}
	if text, err := c.Unfiltered().Read("a/b.log"); text != "x" || err != nil {
		t.Errorf("Unfiltered Read: %q, %v", text, err)
	}
}

func TestDockerfileOwnIgnoreFileWins(t *testing.T) {
	tree := memory(map[string]string{
		".dockerignore":                      "a\n",
		"docker/api.Dockerfile":              "",
		"docker/api.Dockerfile.dockerignore": "b\n",
		"a":                                  "", "b": "",
	})
	c, err := NewContext(tree, "docker/api.Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if !c.Has("a") || c.Has("b") {
		t.Errorf("a: %v, b: %v; want only a", c.Has("a"), c.Has("b"))
	}
}

func TestMalformedDockerignoreGivesNoContext(t *testing.T) {
	for name, text := range map[string]string{"bad pattern": "[a\n", "too long": strings.Repeat("a\n", maxPatterns+1)} {
		if c, err := NewContext(memory(map[string]string{".dockerignore": text}), ""); err == nil || c != nil {
			t.Errorf("%s: got %v, %v", name, c, err)
		}
	}
}

func TestGlobMatchesAsCopyDoes(t *testing.T) {
	c := contextOf(t, map[string]string{
		".dockerignore": "secret.json\n", "package.json": "", "package-lock.json": "", "secret.json": "",
		"a/x.csproj": "", "a/b/y.csproj": "",
	})
	for pattern, want := range map[string][]string{
		"package*.json": {"package-lock.json", "package.json"},
		"./*.json":      {"package-lock.json", "package.json"},
		"*/*.csproj":    {"a/x.csproj"},
		"package.json":  {"package.json"},
		"yarn.lock*":    nil,
		"gone":          nil,
	} {
		got, err := c.Glob(pattern)
		if err != nil {
			t.Errorf("Glob(%q): %v", pattern, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Glob(%q) (-want +got):\n%s", pattern, diff)
		}
	}
	if _, err := c.Glob("[a"); err == nil {
		t.Error("a malformed pattern gives no error")
	}
}

func TestRepositoryHoldsWhatLiesBesideTheContext(t *testing.T) {
	c, err := contextIn(memory(map[string]string{"compose.yaml": "x", "web/app.py": "", "web/.dockerignore": "app.py"}), "web", "web/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if c.Has("compose.yaml") || c.Has("app.py") {
		t.Error("the context has more than its own files")
	}
	if r := c.Repository(); !r.Has("compose.yaml") || !r.Has("web/app.py") {
		t.Error("the repository lacks a file")
	}
}

func TestNilContextSaysNo(t *testing.T) {
	var c *Context
	if c.Has("a") || c.IsDir(".") || c.HasFile("a") || c.Ignored("a") || c.Unfiltered() != nil {
		t.Error("the nil context knows something")
	}
	if _, err := c.Read("a"); !errors.Is(err, ErrNoContext) {
		t.Errorf("Read: %v", err)
	}
	if got, err := c.Glob("*"); got != nil || err != nil {
		t.Errorf("Glob: %v, %v", got, err)
	}
	if _, err := c.Files("."); !errors.Is(err, ErrNoContext) {
		t.Errorf("Files: %v", err)
	}
}

func TestPathListKnowsPathsWithoutContents(t *testing.T) {
	tree := PathList([]string{"a/b/c.py", "a/d.py", "requirements.txt", "empty/"}, memory(map[string]string{"requirements.txt": "flask\n"}))
	c, err := NewContext(tree, "")
	if err != nil {
		t.Fatal(err)
	}
	if !c.IsDir("a/b") || !c.IsDir("empty") || !c.HasFile("a/b/c.py") || c.Has("a/x") {
		t.Error("the listed paths are not known")
	}
	if _, err := c.Read("a/d.py"); !errors.Is(err, ErrUnknownContent) {
		t.Errorf("Read of a listed file: %v", err)
	}
	if _, err := c.Read("a/x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of a file that is not listed: %v", err)
	}
	if text, err := c.Read("requirements.txt"); text != "flask\n" || err != nil {
		t.Errorf("Read of known content: %q, %v", text, err)
	}
	files, err := c.Files(".")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/b/c.py", "a/d.py", "requirements.txt"}, files); diff != "" {
		t.Errorf("Files (-want +got):\n%s", diff)
	}
}

func TestOpenDirCannotBeLeft(t *testing.T) {
	outside := writeTree(t, map[string]string{"secret": "x"})
	dir := writeTree(t, map[string]string{
		"inside":   "x",
		"link":     "-> inside",
		"escape":   "-> " + filepath.Join(outside, "secret"),
		"escaping": "-> " + outside,
		"huge":     "",
	})
	if err := os.Truncate(filepath.Join(dir, "huge"), maxFileSize+1); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	tree, closer, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	c, err := NewContext(tree, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.Has("escape") || c.Has("escaping/secret") || !c.HasFile("link") {
		t.Errorf("escape %v, escaping/secret %v, link %v", c.Has("escape"), c.Has("escaping/secret"), c.HasFile("link"))
	}
	for name, want := range map[string]string{"escape": "escapes", "fifo": "not a regular file", "huge": "larger than"} {
		if _, err := c.Read(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%q): %v, want %q", name, err, want)
		}
	}
}
