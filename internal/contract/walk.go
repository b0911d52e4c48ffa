package contract

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A state is what holds at a RUN: a command does the same only under the same.
type state struct {
	workdir string
	user    string // the last USER's value; "" for the base image's
	asUser  string // the last USER as written, as a fix declares it
	shell   string // the last SHELL's arguments as written; "" for the default
	errExit bool   // the shell is started with -e
	env     *variable
}

// A variable is one ENV or ARG and those before it.
type variable struct {
	name, value string // the value as by text
	isArg       bool
	outer       *variable
}

// variables returns what is in force, by name. ENV wins over ARG.
func (v *variable) variables() map[string]*variable {
	all := map[string]*variable{}
	for ; v != nil; v = v.outer {
		if seen := all[v.name]; seen == nil || seen.isArg && !v.isArg {
			all[v.name] = v
		}
	}
	return all
}

// lookup returns the variable of that name that is in force, nil without one. ENV
// wins over ARG.
func (v *variable) lookup(name string) *variable {
	var arg *variable
	for ; v != nil; v = v.outer {
		if v.name != name {
			continue
		}
		if !v.isArg {
			return v
		}
		if arg == nil {
			arg = v
		}
	}
	return arg
}

// withoutArgs is what a stage built on another sees of its variables.
func (v *variable) withoutArgs() *variable {
	if v == nil {
		return nil
	}
	outer := v.outer.withoutArgs()
	if v.isArg {
		return outer
	}
	return &variable{name: v.name, value: v.value, outer: outer}
}

// text is what a word of an instruction comes to, for comparison: its value, and
// the build arguments that may change it; or the word as written if the file does
// not say its value.
func (s *stage) text(inst *syntax.Instruction, word string) string {
	x := s.Expand(inst, word)
	switch {
	case !x.Known:
		return word
	case len(x.Args) > 0:
		return x.Text + " by ARG " + strings.Join(x.Args, ", ")
	}
	return x.Text
}

// walk reads the instructions of the stage.
func (s *stage) walk() {
	now := state{}
	s.lists = lists{}
	if base := s.reading.stageOf(s.Base); base != nil {
		now = *base.end
		now.env = now.env.withoutArgs()
		s.lists = maps.Clone(base.lists)
	}
	current := &now
	change := func() *state {
		next := *current
		current = &next
		return current
	}
	for _, inst := range s.Instructions {
		switch inst.Name {
		case "ENV", "ARG":
			s.setVariables(change(), inst)
		case "USER":
			next := change()
			next.asUser = strings.TrimSpace(inst.Args.Text)
			next.user = s.text(inst, next.asUser)
		case "WORKDIR":
			next := change()
			next.workdir = joinDir(next.workdir, s.text(inst, inst.Args.Text))
		case "SHELL":
			var argv []string
			for _, w := range inst.Words() {
				argv = append(argv, w.Text)
			}
			next := change()
			next.shell = strings.Join(argv, "\x00")
			next.errExit = shell.Of(argv).ErrExit
		case "RUN":
			s.runs = append(s.runs, s.readRun(inst, current))
		case "COPY", "ADD":
			if c, ok := s.CopyOf(inst); ok {
				s.addCopy(c, current)
			}
		}
	}
	s.end = current
	s.reading.runs = append(s.reading.runs, s.runs...)
}

func (s *stage) setVariables(next *state, inst *syntax.Instruction) {
	isArg := inst.Name == "ARG"
	for _, p := range inst.Pairs() {
		value := ""
		if p.HasValue {
			value = s.text(inst, p.Value)
		}
		if !isArg && strings.Contains(value, "$"+p.Name) || strings.Contains(value, "${"+p.Name) {
			// PATH=/x:$PATH: the value before is a part of this one.
			if old := next.env.lookup(p.Name); old != nil {
				value += " after " + old.value
			}
		}
		next.env = &variable{name: p.Name, value: value, isArg: isArg, outer: next.env}
	}
}

// joinDir is the working directory dir under the one before it.
func joinDir(before, dir string) string {
	switch {
	case strings.HasPrefix(dir, "/"):
		return path.Clean(dir)
	case before == "":
		return strings.TrimSuffix(dir, "/")
	}
	return path.Join(before, dir)
}

// A run is one RUN.
type run struct {
	inst     *syntax.Instruction
	stage    *stage
	script   *shell.Script
	state    *state
	flags    []string // but for mounts, as written
	mounts   []mount
	uses     uses
	commands []*command
}

// A mount is a --mount of a RUN.
type mount struct {
	text   string // its options in order of their names
	cache  string // the target of a cache mount
	from   *build.Stage
	source string // the from as written
}

func (s *stage) readRun(inst *syntax.Instruction, now *state) *run {
	r := &run{inst: inst, stage: s, script: s.Script(inst), state: now}
	for _, f := range inst.Flags {
		if f.Name == "mount" {
			r.mounts = append(r.mounts, s.readMount(f.Value))
			continue
		}
		r.flags = append(r.flags, f.Name+"="+f.Value)
	}
	slices.Sort(r.flags)
	r.readCommands()
	s.lists.see(r)
	return r
}

func (s *stage) readMount(value string) mount {
	options := strings.Split(value, ",")
	slices.Sort(options)
	m := mount{text: strings.Join(options, ",")}
	target := ""
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		switch name {
		case "from":
			m.source = value
			m.from = s.Model().StageBy(value, s.Index)
		case "target", "dst", "destination":
			target = value
		case "type":
			if value == "cache" {
				m.cache = "?"
			}
		}
	}
	if m.cache != "" {
		m.cache = target
	}
	return m
}
