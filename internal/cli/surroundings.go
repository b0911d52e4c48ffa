package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Surroundings are what is known around a Dockerfile.
type Surroundings struct {
	context *project.Context // nil if none is known
	dir     string           // of the context, for people; "" if none is known
	build   build.Options
}

// repositories holds the folders that build contexts lie in, each opened once. It
// may be used from several goroutines.
type repositories struct {
	mu      sync.Mutex
	byRoot  map[string]*project.Repository
	closers []io.Closer
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

// around says what is known around the Dockerfile at path with that text. path
// and root are absolute; path need not exist. The error is about a context that
// cannot be read; the rest is valid then, too.
func (s *sweep) around(path, root, text string, p *policy) (Surroundings, error) {
	if s.options.NoContext {
		return Surroundings{}, nil
	}
	if top := project.RepositoryRoot(filepath.Dir(path)); top != "" {
		root = top
	}
	repository, err := s.repositories.at(root)
	if err != nil {
		return Surroundings{}, err
	}
	file := syntax.Parse(source.New(path, text))
	dockerfile := slashed(root, path)
	inferred := repository.Infer(dockerfile, contextSources(file))
	var around Surroundings
	around.build.Targets = inferred.Targets
	if inferred.OpenTarget != "" {
		around.build.Targets = stageNames(file)
	}
	dir := inferred.ContextDir
	named, err := s.namedContext(path, p)
	if err != nil {
		return around, err
	}
	if named != "" {
		root, dir, dockerfile = named, ".", slashed(named, path)
		if repository, err = s.repositories.at(named); err != nil {
			return around, err
		}
	}
	if dir == "" {
		return around, nil
	}
	around.context, err = repository.Context(dir, dockerfile)
	if err != nil {
		return around, fmt.Errorf("no build context is known: %w", err)
	}
	around.dir = filepath.ToSlash(relativeToHere(filepath.Join(root, filepath.FromSlash(dir))))
	return around, nil
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

// contextSources lists the literal sources of COPY and ADD that come from the
// build context.
func contextSources(file *syntax.File) []string {
	var all []string
	for _, inst := range file.Instructions {
		if _, elsewhere := inst.Flag("from"); elsewhere || inst.Name != "COPY" && inst.Name != "ADD" {
			continue
		}
		words := inst.Words()
		for _, word := range words[:max(len(words)-1, 0)] {
			if !strings.ContainsAny(word.Text, "$<") && !strings.Contains(word.Text, ":") {
				all = append(all, word.Text)
			}
		}
	}
	return all
}

// stageNames lists the stages of a file by name.
func stageNames(file *syntax.File) []string {
	var all []string
	for _, stage := range build.New(file, build.Options{}).Stages {
		if stage.Name != "" {
			all = append(all, stage.Name)
		}
	}
	return all
}
