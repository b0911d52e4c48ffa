package verify_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A pull request with --verify is opened after both images were built and started,
// and says what was seen.
func TestLabPullRequestSaysWhatWasSeen(t *testing.T) {
	dir := labDir(t)
	program, folder := drydock(t), t.TempDir()
	shop, forge := filepath.Join(folder, "shop"), filepath.Join(folder, "shop.git")
	if err := os.CopyFS(shop, os.DirFS(filepath.Join(apps, "python-notes", "app"))); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	run("git", "init", "-q", "-b", "main", shop)
	run("git", "-C", shop, "add", "-A")
	run("git", "-C", shop, "commit", "-q", "-m", "first")
	run("git", "clone", "-q", "--bare", shop, forge)
	args := []string{"pr", "--verify", "--no-verify-cache", "--progress", "quiet"}
	for name, at := range layouts(t, dir) {
		args = append(args, "--image-layout", name+"="+at)
	}
	said := run(program, append(args, "file://"+forge)...)
	if !strings.Contains(said, "opened ") {
		t.Fatalf("%s", said)
	}
	text := read(t, filepath.Join(folder, "shop.pulls.json"))
	if !json.Valid([]byte(text)) {
		t.Fatalf("%s", text)
	}
	for _, want := range []string{"| size |", "| user |", "1001", "| HEALTHCHECK |", "| start |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the pull request does not say %q:\n%s", want, text)
		}
	}
	if branch := run("git", "-C", forge, "show", "drydock/all:Dockerfile"); !strings.Contains(branch, "AS build") {
		t.Errorf("%s", branch)
	}
}
