package project

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// Context is a build context as the builder sees it: the files of a tree less
// those that .dockerignore leaves out. The nil Context is the unknown one. A
// Context may be used from several goroutines.
type Context struct {
	tree   fs.FS
	ignore *ignoreRules

	// repository is the tree that the context is a folder of.
	repository fs.FS

	// What was asked for once is not read again.
	mu      sync.Mutex
	dirs    map[string][]fs.DirEntry // entries that are not ignored, by folder
	texts   map[string]text
	infos   map[string]fs.FileInfo // nil for what the builder does not see
	sources map[string]sources     // by folder
}

// sources is an answer of Sources.
type sources struct {
	files []string
	err   error
}

type text struct {
	content string
	err     error
}

// maxFiles bounds Files. A context above it is not worth walking.
const maxFiles = 100_000

// ErrTooManyFiles says that a folder holds more files than Files lists.
var ErrTooManyFiles = fmt.Errorf("more than %d files", maxFiles)

// NewContext gives the context whose root is the root of tree. dockerfile is
// the path of the Dockerfile in tree, or "" when it is not there (standard
// input, a Dockerfile from elsewhere); it decides whether
// <Dockerfile>.dockerignore is read in place of .dockerignore.
//
// An error means that the ignore file is unreadable or malformed; the context
// then is nil, for nothing can be said about which files it has.
func NewContext(tree fs.FS, dockerfile string) (*Context, error) {
	return contextIn(tree, ".", dockerfile)
}

// contextIn gives the context in the folder dir of repository; dockerfile is
// relative to the root of the repository.
func contextIn(repository fs.FS, dir, dockerfile string) (*Context, error) {
	tree, err := subtree(repository, cleanPath(dir))
	if err != nil {
		return nil, err
	}
	rules, err := readIgnoreRules(repository, tree, dockerfile)
	if err != nil {
		return nil, err
	}
	return &Context{tree: tree, ignore: rules, repository: repository}, nil
}

