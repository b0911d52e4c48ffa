package dependencycopy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/shell"
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
	moved   []*syntax.Instruction          // in order; never empty
	staying []*syntax.Instruction          // between the first moved and the RUN
	owners  map[*syntax.Instruction]string // of moved copies, which a chown among what stays gave them
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
	p = &plan{steps: s, target: t, owners: map[*syntax.Instruction]string{}}
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
	p.keepChowns()
	p.copies = p.manifestCopies()
	return p, !p.isRepeated(first)
}

// isRepeated reports whether what the RUN installs is there already: by the same
// commands, or, for installs that cannot move, by others of their ecosystem.
func (p *plan) isRepeated(first int) bool {
	installs := p.sameInstalls
	if p.installs[0].readsSource() != "" {
		installs = p.installsIn
	}
	for _, stage := range p.stage.Chain() {
		for _, inst := range stage.Instructions {
			if stage == p.stage && inst == p.stage.Instructions[first] {
				return false
			}
			if inst.Name == "RUN" && (installs(stage, inst) || p.installsNeeds(stage, inst)) {
				return true
			}
		}
	}
	return false
}

// sameInstalls reports whether a RUN has every install of the target, word by word.
func (p *plan) sameInstalls(stage *build.Stage, run *syntax.Instruction) bool {
	there := map[string]bool{}
	for _, st := range readSteps(p.pass, stage, run).list {
		if st.kind == isInstall {
			there[st.dir+": "+st.Command().Text()] = true
		}
	}
	if len(there) == 0 || p.ahead != nil {
		return false
	}
	return !slices.ContainsFunc(p.list[:p.cut], func(st step) bool {
		return st.kind == isInstall && !there[st.dir+": "+st.Command().Text()]
	})
}

// installsNeeds reports whether a RUN installs what the project needs and leaves the
// project itself to the target: uv sync --no-install-project.
func (p *plan) installsNeeds(stage *build.Stage, run *syntax.Instruction) bool {
	target := p.installs[0]
	return !target.withoutProject && slices.ContainsFunc(readSteps(p.pass, stage, run).list, func(st step) bool {
		return st.install != nil && st.install.withoutProject && st.install.program == target.program
	})
}

// installsIn reports whether a RUN installs in the ecosystem of the target, in a
// pipeline too.
func (p *plan) installsIn(stage *build.Stage, run *syntax.Instruction) bool {
	s := readSteps(p.pass, stage, run)
	return slices.ContainsFunc(s.list, func(st step) bool {
		return slices.ContainsFunc(st.Commands, func(cmd *shell.Command) bool {
			in, ok := s.installOf(cmd, st.dir)
			return ok && in.ecosystem == p.installs[0].ecosystem
		})
	})
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
	case path.Base(d.source) == "setup.py":
		return false // a manifest, though nothing here reads it
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
// and is left out, as is one that comes by itself too.
func (p *plan) manifestCopies() []manifestCopy {
	var copies []manifestCopy
	for _, in := range p.installs {
		for _, name := range append(append([]string(nil), in.reads.Files...), in.reads.Dirs...) {
			d, ok := p.layout.delivered(in.at, name)
			if !ok || !slices.Contains(p.moved, d.by) || p.isThereBefore(d, name, in.at.imageOf(name)) {
				continue
			}
			copies = addCopy(copies, d.by, name, p.destOf(d, name))
		}
	}
	return copies
}

// isThereBefore reports whether a COPY that does not move brings a file of the source
// to where the install reads it, and nothing changes it since.
func (p *plan) isThereBefore(moved delivery, source, image string) bool {
	by := slices.IndexFunc(p.layout.deliveries, func(d delivery) bool {
		return d.source == source && d.image == image && !d.isDir && !slices.Contains(p.moved, d.by) &&
			d.by.FlagValue("chown") == moved.by.FlagValue("chown") && p.stage.IndexOf(d.by) >= 0
	})
	if by < 0 {
		return false
	}
	between := p.stage.Instructions[p.stage.IndexOf(p.layout.deliveries[by].by):p.stage.IndexOf(p.run)]
	return !slices.ContainsFunc(between, func(inst *syntax.Instruction) bool {
		return inst.Name == "RUN" && !readSteps(p.pass, p.stage, inst).independentAll()
	})
}

func addCopy(copies []manifestCopy, like *syntax.Instruction, source, dest string) []manifestCopy {
	for i, c := range copies {
		if c.like == like && c.dest == dest {
			if !slices.Contains(c.sources, source) && !isWholeFolder(source, dest) {
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

// briefOf is the first line of an instruction, fit for a message.
func briefOf(inst *syntax.Instruction) string {
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
