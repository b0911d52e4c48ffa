package syntax

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
)

// InsertAbove adds instructions, one a line and without line end, above inst and
// the comments that belong to it, in the line ends of the file.
func (inst *Instruction) InsertAbove(lines ...string) edit.Edit {
	return edit.Insert(inst.WithComments().Start, inst.file.lines(lines))
}

// InsertBelow adds instructions below inst.
func (inst *Instruction) InsertBelow(lines ...string) edit.Edit {
	at := inst.FullLines().End
	text := inst.file.lines(lines)
	if at > 0 && inst.file.Text[at-1] != '\n' { // inst ends the file
		eol := inst.file.EOL()
		text = eol + strings.TrimSuffix(text, eol)
	}
	return edit.Insert(at, text)
}

func (f *File) lines(lines []string) string {
	eol := f.EOL()
	return strings.Join(lines, eol) + eol
}

// Remove takes the instruction and its lines away, and of two blank lines that would
// meet the one below it. Comments above it stay but for the last of them, as many as
// withComments says.
func (inst *Instruction) Remove(withComments int) edit.Edit {
	lines := inst.file.Lines
	first, next := inst.FirstLine-withComments, inst.LastLine+1
	span := inst.FullLines()
	span.Start = lines[first].Start
	if first > 0 && next < len(lines) && lines[first-1].Kind == BlankLine && lines[next].Kind == BlankLine {
		span.End = lines[next].End
	}
	return edit.Delete(span)
}

// Cased returns a keyword in the case in which the author writes them: lower if
// inst's own is.
func (inst *Instruction) Cased(keyword string) string {
	if own := inst.file.Slice(inst.Keyword); own == strings.ToLower(own) {
		return strings.ToLower(keyword)
	}
	return strings.ToUpper(keyword)
}
