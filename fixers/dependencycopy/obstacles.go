package dependencycopy

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// obstacle says why the plan cannot be carried out, or "".
func (p *plan) obstacle() string {
	for _, check := range []func() string{p.between, p.order, p.overwritten, p.ownership, p.length} {
		if reason := check(); reason != "" {
			return reason
		}
	}
	return ""
}

// between looks at what moves along with the source: whether the install needs it.
func (p *plan) between() string {
	for _, in := range p.installs {
		for _, name := range in.reads.Files {
			if source, ok := p.layout.fileAt(in.at.imageOf(name)); ok && source != name {
				return fmt.Sprintf("%s is copied in place of %s", source, name)
			}
		}
		if first := in.reads.Files; len(first) > 0 {
			if _, ok := p.layout.delivered(in.at, first[0]); !ok {
				return fmt.Sprintf("which COPY brings %s is not known", first[0])
			}
		}
	}
	for _, inst := range p.moved {
		switch {
		case inst.Name == "RUN":
			if reason := p.mayMatter(inst); reason != "" {
				return reason
			}
		case inst.FlagValue("from") != "":
			c, _ := p.stage.CopyOf(inst)
			dest, _ := destination(p.stage, c)
			for _, in := range p.installs {
				_, over := below(dest, in.at.image)
				if dest == "" || over || p.isWritten(in, dest) {
					return fmt.Sprintf("%s may bring what %s reads", briefOf(inst), in.program)
				}
			}
		}
	}
	return ""
}

// isWritten reports whether an image path lies where an install writes.
func (p *plan) isWritten(in *install, image string) bool {
	for _, name := range in.writes {
		if overlap(path.Join(in.at.image, name), image) {
			return true
		}
	}
	return false
}

// order looks at what moves past what stays.
func (p *plan) order() string {
	for _, inst := range p.moved {
		if later := p.movesPast(inst); later != nil {
			return fmt.Sprintf("%s cannot move below %s", briefOf(inst), briefOf(later))
		}
		for _, st := range p.list[:p.cut] {
			if inst.Name == "RUN" && p.leavesFor(inst, p.steps, st) {
				return fmt.Sprintf("%s cannot move below %s", briefOf(inst), p.brief(st.Step))
			}
		}
	}
	return ""
}

// movesPast is the first instruction among what stays that moved cannot move below.
func (p *plan) movesPast(moved *syntax.Instruction) *syntax.Instruction {
	for _, later := range p.stage.Instructions[p.stage.IndexOf(moved)+1 : p.stage.IndexOf(p.run)] {
		if !slices.Contains(p.moved, later) && p.depends(moved, later) {
			return later
		}
	}
	return nil
}

// depends reports whether moved would do something else behind later, which
// follows it now.
func (p *plan) depends(moved, later *syntax.Instruction) bool {
	switch later.Name {
	case "ENV", "ARG":
		for _, pair := range later.Pairs() {
			if strings.Contains(moved.Text(), "$"+pair.Name) || strings.Contains(moved.Text(), "${"+pair.Name) {
				return true
			}
		}
	case "WORKDIR":
		if moved.Name == "RUN" {
			return true
		}
		_, ok := p.destBehind(moved)
		return !ok
	case "USER", "SHELL":
		return moved.Name == "RUN"
	case "COPY", "ADD":
		return p.replaces(moved, later)
	case "RUN":
		s := readSteps(p.pass, p.stage, later)
		return moved.Name == "RUN" && slices.ContainsFunc(s.list, func(st step) bool { return p.leavesFor(moved, s, st) })
	}
	return false
}

// destBehind is the destination of a moved COPY in words that mean the same behind
// the RUN, where another working directory may be in force:
//
//	COPY . app      =>  WORKDIR app
//	WORKDIR app         COPY . .
//
// It reports false where that cannot be said, or only by way of a parent folder.
func (p *plan) destBehind(moved *syntax.Instruction) (string, bool) {
	words := moved.Words()
	written := words[len(words)-1].Text
	from, to := workdirAt(p.stage, moved), workdirAt(p.stage, p.run)
	switch dest := p.stage.Expand(moved, written); {
	case dest.Known && path.IsAbs(dest.Text) || from == to:
		return written, true
	case !dest.Known || dest.Text != written || moved.JSON:
		return "", false
	}
	rel, ok := below(to, path.Join(from, written))
	switch {
	case ok && (strings.HasSuffix(written, "/") || len(words) > 2):
		rel += "/"
	case rel == "." && words[0].Text != ".":
		return "", false // a file named app, or the contents of a folder
	}
	return rel, ok
}

