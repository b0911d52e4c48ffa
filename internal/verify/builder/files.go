package builder

import (
	"context"
	"io"
	gofs "io/fs"
	"path/filepath"
	"strings"

	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"
)

// emptyFS has no files.
type emptyFS struct{}

func (emptyFS) Walk(context.Context, string, gofs.WalkDirFunc) error { return nil }

func (emptyFS) Open(name string) (io.ReadCloser, error) {
	return nil, &gofs.PathError{Op: "open", Path: name, Err: gofs.ErrNotExist}
}

// editedFS is a tree with a text added to one file.
type editedFS struct {
	fsutil.FS
	name, text string
}

func (e editedFS) Open(name string) (io.ReadCloser, error) {
	f, err := e.FS.Open(name)
	if err != nil || filepath.ToSlash(filepath.Clean(name)) != e.name {
		return f, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(f, strings.NewReader(e.text)), f}, nil
}

func (e editedFS) Walk(ctx context.Context, target string, visit gofs.WalkDirFunc) error {
	return e.FS.Walk(ctx, target, func(path string, entry gofs.DirEntry, err error) error {
		if err != nil || filepath.ToSlash(path) != e.name {
			return visit(path, entry, err)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*fstypes.Stat)
		if !ok {
			return visit(path, entry, nil)
		}
		edited := stat.Clone()
		edited.Size += int64(len(e.text))
		edited.ModTime++
		return visit(path, &fsutil.DirEntryInfo{Stat: edited}, nil)
	})
}
