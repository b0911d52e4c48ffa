package builder

import (
	"context"
	"fmt"
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

// contextFiles is the build context, without what is ignored.
func contextFiles(r Request) (fsutil.FS, error) {
	if r.Context == "" {
		return fsutil.NewFilterFS(emptyFS{}, nil)
	}
	files, err := fsutil.NewFS(r.Context)
	if err != nil {
		return nil, fmt.Errorf("build context: %w", err)
	}
	if len(r.Ignore) > 0 {
		if files, err = fsutil.NewFilterFS(files, &fsutil.FilterOpt{ExcludePatterns: r.Ignore}); err != nil {
			return nil, fmt.Errorf(".dockerignore: %w", err)
		}
	}
	// The builder has other users' IDs than this machine: files belong to root, as
	// with docker build.
	files, err = fsutil.NewFilterFS(files, &fsutil.FilterOpt{Map: func(_ string, st *fstypes.Stat) fsutil.MapResult {
		st.Uid, st.Gid = 0, 0
		return fsutil.MapResultKeep
	}})
	if err != nil || r.Edited == "" {
		return files, err
	}
	return editedFS{FS: files, name: r.Edited, text: r.Edit}, nil
}

// agentFiles is a folder with the agent alone, named drydock.
func agentFiles(path string) (fsutil.FS, error) {
	dir, base := filepath.Split(path)
	files, err := fsutil.NewFS(filepath.Clean(dir))
	if err != nil {
		return nil, fmt.Errorf("the agent: %w", err)
	}
	return fsutil.NewFilterFS(files, &fsutil.FilterOpt{IncludePatterns: []string{base}, Map: func(_ string, st *fstypes.Stat) fsutil.MapResult {
		st.Uid, st.Gid = 0, 0
		return fsutil.MapResultKeep
	}})
}
