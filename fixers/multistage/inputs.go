package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
)

// An input is what a COPY of the build context puts before the last build.
type input struct {
	file  string // in the context, "." for all of it; "" if not known
	name  string // in the image, without a slash at its end
	dir   bool   // a folder, whose content is below name
	chown string
}

// readInputs notes what the first n places copy from the context.
func (pl *plan) readInputs(n int) (declined string) {
	pl.inputs = nil
	for _, at := range pl.places[:n] {
		c, ok := pl.stage.CopyOf(at.inst)
		if !ok || c.From != "" || isAddress(c) {
			continue
		}
		if c.Dest == "" {
			pl.inst = at.inst
			return "where " + at.inst.Name + " puts the source is not known"
		}
		for _, src := range c.Sources {
			pl.inputs = append(pl.inputs, pl.inputsOf(c, src)...)
		}
	}
	pl.roots = roots(pl.inputs)
	return ""
}

// inputsOf are the files that a source of a COPY stands for, each one of a pattern.
func (pl *plan) inputsOf(c build.Copy, src build.CopySource) []input {
	if pl.pass.Context == nil || src.Path == "" || src.IsBroad() || !project.HasWildcard(src.Path) {
		return []input{pl.inputOf(c, src)}
	}
	matches, _ := pl.pass.Context.Glob(strings.TrimPrefix(path.Clean("/"+src.Path), "/"))
	if len(matches) == 0 && len(c.Sources) == 1 { // beside others it is one that may be missing
		return []input{pl.inputOf(c, src)}
	}
	var all []input
	for _, m := range matches {
		all = append(all, pl.inputOf(c, build.CopySource{Path: m, Word: src.Word}))
	}
	return all
}

func (pl *plan) inputOf(c build.Copy, src build.CopySource) input {
	dest := strings.TrimSuffix(c.Dest, "/")
	file := strings.TrimPrefix(path.Clean("/"+src.Path), "/")
	s := input{name: dest, chown: c.Chown}
	switch {
	case src.Path == "":
		s.dir = true
	case src.IsBroad():
		s.file, s.dir = ".", true
	case project.HasWildcard(src.Path):
		s.dir = true
	case pl.pass.Context.IsDir(file):
		s.file, s.dir = file, true
	case pl.isIntoFolder(c):
		s.file, s.name = file, dest+"/"+path.Base(file)
	default:
		s.file = file
	}
	if s.name == "" {
		s.name = "/"
	}
	return s
}

// bringUnknown brings what a COPY takes that is not in the context, since something
// makes it before the build: nothing tells that it is source.
func (pl *plan) bringUnknown() {
	for _, in := range pl.inputs {
		if in.file == "" && in.dir && !isShared(in.name) || in.file != "" && !in.dir && !pl.pass.Context.Has(in.file) {
			pl.bring(in.name, in.name)
			pl.note("copied: %s: it is not in the build context, so neither is what it is for", in.name)
		}
	}
}

// roots are the folders that the source lies in, none below another.
func roots(all []input) []string {
	var dirs []string
	for _, s := range all {
		dir := s.name
		if !s.dir {
			dir = path.Dir(s.name)
		}
		dirs = append(dirs, dir)
	}
	return outermost(dirs)
}

// outermost drops the paths that lie below another, sorted.
func outermost(paths []string) []string {
	slices.Sort(paths)
	var kept []string
	for _, p := range slices.Compact(paths) {
		if !slices.ContainsFunc(kept, func(k string) bool { return isWithin(p, k) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// below is the rest of a path of the context below a folder, which may be the
// context itself, ".".
func below(dir, name string) string {
	if dir == "." {
		return name
	}
	return strings.TrimPrefix(name, dir+"/")
}

// isWithin reports whether name is dir or lies below it.
func isWithin(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

func isWithinAny(name string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return isWithin(strings.TrimSuffix(name, "/"), d) })
}

func isAddress(c build.Copy) bool {
	return slices.ContainsFunc(c.Sources, func(s build.CopySource) bool { return strings.Contains(s.Word.Text, "://") || s.Heredoc })
}
