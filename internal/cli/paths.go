package cli

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// absolute is filepath.Abs, for a path below the current folder without asking for
// that again.
func (s *sweep) absolute(path string) (string, error) {
	if !filepath.IsLocal(path) {
		return filepath.Abs(path)
	}
	return filepath.Join(s.here, path), nil
}

// relativeTo shortens an absolute path that lies below the folder here.
func relativeTo(here, path string) string {
	if rel, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// otherPath is the path of another file of the repository at root, for people.
func (s *sweep) otherPath(root, path string) string {
	return filepath.ToSlash(relativeTo(s.here, filepath.Join(root, filepath.FromSlash(path))))
}

// diffPath gives a path as a diff names it: relative to the current folder, or to
// the root of the file system for a file that lies elsewhere. patch and git
// refuse "..".
func (s *sweep) diffPath(path string) string {
	absolute, err := s.absolute(path)
	if err != nil {
		return path
	}
	rel := relativeTo(s.here, absolute)
	return strings.TrimPrefix(filepath.ToSlash(rel[len(filepath.VolumeName(rel)):]), "/")
}

// folders knows where folders really lie, for as long as a run takes. It may be used
// from several goroutines.
type folders struct {
	mu   sync.Mutex
	real map[string]string // absolute paths without symlinks
}

// resolve is filepath.EvalSymlinks, which looks at every folder on the way, of files
// that have their folders in common.
func (f *folders) resolve(path string) (string, error) {
	dir, err := f.folder(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	real := filepath.Join(dir, filepath.Base(path))
	info, err := os.Lstat(real)
	if err != nil {
		return "", err
	}
	if info.Mode()&os.ModeSymlink != 0 {
		return filepath.EvalSymlinks(real)
	}
	return real, nil
}

func (f *folders) folder(dir string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if real, known := f.real[dir]; known {
		return real, nil
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	if f.real == nil {
		f.real = map[string]string{}
	}
	f.real[dir] = real
	return real, nil
}
