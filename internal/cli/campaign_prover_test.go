package cli

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/fstest"
)

// A repository is checked out as it is, also under the umask of a service, and nothing is
// written through a symlink.
func TestCheckoutFill(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	outside := t.TempDir()
	tree := fstest.MapFS{
		"run.sh":    {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"a/b.txt":   {Data: []byte("b"), Mode: 0o644},
		"link":      {Data: []byte("a/b.txt"), Mode: os.ModeSymlink | 0o777},
		"z":         {Data: []byte(outside), Mode: os.ModeSymlink | 0o777},
		"submodule": {Mode: os.ModeIrregular},
	}
	c := &checkout{dir: t.TempDir()}
	if err := c.fill(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"run.sh": 0o755, "a": 0o755, "a/b.txt": 0o644} {
		if info, err := os.Stat(filepath.Join(c.dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", name, info, err, want)
		}
	}
	if text, err := os.ReadFile(filepath.Join(c.dir, "link")); err != nil || string(text) != "b" {
		t.Errorf("%q, %v", text, err)
	}
	if target, err := os.Readlink(filepath.Join(c.dir, "z")); err != nil || target != outside {
		t.Error(target, err)
	}
	if _, err := os.Lstat(filepath.Join(c.dir, "submodule")); !os.IsNotExist(err) {
		t.Error(err)
	}
}
