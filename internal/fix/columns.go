package fix

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// keepColumns keeps what an author has aligned behind the commands of a RUN, such as
// && and the backslash, where it stands: what edits add to a line comes off the blanks
// before it.
//
//	apt-get install -y jq                          && \
//	apt-get install -y --no-install-recommends jq  && \
func (p *Pass) keepColumns(edits []edit.Edit) []edit.Edit {
	var all []edit.Edit
	for _, s := range p.Build.Stages {
		for _, inst := range s.Instructions {
			if inst.Name == "RUN" && touches(edits, inst.Span) {
				all = append(all, columns(s.Script(inst), edits)...)
			}
		}
	}
	return append(all, edits...)
}

func touches(edits []edit.Edit, span source.Span) bool {
	for _, e := range edits {
		if span.Start <= e.Span.Start && e.Span.Start < span.End {
			return true
		}
	}
	return false
}

func columns(script *shell.Script, edits []edit.Edit) (all []edit.Edit) {
	if script.Opaque != "" || script.Form == shell.Exec {
		return nil
	}
	f := script.Inst.File()
	for _, line := range script.Inst.Lines() {
		added := 0
		end := line.Start
		for _, e := range edits {
			if e.Span.End < line.Start || e.Span.Start >= line.End {
				continue
			}
			if e.Span.Start < line.Start || e.Span.End > line.End || strings.Contains(e.New, "\n") {
				added = 0
				break
			}
			added += len(e.New) - e.Span.Len()
			end = max(end, e.Span.End)
		}
		blanks := aligned(f, script.Form, line)
		if n := min(added, blanks.Len()-1); n > 0 && blanks.Start >= end && !isInWord(script, blanks) {
			all = append(all, edit.Delete(source.Span{Start: blanks.End - n, End: blanks.End}))
		}
	}
	return all
}

// aligned are the blanks, two at the least, before the operator and the continuation
// mark that end a line, or before its comment in a heredoc.
func aligned(f *syntax.File, form shell.Form, line syntax.Line) source.Span {
	text := strings.TrimRight(f.Slice(line.Span), "\r\n \t")
	if form == shell.Heredoc {
		if i := strings.LastIndex(text, "  #"); i >= 0 {
			return blanksBefore(line.Start, text[:i+2])
		}
		return source.Span{}
	}
	code, ok := strings.CutSuffix(text, string(f.Escape))
	if !ok {
		return source.Span{}
	}
	mark := blanksBefore(line.Start, code)
	code = strings.TrimRight(code, " \t")
	for _, op := range []string{"&&", "||", ";", "|"} {
		if before, ok := strings.CutSuffix(code, op); ok && blanksBefore(line.Start, before).Len() > 1 {
			return blanksBefore(line.Start, before)
		}
	}
	return mark
}

// blanksBefore are the blanks that end a text, which begins at an offset.
func blanksBefore(start int, text string) source.Span {
	return source.Span{Start: start + len(strings.TrimRight(text, " ")), End: start + len(text)}
}

// isInWord reports whether blanks are part of what a command gets.
func isInWord(script *shell.Script, blanks source.Span) bool {
	holds := func(span source.Span) bool { return span.Start < blanks.End && blanks.Start < span.End }
	for _, c := range script.Commands {
		for _, w := range c.Words {
			if holds(w.Span) {
				return true
			}
		}
		for _, a := range c.Assigns {
			if holds(a.Span) {
				return true
			}
		}
		for _, r := range c.Redirects {
			if strings.HasPrefix(r.Op, "<<") || holds(r.Span) {
				return true
			}
		}
	}
	return false
}
