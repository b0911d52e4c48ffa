package accounts

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A file is an account file that is not /etc/passwd or /etc/group itself.
type file struct {
	users   []Account
	groups  []Group
	derived bool // some of the lines of /etc/passwd or /etc/group
}

// write makes what a command writes into an account file.
func (k *Known) write(w written) {
	f := &file{derived: w.derived}
	for _, line := range w.lines {
		if a, ok := passwdLine(line); ok && !isGroupFile(w.path) {
			f.users = append(f.users, a)
		}
		if g, ok := groupLine(line); ok && isGroupFile(w.path) {
			f.groups = append(f.groups, g)
		}
	}
	switch w.path {
	case "/etc/passwd":
		if !w.appends {
			k.Users = nil
		}
		k.Users = append(k.Users, f.users...)
	case "/etc/group":
		if !w.appends {
			k.Groups = nil
		}
		k.Groups = append(k.Groups, f.groups...)
	default:
		if old := k.files[w.path]; old != nil && w.appends {
			f.users, f.groups, f.derived = append(old.users, f.users...), append(old.groups, f.groups...), old.derived || f.derived
		}
		k.files[w.path] = f
		return
	}
	if w.derived || len(w.lines) == 0 {
		k.Gaps = append(k.Gaps, "a command that writes "+w.path)
	}
}

// copy takes over the account files that a COPY brings.
func (k *Known) copy(s *build.Stage, inst *syntax.Instruction) {
	c, ok := s.CopyOf(inst)
	if !ok {
		return
	}
	for _, target := range []string{"/etc/passwd", "/etc/group"} {
		switch {
		case c.From == "" && c.Stage == nil:
			k.fromContext(s, c, target)
		default:
			k.fromElsewhere(c, target)
		}
	}
}

// fromElsewhere takes over an account file of another stage or image, as an image
// from scratch gets it.
func (k *Known) fromElsewhere(c build.Copy, target string) {
	for _, src := range c.Sources {
		switch {
		case nameIn(c, src) != target:
		case c.Stage != nil:
			k.take(target, At(k.context, c.Stage, nil), src.Path)
		default:
			k.take(target, ofImage(c.From), src.Path)
		}
	}
}

// nameIn is where a source that is a file lies in the image.
func nameIn(c build.Copy, src build.CopySource) string {
	if strings.HasSuffix(c.Dest, "/") {
		return c.Dest + src.Path[strings.LastIndexByte(src.Path, '/')+1:]
	}
	return c.Dest
}

// fromContext reads an account file of the build context, or one that stands in the
// Dockerfile itself.
func (k *Known) fromContext(s *build.Stage, c build.Copy, target string) {
	name := origin.Brings(k.context, c, target)
	text, err := k.context.Read(name)
	if name != "" && err == nil {
		k.forget(target)
		k.write(written{path: target, lines: linesOf(text)})
		if target == "/etc/passwd" {
			k.Complete, k.Replaced = true, name
		}
		return
	}
	for _, src := range c.Sources {
		if nameIn(c, src) == target {
			k.forget(target)
			k.Gaps = append(k.Gaps, "the file "+src.Path)
		}
	}
}

func linesOf(text string) []Value {
	var lines []Value
	for line := range strings.Lines(text) {
		lines = append(lines, Literal(strings.TrimRight(line, "\r\n")))
	}
	return lines
}

// take replaces an account file by one of another stage or image.
func (k *Known) take(target string, from *Known, name string) {
	f := from.files[name]
	if name == target || f != nil && f.derived && len(f.users)+len(f.groups) == 0 {
		f = &file{users: from.Users, groups: from.Groups}
	}
	k.forget(target)
	if f == nil {
		k.Gaps = append(k.Gaps, "the file "+name)
		return
	}
	if target == "/etc/passwd" {
		k.Users = slices.Clone(f.users)
		k.Complete = from.Complete
		return
	}
	k.Groups = slices.Clone(f.groups)
}

func (k *Known) forget(target string) {
	if target == "/etc/passwd" {
		k.Users = nil
		return
	}
	k.Groups = nil
}
