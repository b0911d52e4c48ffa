// Package origin tells which file of the build context lies at a path of an
// image, and reads the scripts among them.
//
// Invariants: only a COPY or ADD of the context brings a file, or a COPY of a stage
// that has it; the last one that names the path wins. What the context hides from
// the builder, and what a pattern or an unknown destination may bring, is not
// found. What a RUN makes of a file is not seen.
package origin

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// File is the context path of what lies at an absolute path of the image before
// inst, or at the end of the stage for nil; "" if nothing of the context does.
func File(c *project.Context, s *build.Stage, inst *syntax.Instruction, name string) string {
	look := looking{c, maxLookups}
	return look.file(s, inst, name)
}

// maxLookups bounds the COPY instructions that one question follows from stage to
// stage: a file can be written so that they double with every stage. What is not
// reached is not found.
const maxLookups = 1 << 14

// A looking is one question about the context, and how many instructions it may
// still look at.
type looking struct {
	c    *project.Context
	left int
}

func (l *looking) file(s *build.Stage, inst *syntax.Instruction, name string) string {
	found := ""
	for _, stage := range s.Chain() {
		for _, i := range stage.Instructions {
			if stage == s && i == inst {
				return found
			}
			copied, ok := stage.CopyOf(i)
			if !ok {
				continue
			}
			if l.left--; l.left < 0 {
				return ""
			}
			if file := l.brings(copied, name); file != "" {
				found = file // a later COPY hides an earlier one
			}
		}
	}
	return found
}

// Brings is the context path of what a COPY puts at an absolute path of the image,
// "" if it puts nothing of the context there.
func Brings(c *project.Context, copied build.Copy, name string) string {
	look := looking{c, maxLookups}
	return look.brings(copied, name)
}

func (l *looking) brings(copied build.Copy, name string) string {
	found := ""
	for _, src := range copied.Sources {
		file := ""
		switch {
		case copied.Stage != nil:
			file = l.broughtOn(copied, src, name)
		case copied.From == "":
			file = broughtBy(l.c, copied, src, name)
		}
		if file != "" {
			found = file
		}
	}
	return found
}

// Program is the context path of the program that a command line names: by its
// path, or by its name in a folder of PATH.
func Program(c *project.Context, s *build.Stage, inst *syntax.Instruction, workdir, program string) string {
	switch {
	case path.IsAbs(program):
		return File(c, s, inst, path.Clean(program))
	case strings.Contains(program, "/"):
		if workdir == "" {
			return ""
		}
		return File(c, s, inst, path.Join(workdir, program))
	}
	for _, dir := range []string{"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"} {
		if file := File(c, s, inst, dir+program); file != "" {
			return file
		}
	}
	return ""
}

// broughtBy is the path in the context of what a source of a COPY puts at name, ""
// if it puts nothing there.
func broughtBy(c *project.Context, copied build.Copy, src build.CopySource, name string) string {
	dest := strings.TrimSuffix(copied.Dest, "/")
	rest, below := strings.CutPrefix(name, dest+"/")
	file := src.Path
	switch {
	case src.Path == "" || src.Heredoc || copied.Dest == "" || project.HasWildcard(src.Path):
		return ""
	case below && c.IsDir(src.Path):
		file = path.Join(src.Path, rest)
	case name == copied.Dest, below && strings.HasSuffix(copied.Dest, "/") && rest == path.Base(src.Path):
	default:
		return ""
	}
	if !c.HasFile(file) {
		return ""
	}
	return strings.TrimPrefix(path.Clean(file), "/")
}

// broughtOn is broughtBy for a source that is a stage's.
func (l *looking) broughtOn(copied build.Copy, src build.CopySource, name string) string {
	if src.Path == "" || src.Heredoc || copied.Dest == "" || project.HasWildcard(src.Path) {
		return ""
	}
	from := path.Join("/", src.Path)
	rest, below := strings.CutPrefix(name, strings.TrimSuffix(copied.Dest, "/")+"/")
	if name == copied.Dest || below && strings.HasSuffix(copied.Dest, "/") && rest == path.Base(from) {
		if file := l.file(copied.Stage, nil, from); file != "" {
			return file
		}
	}
	if !below {
		return ""
	}
	return l.file(copied.Stage, nil, path.Join(from, rest))
}

// Places are the absolute paths at which a file of the context lies at the end of
// a stage, those of patterns included.
func Places(c *project.Context, s *build.Stage, file string) []string {
	look := looking{c, maxLookups}
	return look.places(s, file)
}

func (l *looking) places(s *build.Stage, file string) []string {
	var places []string
	for _, stage := range s.Chain() {
		for _, inst := range stage.Instructions {
			copied, ok := stage.CopyOf(inst)
			if !ok || copied.Stage == nil && copied.From != "" || copied.Dest == "" {
				continue
			}
			for _, src := range copied.Sources {
				places = l.join(places, l.placesOf(copied, src, file))
			}
		}
	}
	return places
}

