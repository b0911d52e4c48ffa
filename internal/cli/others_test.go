package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
)

// listing writes the keyword in capitals, and the Dockerfile's name at the end of a
// list that all Dockerfiles share.
var listing = fix.Fixer{Name: "listing", Doc: fix.Doc{Title: "List Dockerfiles"}, Run: func(p *fix.Pass) {
	from := p.File.Instructions[0]
	text, err := p.Read("k8s/list.yaml")
	if err != nil || p.File.Slice(from.Keyword) == "FROM" {
		return
	}
	p.Apply(from.Span, "list it", fix.Fix{
		Safety: fix.Safe, Edits: []edit.Edit{edit.Replace(from.Keyword, "FROM")},
		Others: []fix.FileEdits{{Path: "k8s/list.yaml", Edits: []edit.Edit{edit.Insert(len(text), "- "+p.Path+"\n")}}},
	})
}}

func listed(t *testing.T, n int) (dir, list, want string) {
	t.Helper()
	dir = tree(t, n)
	list = filepath.Join(dir, "k8s", "list.yaml")
	if err := os.Mkdir(filepath.Dir(list), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, []byte("list:\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want = "list:\n"
	for i := range n {
		want += fmt.Sprintf("- %03d.Dockerfile\n", i)
	}
	return dir, list, want
}

// Several Dockerfiles edit one file as if they were done one after the other.
func TestSharedFileIsEditedInOrder(t *testing.T) {
	dir, list, want := listed(t, 40)
	code, out, stderr := run(t.Context(), listing, false, "fix", "-j", "8", dir)
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	holds(t, list, want)
	if line := strings.Split(out, "\n")[7]; !strings.HasSuffix(line, "007.Dockerfile:1: listing: list it, with "+filepath.ToSlash(list)) {
		t.Errorf("the report says %q", line)
	}
}

func TestDiffsOfASharedFileFollowEachOther(t *testing.T) {
	dir, list, _ := listed(t, 3)
	code, out, stderr := run(t.Context(), listing, false, "diff", "-j", "8", dir)
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if n := strings.Count(out, "+++ b/"); n != 6 {
		t.Errorf("%d diffs", n)
	}
	if !strings.Contains(out, " list:\n - 000.Dockerfile\n - 001.Dockerfile\n+- 002.Dockerfile\n") {
		t.Errorf("the last diff does not begin where the second ended:\n%s", out)
	}
	holds(t, list, "list:\n")
}

func TestNothingIsWrittenWhereTheOtherFileCannotBe(t *testing.T) {
	dir, list, _ := listed(t, 1)
	target := filepath.Join(t.TempDir(), "list.yaml")
	if err := os.Rename(list, target); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, list); err != nil {
		t.Fatal(err)
	}
	code, _, _ := run(t.Context(), listing, false, "fix", dir)
	if code != exitDone { // a symlink that leaves the root is no file
		t.Errorf("exit code %d", code)
	}
	holds(t, filepath.Join(dir, "000.Dockerfile"), "from a\n")
	holds(t, target, "list:\n")
}

func TestReplaceAllTakesBack(t *testing.T) {
	first, a := read(t)
	second, b := read(t)
	third, c := read(t)
	if err := os.WriteFile(third, []byte("theirs"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := replaceAll([]change{{first, a, "new"}, {second, b, "new"}, {third, c, "new"}})
	if err == nil || !strings.Contains(err.Error(), third+": changed by someone else") {
		t.Errorf("the error is %v", err)
	}
	holds(t, first, "old")
	holds(t, second, "old")
	holds(t, third, "theirs")
}

func TestReplaceAllSaysWhatItCannotTakeBack(t *testing.T) {
	path, d := read(t)
	if err := os.WriteFile(path, []byte("theirs"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := takeBack([]change{{path, d, "new"}})
	if err == nil || !strings.Contains(err.Error(), path+" was written and cannot be put back") {
		t.Errorf("the error is %v", err)
	}
	holds(t, path, "theirs")
}
