package git

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"sort"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Files gives the files of a commit as a file system, an fs.ReadLinkFS. Symlinks and
// submodules are listed as what they are, and cannot be opened.
func (r *Repository) Files(commit Hash) (fs.FS, error) {
	c, err := r.Commit(commit)
	if err != nil {
		return nil, err
	}
	return &files{repository: r, root: plumbing.NewHash(string(c.Tree)), folders: map[plumbing.Hash]map[string]object.TreeEntry{}}, nil
}

// files reads a tree lazily. Its folders are guarded by the repository's lock.
type files struct {
	repository *Repository
	root       plumbing.Hash
	folders    map[plumbing.Hash]map[string]object.TreeEntry
}

var (
	errNotRegular = errors.New("not a regular file")
	errNotFolder  = errors.New("not a folder")
)

// folder gives the entries of a tree by name.
func (t *files) folder(hash plumbing.Hash) (map[string]object.TreeEntry, error) {
	if known, ok := t.folders[hash]; ok {
		return known, nil
	}
	tree, err := object.GetTree(t.repository.repo.Storer, hash)
	if err != nil {
		return nil, err
	}
	entries := make(map[string]object.TreeEntry, len(tree.Entries))
	for _, e := range tree.Entries {
		if !isForbidden(e.Name) {
			entries[e.Name] = e
		}
	}
	t.folders[hash] = entries
	return entries, nil
}

func (t *files) find(op, name string) (object.TreeEntry, error) {
	at := object.TreeEntry{Name: ".", Mode: filemode.Dir, Hash: t.root}
	if !fs.ValidPath(name) {
		return at, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return at, nil
	}
	for _, segment := range segments(name) {
		if at.Mode != filemode.Dir {
			return at, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
		entries, err := t.folder(at.Hash)
		if err != nil {
			return at, &fs.PathError{Op: op, Path: name, Err: err}
		}
		next, ok := entries[segment]
		if !ok {
			return at, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
		at = next
	}
	return at, nil
}

func (t *files) Stat(name string) (fs.FileInfo, error) {
	t.repository.mu.Lock()
	defer t.repository.mu.Unlock()
	e, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	return t.info(name, e)
}

func (t *files) info(name string, e object.TreeEntry) (fs.FileInfo, error) {
	found := info{name: path.Base(name), mode: modeOf(e.Mode)}
	if !found.mode.IsRegular() {
		return found, nil
	}
	size, err := t.repository.repo.Storer.EncodedObjectSize(e.Hash)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	found.size = size
	return found, nil
}

func (t *files) Open(name string) (fs.File, error) {
	t.repository.mu.Lock()
	defer t.repository.mu.Unlock()
	e, err := t.find("open", name)
	if err != nil {
		return nil, err
	}
	i, err := t.info(name, e)
	if err != nil {
		return nil, err
	}
	switch {
	case i.IsDir():
		return &openFolder{FileInfo: i, files: t, name: name}, nil
	case !i.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	text, err := t.repository.blob(e.Hash)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{FileInfo: i, Reader: bytes.NewReader(text)}, nil
}

// Lstat is Stat: no symlink is followed anywhere.
func (t *files) Lstat(name string) (fs.FileInfo, error) { return t.Stat(name) }

// ReadLink tells where a symlink points, as it is written.
func (t *files) ReadLink(name string) (string, error) {
	t.repository.mu.Lock()
	defer t.repository.mu.Unlock()
	e, err := t.find("readlink", name)
	if err != nil {
		return "", err
	}
	if e.Mode != filemode.Symlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	text, err := t.repository.blob(e.Hash)
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	return string(text), nil
}

func (t *files) ReadDir(name string) ([]fs.DirEntry, error) {
	t.repository.mu.Lock()
	defer t.repository.mu.Unlock()
	e, err := t.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if e.Mode != filemode.Dir {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errNotFolder}
	}
	entries, err := t.folder(e.Hash)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	all := make([]fs.DirEntry, 0, len(entries))
	for base, e := range entries {
		all = append(all, entry{info{name: base, mode: modeOf(e.Mode)}, t, path.Join(name, base)})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name() < all[j].Name() })
	return all, nil
}

// blob reads the content of a file. The lock is held.
func (r *Repository) blob(hash plumbing.Hash) ([]byte, error) {
	b, err := object.GetBlob(r.repo.Storer, hash)
	if err != nil {
		return nil, err
	}
	reader, err := b.Reader()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}

func modeOf(mode filemode.FileMode) fs.FileMode {
	switch mode {
	case filemode.Dir:
		return fs.ModeDir | 0o755
	case filemode.Regular, filemode.Deprecated:
		return 0o644
	case filemode.Executable:
		return 0o755
	case filemode.Symlink:
		return fs.ModeSymlink | 0o777
	}
	return fs.ModeIrregular // a submodule
}

// info is the fs.FileInfo of an entry. Trees hold no times.
type info struct {
	name string
	size int64
	mode fs.FileMode
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

// folders are file systems that entries and open folders belong to.
type folders interface {
	fs.StatFS
	fs.ReadDirFS
}

type entry struct {
	info
	files folders
	path  string
}

func (e entry) Type() fs.FileMode          { return e.mode.Type() }
func (e entry) Info() (fs.FileInfo, error) { return e.files.Stat(e.path) }

type openFile struct {
	fs.FileInfo
	*bytes.Reader
}

func (f *openFile) Size() int64                { return f.FileInfo.Size() }
func (f *openFile) Stat() (fs.FileInfo, error) { return f.FileInfo, nil }
func (f *openFile) Close() error               { return nil }

// openFolder is a folder that can be read once, whole or in parts.
type openFolder struct {
	fs.FileInfo
	files folders
	name  string
	rest  []fs.DirEntry
	begun bool
}

func (d *openFolder) Stat() (fs.FileInfo, error) { return d.FileInfo, nil }
func (d *openFolder) Close() error               { return nil }
func (d *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errNotRegular}
}

func (d *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.begun {
		all, err := d.files.ReadDir(d.name)
		if err != nil {
			return nil, err
		}
		d.rest, d.begun = all, true
	}
	if n <= 0 {
		n = len(d.rest)
	} else if len(d.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.rest))
	part := d.rest[:n]
	d.rest = d.rest[n:]
	return part, nil
}

var _ folders = (*files)(nil)
