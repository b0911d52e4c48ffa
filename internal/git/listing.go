package git

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// An Entry is a file, a folder, a symlink or a submodule of a tree.
type Entry struct {
	Path string // slash-separated, from the root of the repository
	Mode string // as git writes it: 100644
	Hash Hash
	Size int64 // of a file, in bytes
}

// IsRegular reports whether an entry is a file, executable or not.
func (e Entry) IsRegular() bool { return modeFrom(e.Mode).IsRegular() }

// IsFolder reports whether an entry is a folder.
func (e Entry) IsFolder() bool { return modeFrom(e.Mode).IsDir() }

func modeFrom(mode string) fs.FileMode {
	parsed, err := filemode.New(mode)
	if err != nil {
		return fs.ModeIrregular
	}
	return modeOf(parsed)
}

// Listing gives a tree of which all entries are known as a file system, whose files
// are got by blob as they are read. What no path of a repository can be, such as
// "../x", is left out. A path that stands twice is an error.
func Listing(entries []Entry, blob func(Hash) ([]byte, error)) (fs.FS, error) {
	l := &listing{blob: blob, entries: map[string]Entry{".": {Path: ".", Mode: "40000"}}, folders: map[string][]string{}}
	for _, e := range entries {
		if !isPath(e.Path) {
			continue
		}
		if _, twice := l.entries[e.Path]; twice {
			return nil, fmt.Errorf("%q stands twice in a tree", e.Path)
		}
		l.entries[e.Path] = e
	}
	for name := range l.entries {
		if dir := path.Dir(name); name != "." && l.entries[dir].IsFolder() {
			l.folders[dir] = append(l.folders[dir], path.Base(name))
		}
	}
	for _, names := range l.folders {
		slices.Sort(names)
	}
	return l, nil
}

// isPath reports whether a path can be that of a file in a repository, for reading.
func isPath(name string) bool {
	return fs.ValidPath(name) && name != "." && !slices.ContainsFunc(segments(name), isForbidden)
}

// isForbidden reports whether git itself refuses a name in a tree ("git fsck":
// hasDot, hasDotdot, hasDotgit, fullPathname).
func isForbidden(name string) bool {
	return name == "" || name == "." || name == ".." || strings.EqualFold(name, ".git") || strings.ContainsAny(name, "/\x00")
}

// BlobHash names a content, as git does.
func BlobHash(text []byte) Hash {
	return Hash(plumbing.ComputeHash(plumbing.BlobObject, text).String())
}

// Entries lists all that a commit's tree holds.
func (r *Repository) Entries(commit Hash) ([]Entry, error) {
	c, err := r.Commit(commit)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entries(nil, plumbing.NewHash(string(c.Tree)), "")
}

// entries adds what lies in the folder dir. The lock is held.
func (r *Repository) entries(all []Entry, hash plumbing.Hash, dir string) ([]Entry, error) {
	tree, err := object.GetTree(r.repo.Storer, hash)
	if err != nil {
		return nil, fmt.Errorf("tree of %q: %w", dir, err)
	}
	for _, e := range tree.Entries {
		listed := Entry{Path: dir + e.Name, Mode: fmt.Sprintf("%06o", uint32(e.Mode)), Hash: Hash(e.Hash.String())}
		if e.Mode.IsFile() {
			if listed.Size, err = r.repo.Storer.EncodedObjectSize(e.Hash); err != nil {
				return nil, fmt.Errorf("%s: %w", listed.Path, err)
			}
		}
		all = append(all, listed)
		if e.Mode == filemode.Dir && !isForbidden(e.Name) {
			if all, err = r.entries(all, e.Hash, listed.Path+"/"); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// Blob reads a file by the name of its content.
func (r *Repository) Blob(hash Hash) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blob(plumbing.NewHash(string(hash)))
}

// listing is the file system of a Listing.
type listing struct {
	entries map[string]Entry
	folders map[string][]string // names in a folder, sorted
	mu      sync.Mutex          // held while a file is got
	blob    func(Hash) ([]byte, error)
}

func (l *listing) find(op, name string) (info, Entry, error) {
	if !fs.ValidPath(name) {
		return info{}, Entry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	e, ok := l.entries[name]
	for dir := path.Dir(name); ok && dir != "."; dir = path.Dir(dir) {
		ok = l.entries[dir].IsFolder() // a symlink has nothing below it
	}
	if !ok {
		return info{}, e, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return info{name: path.Base(name), size: e.Size, mode: modeFrom(e.Mode)}, e, nil
}

func (l *listing) Stat(name string) (fs.FileInfo, error) {
	i, _, err := l.find("stat", name)
	if err != nil {
		return nil, err
	}
	return i, nil
}

func (l *listing) Open(name string) (fs.File, error) {
	i, e, err := l.find("open", name)
	switch {
	case err != nil:
		return nil, err
	case i.IsDir():
		return &openFolder{FileInfo: i, files: l, name: name}, nil
	case !i.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	text, err := l.blob(e.Hash)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{FileInfo: i, Reader: bytes.NewReader(text)}, nil
}

func (l *listing) ReadDir(name string) ([]fs.DirEntry, error) {
	i, _, err := l.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !i.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errNotFolder}
	}
	all := make([]fs.DirEntry, 0, len(l.folders[name]))
	for _, base := range l.folders[name] {
		below := path.Join(name, base)
		e := l.entries[below]
		all = append(all, entry{info{name: base, size: e.Size, mode: modeFrom(e.Mode)}, l, below})
	}
	return all, nil
}

var _ folders = (*listing)(nil)
