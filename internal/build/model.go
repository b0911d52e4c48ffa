// Package build gives a Dockerfile its meaning: its stages, what each is built
// on, and which user, working directory, shell and variables are in force at
// every instruction.
//
// Invariants: a Model is immutable once built and belongs to one goroutine
// (scripts are read when first asked for). What an instruction sees is the state
// *before* it. A value that depends on a build argument without default, on the
// base image, or on anything else that the file does not say is unknown, never
// guessed. Variables are expanded by BuildKit's own expander.
package build

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A Model is what a Dockerfile means.
type Model struct {
	File   *syntax.File
	Args   []*syntax.Instruction // the ARG instructions before the first FROM
	Stages []*Stage

	global  *env
	words   *expander
	options Options
	scripts map[*syntax.Instruction]*shell.Script
	known   map[scriptKey]*shell.Script // of this file and of those that it was made from
	used    []use                       // by Stage.Index; see uses
}

// A scriptKey is what the reading of a command depends on.
type scriptKey struct {
	text    string // of the instruction, its last line end included
	escape  byte
	opaque  string // of the shell.Interpreter
	errExit bool
}

// Options are what the builders of a Dockerfile say from outside.
type Options struct {
	Targets []string // stages that someone builds by --target
}

// A Stage is one FROM and what follows it.
type Stage struct {
	Index        int
	Name         string // lower case; "" if the stage has none
	From         *syntax.Instruction
	Ref          string                // the image or stage after FROM with its variables replaced; "" if unknown
	Platform     string                // the --platform of FROM with its variables replaced; "" if there is none or it is unknown
	Base         *Stage                // the earlier stage that FROM names, or nil
	Image        facts.Family          // of the image at the bottom of the stage, through its bases
	Instructions []*syntax.Instruction // without FROM

	model  *Model
	bottom *Stage  // see Bottom
	runsAs *User   // nil until it is asked for; see baseUser
	at     []state // before each instruction, and one more for the end
}

// state is what holds at a point of a stage.
type state struct {
	user    *syntax.Instruction // the USER in force, nil for the base's
	workdir string              // absolute; "" if unknown
	shell   shell.Interpreter
	env     *env
}

// New reads the meaning of a file.
func New(file *syntax.File, options Options) *Model {
	return read(file, options, map[scriptKey]*shell.Script{})
}

// Next reads the meaning of what m's file has become. Commands that are still the
// same are not read again.
func (m *Model) Next(file *syntax.File) *Model { return read(file, m.options, m.known) }

func read(file *syntax.File, options Options, known map[scriptKey]*shell.Script) *Model {
	m := &Model{File: file, options: options, words: newExpander(file.Escape), scripts: map[*syntax.Instruction]*shell.Script{}, known: known}
	var stage *Stage
	for _, inst := range file.Instructions {
		switch {
		case inst.Name == "FROM":
			stage = m.open(inst)
		case stage != nil:
			stage.add(inst)
		case inst.Name == "ARG":
			m.Args = append(m.Args, inst)
			m.global = m.global.declare(m.global, inst, m.words)
		}
	}
	return m
}

func (m *Model) open(from *syntax.Instruction) *Stage {
	s := &Stage{Index: len(m.Stages), From: from, model: m}
	words := from.Words()
	if len(words) == 3 && strings.EqualFold(words[1].Text, "as") {
		s.Name = strings.ToLower(words[2].Text)
	}
	s.Platform, _ = m.global.expand(from.FlagValue("platform"), m.words)
	initial := state{}
	if len(words) > 0 {
		s.Ref, _ = m.global.expand(words[0].Text, m.words)
		s.Base = m.stageNamed(s.Ref, len(m.Stages))
	}
	switch {
	case s.Base != nil:
		initial = s.Base.at[len(s.Base.at)-1]
		initial.env = initial.env.withoutArgs()
		s.Image, s.bottom = s.Base.Image, s.Base.Bottom()
	default:
		s.Image = facts.Image(s.Ref)
		initial.workdir = baseWorkdir(s.Ref)
		initial.env = baseEnv(s.Ref)
		if s.Image.Distro == facts.Windows {
			initial.shell.Opaque = "it runs under Windows"
		}
	}
	s.at = append(s.at, initial)
	m.Stages = append(m.Stages, s)
	return s
}

// stageNamed returns the stage before index that ref names, the last of that
// name, or nil.
func (m *Model) stageNamed(ref string, index int) *Stage {
	name := strings.ToLower(ref)
	if name == "" {
		return nil
	}
	for i := index - 1; i >= 0; i-- {
		if m.Stages[i].Name == name {
			return m.Stages[i]
		}
	}
	return nil
}

// add appends an instruction to the stage and the state after it.
func (s *Stage) add(inst *syntax.Instruction) {
	s.Instructions = append(s.Instructions, inst)
	next := s.at[len(s.at)-1]
	switch inst.Name {
	case "ENV":
		next.env = next.env.set(inst, s.model.words)
	case "ARG":
		next.env = next.env.declare(s.model.global, inst, s.model.words)
	case "USER":
		next.user = inst
	case "WORKDIR":
		next.workdir = joinWorkdir(next, inst, s.model.words)
	case "SHELL":
		var argv []string
		for _, w := range inst.Words() {
			argv = append(argv, w.Text)
		}
		next.shell = shell.Of(argv)
	}
	s.at = append(s.at, next)
}

// before returns the state before inst, or at the end of the stage for nil or an
// instruction of another stage.
func (s *Stage) before(inst *syntax.Instruction) state {
	if i := s.IndexOf(inst); i >= 0 {
		return s.at[i]
	}
	return s.at[len(s.at)-1]
}

// IndexOf returns where inst, or the ONBUILD that it is the trigger of, stands in
// Instructions, -1 if it does not.
func (s *Stage) IndexOf(inst *syntax.Instruction) int {
	if inst == nil {
		return -1
	}
	if inst.Parent != nil {
		inst = inst.Parent
	}
	i, _ := slices.BinarySearchFunc(s.Instructions, inst.FirstLine, func(other *syntax.Instruction, line int) int { return other.FirstLine - line })
	if i == len(s.Instructions) || s.Instructions[i] != inst {
		return -1
	}
	return i
}

// Model is the model that the stage belongs to.
func (s *Stage) Model() *Model { return s.model }

// Script returns the command of an instruction of the stage, read under the SHELL
// in force there. It is read once.
func (s *Stage) Script(inst *syntax.Instruction) *shell.Script {
	if script, ok := s.model.scripts[inst]; ok {
		return script
	}
	in := s.before(inst).shell
	file := inst.File()
	key := scriptKey{file.Text[inst.Span.Start:file.Lines[inst.LastLine].End], file.Escape, in.Opaque, in.ErrExit}
	script := s.model.known[key]
	if script != nil {
		script = script.MovedTo(inst)
	} else {
		script = shell.Parse(inst, in)
		s.model.known[key] = script
	}
	s.model.scripts[inst] = script
	return script
}

// StageOf returns the stage that holds inst, nil for what stands before the first
// FROM.
func (m *Model) StageOf(inst *syntax.Instruction) *Stage {
	for _, s := range m.Stages {
		if s.From == inst || s.IndexOf(inst) >= 0 {
			return s
		}
	}
	return nil
}

// Last is the last stage, which a build without --target makes; nil if there is
// none.
func (m *Model) Last() *Stage {
	if len(m.Stages) == 0 {
		return nil
	}
	return m.Stages[len(m.Stages)-1]
}
