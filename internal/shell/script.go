// Package shell reads the command of a RUN, CMD, ENTRYPOINT or HEALTHCHECK as
// Docker and then a shell read it, and edits it in place.
//
// Invariants:
//   - Docker's rules come first: continuations joined, comment lines dropped,
//     heredoc bodies appended. Only the joined text goes to the shell's parser
//     (mvdan.cc/sh), or is read as that would where it has but plain words
//     (plain.go). Parsing the raw lines would succeed wrongly where a comment
//     stands inside a continuation.
//   - Every command, word and redirect knows the bytes of the file that it
//     stands in.
//   - A command that cannot be read for sure is Opaque, with a reason, and has no
//     commands: nobody edits it.
//   - Edits are to the file's bytes, in the author's style. No tree is printed.
package shell

import (
	"path"
	"slices"
	"strings"
	"sync"

	sh "mvdan.cc/sh/v3/syntax"

	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Form says how an instruction gives its command.
type Form uint8

const (
	Shell   Form = iota // a command line for the shell, with heredocs for its commands or none
	Heredoc             // RUN <<EOF: the body is the script
	Exec                // a JSON array: one command, no shell
)

// A Script is the command of one instruction.
type Script struct {
	Inst   *syntax.Instruction
	Form   Form
	Opaque string // why the command cannot be read; "" if it was read
	// Steps are the commands that the script itself runs in order: what stands
	// between &&, ||, ; and line ends at the top.
	Steps []*Step
	// Commands are all simple commands, those inside pipes, subshells,
	// conditions, loops and substitutions too, in the order of the text.
	Commands []*Command

	text    syntax.Joined
	errExit bool // the shell is started with -e
}

// Op says how a step or a piped command follows the one before it.
type Op uint8

const (
	First Op = iota
	And      // &&
	Or       // ||
	Seq      // ; or a line end or &
	Pipe     // | or |&
)

// A Step is one member of a script's own list of commands.
type Step struct {
	Op         Op
	Span       source.Span
	Commands   []*Command // in the order of the text
	Negated    bool       // ! step
	Background bool       // step &

	simple     bool
	start, end int // in Script.text
}

// Command returns the step's command if it is one simple command and nothing
// else, and nil for a pipeline, a subshell, a condition or a loop.
func (s *Step) Command() *Command {
	if !s.simple || s.Negated || s.Background {
		return nil
	}
	return s.Commands[0]
}

// A Command is a simple command: assignments, words and redirects.
type Command struct {
	Script    *Script
	Step      *Step
	Assigns   []Assign
	Words     []Word // the program and its arguments; empty for a bare assignment
	Redirects []Redirect
	Span      source.Span
	Piped     *Command // the command whose output this one reads through a pipe
	// Conditional: the command does not always run. It stands in an if, a case,
	// a loop, a function, or to the right of ||.
	Conditional bool
	// Subshell: the command runs in a subshell or a substitution.
	Subshell bool

	program    int    // see Program
	text       string // see Text; "" until it is asked for
	start, end int    // in Script.text
}

// An Assign is NAME=value before a command.
type Assign struct {
	Name  string
	Value Word
	Span  source.Span
}

// A Redirect is >file, 2>&1, <<EOF and the like.
type Redirect struct {
	Op     string // as written, without a file descriptor
	Target Word
	Span   source.Span
}

// Writes reports whether the redirect creates or changes a file.
func (r Redirect) Writes() bool {
	switch r.Op {
	case ">", ">>", ">|", "&>", "&>>", "<>":
		return true
	}
	return false
}

// Name is the base name of the program that the command starts, "" if that is
// not literal. Wrappers such as sudo or env are not looked through: see Args.
func (c *Command) Name() string {
	if len(c.Words) == 0 || !c.Words[0].Literal {
		return ""
	}
	return path.Base(c.Words[0].Value)
}

var parsers = sync.Pool{New: func() any {
	return sh.NewParser(sh.Variant(sh.LangBash))
}}

// nesting are parsers to which (( opens two subshells, as it does to dash and to
// BusyBox's shell. The one for bash takes it for arithmetic alone, and does not go back
// as bash does: https://github.com/mvdan/sh/issues/686.
var nesting = sync.Pool{New: func() any {
	return sh.NewParser(sh.Variant(sh.LangPOSIX))
}}

// bashOnly are signs that another shell reads as something else.
var bashOnly = []string{"&>", "|&", "<<<", "$'", "$\"", "<(", ">("}

// nests reports whether (( may open two subshells in a script, and all else in it means
// the same to every shell.
func (in Interpreter) nests(text string) bool {
	isBash := slices.ContainsFunc(in.Argv, func(word string) bool { return path.Base(word) == "bash" })
	if line, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(line, "#!") {
		isBash = strings.Contains(line, "bash") // of a heredoc
	}
	return !isBash && strings.Contains(text, "((") && !slices.ContainsFunc(bashOnly, func(sign string) bool { return strings.Contains(text, sign) })
}

// Parse reads the command of an instruction under a SHELL. It returns a Script
// without steps for an instruction that has no command, such as HEALTHCHECK NONE.
func Parse(inst *syntax.Instruction, in Interpreter) *Script {
	s := &Script{Inst: inst}
	if inst.JSON {
		s.Form = Exec
		s.exec()
		return s
	}
	text, ok := inst.ShellText()
	if !ok || text.Text == "" {
		return s
	}
	s.text = text
	if in.Opaque != "" {
		s.Opaque = in.Opaque
		return s
	}
	s.errExit = in.ErrExit
	if reason := s.withHeredocs(); reason != "" {
		s.Opaque = reason
		return s
	}
	b := builder{script: s}
	if !b.plain() {
		err := b.parse(&parsers)
		if err != nil && in.nests(s.text.Text) && b.parse(&nesting) == nil {
			err = nil
		}
		if err != nil {
			s.Opaque = "the shell cannot parse it: " + parseMessage(err)
			return s
		}
	}
	for _, c := range s.Commands {
		c.program = c.findProgram()
	}
	if s.Form == Shell && len(s.Steps) > 0 && s.Steps[len(s.Steps)-1].Span.Start > inst.Command.End {
		// The shell reads the mark as a comment, and the document as commands.
		return &Script{Inst: inst, Opaque: "the mark of its heredoc stands in a comment", text: s.text}
	}
	return s
}

// parse reads the script with a parser of the shell's language.
func (b *builder) parse(pool *sync.Pool) error {
	p := pool.Get().(*sh.Parser)
	file, err := p.Parse(strings.NewReader(b.script.text.Text), "")
	pool.Put(p)
	if err == nil {
		b.list(file.Stmts, scope{top: true})
	}
	return err
}

func parseMessage(err error) string {
	if p, ok := err.(sh.ParseError); ok {
		return p.Text
	}
	return err.Error()
}

// withHeredocs gives the script the text that Docker passes on: the body of
// "RUN <<EOF", or the command line followed by its heredocs.
func (s *Script) withHeredocs() (opaque string) {
	docs := s.Inst.Heredocs
	if len(docs) == 0 {
		return ""
	}
	file := s.Inst.File().File
	if len(docs) > 1 || !isHeredocWord(s.text.Text) {
		spans := make([]source.Span, 0, 2*len(docs))
		for _, d := range docs {
			spans = append(spans, source.Span{Start: d.Body.Start, End: d.Terminator.End})
			spans = append(spans, source.Span{Start: d.Terminator.End, End: file.AfterLine(d.Terminator.End)})
		}
		s.text = s.text.Append(file, "\n", spans...)
		return ""
	}
	s.Form = Heredoc
	body := file.Slice(docs[0].Body)
	if line, ok := strings.CutPrefix(body, "#!"); ok {
		line, _, _ = strings.Cut(line, "\n")
		in := Of(strings.Fields(line))
		if in.Opaque != "" {
			return in.Opaque
		}
		s.errExit = in.ErrExit
	}
	if strings.HasSuffix(strings.TrimRight(body, "\r\n"), `\`) {
		return "its document ends in a continued line"
	}
	s.text = syntax.Joined{}.Append(file, "", docs[0].Body)
	return ""
}

// isHeredocWord reports whether a command line is nothing but one heredoc mark.
func isHeredocWord(text string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, "0123456789"), "<<")
	return ok && !strings.ContainsAny(strings.TrimLeft(strings.TrimPrefix(rest, "-"), " \t"), " \t<>|;&")
}

// exec reads a JSON array as one command.
func (s *Script) exec() {
	words := s.Inst.Words()
	if len(words) == 0 {
		return
	}
	c := &Command{Script: s, Span: source.Span{Start: words[0].Span.Start, End: words[len(words)-1].Span.End}}
	for _, w := range words {
		c.Words = append(c.Words, Word{Raw: w.Text, Value: w.Text, Literal: true, Span: w.Span})
	}
	c.program = c.findProgram()
	c.Step = &Step{Span: c.Span, Commands: []*Command{c}, simple: true}
	s.Commands, s.Steps = []*Command{c}, []*Step{c.Step}
}

// Text returns the script as the shell gets it.
func (s *Script) Text() string { return s.text.Text }

// Only returns the script's command if the script is a single simple command.
func (s *Script) Only() *Command {
	if len(s.Steps) != 1 {
		return nil
	}
	return s.Steps[0].Command()
}

// StepOf returns the index in Steps of the step that holds the command.
func (s *Script) StepOf(c *Command) int {
	for i, step := range s.Steps {
		if step == c.Step {
			return i
		}
	}
	return -1
}

// EndsOnError reports whether "set -e" is in force for every step from i on.
func (s *Script) EndsOnError(i int) bool {
	if s.errExit {
		return true
	}
	for _, step := range s.Steps[:i] {
		c := step.Command()
		if c == nil || c.Name() != "set" {
			continue
		}
		for _, w := range c.Words[1:] {
			if strings.HasPrefix(w.Value, "-") && strings.Contains(w.Value, "e") || w.Value == "errexit" {
				return true
			}
		}
	}
	return false
}

// MayFail reports whether the script can go on, or end well, where step i fails.
func (s *Script) MayFail(i int) bool {
	for next := i + 1; next < len(s.Steps); next++ {
		if s.Steps[next].Op != And {
			return s.Steps[next].Op == Or || next > i+1 || !s.EndsOnError(i) // under -e the shell ends where the last of a list fails
		}
	}
	return false
}

// Values are the values of all words.
func (c *Command) Values() []string {
	values := make([]string, 0, len(c.Words))
	for _, w := range c.Words {
		values = append(values, w.Value)
	}
	return values
}

// Text returns the command in one line: its assignments, words and redirects as
// the shell gets them.
func (c *Command) Text() string {
	if c.text == "" {
		c.text = c.TextWith(-1, "")
	}
	return c.text
}

// TextWith returns what Text would with added behind word i.
func (c *Command) TextWith(i int, added string) string {
	parts := make([]string, 0, len(c.Assigns)+len(c.Words)+len(c.Redirects)+1)
	for _, a := range c.Assigns {
		parts = append(parts, a.Name+"="+a.Value.Raw)
	}
	for n := range c.Words {
		parts = append(parts, c.Words[n].Raw)
		if n == i {
			parts = append(parts, added)
		}
	}
	for _, r := range c.Redirects {
		parts = append(parts, r.Op+r.Target.Raw)
	}
	return strings.Join(parts, " ")
}
