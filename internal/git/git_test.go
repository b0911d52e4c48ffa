package git_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

var (
	bot  = git.Identity{Name: "drydock", Email: "drydock@example.com"}
	when = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
)

// served makes a bare repository behind HTTP.
func served(t *testing.T, files map[string]string) (bare string, remote git.Remote) {
	t.Helper()
	dir := t.TempDir()
	bare = filepath.Join(dir, "one.git")
	gittest.Bare(t, bare, files)
	return bare, git.Remote{URL: gittest.Serve(t, dir, "secret") + "/one.git", Credentials: password("secret")}
}

func password(secret string) git.Credentials {
	return func(context.Context) (string, string, error) { return "x-access-token", secret, nil }
}

func clone(t *testing.T, remote git.Remote) (*git.Repository, git.Hash) {
	t.Helper()
	r, head, err := git.Clone(t.Context(), remote, "main")
	if err != nil {
		t.Fatal(err)
	}
	return r, head
}

func draft(parent git.Hash, files ...git.File) git.Draft {
	return git.Draft{Parent: parent, Files: files, Message: "m\n", Author: bot, Committer: bot, When: when}
}

func TestFilesAreAFileSystem(t *testing.T) {
	_, remote := served(t, map[string]string{
		"Dockerfile": "FROM a\n", "deep/er/file.txt": "x", "run.sh*": "#!/bin/sh\n", "link": "-> Dockerfile", "empty": "",
	})
	r, head := clone(t, remote)
	files, err := r.Files(head)
	if err != nil {
		t.Fatal(err)
	}
	// fstest opens all that is listed, so the symlink is looked at by itself.
	if _, err := files.Open("link"); err == nil {
		t.Error("a symlink was opened")
	}
	info, err := fs.Stat(files, "link")
	if err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("link: %v, %v", info, err)
	}
	if info, err := fs.Stat(files, "run.sh"); err != nil || info.Mode() != 0o755 || info.Size() != 10 {
		t.Errorf("run.sh: %v, %v", info, err)
	}
	sub, err := fs.Sub(files, "deep")
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(sub, "er/file.txt"); err != nil {
		t.Error(err)
	}
	if text, err := fs.ReadFile(files, "Dockerfile"); err != nil || string(text) != "FROM a\n" {
		t.Errorf("Dockerfile: %q, %v", text, err)
	}
	for _, name := range []string{"nosuch", "Dockerfile/x", "../x", "/Dockerfile"} {
		if _, err := fs.Stat(files, name); err == nil {
			t.Errorf("%s was found", name)
		}
	}
}

