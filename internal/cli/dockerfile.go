package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/drydock-dev/drydock/internal/project"
)

// maxSize is the size in bytes above which no Dockerfile is read.
const maxSize = 16 << 20

var errTooLarge = fmt.Errorf("larger than %d MiB", maxSize>>20)

// A dockerfile is a file as it was read: a Dockerfile, or one that its fixes edit
// too.
type dockerfile struct {
	root, rel string // where it really lies: symlinks resolved, rel below root
	outside   error  // why it cannot be written, nil if it can
	info      fs.FileInfo
	text      string
}

// readDockerfile reads a file. One that a walk found is never read from outside
// of the walk's root, whatever symlinks say meanwhile. resolve is
// filepath.EvalSymlinks.
func readDockerfile(at project.Found, resolve func(path string) (string, error)) (*dockerfile, error) {
	d, err := locate(at, resolve)
	if err != nil {
		return nil, err
	}
	f, err := d.open(at.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d.info, d.text, err = readOpen(f)
	return d, err
}

// open opens the file: below its root, or by its path if it may lie elsewhere.
func (d *dockerfile) open(path string) (*os.File, error) {
	// O_NONBLOCK: opening a FIFO must not wait for its writer.
	const flags = os.O_RDONLY | syscall.O_NONBLOCK
	if d.outside != nil {
		return os.OpenFile(path, flags, 0)
	}
	root, err := os.OpenRoot(d.root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(d.rel, flags, 0)
}

// locate resolves where a file lies.
func locate(at project.Found, resolve func(path string) (string, error)) (*dockerfile, error) {
	absolute, err := filepath.Abs(at.Path)
	if err != nil {
		return nil, err
	}
	root, err := filepath.Abs(at.Root)
	if err != nil {
		return nil, err
	}
	if at.Named {
		root = repositoryOf(absolute, root)
	}
	d := &dockerfile{}
	if d.root, err = resolve(root); err != nil {
		return nil, err
	}
	real, err := resolve(absolute)
	if err != nil {
		return nil, err
	}
	d.rel, err = filepath.Rel(d.root, real)
	if err == nil && filepath.IsLocal(d.rel) {
		return d, nil
	}
	d.outside = fmt.Errorf("a symlink that leaves %s", root)
	if !at.Named {
		return nil, d.outside
	}
	return d, nil
}

func readOpen(f *os.File) (fs.FileInfo, string, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, "", err
	}
	if !info.Mode().IsRegular() {
		return nil, "", errors.New("not a regular file")
	}
	if info.Size() > maxSize {
		return nil, "", errTooLarge
	}
	text, err := readAll(f, info.Size())
	return info, text, err
}

// readAll reads a text of about a size.
func readAll(r io.Reader, size int64) (string, error) {
	var text bytes.Buffer
	text.Grow(int(size) + bytes.MinRead)
	if _, err := text.ReadFrom(io.LimitReader(r, maxSize+1)); err != nil {
		return "", err
	}
	if text.Len() > maxSize {
		return "", errTooLarge
	}
	return text.String(), nil
}