// replaces reports whether later puts another file where moved has put one.
func (p *plan) replaces(moved, later *syntax.Instruction) bool {
	for _, d := range p.layout.deliveries {
		if d.by != later {
			continue
		}
		for _, m := range p.layout.deliveries {
			rel, under := below(m.image, d.image)
			if m.by != moved || !under || !m.isDir && rel != "." {
				continue
			}
			if source := clean(path.Join(m.source, rel)); source != d.source && p.layout.context.Has(source) {
				return true
			}
		}
	}
	return false
}

// overwritten looks for what the install makes and the later COPY brings as well.
func (p *plan) overwritten() string {
	for _, in := range p.installs {
		for i, name := range in.writes {
			source := clean(path.Join(in.at.source, name))
			d, ok := p.layout.delivered(in.at, source)
			if !ok || !slices.Contains(p.moved, d.by) {
				continue
			}
			switch {
			case p.layout.context.Has(source):
				return fmt.Sprintf("%s of the build context would overwrite what %s installs; .dockerignore does not leave it out", source, in.program)
			case p.layout.context.Ignored(source):
			case p.isRemoved(path.Join(in.at.image, name)):
				return fmt.Sprintf("%s is removed before %s, and the later COPY would bring it back; .dockerignore does not leave it out", source, in.program)
			case i == 0:
				p.notes = append(p.notes, fmt.Sprintf("%s is not in .dockerignore: one on the host's disk would now overwrite the installed one", source))
			}
		}
	}
	return ""
}

// isRemoved reports whether what stays before the install, or its own RUN, removes
// something at an image path: what the COPY may bring from the host's disk.
func (p *plan) isRemoved(image string) bool {
	for _, inst := range append(p.staying[:len(p.staying):len(p.staying)], p.run) {
		if inst.Name != "RUN" {
			continue
		}
		s := readSteps(p.pass, p.stage, inst)
		if slices.ContainsFunc(s.list, func(st step) bool { return s.clears(st, image) }) {
			return true
		}
	}
	return false
}

// clears reports whether a step removes an image path by name.
func (s *steps) clears(st step, image string) bool {
	for _, cmd := range st.Commands {
		name, args := cmd.Runs()
		if name != "rm" {
			continue
		}
		for _, w := range args {
			value, ok := s.expand(w)
			if !ok || w.IsFlag() {
				continue
			}
			if !path.IsAbs(value) {
				value = path.Join(st.dir, value)
			}
			if overlap(path.Clean(value), image) {
				return true
			}
		}
	}
	return false
}

// ownership looks for a chown or chmod of the whole tree that would now run after
// the install.
func (p *plan) ownership() string {
	for _, inst := range p.moved {
		if reason := p.mustPrecede(inst); reason != "" {
			return reason
		}
	}
	return ""
}

// mustPrecede says why a chown or chmod cannot run after the install, "" for all
// other instructions.
func (p *plan) mustPrecede(inst *syntax.Instruction) string {
	if inst.Name != "RUN" || !changesTree(p.stage, inst) {
		return ""
	}
	for _, in := range p.installs {
		if in.inTree {
			return fmt.Sprintf("%s has to run before %s, which writes there", briefOf(inst), in.program)
		}
	}
	return ""
}

func changesTree(stage *build.Stage, inst *syntax.Instruction) bool {
	for _, cmd := range stage.Script(inst).Commands {
		switch name, args := cmd.Runs(); name {
		case "chown", "chmod", "chgrp":
			for _, w := range args {
				if strings.HasPrefix(w.Value, "-") && strings.Contains(w.Value, "R") || w.Value == "--recursive" {
					return true
				}
			}
		}
	}
	return false
}

// length looks at the COPY instructions to write.
func (p *plan) length() string {
	if len(p.copies) > maxCopies {
		return fmt.Sprintf("%s reads manifests in %d folders", p.installs[0].program, len(p.copies))
	}
	for _, c := range p.copies {
		for _, f := range c.like.Flags {
			if f.Name == "exclude" || f.Name == "parents" {
				return fmt.Sprintf("%s has --%s", briefOf(c.like), f.Name)
			}
		}
		for _, source := range c.sources {
			if strings.ContainsAny(source, "*?[]\\$\"'") {
				return fmt.Sprintf("the name of %s has characters that COPY reads as a pattern", source)
			}
		}
	}
	return ""
}
