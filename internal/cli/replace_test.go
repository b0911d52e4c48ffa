package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/drydock-dev/drydock/internal/project"
)

// read makes a Dockerfile in a new folder and reads it.
func read(t *testing.T) (string, *dockerfile) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "Dockerfile")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := readDockerfile(project.Found{Path: path, Root: filepath.Dir(path)}, filepath.EvalSymlinks)
	if err != nil {
		t.Fatal(err)
	}
	return path, d
}

// holds fails unless the file has the text and nothing was left beside it.
func holds(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	notLeftBehind(t, filepath.Dir(path))
}

func notLeftBehind(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), "drydock-") {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

func TestReplaceRefusesWhatSomeoneElseChanged(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"another text": func(path string) error { return os.WriteFile(path, []byte("theirs"), 0o644) },
		"another file of the same text": func(path string) error {
			return errors.Join(os.WriteFile(path+"2", []byte("old"), 0o644), os.Rename(path+"2", path))
		},
		"another mode": func(path string) error { return os.Chmod(path, 0o400) },
		"a symlink": func(path string) error {
			return errors.Join(os.Rename(path, path+"2"), os.Symlink("Dockerfile2", path), os.WriteFile(path, []byte("theirs"), 0o644))
		},
		"a FIFO": func(path string) error {
			return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o644))
		},
		"nothing": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			path, d := read(t)
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			if err := d.replace("new"); err == nil {
				t.Error("it is replaced")
			}
			notLeftBehind(t, filepath.Dir(path))
			if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
				return
			}
			if text, err := os.ReadFile(path); err != nil || string(text) == "new" {
				t.Errorf("it holds %q, %v", text, err)
			}
		})
	}
}

func TestReplaceRefusesAFolderThatBecameASymlinkOut(t *testing.T) {
	top := t.TempDir()
	inside, outside := filepath.Join(top, "root", "dir"), filepath.Join(top, "outside")
	for _, dir := range []string{inside, outside} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d, err := readDockerfile(project.Found{Path: filepath.Join(inside, "Dockerfile"), Root: filepath.Join(top, "root")}, filepath.EvalSymlinks)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(inside), os.Symlink(outside, inside)); err != nil {
		t.Fatal(err)
	}
	if err := d.replace("new"); err == nil {
		t.Error("a file outside the root is replaced")
	}
	holds(t, filepath.Join(outside, "Dockerfile"), "old")
}

func TestReplaceKeepsModeAndOwner(t *testing.T) {
	path, _ := read(t)
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = 1234, 5678
	}
	if err := errors.Join(os.Chown(path, uid, gid), os.Chmod(path, 0o751|os.ModeSetgid)); err != nil {
		t.Fatal(err)
	}
	d, err := readDockerfile(project.Found{Path: path, Root: filepath.Dir(path)}, filepath.EvalSymlinks)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.replace("new"); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "new")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o751|os.ModeSetgid {
		t.Errorf("mode %v", info.Mode())
	}
	if stat := info.Sys().(*syscall.Stat_t); int(stat.Uid) != uid || int(stat.Gid) != gid {
		t.Errorf("owner %d:%d", stat.Uid, stat.Gid)
	}
}
