package shell

import (
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// InsertAfter adds a command to the script behind step i, in the author's layout.
// It joins with && unless the next step follows by ;, or step i did and ends the
// script under "set -e". It reports false where the script has no place for it:
// exec form, a next step that follows by ||, a last word that ends in a backslash.
func (s *Script) InsertAfter(i int, command string) ([]edit.Edit, bool) {
	return s.InsertAfterIn(s.Layout(len(command)+len(" && ")), i, command)
}

// InsertAfterIn is InsertAfter in a given layout.
func (s *Script) InsertAfterIn(l Layout, i int, command string) ([]edit.Edit, bool) {
	if s.Form == Exec || s.Opaque != "" || s.Steps[i].Background || strings.HasSuffix(s.text.Text[:s.Steps[i].end], `\`) {
		return nil, false
	}
	op, last := "&&", i+1 == len(s.Steps)
	switch {
	case last && s.Steps[i].Op == Seq && s.EndsOnError(i):
		op = ";"
	case last:
	case s.Steps[i+1].Op == Or:
		return nil, false
	case s.Steps[i+1].Op == Seq:
		op = ";"
	}
	if op == ";" && s.Form == Shell && len(s.Inst.Heredocs) > 0 {
		return nil, false // Docker would read <<EOF; as another name
	}
	at := s.Steps[i].Span.End
	if strings.HasPrefix(s.text.Text[s.Steps[i].end:], "#") {
		return nil, false // a comment right behind a parenthesis
	}
	if s.Form == Heredoc {
		if last && !s.EndsOnError(i) {
			// A line of its own would hide that the step failed.
			return []edit.Edit{edit.Insert(at, " && "+command)}, true
		}
		return s.insertLine(i, at, command)
	}
	if !last {
		if e, ok := s.insertBetween(l, i, op, command); ok {
			return []edit.Edit{e}, true
		}
	}
	return []edit.Edit{edit.Insert(at, l.between(op)+command)}, true
}

// insertBetween adds a command between steps i and i+1 the way the author set the
// two apart, where lines of their own do.
func (s *Script) insertBetween(l Layout, i int, op, command string) (edit.Edit, bool) {
	f := s.Inst.File()
	next := s.Steps[i+1]
	gap := source.Span{Start: s.Steps[i].Span.End, End: next.Span.Start}
	if gap.Len() < 0 || s.hasComment(gap) {
		return edit.Edit{}, false
	}
	between := f.Slice(gap)
	lines := strings.Count(between, "\n")
	last := between[strings.LastIndexByte(between, '\n')+1:]
	trailing := strings.Trim(last, " \t") == ""
	switch {
	case lines == 1 && trailing:
		return edit.Insert(gap.End, command+padded(between, s.columnOf(gap.Start), len(last)+len(command))), true
	case lines == 1:
		return edit.Insert(gap.Start, between+command), true
	case lines == 2 && trailing: // the operator has a line of its own
		return edit.Insert(gap.End, command+joint(op)+" "+l.escape+l.eol+last), true
	}
	return edit.Edit{}, false
}

// columnOf is how many bytes stand before an offset on its line.
func (s *Script) columnOf(offset int) int {
	return offset - s.Inst.File().LineAt(offset).Start
}

// padded is what stands between two steps with its operator in the column where it is
// behind the first one, if blanks have brought it there: behind a command that ends at
// column now instead of at column was.
func padded(between string, was, now int) string {
	rest := strings.TrimLeft(between, " ")
	blanks := len(between) - len(rest)
	if blanks < 2 {
		return between
	}
	return strings.Repeat(" ", max(1, blanks+was-now)) + rest
}

// insertLine adds a command to a heredoc's script, on a line of its own if the
// step ends its line.
func (s *Script) insertLine(i, at int, command string) ([]edit.Edit, bool) {
	f := s.Inst.File()
	line := f.LineAt(at)
	if rest := f.Slice(source.Span{Start: at, End: line.End}); strings.Trim(rest, " \t;") != "" {
		return nil, false
	}
	text := f.Slice(f.LineAt(s.Steps[i].Span.Start))
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	return []edit.Edit{edit.Insert(line.End, f.EOL()+indent+command)}, true
}

// InsertBefore adds a command to the script in front of step i, joined with &&.
// It reports false where InsertAfter would. Comments right above the step are about it
// and stay above the command too.
func (s *Script) InsertBefore(i int, command string) ([]edit.Edit, bool) {
	return s.InsertBeforeIn(s.Layout(0), i, command)
}

// InsertBeforeIn is InsertBefore in a given layout.
func (s *Script) InsertBeforeIn(l Layout, i int, command string) ([]edit.Edit, bool) {
	if i > 0 {
		if s.Steps[i].Op == Or {
			return nil, false
		}
		gap := source.Span{Start: s.Steps[i-1].Span.End, End: s.Steps[i].Span.Start}
		if s.Form == Shell && s.Opaque == "" && gap.Len() > 0 && s.hasComment(gap) && !s.Steps[i].Background {
			return []edit.Edit{edit.Insert(gap.End, command+l.between("&&"))}, true
		}
		return s.InsertAfterIn(l, i-1, command)
	}
	if s.Form == Exec || s.Opaque != "" || s.Steps[0].Background {
		return nil, false
	}
	at := s.Steps[i].Span.Start
	if s.Form == Heredoc {
		f := s.Inst.File()
		line := f.LineAt(at)
		indent := f.Slice(source.Span{Start: line.Start, End: at})
		return []edit.Edit{edit.Insert(line.Start, indent+command+f.EOL())}, strings.Trim(indent, " \t") == ""
	}
	return []edit.Edit{edit.Insert(at, command+l.between("&&"))}, true
}

// Remove takes step i out of the script, with the operator that joins it and its
// lines; comments between the lines stay. It reports false where that would
// change when other steps run (||), for the only step, and in exec form.
func (s *Script) Remove(i int) ([]edit.Edit, bool) {
	if s.Form == Exec || s.Opaque != "" || len(s.Steps) == 1 {
		return nil, false
	}
	step := s.Steps[i]
	last := i+1 == len(s.Steps)
	if step.Op == Or || !last && s.Steps[i+1].Op == Or || step.Background {
		return nil, false
	}
	if s.Form == Shell && len(s.Inst.Heredocs) > 0 {
		return nil, false // a document would stay behind, or become the script
	}
	if i > 0 && s.Steps[i-1].Background {
		return nil, false // the & between the two is not this step's
	}
	from, to := step.start, step.end
	switch text := s.text.Text; {
	case i == 0:
		to = s.Steps[1].start
		return s.cutHead(from, to)
	case !last && (step.Op == Seq || s.Layout(0).trailing):
		if step.Op != s.Steps[i+1].Op && step.Op != Seq {
			from = s.Steps[i-1].end
			break
		}
		to = len(strings.TrimRight(text[:s.Steps[i+1].start], " \t\n"))
	default:
		from = s.Steps[i-1].end
		from += len(text[from:step.start]) - len(strings.TrimLeft(text[from:step.start], " \t\n"))
	}
	return s.cut(from, to)
}

// cutHead removes the first step: the next one takes its place.
func (s *Script) cutHead(from, to int) ([]edit.Edit, bool) {
	span := source.Span{Start: s.text.Offset(from), End: s.text.Offset(to)}
	if s.hasComment(span) || strings.HasPrefix(s.text.Text[to:], "--") {
		return nil, false // Docker would read -- as an option of RUN
	}
	return []edit.Edit{edit.Delete(span)}, true
}

// RemoveWord takes word i (not the first) out of the command, with its line if
// it stands alone there; comments between the lines stay.
func (c *Command) RemoveWord(i int) ([]edit.Edit, bool) {
	if c.Script.Form == Exec {
		return []edit.Edit{edit.Delete(source.Span{Start: c.Words[i-1].Span.End, End: c.Words[i].Span.End})}, true
	}
	return c.Script.cut(c.Words[i].start, c.Words[i].end)
}

// ReplaceWord puts text, quoted as the author means it, in place of word i.
func (c *Command) ReplaceWord(i int, text string) []edit.Edit {
	if c.Script.Form == Exec {
		text = strconv.Quote(text)
	}
	return []edit.Edit{edit.Replace(c.Words[i].Span, text)}
}

// InsertWord adds a word behind word i.
func (c *Command) InsertWord(i int, text string) []edit.Edit {
	if c.Script.Form == Exec {
		text = ", " + strconv.Quote(text)
	} else {
		text = " " + text
	}
	return []edit.Edit{edit.Insert(c.Words[i].Span.End, text)}
}

// InsertAhead adds texts in front of word i (not the first), each on a line of its own
// if word i begins one; else behind the word before it.
func (c *Command) InsertAhead(i int, texts ...string) []edit.Edit {
	f := c.Script.Inst.File()
	line := f.LineAt(c.Words[min(i, len(c.Words)-1)].Span.Start)
	indent := f.Slice(source.Span{Start: line.Start, End: max(line.Start, c.Words[min(i, len(c.Words)-1)].Span.Start)})
	if i >= len(c.Words) || c.Script.Form != Shell || strings.Trim(indent, " \t") != "" || line.Start <= c.Script.Inst.Span.Start {
		return c.InsertWord(i-1, strings.Join(texts, " "))
	}
	joint := " " + string(f.Escape) + f.EOL() + indent
	return []edit.Edit{edit.Insert(c.Words[i].Span.Start, strings.Join(texts, joint)+joint)}
}

// InsertAmong adds a word to a list of words: where the alphabet has it if the list is in
// that order, else behind word i of the list.
func (c *Command) InsertAmong(list []int, i int, text string) []edit.Edit {
	inOrder := slices.IsSortedFunc(list, func(i, j int) int { return strings.Compare(c.Words[i].Value, c.Words[j].Value) })
	if !inOrder {
		return c.insertBeside(i, text, behind)
	}
	for _, i := range list {
		if text < c.Words[i].Value {
			return c.insertBeside(i, text, ahead)
		}
	}
	return c.insertBeside(list[len(list)-1], text, behind)
}

// A side is where a word goes that comes beside another.
type side int

const (
	ahead side = iota
	behind
)

// insertBeside adds a word in front of word i or behind it, on a line of its own if word
// i has one. None comes between a comment and what that is about.
func (c *Command) insertBeside(i int, text string, where side) []edit.Edit {
	w := c.Words[i]
	if c.Script.Form == Exec {
		return c.InsertWord(i, text)
	}
	f := c.Script.Inst.File()
	line := f.LineAt(w.Span.Start)
	indent := f.Slice(source.Span{Start: line.Start, End: w.Span.Start})
	joint := " "
	if strings.Trim(indent, " \t") == "" && line.Start > c.Script.Inst.Span.Start && c.Script.Form == Shell {
		joint = " " + string(f.Escape) + f.EOL() + indent
	}
	if where == ahead && !c.Script.followsComment(line) {
		return []edit.Edit{edit.Insert(w.Span.Start, text+joint)}
	}
	return []edit.Edit{edit.Insert(w.Span.End, joint+text)}
}

// CommentsOf returns the comment lines right above step i that are about it alone:
// the next line is a comment, too, or none of the instruction's.
func (s *Script) CommentsOf(i int) []syntax.Line {
	lines, span := s.Inst.Lines(), s.Steps[i].Span
	first := slices.IndexFunc(lines, func(l syntax.Line) bool { return l.Start <= span.Start && span.Start < l.End })
	if first < 0 {
		return nil
	}
	last := first
	for last+1 < len(lines) && lines[last+1].Start < span.End {
		last++
	}
	if last+1 < len(lines) && lines[last+1].Kind != syntax.InnerComment {
		return nil
	}
	top := first
	for top > 0 && lines[top-1].Kind == syntax.InnerComment {
		top--
	}
	return lines[top:first]
}

// followsComment reports whether the line stands right under a comment, which
// then is about what the line begins with.
func (s *Script) followsComment(line source.Span) bool {
	lines := s.Inst.Lines()
	for i := 1; i < len(lines); i++ {
		if lines[i].Start == line.Start {
			return lines[i-1].Kind == syntax.InnerComment
		}
	}
	return false
}

// cut removes text[from:to] of the script. What fills whole lines goes with its
// lines. It reports false if a comment would go too.
func (s *Script) cut(from, to int) ([]edit.Edit, bool) {
	f := s.Inst.File()
	span := s.text.Span(from, to)
	before := source.Span{Start: f.LineAt(span.Start).Start, End: span.Start}
	after := source.Span{Start: span.End, End: f.LineAt(span.End).End}
	rest := strings.Trim(f.Slice(after), " \t")
	alone := strings.Trim(f.Slice(before), " \t") == ""
	switch {
	case s.Form == Heredoc && alone && strings.Trim(rest, ";") == "":
		if above := f.LineAt(max(before.Start-1, 0)); strings.HasSuffix(f.Slice(above), `\`) {
			return cutContinued(f.Slice(above), source.Span{Start: above.End, End: after.End})
		}
		return []edit.Edit{edit.Delete(source.Span{Start: before.Start, End: f.AfterLine(span.End)})}, true
	case strings.HasPrefix(rest, "#"): // a shell comment would go on behind something else
		return nil, false
	case alone && rest == string(f.Escape) && s.wouldJoin(from, to):
		return nil, false
	case alone && rest == string(f.Escape):
		return s.deleteLines(before.Start, f.AfterLine(span.End)), true
	case alone && rest == "" && before.Start > s.Inst.Span.Start:
		return s.cutTail(before.Start, after.End)
	case s.hasComment(span):
		return nil, false
	case alone:
		span.End += len(f.Slice(after)) - len(strings.TrimLeft(f.Slice(after), " \t"))
		return []edit.Edit{edit.Delete(span)}, true
	}
	kept := strings.TrimRight(f.Slice(before), " \t")
	if strings.HasSuffix(kept, `\`) {
		return nil, false // the blank behind it is part of a word
	}
	span.Start = before.Start + len(kept)
	runsOn := " \t;)"
	if len(s.Inst.Heredocs) > 0 {
		runsOn = " \t" // Docker would read <<EOF; as another name
	}
	if next := f.Slice(after); next != "" && strings.IndexByte(runsOn, next[0]) < 0 && len(kept) < before.Len() {
		span.Start++ // a word and an operator would run together
	}
	return []edit.Edit{edit.Delete(span)}, true
}

// cutContinued removes the lines of span, which begins behind the line above with its
// continuation mark, and that mark.
func cutContinued(above string, span source.Span) ([]edit.Edit, bool) {
	code := strings.TrimSuffix(above, `\`)
	if strings.HasSuffix(code, `\`) {
		return nil, false // it continues nothing
	}
	span.Start -= len(above) - len(strings.TrimRight(code, " \t"))
	return []edit.Edit{edit.Delete(span)}, true
}

// wouldJoin reports whether text[from:to] is all that stands between two words:
// where a line goes, its indent goes too.
func (s *Script) wouldJoin(from, to int) bool {
	text := s.text.Text
	before := strings.TrimRight(text[:from], " \t")
	after := strings.TrimLeft(text[to:], " \t")
	switch {
	case strings.HasSuffix(before, `\`): // an escaped blank
		return true
	case before == "" || after == "":
		return false
	}
	lead := s.text.Span(len(before)-1, len(before))
	next := s.text.Offset(len(text) - len(after))
	f := s.Inst.File()
	return f.Text[lead.End] == f.Escape && f.LineAt(next).Start == next
}

// cutTail removes the last lines of the instruction, from the line start on, and
// the continuation mark before them.
func (s *Script) cutTail(start, end int) ([]edit.Edit, bool) {
	f := s.Inst.File()
	mark, ok := s.continuationBefore(start)
	if !ok || mark.Start > 0 && f.Text[mark.Start-1] == '\\' {
		return nil, false // an escaped blank is part of a word
	}
	if !s.hasComment(source.Span{Start: mark.Start, End: end}) {
		return []edit.Edit{edit.Delete(source.Span{Start: mark.Start, End: end})}, true
	}
	return append([]edit.Edit{edit.Delete(mark)}, s.deleteLines(f.AfterLine(mark.Start), f.AfterLine(end))...), true
}

// continuationBefore returns the span of the continuation mark, and the blanks
// before it, of the last line of code above offset.
func (s *Script) continuationBefore(offset int) (source.Span, bool) {
	f := s.Inst.File()
	lines := s.Inst.Lines()
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].Kind != syntax.CodeLine || lines[i].Start >= offset {
			continue
		}
		text := strings.TrimRight(f.Slice(lines[i].Span), "\r\n \t")
		code, ok := strings.CutSuffix(text, string(f.Escape))
		code = strings.TrimRight(code, " \t")
		if ok && code == "" {
			continue // nothing but a mark: it goes too
		}
		return source.Span{Start: lines[i].Start + len(code), End: lines[i].Start + len(strings.TrimRight(f.Slice(lines[i].Span), "\r\n"))}, ok
	}
	return source.Span{}, false
}

// deleteLines deletes the lines of code from start to end, and blank ones; inner
// comments stay.
func (s *Script) deleteLines(start, end int) []edit.Edit {
	var edits []edit.Edit
	for _, l := range s.Inst.Lines() {
		if start <= l.Start && l.End <= end && l.Kind != syntax.InnerComment {
			edits = append(edits, edit.Delete(l.Span))
		}
	}
	return edits
}

func (s *Script) hasComment(span source.Span) bool {
	for _, l := range s.Inst.Lines() {
		if l.Kind == syntax.InnerComment && span.Contains(l.Span) {
			return true
		}
	}
	return false
}
