package git_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/git"
)

func listing(t *testing.T, entries ...git.Entry) fs.FS {
	t.Helper()
	tree, err := git.Listing(entries, func(h git.Hash) ([]byte, error) { return []byte(h), nil })
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func file(path string) git.Entry {
	return git.Entry{Path: path, Mode: "100644", Hash: "x", Size: 1}
}

func folder(path string) git.Entry { return git.Entry{Path: path, Mode: "040000"} }

func TestAListingIsAFileSystem(t *testing.T) {
	tree := listing(t, file("Dockerfile"), folder("a"), folder("a/b"), file("a/b/c"), folder("empty"), file("z"))
	if err := fstest.TestFS(tree, "Dockerfile", "a/b/c", "empty", "z"); err != nil {
		t.Error(err)
	}
}

func TestAListingLeavesOutWhatNoPathCanBe(t *testing.T) {
	link := git.Entry{Path: "link", Mode: "120000", Hash: "x", Size: 1}
	tree := listing(t,
		file("ok"), file("../x"), folder("a"), folder("a/.."), file("a/../y"), file("/etc/passwd"), file("a//b"), file("a/./c"),
		folder(".git"), file(".git/config"), folder("a/.GiT"), file("a/.GiT/config"), file("nul\x00"), file(""),
		link, file("link/x"), file("nowhere/x"), git.Entry{Path: "module", Mode: "160000", Hash: "x"}, git.Entry{Path: "odd", Mode: "777"},
	)
	var all []string
	err := fs.WalkDir(tree, ".", func(name string, _ fs.DirEntry, err error) error {
		all = append(all, name)
		return err
	})
	if got := strings.Join(all, " "); err != nil || got != ". a link module odd ok" {
		t.Error(got, err)
	}
	for _, name := range []string{"link", "link/x", "nowhere/x", "module", "odd", "../x", "a/../y", ".git/config", "a/.GiT/config"} {
		if text, err := fs.ReadFile(tree, name); err == nil {
			t.Errorf("%s was read: %s", name, text)
		}
	}
	if _, err := git.Listing([]git.Entry{file("a"), file("a")}, nil); err == nil {
		t.Error("a path may stand twice")
	}
}

func TestAFileThatCannotBeGot(t *testing.T) {
	down := errors.New("down")
	tree, err := git.Listing([]git.Entry{file("a")}, func(git.Hash) ([]byte, error) { return nil, down })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.ReadFile(tree, "a"); !errors.Is(err, down) {
		t.Error(err)
	}
}
