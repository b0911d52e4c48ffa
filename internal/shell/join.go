package shell

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// stateful are the builtins that change the shell itself, so that what follows them
// in the same script would run otherwise in one of its own.
var stateful = map[string]bool{
	"cd": true, "pushd": true, "popd": true, "export": true, "unset": true, "set": true, "shopt": true,
	"umask": true, "ulimit": true, "alias": true, "source": true, ".": true, "trap": true, "exec": true,
	"eval": true, "local": true, "readonly": true, "declare": true, "typeset": true,
}

// IsStateful reports whether a name is that of a builtin that changes the shell which
// runs it, for the commands after it in its script.
func IsStateful(name string) bool { return stateful[name] }

// ChangesShell reports whether a command changes the shell that runs it, for the
// commands after it in its script.
func (c *Command) ChangesShell() bool {
	return !c.Subshell && (IsStateful(c.Name()) || len(c.Words) == 0 && len(c.Assigns) > 0)
}

// endsShell reports whether a command ends the shell that runs it.
func (c *Command) endsShell() bool {
	return !c.Subshell && (c.Name() == "exit" || c.Name() == "return")
}

// WhyNotJoin says why the scripts of two RUN instructions cannot become one RUN
// that does the same, or "".
func WhyNotJoin(a, b *Script) string {
	switch {
	case a.Opaque != "":
		return a.Opaque
	case b.Opaque != "":
		return b.Opaque
	case a.Form != Shell || b.Form != Shell || len(a.Inst.Heredocs)+len(b.Inst.Heredocs) > 0:
		return "a RUN in exec or heredoc form cannot be joined"
	case len(a.Steps) == 0 || len(b.Steps) == 0:
		return "there is nothing to join"
	case !sameFlags(a.Inst, b.Inst):
		return "the flags of the two RUN differ"
	case a.text.Text[a.Steps[len(a.Steps)-1].end:] != "":
		return "the first RUN ends in a comment, a ; or an &"
	}
	for _, step := range b.Steps[1:] {
		if step.Op != And {
			return "the second RUN goes on after a failure"
		}
	}
	for _, step := range a.Steps {
		if step.Background {
			return "the first RUN starts a background process"
		}
	}
	for _, c := range a.Commands {
		if c.ChangesShell() || c.endsShell() {
			return "the first RUN changes the shell's state: " + strings.TrimSpace(a.Inst.File().Slice(c.Span))
		}
	}
	return ""
}

func sameFlags(a, b *syntax.Instruction) bool {
	if len(a.Flags) != len(b.Flags) {
		return false
	}
	for i := range a.Flags {
		if a.Flags[i].Name != b.Flags[i].Name || a.Flags[i].Value != b.Flags[i].Value {
			return false
		}
	}
	return true
}

// Join makes the steps of b, a later RUN, the last steps of a, in a layout. One that
// keeps to one line is followed if no comment stands between the two. Comments there
// stay where they are, now inside the RUN; blank lines go. The caller has asked
// WhyNotJoin, and knows that nothing stands between the two but comments.
func Join(l Layout, a, b *Script) []edit.Edit {
	f := a.Inst.File()
	between := f.Lines[a.Inst.LastLine+1 : b.Inst.FirstLine]
	end := a.Steps[len(a.Steps)-1].Span.End
	if !l.multiline && !slices.ContainsFunc(between, syntax.Line.IsComment) {
		return []edit.Edit{edit.Replace(source.Span{Start: end, End: b.text.Offset(0)}, " && ")}
	}
	head := source.Span{Start: b.Inst.FullLines().Start, End: b.text.Offset(0)}
	mark, lead := " "+l.escape, l.indent+"&& "
	if l.trailing {
		mark, lead = " && "+l.escape, l.indent
	}
	edits := []edit.Edit{edit.Replace(source.Span{Start: end, End: f.LineAt(end).End}, mark)}
	for _, line := range between {
		if !line.IsComment() {
			edits = append(edits, edit.Delete(line.Span))
		}
	}
	return append(edits, edit.Replace(head, lead))
}