func subtree(tree fs.FS, dir string) (fs.FS, error) {
	info, err := fs.Stat(tree, dir)
	if err != nil {
		return nil, fmt.Errorf("build context %s: %w", dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("build context %s: not a folder", dir)
	}
	if dir == "." {
		return tree, nil
	}
	return subFS{tree, dir}, nil
}

// subFS is fs.Sub that keeps Stat and ReadDir of the tree, which must work
// where Open gives ErrUnknownContent.
type subFS struct {
	tree fs.FS
	dir  string
}

func (s subFS) Open(name string) (fs.File, error) { return s.tree.Open(path.Join(s.dir, name)) }
func (s subFS) Stat(name string) (fs.FileInfo, error) {
	return fs.Stat(s.tree, path.Join(s.dir, name))
}
func (s subFS) ReadDir(name string) ([]fs.DirEntry, error) {
	return fs.ReadDir(s.tree, path.Join(s.dir, name))
}

// Unfiltered gives the same folder with nothing ignored, for questions about
// files that are on disk and need not reach the builder.
func (c *Context) Unfiltered() *Context {
	if c == nil {
		return nil
	}
	return &Context{tree: c.tree}
}

// Repository gives the whole tree that the context is a folder of, with nothing
// ignored, for questions about what lies beside it.
func (c *Context) Repository() *Context {
	if c == nil {
		return nil
	}
	return &Context{tree: c.repository}
}

// Has reports whether the builder sees a file or folder at name.
func (c *Context) Has(name string) bool {
	_, ok := c.stat(name)
	return ok
}

// HasFile reports whether the builder sees a regular file at name.
func (c *Context) HasFile(name string) bool {
	info, ok := c.stat(name)
	return ok && info.Mode().IsRegular()
}

// IsDir reports whether the builder sees a folder at name.
func (c *Context) IsDir(name string) bool {
	info, ok := c.stat(name)
	return ok && info.IsDir()
}

func (c *Context) stat(name string) (fs.FileInfo, bool) {
	if c == nil {
		return nil, false
	}
	name = cleanPath(name)
	c.mu.Lock()
	info, known := c.infos[name]
	c.mu.Unlock()
	if known {
		return info, info != nil
	}
	info, err := fs.Stat(c.tree, name)
	if err != nil || c.ignore.excludes(name) && !(info.IsDir() && c.readmits(name)) {
		info = nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.infos == nil {
		c.infos = map[string]fs.FileInfo{}
	}
	c.infos[name] = info
	return info, info != nil
}

// readmits reports whether an ignored folder holds something that a later
// "!pattern" takes in again, in which case the folder itself exists as well.
func (c *Context) readmits(dir string) bool {
	if !c.ignore.hasExceptions() {
		return false
	}
	entries, err := c.ReadDir(dir)
	return err == nil && len(entries) > 0
}

// Ignored reports whether .dockerignore leaves name out, whether or not it
// exists.
func (c *Context) Ignored(name string) bool {
	return c != nil && c.ignore.excludes(cleanPath(name))
}

// IgnorePatterns are those of the ignore file, as package patternmatcher takes
// them.
func (c *Context) IgnorePatterns() []string {
	if c == nil || c.ignore == nil {
		return nil
	}
	return slices.Clone(c.ignore.patterns)
}

// Read gives the text of a regular file. The error wraps fs.ErrNotExist for a
// file that the builder does not see, ErrUnknownContent, or ErrNoContext.
func (c *Context) Read(name string) (string, error) {
	if c == nil {
		return "", ErrNoContext
	}
	name = cleanPath(name)
	if c.Ignored(name) {
		return "", &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.texts[name]; ok {
		return t.content, t.err
	}
	var t text
	t.content, t.err = readRegular(c.tree, name)
	if c.texts == nil {
		c.texts = map[string]text{}
	}
	c.texts[name] = t
	return t.content, t.err
}

// ReadDir lists what the builder sees in a folder, sorted by name.
func (c *Context) ReadDir(name string) ([]fs.DirEntry, error) {
	if c == nil {
		return nil, ErrNoContext
	}
	name = cleanPath(name)
	c.mu.Lock()
	entries, cached := c.dirs[name]
	c.mu.Unlock()
	if cached {
		return entries, nil
	}
	all, err := fs.ReadDir(c.tree, name)
	if err != nil {
		return nil, err
	}
	for _, entry := range all {
		child := path.Join(name, entry.Name())
		if c.ignore.excludes(child) && !(entry.IsDir() && c.readmits(child)) {
			continue
		}
		entries = append(entries, entry)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dirs == nil {
		c.dirs = map[string][]fs.DirEntry{}
	}
	c.dirs[name] = entries
	return entries, nil
}

// Glob lists the paths that a COPY source names, sorted: the source itself if
// it has no wildcard, else what filepath.Match finds, "*" stopping at slashes.
// No match gives an empty list; a malformed pattern too, with path.ErrBadPattern.
func (c *Context) Glob(pattern string) ([]string, error) {
	if c == nil {
		return nil, nil
	}
	pattern = cleanPath(pattern)
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, fmt.Errorf("COPY source %q: %w", pattern, err)
	}
	return fs.Glob(contextFS{c}, pattern)
}

// glob lists what matches pattern in the folder dir, whose name is literal.
func (c *Context) glob(dir, pattern string) ([]string, error) {
	return c.Glob(path.Join(escapeWildcards.Replace(dir), pattern))
}

var escapeWildcards = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// contextFS lets package fs walk a Context.
type contextFS struct{ context *Context }

func (f contextFS) Open(name string) (fs.File, error) {
	if !f.context.Has(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return f.context.tree.Open(name)
}

func (f contextFS) Stat(name string) (fs.FileInfo, error) {
	info, ok := f.context.stat(name)
	if !ok {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return info, nil
}

func (f contextFS) ReadDir(name string) ([]fs.DirEntry, error) { return f.context.ReadDir(name) }

// HasWildcard reports whether COPY reads source as a pattern.
func HasWildcard(source string) bool { return strings.ContainsAny(source, `*?[\`) }

// Files lists the files under dir (not the folders), depth first and sorted.
// .git is left out. The error wraps ErrTooManyFiles when the list is cut short.
func (c *Context) Files(dir string) ([]string, error) { return c.filesExcept(dir, ".git") }

// Sources lists the files under dir as Files does, without the folders in
// which tools install what others wrote: node_modules, vendor, virtual
// environments. The list is not the caller's to change.
func (c *Context) Sources(dir string) ([]string, error) {
	if c == nil {
		return nil, ErrNoContext
	}
	dir = cleanPath(dir)
	c.mu.Lock()
	found, known := c.sources[dir]
	c.mu.Unlock()
	if known {
		return found.files, found.err
	}
	found.files, found.err = c.filesExcept(dir, ".git", "node_modules", "vendor", ".venv", "venv", "__pycache__")
	found.files = slices.Clip(found.files)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sources == nil {
		c.sources = map[string]sources{}
	}
	c.sources[dir] = found
	return found.files, found.err
}

func (c *Context) filesExcept(dir string, skipped ...string) ([]string, error) {
	if c == nil {
		return nil, ErrNoContext
	}
	var files []string
	err := fs.WalkDir(contextFS{c}, cleanPath(dir), func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			// An unreadable folder hides its files from the builder too.
			return nil
		}
		if entry.IsDir() {
			for _, base := range skipped {
				if entry.Name() == base {
					return fs.SkipDir
				}
			}
			return nil
		}
		if len(files) == maxFiles {
			return ErrTooManyFiles
		}
		files = append(files, name)
		return nil
	})
	if err != nil {
		return files, fmt.Errorf("list %s: %w", dir, err)
	}
	return files, nil
}
