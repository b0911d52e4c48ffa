package shell

import (
	"strings"

	sh "mvdan.cc/sh/v3/syntax"
)

// A builder turns the shell's tree into steps and commands.
type builder struct {
	script *Script
	step   *Step
}

// A scope says where in the script a statement stands.
type scope struct {
	top         bool // in the script's own list
	conditional bool
	subshell    bool
}

func (b *builder) list(stmts []*sh.Stmt, in scope) {
	for _, s := range stmts {
		b.stmt(s, Seq, in)
	}
}

// stmt reads a statement that follows the one before it by op. At the top it
// opens a step unless it is an && or || list, whose members become steps.
func (b *builder) stmt(s *sh.Stmt, op Op, in scope) (last *Command) {
	if bin, ok := s.Cmd.(*sh.BinaryCmd); ok && isList(bin.Op) && !s.Negated && !s.Background {
		b.stmt(bin.X, op, in)
		return b.right(bin, in)
	}
	if fn, ok := s.Cmd.(*sh.FuncDecl); ok {
		return b.function(s, fn.Body, op, in)
	}
	if in.top {
		b.open(s, stmtEnd(s), op)
		in.top = false
		defer func() { b.step = nil }()
	}
	return b.command(s, in)
}

// function reads a function's declaration. The parser takes "f() { a; } && b" as
// a function whose body is the whole list; a shell ends the body at the brace.
func (b *builder) function(s, body *sh.Stmt, op Op, in scope) *Command {
	if bin, ok := body.Cmd.(*sh.BinaryCmd); ok {
		b.function(s, bin.X, op, in)
		if !isList(bin.Op) {
			in.top = false // the declaration's output is piped: no one does that
			return b.stmt(bin.Y, First, in)
		}
		return b.right(bin, in)
	}
	if in.top {
		b.open(s, stmtEnd(body), op)
		in.top = false
		defer func() { b.step = nil }()
	}
	in.conditional = true
	return b.stmt(body, First, in)
}

// right reads the right side of an && or ||.
func (b *builder) right(bin *sh.BinaryCmd, in scope) *Command {
	if bin.Op == sh.OrStmt {
		in.conditional = true
		return b.stmt(bin.Y, Or, in)
	}
	return b.stmt(bin.Y, And, in)
}

func isList(op sh.BinCmdOperator) bool { return op == sh.AndStmt || op == sh.OrStmt }

func (b *builder) open(s *sh.Stmt, end int, op Op) {
	if len(b.script.Steps) == 0 {
		op = First
	}
	call, simple := s.Cmd.(*sh.CallExpr)
	b.step = &Step{
		Op:         op,
		simple:     simple && call != nil,
		Negated:    s.Negated,
		Background: s.Background || s.Coprocess,
		start:      int(s.Pos().Offset()),
		end:        end,
	}
	b.step.Span = b.script.text.Span(b.step.start, b.step.end)
	b.script.Steps = append(b.script.Steps, b.step)
}

// stmtEnd is the end of a statement without a ; or & that ends it and without
// the bodies of its heredocs.
func stmtEnd(s *sh.Stmt) int {
	end := uint(0)
	if s.Cmd != nil {
		end = cmdEnd(s.Cmd)
	}
	for _, r := range s.Redirs {
		end = max(end, redirEnd(r))
	}
	return int(end)
}

func cmdEnd(c sh.Command) uint {
	if bin, ok := c.(*sh.BinaryCmd); ok {
		return uint(stmtEnd(bin.Y))
	}
	if call, ok := c.(*sh.CallExpr); ok && len(call.Args) == 0 && len(call.Assigns) > 0 {
		return assignEnd(call.Assigns[len(call.Assigns)-1])
	}
	return c.End().Offset()
}

// assignEnd is the end of an assignment: Assign.End is one short for NAME+= with
// no value.
func assignEnd(a *sh.Assign) uint {
	if a.Append && a.Value == nil && a.Array == nil && a.Index == nil {
		return a.Name.End().Offset() + uint(len("+="))
	}
	return a.End().Offset()
}

// redirEnd is the end of a redirect on its line: Redirect.End is that of the
// heredoc's body.
func redirEnd(r *sh.Redirect) uint {
	if r.Word != nil {
		return r.Word.End().Offset()
	}
	return r.OpPos.Offset() + uint(len(r.Op.String()))
}

