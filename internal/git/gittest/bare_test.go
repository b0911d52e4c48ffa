package gittest

import (
	"path/filepath"
	"testing"
)

// TestBareIsWhatGitWouldMake: the same commit, by its name.
func TestBareIsWhatGitWouldMake(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM a\n", "a/run.sh*": "x", "a/b/c": "c", "a-b": "sorts between a and a/", "a.b": "too", "link": "-> a", "empty": ""}
	dir := filepath.Join(t.TempDir(), "x", "one.git")
	Bare(t, dir, files)
	Run(t, dir, "fsck", "--strict")
	if got, want := Run(t, dir, "rev-parse", "main"), Run(t, Worktree(t, files), "rev-parse", "HEAD"); got != want {
		t.Errorf("%s, and git makes %s", got, want)
	}
	empty := filepath.Join(t.TempDir(), "two.git")
	Bare(t, empty, nil)
	if got := Run(t, empty, "for-each-ref"); got != "" {
		t.Error(got)
	}
}
