package shell

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// MovedTo returns the script as that of another instruction: one of the same
// bytes, in a file with the same escape character, under the same SHELL. It is
// what Parse would return, without reading the command again.
func (s *Script) MovedTo(inst *syntax.Instruction) *Script {
	m := mover{by: inst.Span.Start - s.Inst.Span.Start, from: s, commands: make([]Command, len(s.Commands))}
	return m.script(inst)
}

type mover struct {
	by       int // bytes
	from     *Script
	commands []Command // the copies of from.Commands
}

func (m *mover) script(inst *syntax.Instruction) *Script {
	from := m.from
	to := &Script{Inst: inst, Form: from.Form, Opaque: from.Opaque, text: from.text.Moved(m.by), errExit: from.errExit}
	to.Commands = slices.Clone(from.Commands)
	for i, c := range from.Commands {
		m.commands[i] = *c
		m.commands[i].Script = to
		m.command(&m.commands[i], i)
		to.Commands[i] = &m.commands[i]
	}
	next := 0 // the steps hold the commands in their order
	for _, old := range from.Steps {
		step := *old
		step.Span = m.span(step.Span)
		step.Commands = slices.Clone(old.Commands)
		for i, c := range old.Commands {
			for from.Commands[next] != c {
				next++
			}
			step.Commands[i] = to.Commands[next]
			step.Commands[i].Step = &step
		}
		to.Steps = append(to.Steps, &step)
	}
	return to
}

// command moves the copy of command i.
func (m *mover) command(c *Command, i int) {
	c.Span = m.span(c.Span)
	c.Words = slices.Clone(c.Words)
	for i := range c.Words {
		m.word(&c.Words[i])
	}
	c.Assigns = slices.Clone(c.Assigns)
	for i := range c.Assigns {
		c.Assigns[i].Span = m.span(c.Assigns[i].Span)
		m.word(&c.Assigns[i].Value)
	}
	c.Redirects = slices.Clone(c.Redirects)
	for i := range c.Redirects {
		c.Redirects[i].Span = m.span(c.Redirects[i].Span)
		m.word(&c.Redirects[i].Target)
	}
	if c.Piped != nil { // stands shortly before
		for i > 0 && m.from.Commands[i] != c.Piped {
			i--
		}
		c.Piped = &m.commands[i]
	}
}

func (m *mover) word(w *Word) {
	if w.Raw != "" || w.Span != (source.Span{}) {
		w.Span = m.span(w.Span)
	}
}

func (m *mover) span(s source.Span) source.Span {
	return source.Span{Start: s.Start + m.by, End: s.End + m.by}
}
