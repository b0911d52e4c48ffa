package syntax

import (
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/internal/source"
)

// A File is a Dockerfile as read.
type File struct {
	*source.File
	Escape       byte // '\\', or '`' by directive
	Directives   []Directive
	Lines        []Line // every physical line, in order
	Instructions []*Instruction
	Problems     []Problem // in order; empty wherever BuildKit's parser accepts the file

	styleOnce sync.Once
	style     Style
}

// A Directive is a line such as "# syntax=docker/dockerfile:1" at the top.
type Directive struct {
	Name  string // lower case
	Value string
	Span  source.Span
}

// A Problem is a reason for which Docker refuses the file.
type Problem struct {
	Offset  int
	Message string
}

// LineKind says what a physical line is to Docker.
type LineKind uint8

const (
	BlankLine     LineKind = iota // white space between instructions
	DirectiveLine                 // a parser directive
	CommentLine                   // a comment between instructions
	CodeLine                      // a line of an instruction
	InnerComment                  // a comment between the lines of an instruction; Docker drops it
	InnerBlank                    // an empty line between the lines of an instruction; Docker drops it
	HeredocLine                   // a line of a heredoc's body
	HeredocEnd                    // the line that ends a heredoc
)

// A Line is one physical line with its line end.
type Line struct {
	source.Span
	Kind LineKind
}

// IsComment reports whether Docker reads the line as a comment.
func (l Line) IsComment() bool { return l.Kind == CommentLine || l.Kind == InnerComment }

// CommentText is the text of a comment line, without # and blanks around.
func (f *File) CommentText(l Line) string {
	text := strings.TrimSpace(strings.TrimPrefix(f.Slice(l.Span), "\ufeff"))
	return strings.TrimSpace(strings.TrimLeft(text, "#"))
}

// IsCommentedOut reports whether a comment looks like code that the author keeps for
// later: "# RUN make", "# && make \".
func (f *File) IsCommentedOut(l Line) bool {
	text := f.CommentText(l)
	first, _, _ := strings.Cut(text, " ")
	return first == strings.ToUpper(first) || strings.HasSuffix(text, "\\")
}

// An Instruction is one instruction with all its lines.
type Instruction struct {
	Name     string      // upper case, as in "RUN"; not always one that Docker knows
	Keyword  source.Span // as written
	Span     source.Span // from the keyword to the last byte before the final line end, heredocs included
	Command  source.Span // as Span, without heredoc bodies
	Flags    []Flag
	Args     Joined // what follows keyword and flags, trimmed of white space
	JSON     bool   // Args is a JSON array of strings, in an instruction that takes one
	Heredocs []Heredoc

	Trigger *Instruction // for ONBUILD, the instruction that it defers
	Parent  *Instruction // for a Trigger, its ONBUILD

	FirstLine, LastLine int // the lines of Span, as indices of File.Lines

	file *File
}

// A Flag is an option of an instruction, such as --from=build.
type Flag struct {
	Name      string // without the dashes
	Value     string // after the first '=', quotes removed
	HasValue  bool
	Span      source.Span
	ValueSpan source.Span // raw, quotes included; empty at the end of Span without a value
}

// A Heredoc is a document that an instruction carries.
type Heredoc struct {
	Name       string
	FD         int  // 0 unless a number stands before <<
	Chomp      bool // <<-: leading tabs of the body are dropped
	Expand     bool // the name is not quoted, so variables in the body are expanded
	Body       source.Span
	Terminator source.Span // the last line without its line end
}

// File is the file that the instruction belongs to.
func (inst *Instruction) File() *File { return inst.file }

// Flag returns the first flag of that name.
func (inst *Instruction) Flag(name string) (Flag, bool) {
	for _, f := range inst.Flags {
		if f.Name == name {
			return f, true
		}
	}
	return Flag{}, false
}

// FlagValue returns the value of the first flag of that name, or "".
func (inst *Instruction) FlagValue(name string) string {
	f, _ := inst.Flag(name)
	return f.Value
}

// Position returns the line and column of the keyword.
func (inst *Instruction) Position() source.Position {
	return inst.file.Position(inst.Keyword.Start)
}

// Lines returns the physical lines of the instruction.
func (inst *Instruction) Lines() []Line {
	return inst.file.Lines[inst.FirstLine : inst.LastLine+1]
}

// Text returns the instruction as written.
func (inst *Instruction) Text() string { return inst.file.Slice(inst.Span) }

// FullLines is the span of the instruction's physical lines, the indent before
// the keyword and the final line end included.
func (inst *Instruction) FullLines() source.Span {
	return source.Span{
		Start: inst.file.Lines[inst.FirstLine].Start,
		End:   inst.file.Lines[inst.LastLine].End,
	}
}

// Comments returns the comment lines that stand directly above the instruction,
// with no blank line between, in order. They move with it.
func (inst *Instruction) Comments() []Line {
	i := inst.FirstLine
	for i > 0 && inst.file.Lines[i-1].Kind == CommentLine {
		i--
	}
	return inst.file.Lines[i:inst.FirstLine]
}

// OwnComments are the Comments that are about the instruction alone: a blank line, a
// comment or the end of the file is below it.
func (inst *Instruction) OwnComments() []Line {
	if next := inst.LastLine + 1; next < len(inst.file.Lines) && inst.file.Lines[next].Kind == CodeLine {
		return nil
	}
	return inst.Comments()
}

// WithComments is FullLines together with Comments.
func (inst *Instruction) WithComments() source.Span {
	s := inst.FullLines()
	if c := inst.Comments(); len(c) > 0 {
		s.Start = c[0].Start
	}
	return s
}

// InnerComments returns the comment lines between the lines of the instruction.
func (inst *Instruction) InnerComments() []Line {
	var inner []Line
	for _, l := range inst.Lines() {
		if l.Kind == InnerComment {
			inner = append(inner, l)
		}
	}
	return inner
}
