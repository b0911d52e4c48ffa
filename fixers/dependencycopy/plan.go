package dependencycopy

import (
	"fmt"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// maxCopies is how many COPY instructions for manifests a rewrite may add. A
// reader accepts a list of folders up to about this length.
const maxCopies = 8

// A plan is an order of the instructions in which the target runs before the
// source is copied:
//
//	manifests, what stays, target, what moves, the rest of the RUN
//
// What moves is every COPY of source from the first on, and what stands between
// these and the install and needs them. All else stays.
type plan struct {
	*steps
	*target
	moved   []*syntax.Instruction // in order; never empty
	staying []*syntax.Instruction // between the first moved and the RUN
	copies  []manifestCopy
	notes   []string
}

// A manifestCopy is a COPY to write: files of the context into one folder.
type manifestCopy struct {
	like    *syntax.Instruction // the COPY that brings them now
	sources []string
	dest    string // as written; it ends in a slash
}

// newPlan finds what has to move. needed is false if no source is copied before
// the install.
func newPlan(s *steps, t *target) (p *plan, needed bool) {
	p = &plan{steps: s, target: t}
	end := s.stage.IndexOf(s.run)
	first := -1
	for i, inst := range s.stage.Instructions[:end] {
		if p.copiesSource(inst) {
			first = i
			break
		}
	}
	if first < 0 {
		return p, false
	}
	for _, inst := range s.stage.Instructions[first:end] {
		if p.moves(inst) {
			p.moved = append(p.moved, inst)
		} else {
			p.staying = append(p.staying, inst)
		}
	}
	p.copies = p.manifestCopies()
	return p, !p.isRepeated(first)
}

// isRepeated reports whether the installs cannot move and complete one that ran
// before the source was copied.
func (p *plan) isRepeated(first int) bool {
	if p.installs[0].readsSource() == "" {
		return false
	}
	for _, inst := range p.stage.Instructions[:first] {
		if inst.Name != "RUN" {
			continue
		}
		for _, st := range readSteps(p.pass, p.stage, inst).list {
			if st.kind == isInstall && st.install.ecosystem == p.installs[0].ecosystem {
				return true
			}
		}
	}
	return false
}

// sourceExtensions are those of files that change with every commit.
var sourceExtensions = map[string]bool{
	".py": true, ".rb": true, ".js": true, ".mjs": true, ".cjs": true, ".jsx": true, ".ts": true, ".tsx": true, ".vue": true, ".svelte": true,
	".go": true, ".php": true, ".java": true, ".kt": true, ".scala": true, ".groovy": true, ".cs": true, ".fs": true, ".vb": true, ".rs": true,
	".c": true, ".cc": true, ".cpp": true, ".h": true, ".ex": true, ".exs": true, ".erb": true, ".html": true, ".css": true, ".scss": true,
}

// copiesSource reports whether inst copies source to where an install runs.
func (p *plan) copiesSource(inst *syntax.Instruction) bool {
	for _, d := range p.layout.deliveries {
		if d.by != inst || p.isManifest(d) {
			continue
		}
		for _, in := range p.installs {
			if overlap(d.image, in.at.image) && p.isSource(d) {
				return true
			}
		}
	}
	return false
}

func (p *plan) isSource(d delivery) bool {
	switch {
	case !d.isDir:
		return sourceExtensions[path.Ext(d.source)]
	case d.source == "." || !p.holdsManifest(d):
		return true
	}
	files, err := p.layout.context.Sources(d.source)
	for _, name := range files {
		if sourceExtensions[path.Ext(name)] {
			return true
		}
	}
	return err != nil
}

// isManifest reports whether a delivery is nothing but what an install reads.
func (p *plan) isManifest(d delivery) bool {
	for _, in := range p.installs {
		for _, name := range in.reads.Files {
			if !d.isDir && d.source == name {
				return true
			}
		}
		for _, dir := range in.reads.Dirs {
			if _, ok := below(dir, d.source); ok {
				return true
			}
		}
	}
	return false
}

func (p *plan) holdsManifest(d delivery) bool {
	for _, in := range p.installs {
		for _, name := range append(in.reads.Files, in.reads.Dirs...) {
			if _, ok := below(d.source, name); ok {
				return true
			}
		}
	}
	return false
}

// moves reports whether an instruction from the first COPY of source on has to
// come after it.
func (p *plan) moves(inst *syntax.Instruction) bool {
	switch inst.Name {
	case "COPY", "ADD":
		return p.movesCopy(inst)
	case "RUN":
		return !readSteps(p.pass, p.stage, inst).independentAll()
	}
	return false
}

func (p *plan) movesCopy(inst *syntax.Instruction) bool {
	c, ok := p.stage.CopyOf(inst)
	dest, _ := destination(p.stage, c)
	if !ok || dest == "" {
		return true
	}
	apart := true
	for _, in := range p.installs {
		apart = apart && !overlap(dest, in.at.image)
	}
	if apart || !isContextCopy(inst) {
		return !apart
	}
	deliveries := 0
	for _, d := range p.layout.deliveries {
		if d.by == inst {
			deliveries++
			if !p.isManifest(d) {
				return true
			}
		}
	}
	return deliveries == 0
}

// independentAll reports whether no step of the RUN has to do with the source.
func (s *steps) independentAll() bool {
	for _, st := range s.list {
		if st.kind != needsNothing {
			return false
		}
	}
	return len(s.list) > 0
}

// manifestCopies are the COPY instructions for the manifests that come with the
// source now, one for each folder. A file that no COPY brings is not read today
// and is left out.
func (p *plan) manifestCopies() []manifestCopy {
	var copies []manifestCopy
	for _, in := range p.installs {
		for _, name := range append(append([]string(nil), in.reads.Files...), in.reads.Dirs...) {
			d, ok := p.layout.delivered(in.at, name)
			if !ok || !containsInst(p.moved, d.by) {
				continue
			}
			copies = addCopy(copies, d.by, name, p.destOf(d, name))
		}
	}
	return copies
}

func addCopy(copies []manifestCopy, like *syntax.Instruction, source, dest string) []manifestCopy {
	for i, c := range copies {
		if c.like == like && c.dest == dest {
			if !contains(c.sources, source) && !isWholeFolder(source, dest) {
				copies[i].sources = append(c.sources, source)
			}
			return copies
		}
	}
	return append(copies, manifestCopy{like, []string{source}, dest})
}

// isWholeFolder reports whether dest is a folder named as source is: COPY of a
// folder copies its contents, so that it cannot share an instruction.
func isWholeFolder(source, dest string) bool {
	return path.Base(source) == path.Base(dest) && !strings.Contains(path.Base(source), ".")
}

// destOf is the destination, in the author's way of writing it, of one file or
// folder that a delivery brings.
func (p *plan) destOf(d delivery, name string) string {
	words := d.by.Words()
	dest := words[len(words)-1].Text
	rel, _ := below(d.source, name)
	if !p.layout.context.IsDir(name) {
		rel = path.Dir(rel)
	}
	if !d.isDir {
		rel = "."
	}
	base := strings.TrimSuffix(strings.TrimSuffix(dest, "."), "/")
	switch {
	case dest == "." || dest == "./":
		if rel == "." {
			return "./"
		}
		return rel + "/"
	case rel == ".":
		return base + "/"
	}
	return base + "/" + rel + "/"
}

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
					return fmt.Sprintf("%s may bring what %s reads", p.briefOf(inst), in.program)
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
	end := p.stage.IndexOf(p.run)
	for _, inst := range p.moved {
		for _, later := range p.stage.Instructions[p.stage.IndexOf(inst)+1 : end] {
			if containsInst(p.moved, later) {
				continue
			}
			if what := p.depends(inst, later); what {
				return fmt.Sprintf("%s cannot move below %s", p.briefOf(inst), p.briefOf(later))
			}
		}
	}
	return ""
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
		words := moved.Words()
		dest := p.stage.Expand(moved, words[len(words)-1].Text)
		return !dest.Known || !path.IsAbs(dest.Text)
	case "USER", "SHELL":
		return moved.Name == "RUN"
	case "COPY", "ADD":
		return p.replaces(moved, later)
	}
	return false
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
			if !ok || !containsInst(p.moved, d.by) {
				continue
			}
			switch {
			case p.layout.context.Has(source):
				return fmt.Sprintf("%s of the build context would overwrite what %s installs; .dockerignore does not leave it out", source, in.program)
			case i == 0 && !p.layout.context.Ignored(source):
				p.notes = append(p.notes, fmt.Sprintf("%s is not in .dockerignore: one on the host's disk would now overwrite the installed one", source))
			}
		}
	}
	return ""
}

// ownership looks for a chown or chmod of the whole tree that would now run after
// the install.
func (p *plan) ownership() string {
	for _, inst := range p.moved {
		if inst.Name != "RUN" || !changesTree(p.stage, inst) {
			continue
		}
		for _, in := range p.installs {
			if in.inTree {
				return fmt.Sprintf("%s has to run before %s, which writes there", p.briefOf(inst), in.program)
			}
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
				return fmt.Sprintf("%s has --%s", p.briefOf(c.like), f.Name)
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

// briefOf is the first line of an instruction, fit for a message.
func (p *plan) briefOf(inst *syntax.Instruction) string {
	const most = 60
	text := inst.File().Slice(inst.Span)
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		text = strings.TrimRight(text[:i], " \t"+string(inst.File().Escape)) + " ..."
	}
	if len(text) > most {
		text = text[:most] + "..."
	}
	return "`" + text + "`"
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

func containsInst(list []*syntax.Instruction, inst *syntax.Instruction) bool {
	for _, item := range list {
		if item == inst {
			return true
		}
	}
	return false
}
