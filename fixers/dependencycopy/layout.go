package dependencycopy

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A layout says which files of the build context lie where in the image at some
// point of a stage.
type layout struct {
	context    *project.Context
	deliveries []delivery // in the order of the file; a later one overwrites
}

// A delivery is one file or folder of the context that a COPY put into the image.
type delivery struct {
	by      *syntax.Instruction
	source  string // in the context
	image   string // absolute
	isDir   bool   // the contents of source lie in image
	literal bool   // source is named by the COPY as it is, not by a pattern
}

// layoutBefore reads the COPY and ADD instructions before run in its stage and in
// the stages that it is built on.
func layoutBefore(context *project.Context, stage *build.Stage, run *syntax.Instruction) *layout {
	l := &layout{context: context}
	for _, s := range stage.Chain() {
		for _, inst := range s.Instructions {
			if inst == run {
				break
			}
			if isContextCopy(inst) {
				l.add(s, inst)
			}
		}
	}
	return l
}

func (l *layout) add(stage *build.Stage, inst *syntax.Instruction) {
	c, ok := stage.CopyOf(inst)
	if !ok {
		return
	}
	dest, into := destination(stage, c)
	if dest == "" {
		return
	}
	into = into || l.hasDir(dest)
	for _, src := range c.Sources {
		if src.Heredoc || src.Path == "" || strings.Contains(src.Path, "://") {
			continue
		}
		names := []string{clean(src.Path)}
		if project.HasWildcard(src.Path) {
			names, _ = l.context.Glob(src.Path) // none for a malformed pattern, which Docker refuses
		}
		for _, name := range names {
			d := delivery{by: inst, source: name, image: dest, literal: !project.HasWildcard(src.Path)}
			switch {
			case name == "." || l.context.IsDir(name):
				d.isDir = true
			case into || len(names) > 1:
				d.image = path.Join(dest, path.Base(name))
			}
			l.deliveries = append(l.deliveries, d)
		}
	}
}

// destination gives the folder or file that a COPY writes, and whether it is known
// to be a folder.
func destination(stage *build.Stage, c build.Copy) (dest string, into bool) {
	workdir := workdirAt(stage, c.Inst)
	if c.Dest != "" {
		dest = path.Clean(c.Dest)
		return dest, strings.HasSuffix(c.Dest, "/") || dest == workdir
	}
	x := stage.Expand(c.Inst, c.Raw.Text)
	if !x.Known || x.Text == "" || path.IsAbs(x.Text) {
		return "", false
	}
	dest = path.Join(workdir, x.Text)
	return dest, strings.HasSuffix(x.Text, "/") || len(c.Sources) > 1 || dest == workdir
}

// workdirAt is the working directory at inst. One that the file does not say gets
// a name that no other folder has, since two paths below the same unknown folder
// can still be compared.
func workdirAt(stage *build.Stage, inst *syntax.Instruction) string {
	if dir := stage.WorkdirAt(inst); dir != "" {
		return dir
	}
	dir := "/?"
	for _, s := range stage.Chain() {
		for i, other := range s.Instructions {
			if other == inst {
				return dir
			}
			if other.Name != "WORKDIR" {
				continue
			}
			switch to := s.Expand(other, other.Args.Text); {
			case !to.Known || to.Text == "":
				dir = fmt.Sprintf("/?%d.%d", s.Index, i)
			case path.IsAbs(to.Text):
				dir = path.Clean(to.Text)
			default:
				dir = path.Join(dir, to.Text)
			}
		}
	}
	return dir
}

func (l *layout) hasDir(image string) bool {
	for _, d := range l.deliveries {
		if d.isDir && d.image == image || !d.isDir && path.Dir(d.image) == image {
			return true
		}
	}
	return false
}

// A folder is a folder of the image and the one of the context whose files it
// holds.
type folder struct {
	image, source string
}

// folderAt gives the folder of the context that lies at a folder of the image.
func (l *layout) folderAt(image string) (folder, bool) {
	for i := len(l.deliveries) - 1; i >= 0; i-- {
		d := l.deliveries[i]
		if rel, ok := below(d.image, image); ok && d.isDir && l.context.IsDir(path.Join(d.source, rel)) {
			return folder{image, clean(path.Join(d.source, rel))}, true
		}
	}
	for i := len(l.deliveries) - 1; i >= 0; i-- {
		if d := l.deliveries[i]; !d.isDir && path.Dir(d.image) == image {
			return folder{image, path.Dir(d.source)}, true
		}
	}
	return folder{}, false
}

// fileAt gives the file or folder of the context that lies at a path of the image.
func (l *layout) fileAt(image string) (source string, ok bool) {
	for i := len(l.deliveries) - 1; i >= 0; i-- {
		d := l.deliveries[i]
		rel, under := below(d.image, image)
		switch source := path.Join(d.source, rel); {
		case !under || !d.isDir && rel != ".":
		case l.context.Has(source):
			return source, true
		}
	}
	return "", false
}

// delivered gives the last delivery that puts a path of the context where an
// install in a folder looks for it.
func (l *layout) delivered(at folder, source string) (delivery, bool) {
	want := at.imageOf(source)
	for i := len(l.deliveries) - 1; i >= 0; i-- {
		d := l.deliveries[i]
		rel, under := below(d.source, source)
		if under && (d.isDir || rel == ".") && path.Join(d.image, rel) == want {
			return d, true
		}
	}
	return delivery{}, false
}

// imageOf gives where a path of the context lies in the image if the folder and
// what surrounds it are laid out as in the context.
func (f folder) imageOf(source string) string {
	rel, err := filepath.Rel(f.source, source)
	if err != nil {
		return ""
	}
	return path.Join(f.image, filepath.ToSlash(rel))
}

// below reports whether name is dir or lies below it, and gives the rest.
func below(dir, name string) (rel string, ok bool) {
	switch {
	case dir == name:
		return ".", true
	case dir == "." && !path.IsAbs(name):
		return name, true
	case dir == "/" && path.IsAbs(name):
		return name[1:], true
	}
	rel, ok = strings.CutPrefix(name, dir+"/")
	return rel, ok
}

// overlap reports whether one path holds the other.
func overlap(a, b string) bool {
	_, under := below(a, b)
	_, over := below(b, a)
	return under || over
}

// clean gives a source as COPY reads it: relative to the context's root.
func clean(name string) string {
	if name = strings.TrimPrefix(path.Clean("/"+name), "/"); name == "" {
		return "."
	}
	return name
}
