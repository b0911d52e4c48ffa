// Package image reads a built image: its configuration, its layers, and the files
// of its root file system with owners and sizes.
//
// Images come from a builder that ran what a repository says, so all that is read
// here is hostile: numbers, sizes and depths are bounded, and no file is written.
package image

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/verify/elf"
)

// Config is an image's configuration as Docker writes it.
type Config = dockerspec.DockerOCIImage

// A Layer is one layer of an image.
type Layer struct {
	Size  int64 // in bytes, not compressed
	Files int
}

// A File is an entry of a file system.
type File struct {
	Mode     fs.FileMode
	UID, GID int
	Size     int64
	Link     string // target of a symlink
	Layer    int    // index of the layer that it comes from

	Object      *elf.Object // of an ELF file
	Interpreter string      // of a script, from its first line
	Text        []byte      // of the few files that are read whole
}

// An Image is a built image.
type Image struct {
	Config Config
	// Layers are those of the image or, where Flat says that the builder does not give
	// them, one that stands for all.
	Layers []Layer
	Flat   bool
	Files  map[string]*File // by absolute path
}

// Size is the sum of the layers in bytes, not compressed.
func (i *Image) Size() int64 {
	var n int64
	for _, l := range i.Layers {
		n += l.Size
	}
	return n
}

// maxLinks bounds the symlinks followed for a path, as Linux does.
const maxLinks = 40

// Resolve follows symlinks, those of folders as well, and reports whether there
// is something at the end.
func (i *Image) Resolve(name string) (string, bool) {
	rest := strings.Split(strings.TrimPrefix(path.Clean("/"+name), "/"), "/")
	at, links := "/", 0
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		if part == "" || part == "." {
			continue
		}
		if part == ".." {
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		f := i.Files[next]
		if f == nil {
			return "", false
		}
		if f.Mode&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", false
		}
		if path.IsAbs(f.Link) {
			at = "/"
		}
		rest = append(strings.Split(f.Link, "/"), rest...)
	}
	return at, true
}

// At gives the file that a path leads to, nil if there is none.
func (i *Image) At(name string) *File {
	real, ok := i.Resolve(name)
	if !ok {
		return nil
	}
	return i.Files[real]
}

// Object implements elf.Tree.
func (i *Image) Object(real string) *elf.Object {
	if f := i.Files[real]; f != nil {
		return f.Object
	}
	return nil
}

// LibraryDirs implements elf.Tree.
func (i *Image) LibraryDirs() []string {
	var dirs []string
	for name, f := range i.Files {
		if name != "/etc/ld.so.conf" && path.Dir(name) != "/etc/ld.so.conf.d" {
			continue
		}
		for line := range strings.Lines(string(f.Text)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "/") {
				dirs = append(dirs, line)
			}
		}
	}
	slices.Sort(dirs)
	return dirs
}

// Writable reports whether a user, with one group, can create or change a file
// at a path: the file itself if it is there, else the folder that it would lie in.
func (i *Image) Writable(name string, uid, gid int) bool {
	if uid == 0 {
		return true
	}
	real, ok := i.Resolve(name)
	if !ok {
		// Only what exists can have a mode; the nearest folder decides.
		if real, ok = i.Resolve(path.Dir(name)); !ok {
			return false
		}
	}
	f := i.Files[real]
	if f == nil {
		return false
	}
	bits := f.Mode.Perm()
	switch {
	case f.UID == uid:
		return bits&0o200 != 0
	case f.GID == gid:
		return bits&0o020 != 0
	}
	return bits&0o002 != 0
}
