package cli

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"sync"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/report"
)

// others are the files beside Dockerfiles that this run has changed, by the root of
// their repository. They may be used from several goroutines.
type others struct {
	mu     sync.Mutex
	byRoot map[string]map[string]string
}

// of gives the changed files of a repository. The map does not change.
func (o *others) of(root string) map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.byRoot[root]
}

func (o *others) keep(root string, changed []engine.Other) {
	if len(changed) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	texts := map[string]string{}
	maps.Copy(texts, o.byRoot[root])
	for _, c := range changed {
		texts[c.Path] = c.After
	}
	if o.byRoot == nil {
		o.byRoot = map[string]map[string]string{}
	}
	o.byRoot[root] = texts
}

// isStale reports whether one of the files has another text by now.
func (o *others) isStale(root string, read map[string]string) bool {
	now := o.of(root)
	for path, text := range read {
		if after, changed := now[path]; changed && after != text {
			return true
		}
	}
	return false
}

// settle ends a target whose result depends on files that the fixes of others may
// edit too. Targets are settled in their order, and done again where such a file
// has changed meanwhile: all comes out as if they had been done one after the other.
func (s *sweep) settle(ctx context.Context, r result) result {
	if len(r.read) == 0 {
		return r
	}
	if s.others.isStale(r.root, r.read) {
		if r = s.do(ctx, r.target); len(r.read) == 0 {
			return r
		}
	}
	r = s.put(r)
	s.others.keep(r.root, r.others)
	return r
}

// put writes what a result changes.
func (s *sweep) put(r result) result {
	if r.Status != report.Changed || s.write == nil {
		return r
	}
	var changes []change
	if r.text != r.file.text {
		changes = append(changes, change{file: r.file, text: r.text, path: r.Path})
	}
	for _, other := range r.others {
		path := filepath.Join(r.root, filepath.FromSlash(other.Path))
		d, err := readDockerfile(project.Found{Path: path, Root: r.root}, filepath.EvalSymlinks)
		if err == nil && d.text != other.Before {
			err = errChanged
		}
		if err != nil {
			return r.fails(fmt.Errorf("%s: %w", s.otherPath(r.root, other.Path), err))
		}
		changes = append(changes, change{file: d, text: other.After, path: path})
	}
	if err := s.write(changes); err != nil {
		return r.fails(err)
	}
	for _, c := range changes {
		if n := namesOf(c.file.info); n > 1 {
			r.note(1, 1, fmt.Sprintf("%s was one of %d hard links; the others keep the old text", c.path, n))
		}
	}
	return r
}
