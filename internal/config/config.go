package config

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/drydock-dev/drydock/internal/config/strict"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// FileName is what the configuration is called in a repository.
const FileName = ".drydock.yaml"

// maxSize is the size in bytes above which a configuration is not read.
const maxSize = 64 << 10

// Schema is the JSON Schema of the file. It says what Parse accepts.
//
//go:embed schema.json
var Schema string

// A Config is a configuration file.
type Config struct {
	Path     string // of the file, "" if there is none
	Only     []string
	Skip     []string
	Safe     bool
	NoPulls  bool // the repository takes no pull requests of drydock's
	Settings fix.Settings
	Said     []string // each key and its value, on one line
	Sum      string   // names the text of what an owner says for all of theirs

	exclude  project.Patterns
	contexts map[string]string
	images   map[string]string
	common   *Config // nil if the owner says nothing for all of theirs
}

// An Error is what is wrong with a configuration.
type Error = strict.Error

// Find gives the path of the configuration that holds in dir, which is absolute:
// the nearest one in dir or a folder above, up to the repository's root. It is ""
// if there is none.
func Find(dir string) string {
	top := project.RepositoryRoot(dir)
	for {
		name := filepath.Join(dir, FileName)
		if _, err := os.Lstat(name); err == nil {
			return name
		}
		parent := filepath.Dir(dir)
		if parent == dir || dir == top {
			return ""
		}
		dir = parent
	}
}

// Load reads the configuration at a path. fixers are the names that it may use.
// The error is an *Error, at line 1 if the file cannot be read.
func Load(name string, fixers []string) (*Config, error) {
	text, err := read(name)
	if err != nil {
		var at *os.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return nil, &Error{Path: name, Line: 1, Column: 1, Message: err.Error()}
	}
	return Parse(name, text, fixers)
}

func read(name string) ([]byte, error) {
	// O_NONBLOCK: opening a FIFO must not wait for its writer.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(text) > maxSize {
		err = tooLarge()
	}
	return text, err
}

func tooLarge() error { return fmt.Errorf("larger than %d KiB", maxSize>>10) }

// Excludes reports whether the file at name, an absolute path, is left out of
// walks.
func (c *Config) Excludes(name string) bool { return c.ExcludedBy(name) != "" }

// ExcludedBy gives the path of the configuration that leaves a file out, "" if none
// does.
func (c *Config) ExcludedBy(name string) string {
	if rel, ok := c.relative(name); ok && c.exclude.Match(rel) {
		return c.Path
	}
	if c.common != nil && c.common.exclude.Match(strings.TrimPrefix(name, "/")) {
		return c.common.Path
	}
	return ""
}

// ContextOf gives the folder of the build context that the configuration names
// for the Dockerfile at name, an absolute path.
func (c *Config) ContextOf(name string) (dir string, ok bool) {
	rel, ok := c.relative(name)
	if !ok {
		return "", false
	}
	dir, ok = c.contexts[path.Clean(rel)]
	return filepath.Join(filepath.Dir(c.Path), filepath.FromSlash(dir)), ok
}

// ImagesIn gives the Dockerfiles that the configuration names for images, by the
// image's name; their paths are relative to root, an absolute path. What lies
// outside of it is left out.
func (c *Config) ImagesIn(root string) map[string]string {
	images := map[string]string{}
	if len(c.images) == 0 {
		return images
	}
	base, err := filepath.Abs(filepath.Dir(c.Path))
	if err != nil {
		return images
	}
	for image, dockerfile := range c.images {
		rel, err := filepath.Rel(root, filepath.Join(base, filepath.FromSlash(dockerfile)))
		if err == nil && filepath.IsLocal(rel) {
			images[image] = filepath.ToSlash(rel)
		}
	}
	return images
}

// relative gives name relative to the folder of the configuration.
func (c *Config) relative(name string) (string, bool) {
	if c.Path == "" {
		return "", false
	}
	base, err := filepath.Abs(filepath.Dir(c.Path))
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(base, name)
	return filepath.ToSlash(rel), err == nil && filepath.IsLocal(rel)
}
