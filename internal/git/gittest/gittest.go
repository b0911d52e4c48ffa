// Package gittest gives tests real repositories: made by git, and served by git's
// own HTTP backend.
package gittest

import (
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Who commits in tests, and when.
const (
	human     = "A Human"
	humanMail = "human@example.com"
	date      = "2026-01-02T03:04:05Z"
)

// Environment keeps git away from the user's own configuration.
func Environment() []string {
	return []string{
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=" + human, "GIT_AUTHOR_EMAIL=" + humanMail,
		"GIT_COMMITTER_NAME=" + human, "GIT_COMMITTER_EMAIL=" + humanMail,
		"GIT_AUTHOR_DATE=" + date, "GIT_COMMITTER_DATE=" + date,
		"HOME=" + os.TempDir(), "PATH=" + os.Getenv("PATH"),
	}
}

// Run runs git in a folder and gives what it prints, without the last line end.
func Run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = Environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// Worktree makes a repository with a working tree, as Bare does, and gives its
// folder.
func Worktree(t testing.TB, files map[string]string) string {
	t.Helper()
	work := t.TempDir()
	Run(t, work, "init", "-q", "-b", "main")
	Commit(t, work, "first", files)
	return work
}

// Commit writes files in a working tree and commits them.
func Commit(t testing.TB, work, message string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		mode := os.FileMode(0o644)
		if strings.HasSuffix(name, "*") {
			name, mode = strings.TrimSuffix(name, "*"), 0o755
		}
		path := filepath.Join(work, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, link := strings.CutPrefix(text, "-> "); link {
			if err := os.Symlink(target, path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	Run(t, work, "add", "-A")
	Run(t, work, "commit", "-q", "--allow-empty", "-m", message)
}

// Push commits files on a branch of a bare repository, as a human would from a
// clone, and gives the new commit.
func Push(t testing.TB, bare, branch, message string, files map[string]string) string {
	t.Helper()
	work := t.TempDir()
	Run(t, work, "clone", "-q", "--branch", branch, bare, ".")
	Commit(t, work, message, files)
	Run(t, work, "push", "-q", "origin", "HEAD:"+branch)
	return Run(t, work, "rev-parse", "HEAD")
}

// Handler serves the bare repositories below a folder over smart HTTP. Only who
// gives a known secret as a password may push, and read as well if private is set.
func Handler(t testing.TB, dir string, knows func(secret string) bool, private func(repository string) bool) http.Handler {
	t.Helper()
	core, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatalf("git --exec-path: %v", err)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(core)), "git-http-backend"),
		Env:  append(Environment(), "GIT_PROJECT_ROOT="+dir, "GIT_HTTP_EXPORT_ALL=1"),
		// A client that goes away is no news.
		Logger: log.New(io.Discard, "", 0),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, known := r.BasicAuth()
		repository, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), ".git/")
		writes := strings.HasSuffix(r.URL.Path, "/git-receive-pack") || r.URL.Query().Get("service") == "git-receive-pack"
		if (writes || private != nil && private(repository)) && (!known || !knows(password)) {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	})
}

// Serve runs Handler on a port of its own and gives its URL.
func Serve(t testing.TB, dir, secret string) string {
	t.Helper()
	server := httptest.NewServer(Handler(t, dir, func(given string) bool { return given == secret }, nil))
	t.Cleanup(server.Close)
	return server.URL
}