func TestMakeIsWhatGitWouldCommit(t *testing.T) {
	bare, remote := served(t, map[string]string{"Dockerfile": "FROM a\n", "a/run.sh*": "old", "a/b/c": "c", "a-b": "sorts between a and a/"})
	r, head := clone(t, remote)
	made, err := r.Make(draft(head, git.File{"a/run.sh", "new"}, git.File{"Dockerfile", "FROM b\n"}, git.File{"n/e/w", "w"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Push(t.Context(), remote, git.Move{Branch: "drydock/x", To: made}); err != nil {
		t.Fatal(err)
	}
	gittest.Run(t, bare, "fsck", "--strict")
	got := gittest.Run(t, bare, "diff", "--raw", "--no-renames", "--abbrev=4", "main", "drydock/x")
	var short []string
	for _, line := range strings.Split(got, "\n") {
		f := strings.Fields(line)
		short = append(short, f[0]+" "+f[1]+" "+f[4]+" "+f[5])
	}
	want := ":100644 100644 M Dockerfile\n:100755 100755 M a/run.sh\n:000000 100644 A n/e/w"
	if strings.Join(short, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(short, "\n"), want)
	}
	if got := gittest.Run(t, bare, "log", "-1", "--format=%an %ce %cI %P", "drydock/x"); got != "drydock drydock@example.com 2026-02-03T04:05:06+00:00 "+string(head) {
		t.Error(got)
	}
}

func TestMakeRefuses(t *testing.T) {
	_, remote := served(t, map[string]string{"Dockerfile": "-> /etc/passwd", "dir": "-> /etc", "real/f": "x"})
	r, head := clone(t, remote)
	for _, name := range []string{"Dockerfile", "dir/passwd", "real", "real/f/x", "../x", "/x", ".git/config", "a/.GIT/hooks/x", `a\..\b`, ".", ""} {
		if _, err := r.Make(draft(head, git.File{name, "y"})); err == nil {
			t.Errorf("%q was written", name)
		}
	}
	if _, err := r.Make(draft(head, git.File{"real/f", "x"})); !errors.Is(err, git.ErrNothingChanged) {
		t.Errorf("the same text: %v", err)
	}
}

func TestPushMovesOnlyFromWhereTheBranchWasSeen(t *testing.T) {
	bare, remote := served(t, map[string]string{"Dockerfile": "1"})
	r, head := clone(t, remote)
	make := func(text string) git.Hash {
		h, err := r.Make(draft(head, git.File{"Dockerfile", text}))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	first, second := make("2"), make("3")
	push := func(from, to git.Hash) error {
		return r.Push(t.Context(), remote, git.Move{Branch: "b", From: from, To: to})
	}
	if err := push("", first); err != nil {
		t.Fatal(err)
	}
	if err := push("", first); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := push("", second); !errors.Is(err, git.ErrMoved) {
		t.Errorf("a branch that came meanwhile: %v", err)
	}
	if err := push(first, second); err != nil {
		t.Errorf("force: %v", err)
	}
	human := git.Hash(gittest.Push(t, bare, "b", "mine", map[string]string{"x": "x"}))
	if err := push(second, first); !errors.Is(err, git.ErrMoved) {
		t.Errorf("a human's commit: %v", err)
	}
	if got := gittest.Run(t, bare, "rev-parse", "b"); got != string(human) {
		t.Errorf("the human's commit is gone: %s", got)
	}
	if _, err := r.Fetch(t.Context(), remote, "b", 10); err != nil {
		t.Fatal(err)
	}
	series, err := r.Series(human, head, 10)
	if err != nil || len(series) != 2 || series[0].Committer.Email != "human@example.com" || series[1].Committer != bot {
		t.Errorf("series: %v, %v", series, err)
	}
}

func TestErrorsTellNoSecret(t *testing.T) {
	_, remote := served(t, map[string]string{"Dockerfile": "1"})
	r, head := clone(t, remote)
	made, err := r.Make(draft(head, git.File{"Dockerfile", "2"}))
	if err != nil {
		t.Fatal(err)
	}
	remote.Credentials = password("wrong-and-secret")
	err = r.Push(t.Context(), remote, git.Move{Branch: "b", To: made})
	if !errors.Is(err, git.ErrRefused) || strings.Contains(err.Error(), "wrong-and-secret") {
		t.Errorf("push: %v", err)
	}
	if _, _, err := git.Clone(t.Context(), remote, "nosuch"); !errors.Is(err, git.ErrNoBranch) {
		t.Errorf("no branch: %v", err)
	}
	for _, url := range []string{"ext::sh -c true", "file:///etc", "/etc", "ssh://x/y", "git@x:y"} {
		if _, _, err := git.Clone(t.Context(), git.Remote{URL: url}, "main"); err == nil {
			t.Errorf("%s was reached", url)
		}
	}
}

func TestARemoteInAFolderIsOpenedThere(t *testing.T) {
	bare := filepath.Join(t.TempDir(), "one.git")
	gittest.Bare(t, bare, map[string]string{"Dockerfile": "1"})
	remote := git.Remote{Dir: bare}
	r, head := clone(t, remote)
	made, err := r.Make(draft(head, git.File{"Dockerfile", "2"}))
	if err != nil {
		t.Fatal(err)
	}
	push := func(from, to git.Hash) error {
		return r.Push(t.Context(), remote, git.Move{Branch: "b", From: from, To: to})
	}
	if err := push("", made); err != nil {
		t.Fatal(err)
	}
	if err := push("", head); !errors.Is(err, git.ErrMoved) {
		t.Errorf("not seen: %v", err)
	}
	if err := push(head, head); !errors.Is(err, git.ErrMoved) {
		t.Errorf("seen elsewhere: %v", err)
	}
	if err := push(made, head); err != nil {
		t.Error(err)
	}
	if _, err := r.Fetch(t.Context(), remote, "nosuch", 1); !errors.Is(err, git.ErrNoBranch) {
		t.Error(err)
	}
	if name, err := r.DefaultBranch(); err != nil || name != "main" {
		t.Errorf("%q, %v", name, err)
	}
}

// TestErrorsShowNoCredentials: a proxy's page may show the request that it did not
// like.
func TestErrorsShowNoCredentials(t *testing.T) {
	_, good := served(t, map[string]string{"Dockerfile": "FROM a\n"})
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusBadGateway} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, secret, _ := r.BasicAuth()
			http.Error(w, "you sent "+r.Header.Get("Authorization")+" which is "+secret, status)
		}))
		defer proxy.Close()
		remote := git.Remote{URL: proxy.URL + "/one.git", Credentials: password("s3cret-s3cret")}
		_, _, cloned := git.Clone(t.Context(), remote, "main")
		_, tip := git.Tip(t.Context(), remote, "main")
		r, head := clone(t, good)
		pushed := r.Push(t.Context(), remote, git.Move{Branch: "new", To: head})
		for what, err := range map[string]error{"clone": cloned, "tip": tip, "push": pushed} {
			sent := base64.StdEncoding.EncodeToString([]byte("x-access-token:s3cret-s3cret"))
			if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), sent) {
				t.Errorf("%s, %d: %v", what, status, err)
			}
		}
		if status != http.StatusBadGateway && !errors.Is(pushed, git.ErrRefused) {
			t.Errorf("%d is no refusal: %v", status, pushed)
		}
	}
}