// join adds the places that are not among them, as long as looks are left.
func (l *looking) join(places, more []string) []string {
	for _, place := range more {
		if l.left--; l.left < 0 {
			break
		}
		if !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	return places
}

// placesOf are where a source of a COPY puts a file of the context.
func (l *looking) placesOf(copied build.Copy, src build.CopySource, file string) []string {
	if l.left--; l.left < 0 {
		return nil
	}
	if copied.Stage == nil {
		if place := placedBy(l.c, copied, src, file); place != "" {
			return []string{place}
		}
		return nil
	}
	if src.Path == "" || src.Heredoc {
		return nil
	}
	var places []string
	from := path.Join("/", src.Path)
	for _, at := range l.places(copied.Stage, file) {
		rest, below := strings.CutPrefix(at, strings.TrimSuffix(from, "/")+"/")
		matches, _ := path.Match(from, at)
		switch {
		case below:
			places = append(places, path.Join(copied.Dest, rest))
		case matches && strings.HasSuffix(copied.Dest, "/"):
			places = append(places, path.Join(copied.Dest, path.Base(at)))
		case matches:
			places = append(places, copied.Dest)
		}
	}
	return places
}

// Brought reports whether some stage of the file may copy a file of the context: a
// source names it, a folder above it or a pattern that it fits, or is not known.
func Brought(c *project.Context, m *build.Model, file string) bool {
	for _, s := range m.Stages {
		for _, inst := range s.Instructions {
			copied, ok := s.CopyOf(inst)
			if !ok || copied.Stage != nil || copied.From != "" {
				continue
			}
			for _, src := range copied.Sources {
				copied.Dest = "/"
				if src.Path == "" || !src.Heredoc && placedBy(c, copied, src, file) != "" || project.HasWildcard(src.Path) && fits(src.Path, file) {
					return true
				}
			}
		}
	}
	return false
}

// fits reports whether a pattern matches a file or one of the folders above it.
func fits(pattern, file string) bool {
	pattern = strings.TrimPrefix(path.Clean(pattern), "/")
	for ; file != "." && file != "/"; file = path.Dir(file) {
		if ok, err := path.Match(pattern, file); ok || err != nil {
			return true
		}
	}
	return strings.Contains(pattern, "**")
}

// placedBy is where a source of a COPY puts a file of the context, "" for nowhere.
func placedBy(c *project.Context, copied build.Copy, src build.CopySource, file string) string {
	dir := strings.TrimPrefix(path.Clean(src.Path), "/")
	switch {
	case src.Path == "" || src.Heredoc:
		return ""
	case dir == ".":
		return path.Join(copied.Dest, file)
	case c.IsDir(dir):
		if rest, ok := strings.CutPrefix(file, dir+"/"); ok {
			return path.Join(copied.Dest, rest)
		}
		return ""
	case file == dir:
		if strings.HasSuffix(copied.Dest, "/") {
			return path.Join(copied.Dest, path.Base(file))
		}
		return copied.Dest
	}
	if ok, err := path.Match(dir, file); ok && err == nil {
		return path.Join(copied.Dest, path.Base(file))
	}
	return ""
}

// ScriptOf is the script that a command runs, as it names it; "" if it runs none,
// or one whose name is not literal.
func ScriptOf(c *shell.Command) string {
	name, args := c.Runs()
	switch name {
	case "":
		return ""
	case "sh", "bash", "dash", "ash", ".", "source":
		for _, w := range args {
			switch {
			case w.Value == "-c" || w.Value == "-s" || w.Value == "-" || !w.Literal:
				return "" // a command, or what comes through a pipe
			case w.IsFlag():
			case name == "." || name == "source" || strings.Contains(w.Value, "/"):
				return w.Value
			default:
				return "./" + w.Value
			}
		}
		return ""
	}
	if program := c.Words[c.Program()].Value; strings.Contains(program, "/") || strings.HasSuffix(program, ".sh") {
		return program
	}
	return ""
}

// Script reads the text of a script as that of a RUN heredoc. Its commands and
// words stand in a text of their own: no edit of theirs is one of the Dockerfile.
func Script(text string) *shell.Script {
	const end = "END-OF-THE-SCRIPT"
	f := syntax.Parse(source.New("script", "RUN <<'"+end+"'\n"+strings.TrimSuffix(text, "\n")+"\n"+end+"\n"))
	if len(f.Instructions) != 1 {
		return &shell.Script{Opaque: "it is not a script"}
	}
	return shell.Parse(f.Instructions[0], shell.Interpreter{})
}
