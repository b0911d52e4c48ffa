package project

import (
	"path"
	"strings"

	"golang.org/x/mod/modfile"
)

// GoModules says what "go mod download" in dir reads: go.mod and go.sum, the
// go.mod of each module that a replace directive finds in the context, and
// the workspace if there is a go.work at or above dir. What compiles (go
// build, go install ./..., go mod vendor) reads the source; that is the
// caller's to know.
func GoModules(c *Context, dir string) Manifests {
	r := collect(c)
	dir = cleanPath(dir)
	r.goModule(dir)
	for folder := dir; ; folder = path.Dir(folder) {
		if r.hasFile(path.Join(folder, "go.work")) {
			r.goWork(folder)
			break
		}
		if folder == "." {
			break
		}
	}
	return r.result()
}

// goModule reads one go.mod as that of a main module.
func (r *collector) goModule(dir string) {
	name := cleanPath(path.Join(dir, "go.mod"))
	text, ok := r.read(name)
	if !ok {
		return
	}
	r.optional(path.Join(dir, "go.sum"))
	module, err := modfile.Parse(name, []byte(text), nil)
	if err != nil {
		r.source("%s is not a valid go.mod", name)
		return
	}
	r.goReplacements(dir, name, module.Replace)
}

func (r *collector) goReplacements(dir, name string, replacements []*modfile.Replace) {
	for _, replacement := range replacements {
		place := replacement.New.Path
		switch {
		case replacement.New.Version != "" || !modfile.IsDirectoryPath(place):
		case path.IsAbs(place):
			r.source("%s replaces %s by %s", name, replacement.Old.Path, place)
		default:
			r.file(path.Join(dir, place, "go.mod"))
		}
	}
}

// goWork reads a workspace; the modules that it uses are main modules.
func (r *collector) goWork(dir string) {
	name := cleanPath(path.Join(dir, "go.work"))
	text, ok := r.read(name)
	if !ok {
		return
	}
	r.optional(path.Join(dir, "go.work.sum"))
	work, err := modfile.ParseWork(name, []byte(text), nil)
	if err != nil {
		r.source("%s is not a valid go.work", name)
		return
	}
	for _, use := range work.Use {
		if path.IsAbs(use.Path) || strings.Contains(use.Path, `\`) {
			r.source("%s uses %s", name, use.Path)
			continue
		}
		r.goModule(path.Join(dir, use.Path))
	}
	r.goReplacements(dir, name, work.Replace)
}
