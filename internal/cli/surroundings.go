package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/project"
)

// repositories holds the folders that build contexts lie in, each opened once. It
// may be used from several goroutines.
type repositories struct {
	mu      sync.Mutex
	byRoot  map[string]*project.Repository
	closers []io.Closer
	tops    map[string]string // the roots that folders lie in; see rootOf
}

// rootOf is repositoryOf, which is found once for each folder.
func (r *repositories) rootOf(path, root string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	dir := filepath.Dir(path)
	top, known := r.tops[dir]
	if !known {
		top = project.RepositoryRoot(dir)
		if r.tops == nil {
			r.tops = map[string]string{}
		}
		r.tops[dir] = top
	}
	if top == "" {
		return root
	}
	return top
}

// at gives the repository whose root is an absolute path.
func (r *repositories) at(root string) (*project.Repository, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.byRoot[root]; ok {
		return known, nil
	}
	tree, closer, err := project.OpenDir(root)
	if err != nil {
		return nil, err
	}
	if r.byRoot == nil {
		r.byRoot = map[string]*project.Repository{}
	}
	r.closers = append(r.closers, closer)
	r.byRoot[root] = project.NewRepository(tree)
	return r.byRoot[root], nil
}

func (r *repositories) close() {
	for _, c := range r.closers {
		c.Close()
	}
}

// around says what is known around the Dockerfile at path with that text, the
// context's folder being relative to the current one. path and root are absolute;
// path need not exist. The error is about a context that cannot be read; the rest
// is valid then, too.
func (s *sweep) around(path, root, text string, p *policy) (engine.Surroundings, error) {
	if s.options.NoContext {
		return engine.Surroundings{}, nil
	}
	root = s.repositories.rootOf(path, root)
	repository, err := s.repositories.at(root)
	if err != nil {
		return engine.Surroundings{}, err
	}
	around, unread := engine.Around(repository, slashed(root, path), text)
	named, err := s.namedContext(path, p)
	if err != nil {
		return engine.Surroundings{Build: around.Build}, err
	}
	if named != "" {
		root = named
		if repository, err = s.repositories.at(named); err != nil {
			return around, err
		}
		unread = around.Take(repository, ".", slashed(named, path))
	}
	if around.Context != nil {
		around.Dir = s.otherPath(root, around.Dir)
	}
	return around, unread
}

// repositoryOf is the root of the repository that path lies in, root where there is
// none.
func repositoryOf(path, root string) string {
	if top := project.RepositoryRoot(filepath.Dir(path)); top != "" {
		return top
	}
	return root
}

// namedContext gives the absolute folder that the flags or the configuration name
// as the build context, "" if they do not. The configuration is the repository's
// and may not lead out of its own folder, by a symlink either.
func (s *sweep) namedContext(path string, p *policy) (string, error) {
	if s.options.Context != "" {
		return filepath.Abs(s.options.Context)
	}
	dir, ok := p.config.ContextOf(path)
	if !ok {
		return "", nil
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	base, err := filepath.EvalSymlinks(filepath.Dir(p.config.Path))
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(base, real); err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s names a build context that leaves %s", p.config.Path, base)
	}
	return filepath.Abs(dir)
}

// slashed gives path relative to root as package project wants it, "" if it lies
// outside.
func slashed(root, path string) string {
	rel, err := filepath.Rel(root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}
