package syntax

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/source"
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

// Remove takes the instruction and its lines away; comments above it stay.
func (inst *Instruction) Remove() edit.Edit { return edit.Delete(inst.FullLines()) }

// MoveAbove moves the instruction, with the comments that belong to it, above
// another and its comments. A blank line that its leaving would double goes too.
func (inst *Instruction) MoveAbove(other *Instruction) []edit.Edit {
	moved := inst.WithComments()
	text := inst.file.Slice(moved)
	if !strings.HasSuffix(text, "\n") { // inst ends the file
		text += inst.file.EOL()
	}
	gone := moved
	if inst.file.isBlankLineBefore(moved.Start) && inst.file.isBlankLineAt(moved.End) {
		gone.End = inst.file.AfterLine(moved.End)
	}
	return []edit.Edit{
		edit.Insert(other.WithComments().Start, text),
		edit.Delete(gone),
	}
}

func (f *File) isBlankLineBefore(offset int) bool {
	return offset > 0 && f.isBlankLineAt(f.LineAt(offset-1).Start)
}

// isBlankLineAt reports whether a line begins at offset and holds white space
// only, or the file ends there.
func (f *File) isBlankLineAt(offset int) bool {
	return strings.TrimSpace(f.Slice(source.Span{Start: offset, End: f.AfterLine(offset)})) == ""
}

// ReplaceArgs puts text in place of the arguments; keyword and flags stay.
func (inst *Instruction) ReplaceArgs(text string) edit.Edit {
	return edit.Replace(inst.Args.Span(0, len(inst.Args.Text)), text)
}

// SetFlag gives a flag its value, and adds the flag behind the others if it is
// not there.
func (inst *Instruction) SetFlag(name, value string) edit.Edit {
	if f, ok := inst.Flag(name); ok && f.HasValue {
		return edit.Replace(f.ValueSpan, value)
	}
	at := inst.Keyword.End
	if n := len(inst.Flags); n > 0 {
		at = inst.Flags[n-1].Span.End
	}
	return edit.Insert(at, " --"+name+"="+value)
}

// Cased returns a keyword in the case in which the author writes them: lower if
// inst's own is.
func (inst *Instruction) Cased(keyword string) string {
	if own := inst.file.Slice(inst.Keyword); own == strings.ToLower(own) {
		return strings.ToLower(keyword)
	}
	return strings.ToUpper(keyword)
}
