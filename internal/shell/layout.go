package shell

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// maxColumns is how long a one-line instruction may grow before what is added
// goes on a line of its own.
const maxColumns = 100

// A Layout says where a step that is added to a script goes.
type Layout struct {
	multiline bool
	trailing  bool
	indent    string
	eol       string
	escape    string
}

// Layout returns how the script's steps are laid out, by its own lines or, if
// those do not tell, by the rest of the file. A script on one line stays there if
// it has room for extra columns more.
func (s *Script) Layout(extra int) Layout {
	f := s.Inst.File()
	style := f.Style()
	l := Layout{trailing: style.Trailing, indent: style.Indent, eol: style.EOL, escape: string(f.Escape)}
	for i := 1; i < len(s.Steps); i++ {
		between := f.Slice(source.Span{Start: s.Steps[i-1].Span.End, End: max(s.Steps[i-1].Span.End, s.Steps[i].Span.Start)})
		newline := strings.LastIndexByte(between, '\n')
		if newline < 0 {
			continue
		}
		last := between[newline+1:]
		l.multiline, l.trailing = true, strings.Trim(last, " \t") == ""
		l.indent = last[:len(last)-len(strings.TrimLeft(last, " \t"))]
		return l
	}
	if lead := f.Slice(source.Span{Start: f.LineAt(s.Inst.Keyword.Start).Start, End: s.Inst.Keyword.Start}); strings.Trim(lead, " \t") == "" && len(l.indent) <= len(lead) {
		l.indent = lead + l.indent // of an instruction that is indented itself
	}
	l.multiline = s.Inst.Command.End > f.LineAt(s.Inst.Command.Start).End || s.Inst.Command.Len()+extra > maxColumns
	return l
}

// LayoutOf returns the layout of scripts that are joined: that of the first one
// with several lines. Scripts of one line each become one line if that has room
// for them and extra columns more, and no comment stands between them.
func LayoutOf(extra int, scripts ...*Script) Layout {
	for i, s := range scripts {
		if i > 0 && slices.ContainsFunc(s.Inst.File().Lines[scripts[i-1].Inst.LastLine+1:s.Inst.FirstLine], syntax.Line.IsComment) {
			extra += maxColumns
		}
		if l := s.Layout(0); l.multiline {
			return l
		}
		extra += s.Inst.Command.Len() - len("RUN") + len("&&")
	}
	l := scripts[0].Layout(0)
	l.multiline = len("RUN")+extra > maxColumns
	return l
}

// between is the text that joins two steps by op in layout l.
func (l Layout) between(op string) string {
	if !l.multiline {
		return joint(op) + " "
	}
	if l.trailing || op == ";" {
		return joint(op) + " " + l.escape + l.eol + l.indent
	}
	return " " + l.escape + l.eol + l.indent + op + " "
}

// joint is an operator with the blank before it that people write.
func joint(op string) string {
	if op == ";" {
		return ";"
	}
	return " " + op
}
