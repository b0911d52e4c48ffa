package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/project"
)

var errNoRepository = errors.New("the repository of the Dockerfile is not known")

// other returns the text that another file of the repository has by now.
func (r *run) other(at *reading, name string) (string, error) {
	if text, ok := at.others[name]; ok {
		return text, nil
	}
	if text, ok := r.came[name]; ok {
		return text, nil
	}
	text, err := r.otherAsItCame(name)
	if err == nil {
		r.came[name] = text
	}
	return text, err
}

func (r *run) otherAsItCame(name string) (string, error) {
	switch text, left := r.in.Left[name]; {
	case r.in.Repository == nil:
		return "", errNoRepository
	case !fs.ValidPath(name):
		return "", &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	case left:
		return text, nil
	}
	return r.in.Repository.Read(name)
}

// length is that of the Dockerfile for "", and else of another file, 0 if it cannot
// be read.
func (r *run) length(at *reading, name string) int {
	if name == "" {
		return len(at.file.Text)
	}
	text, err := r.other(at, name)
	if err != nil {
		return 0
	}
	return len(text)
}

// edited returns the other files after the edits of a batch.
func (r *run) edited(at *reading, batch []*finding) (map[string]string, error) {
	byPath := map[string][]edit.Edit{}
	for _, f := range batch {
		for _, o := range f.Fix.Others {
			byPath[o.Path] = append(byPath[o.Path], o.Edits...)
		}
	}
	if len(byPath) == 0 {
		return at.others, nil
	}
	others := maps.Clone(at.others)
	if others == nil {
		others = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(byPath)) {
		if name == r.in.Path || project.IsDockerfileName(path.Base(name)) {
			return nil, fmt.Errorf("%s: a fix edits no other Dockerfile", name)
		}
		text, err := r.other(at, name)
		if err != nil {
			return nil, err
		}
		if others[name], err = edit.Apply(text, byPath[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return others, nil
}

// changed are the other files that are not as they came.
func (r *run) changed(at *reading) []Other {
	var changed []Other
	for _, name := range slices.Sorted(maps.Keys(at.others)) {
		if before, after := r.came[name], at.others[name]; before != after {
			changed = append(changed, Other{Path: name, Before: before, After: after})
		}
	}
	return changed
}

// state tells a round from others: the texts of all files.
func (at *reading) state() string {
	if len(at.others) == 0 {
		return at.file.Text
	}
	state := at.file.Text
	for _, name := range slices.Sorted(maps.Keys(at.others)) {
		state += "\x00" + name + "\x00" + at.others[name]
	}
	return state
}
