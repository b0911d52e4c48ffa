package project

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"
	"syscall"
	"time"
)

// maxFileSize is the size in bytes above which no file is read. The largest
// lockfiles seen in the wild have about 3 MB.
const maxFileSize = 4 << 20

var (
	// ErrUnknownContent says that a file exists and that what is in it is not
	// known, because the tree was made from a list of paths.
	ErrUnknownContent = errors.New("the content is not known")

	// ErrNoContext is what reading through a nil Context gives.
	ErrNoContext = errors.New("no build context is known")

	errNotRegular = errors.New("not a regular file")
	errTooLarge   = fmt.Errorf("larger than %d MiB", maxFileSize>>20)
)

// OpenDir gives the folder dir as a file system that cannot be left: a
// symlink out of it behaves like a missing file. Close the returned closer
// when done.
func OpenDir(dir string) (fs.FS, io.Closer, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("open the build context: %w", err)
	}
	return rootFS{root}, root, nil
}

// rootFS differs from os.Root.FS in one point: opening never blocks on a FIFO
// and never gives a device.
type rootFS struct{ root *os.Root }

func (r rootFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := r.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (r rootFS) Stat(name string) (fs.FileInfo, error) { return r.root.Stat(name) }

// readRegular reads a regular file of at most maxFileSize bytes.
func readRegular(tree fs.FS, name string) (string, error) {
	info, err := fs.Stat(tree, name)
	if err != nil {
		return "", err
	}
	fail := func(cause error) (string, error) {
		return "", &fs.PathError{Op: "read", Path: name, Err: cause}
	}
	if !info.Mode().IsRegular() {
		return fail(errNotRegular)
	}
	if info.Size() > maxFileSize {
		return fail(errTooLarge)
	}
	f, err := tree.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	// The file may have grown since Stat, and /proc-like files say 0.
	text, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxFileSize {
		return fail(errTooLarge)
	}
	return string(text), nil
}

// PathList is a file system of which only the paths are known, and the
// contents of some files. Opening a file that is in paths and not in contents
// gives ErrUnknownContent. A path that ends in a slash is a folder; parents
// need not be listed. contents may be nil; what is only in contents exists
// too if it is asked for by name.
func PathList(paths []string, contents fs.FS) fs.FS {
	list := pathList{dirs: map[string]map[string]bool{".": {}}, contents: contents}
	for _, p := range paths {
		name := cleanPath(strings.TrimSpace(p))
		if name != "." {
			list.add(name, strings.HasSuffix(p, "/"))
		}
	}
	return list
}

// pathList maps each folder to the names in it, true for a folder.
type pathList struct {
	dirs     map[string]map[string]bool
	contents fs.FS
}

func (l pathList) add(name string, isDir bool) {
	if isDir && l.dirs[name] == nil {
		l.dirs[name] = map[string]bool{}
	}
	for name != "." {
		dir, base := path.Dir(name), path.Base(name)
		entries, known := l.dirs[dir]
		if !known {
			entries = map[string]bool{}
			l.dirs[dir] = entries
		}
		entries[base] = entries[base] || isDir
		if known && dir != "." {
			// The parents were linked when dir was made.
			return
		}
		name, isDir = dir, true
	}
}

func (l pathList) Stat(name string) (fs.FileInfo, error) {
	if l.dirs[name] != nil {
		return listedFile{name: path.Base(name), mode: fs.ModeDir | 0o755}, nil
	}
	if _, listed := l.dirs[path.Dir(name)][path.Base(name)]; listed {
		return listedFile{name: path.Base(name), mode: 0o644}, nil
	}
	if l.contents != nil {
		return fs.Stat(l.contents, name)
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

func (l pathList) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if l.contents != nil {
		if f, err := l.contents.Open(name); err == nil {
			return f, nil
		}
	}
	if _, err := l.Stat(name); err != nil {
		return nil, err
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: ErrUnknownContent}
}

func (l pathList) ReadDir(name string) ([]fs.DirEntry, error) {
	dir, ok := l.dirs[name]
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	entries := make([]fs.DirEntry, 0, len(dir))
	for base, isDir := range dir {
		mode := fs.FileMode(0o644)
		if isDir {
			mode = fs.ModeDir | 0o755
		}
		entries = append(entries, fs.FileInfoToDirEntry(listedFile{name: base, mode: mode}))
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	return entries, nil
}

// listedFile is the fs.FileInfo of a path of which no more is known.
type listedFile struct {
	name string
	mode fs.FileMode
}

func (f listedFile) Name() string       { return f.name }
func (f listedFile) Size() int64        { return 0 }
func (f listedFile) Mode() fs.FileMode  { return f.mode }
func (f listedFile) ModTime() time.Time { return time.Time{} }
func (f listedFile) IsDir() bool        { return f.mode.IsDir() }
func (f listedFile) Sys() any           { return nil }

// cleanPath gives name as COPY reads a source: relative to the root, and not
// able to leave it. "." is the root.
func cleanPath(name string) string {
	cleaned := strings.TrimPrefix(path.Clean("/"+name), "/")
	if cleaned == "" {
		return "."
	}
	return cleaned
}
