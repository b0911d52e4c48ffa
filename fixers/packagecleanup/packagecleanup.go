package packagecleanup

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Fixer is package-cleanup.
var Fixer = fix.Fixer{Name: "package-cleanup", Doc: doc, After: []string{"multistage"}, Run: run}

// families are the rewrites of a layer, in the order in which they are made. Each
// looks at the commands of its own package managers only.
//
// Left out: pacman, whose images are rolling and rarely kept; pnpm, whose store
// shares its files with node_modules by hard links, so that pruning it frees
// nothing; poetry and pipenv, whose options vary too much between versions.
var families = []func(*layer){
	cacheMounts, apt, apk, rpm, zypper,
	pip, uv, npm, yarn, gem, bundler, composer, conda,
	keepMounted,
}

func run(p *fix.Pass) {
	file := &file{Pass: p, blocks: map[*syntax.Instruction]*block{}, shown: map[string]bool{}, brings: map[installed][]string{}, usages: map[*build.Stage]*usage{}}
	have, updated := map[*build.Stage]packages{}, map[*build.Stage]*fetch{}
	for _, s := range p.Build.Stages {
		have[s], updated[s] = startOf(s, have[s.Base]), updated[s.Base]
		for _, l := range file.layers(s) {
			l.have, l.updated = have[s], updated[s]
			for _, rewrite := range families {
				rewrite(l)
			}
			l.report()
			l.declineUnread()
			have[s].install(l)
			updated[s] = l.listsAfter()
		}
	}
}

// A file is what the fixer remembers of a Dockerfile.
type file struct {
	*fix.Pass
	blocks map[*syntax.Instruction]*block
	shown  map[string]bool        // by text
	brings map[installed][]string // see depends
	usages map[*build.Stage]*usage
}

// lineOf is the line of an instruction in the file as its author has it.
func (f *file) lineOf(inst *syntax.Instruction) int { return f.CameFrom(inst.Span.Start).Line }

// shows reports whether an instruction of the file holds one of the texts.
func (f *file) shows(texts []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool {
		found, known := f.shown[text]
		if !known {
			found = slices.ContainsFunc(f.File.Instructions, func(i *syntax.Instruction) bool { return strings.Contains(i.Text(), text) })
			f.shown[text] = found
		}
		return found
	})
}

// layers returns the RUN instructions of a stage and of its ONBUILD triggers, the
// ones that are to be joined together.
func (f *file) layers(s *build.Stage) []*layer {
	var all []*layer
	var last *layer
	for _, inst := range s.Instructions {
		r := f.block(s, inst)
		switch {
		case r == nil:
			last = nil
		case last != nil && last.takes(r):
			last.runs = append(last.runs, r)
		default:
			last = &layer{file: f, stage: s, runs: []*block{r}, named: packages{}}
			all = append(all, last)
		}
	}
	return split(all)
}

// block reads an instruction that is a RUN or an ONBUILD RUN, nil for any other.
func (f *file) block(s *build.Stage, inst *syntax.Instruction) *block {
	r, known := f.blocks[inst]
	if !known {
		r = readBlock(s, inst)
		f.blocks[inst] = r
	}
	return r
}

// A block is a RUN, or the RUN of an ONBUILD.
type block struct {
	stage  *build.Stage
	inst   *syntax.Instruction
	script *shell.Script
	uses   []pkgmgr.Invocation // in the order of the text
	mounts []string            // the targets of the cache mounts that it gets
}

func readBlock(s *build.Stage, inst *syntax.Instruction) *block {
	if inst.Trigger != nil {
		inst = inst.Trigger
	}
	if inst.Name != "RUN" {
		return nil
	}
	r := &block{stage: s, inst: inst, script: s.Script(inst)}
	for _, c := range r.script.Commands {
		if inv, ok := pkgmgr.Recognise(c); ok {
			r.uses = append(r.uses, inv)
		}
	}
	return r
}

// onBuild reports whether the RUN is one of another image's build.
func (r *block) onBuild() bool { return r.inst.Parent != nil }

// only reports whether the script consists of simple commands of which each
// passes the test.
func (r *block) only(test func(*shell.Command) bool) bool {
	for _, step := range r.script.Steps {
		if c := step.Command(); c == nil || len(c.Redirects) > 0 || !test(c) {
			return false
		}
	}
	return len(r.script.Steps) > 0 && r.script.Opaque == ""
}
