package builder

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What .dockerignore leaves out is not in what a builder can walk or open.
func TestIgnoredFilesAreNotInTheContext(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"main.py", ".env", "keys/id", "keys/public/id.pub"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := contextFiles(Request{Context: dir, Ignore: []string{".env", "keys", "!keys/public"}})
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	err = files.Walk(context.Background(), "", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			seen = append(seen, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil || !slices.Equal(seen, []string{"keys/public/id.pub", "main.py"}) {
		t.Errorf("%q, %v", seen, err)
	}
	// A builder asks for files by the number that they had in the walk.
	for _, name := range []string{".env", "keys/id", "./keys/id", "keys/public/../id"} {
		if f, err := files.Open(name); err == nil {
			f.Close()
			t.Errorf("%s is opened", name)
		}
	}
	if f, err := files.Open("main.py"); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
}
