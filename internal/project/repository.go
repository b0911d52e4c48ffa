package project

import (
	"errors"
	"io/fs"
	"sync"
)

// Repository is a whole repository, in which Dockerfiles and those who build
// them lie. It is safe for use from several goroutines.
type Repository struct {
	tree fs.FS
	list func() []string
	find func() []Builder

	mu       sync.Mutex
	contexts map[string]*Context // by folder, with the folder's own .dockerignore
	memos    sync.Map            // functions that give what Memo keeps, by memoKey
}

// maxContexts bounds the contexts that are kept for the next Dockerfile.
const maxContexts = 16

// NewRepository gives the repository whose root is the root of tree. Nothing
// is read yet.
func NewRepository(tree fs.FS) *Repository {
	r := &Repository{tree: tree}
	r.list = sync.OnceValue(r.sources)
	r.find = sync.OnceValue(r.findBuilders)
	return r
}

// Sources lists the files of the repository, without those that others wrote;
// see [Context.Sources]. The list is read once and may be cut short.
func (r *Repository) Sources() []string {
	if r == nil {
		return nil
	}
	return r.list()
}

func (r *Repository) sources() []string {
	c := &Context{tree: r.tree}
	files, err := c.Sources(".")
	if err != nil && !errors.Is(err, ErrTooManyFiles) {
		return nil
	}
	return files
}

// Read gives the text of a regular file in the repository.
func (r *Repository) Read(name string) (string, error) {
	if r == nil {
		return "", ErrNoContext
	}
	return readRegular(r.tree, cleanPath(name))
}

// A memoKey tells what Memo keeps: keys of different types, and values of different
// types under the same key, are strangers.
type memoKey[K comparable, V any] struct{ key K }

// Memo gives what first was made under a key: what someone has worked out about the
// repository, once for all its Dockerfiles.
func Memo[K comparable, V any](r *Repository, key K, make func() V) V {
	once, _ := r.memos.LoadOrStore(memoKey[K, V]{key}, sync.OnceValue(make))
	return once.(func() V)()
}

// Context gives the build context in the folder dir for the Dockerfile at the
// path dockerfile, both in the repository; see [NewContext]. Dockerfiles of one
// folder get the same Context, so that each listing is read once.
func (r *Repository) Context(dir, dockerfile string) (*Context, error) {
	if r == nil {
		return nil, ErrNoContext
	}
	if dockerfile != "" {
		if _, err := fs.Stat(r.tree, cleanPath(dockerfile)+".dockerignore"); err == nil {
			return contextIn(r.tree, dir, dockerfile)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	dir = cleanPath(dir)
	if known := r.contexts[dir]; known != nil {
		return known, nil
	}
	context, err := contextIn(r.tree, dir, "")
	if err != nil {
		return nil, err
	}
	if r.contexts == nil || len(r.contexts) == maxContexts {
		r.contexts = map[string]*Context{}
	}
	r.contexts[dir] = context
	return context, nil
}
