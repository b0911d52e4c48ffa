// Package source holds the bytes of one file and answers where in it an offset lies.
//
// Invariants: a File never changes after New; offsets and spans count bytes from
// the start of Text, a byte-order mark included; lines and columns count from 1,
// columns in bytes.
package source

import (
	"fmt"
	"sort"
	"strings"
	"sync"
)

// BOM is the UTF-8 byte-order mark. Docker drops it from the first line of a file.
const BOM = "\ufeff"

// A Span is the half-open range [Start, End) of byte offsets.
type Span struct {
	Start, End int
}

// Len is the number of bytes in s.
func (s Span) Len() int { return s.End - s.Start }

// Contains reports whether t lies wholly inside s.
func (s Span) Contains(t Span) bool { return s.Start <= t.Start && t.End <= s.End }

// Overlaps reports whether s and t share a byte.
func (s Span) Overlaps(t Span) bool { return s.Start < t.End && t.Start < s.End }

// A Position is a place in a file as people count it.
type Position struct {
	Line, Column int
}

func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// A File is a named, immutable text.
type File struct {
	Name string // as the user wrote it; only for messages
	Text string

	once   sync.Once
	starts []int // the offset of each line's first byte
}

// New returns a File. Any bytes are taken as they are.
func New(name, text string) *File { return &File{Name: name, Text: text} }

// Slice returns the text under s.
func (f *File) Slice(s Span) string { return f.Text[s.Start:s.End] }

// Position returns the line and column of offset, which may be the end of the file.
func (f *File) Position(offset int) Position {
	f.once.Do(f.index)
	line := sort.SearchInts(f.starts, offset+1)
	return Position{Line: line, Column: offset - f.starts[line-1] + 1}
}

// LineStart returns the offset of the first byte of a line, counted from 1, and
// the end of the file for a line past the last.
func (f *File) LineStart(line int) int {
	f.once.Do(f.index)
	if line > len(f.starts) {
		return len(f.Text)
	}
	return f.starts[max(line, 1)-1]
}

func (f *File) index() {
	f.starts = append(make([]int, 0, strings.Count(f.Text, "\n")+1), 0)
	for i := 0; ; {
		n := strings.IndexByte(f.Text[i:], '\n')
		if n < 0 {
			return
		}
		i += n + 1
		f.starts = append(f.starts, i)
	}
}

// LineAt returns the span of the line around offset, without its line end.
func (f *File) LineAt(offset int) Span {
	start := strings.LastIndexByte(f.Text[:offset], '\n') + 1
	end := len(f.Text)
	if n := strings.IndexByte(f.Text[offset:], '\n'); n >= 0 {
		end = offset + n
	}
	if end > start && f.Text[end-1] == '\r' {
		end--
	}
	return Span{start, max(start, end)}
}

// AfterLine returns the offset of the line that follows the line around offset:
// just past its line end, or the end of the file.
func (f *File) AfterLine(offset int) int {
	if n := strings.IndexByte(f.Text[offset:], '\n'); n >= 0 {
		return offset + n + 1
	}
	return len(f.Text)
}

// EOL is the file's line end, "\n" or "\r\n": that of its first line.
func (f *File) EOL() string {
	if i := strings.IndexByte(f.Text, '\n'); i > 0 && f.Text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