// command reads what a statement runs and returns its simple command, the last
// one of a pipeline.
func (b *builder) command(s *sh.Stmt, in scope) *Command {
	switch c := s.Cmd.(type) {
	case *sh.CallExpr:
		return b.call(s, c, in)
	case *sh.BinaryCmd:
		return b.binary(c, in)
	case *sh.Subshell:
		in.subshell = true
		b.list(c.Stmts, in)
	case *sh.Block:
		b.list(c.Stmts, in)
	case *sh.IfClause:
		b.ifClause(c, in)
	case *sh.WhileClause:
		in.conditional = true
		b.list(c.Cond, in)
		b.list(c.Do, in)
	case *sh.ForClause:
		if loop, ok := c.Loop.(*sh.WordIter); ok {
			b.substitutions(loop, in)
		}
		in.conditional = true
		b.list(c.Do, in)
	case *sh.CaseClause:
		in.conditional = true
		for _, item := range c.Items {
			b.list(item.Stmts, in)
		}
	case *sh.TimeClause:
		if c.Stmt != nil {
			return b.stmt(c.Stmt, First, in)
		}
	case *sh.DeclClause:
		b.declaration(s, c, in)
	case nil:
		if len(s.Redirs) > 0 {
			b.call(s, nil, in)
		}
	default:
		// Tests, arithmetic, let and coproc run no program that anyone edits.
		b.substitutions(c, in)
	}
	return nil
}

func (b *builder) binary(c *sh.BinaryCmd, in scope) *Command {
	left := b.stmt(c.X, First, in)
	if isList(c.Op) {
		return b.right(c, in)
	}
	last := b.stmt(c.Y, First, in)
	if last != nil {
		last.Piped = left
	}
	return last
}

func (b *builder) ifClause(c *sh.IfClause, in scope) {
	b.list(c.Cond, in)
	in.conditional = true
	b.list(c.Then, in)
	if c.Else != nil {
		b.ifClause(c.Else, in)
	}
}

func (b *builder) call(s *sh.Stmt, c *sh.CallExpr, in scope) *Command {
	cmd := b.add(s, in)
	if c != nil {
		b.assigns(cmd, c.Assigns)
		cmd.Words = make([]Word, len(c.Args))
		for i, w := range c.Args {
			cmd.Words[i] = b.word(w)
		}
		b.substitutions(c, in)
	}
	return cmd
}

// declaration reads export, declare, local and readonly.
func (b *builder) declaration(s *sh.Stmt, c *sh.DeclClause, in scope) {
	cmd := b.add(s, in)
	w := b.place(c.Variant)
	w.Value, w.Literal = c.Variant.Value, true
	cmd.Words = append(cmd.Words, w)
	b.assigns(cmd, c.Args)
	b.substitutions(c, in)
}

func (b *builder) add(s *sh.Stmt, in scope) *Command {
	start, end := int(s.Pos().Offset()), stmtEnd(s)
	cmd := &Command{
		Script:      b.script,
		Step:        b.step,
		Span:        b.script.text.Span(start, end),
		Conditional: in.conditional,
		Subshell:    in.subshell,
		start:       start,
		end:         end,
	}
	for _, r := range s.Redirs {
		red := Redirect{Op: r.Op.String(), Span: b.script.text.Span(int(r.Pos().Offset()), int(redirEnd(r)))}
		if r.Word != nil {
			red.Target = b.word(r.Word)
		}
		cmd.Redirects = append(cmd.Redirects, red)
	}
	b.script.Commands = append(b.script.Commands, cmd)
	if b.step != nil {
		b.step.Commands = append(b.step.Commands, cmd)
	}
	return cmd
}

func (b *builder) assigns(cmd *Command, assigns []*sh.Assign) {
	for _, a := range assigns {
		w := b.place(a)
		if a.Name == nil { // export "$x", or an option of export
			if a.Value != nil {
				cmd.Words = append(cmd.Words, b.word(a.Value))
			}
			continue
		}
		out := Assign{Name: a.Name.Value, Span: w.Span}
		switch {
		case a.Value != nil:
			out.Value = b.word(a.Value)
		case a.Array != nil:
			out.Value = Word{Raw: w.Raw, Span: w.Span}
		default:
			out.Value = Word{Literal: true}
		}
		cmd.Assigns = append(cmd.Assigns, out)
	}
}

// substitutions reads the commands inside $(...), `...` and <(...) of a node.
func (b *builder) substitutions(n sh.Node, in scope) {
	text := b.script.text.Text
	if !strings.ContainsAny(text[n.Pos().Offset():min(int(n.End().Offset()), len(text))], "(`") {
		return
	}
	in.top, in.subshell = false, true
	sh.Walk(n, func(n sh.Node) bool {
		switch n := n.(type) {
		case *sh.CmdSubst:
			b.list(n.Stmts, in)
			return false
		case *sh.ProcSubst:
			b.list(n.Stmts, in)
			return false
		}
		return true
	})
}
