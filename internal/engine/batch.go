package engine

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
)

// choose returns the fixes to apply together: in the order of the fixers and of
// the text, each that is compatible with all before it. What is left out is made
// again from the new text, and until then keeps its place: a fix behind it that
// would get in its way waits too, so that the order of the fixers holds over
// rounds.
func choose(findings []finding, length func(path string) int) []*finding {
	var open []*finding
	for i := range findings {
		if findings[i].status == Deferred {
			open = append(open, &findings[i])
		}
	}
	if len(open) < 2 {
		return open
	}
	var batch []*finding
	taken := board{files: map[string]marks{}, claims: map[string]bool{}, length: length}
	for _, f := range open {
		waits := taken.conflicts(f.Fix)
		taken.take(f.Fix)
		if waits {
			f.reason = "it stands in the way of another fix"
			continue
		}
		batch = append(batch, f)
	}
	return batch
}

// A mark says what the chosen fixes do at a place. Byte marks are about the byte
// at an offset, gap marks about the place before it, where text can be inserted.
type mark uint8

const (
	byteWritten mark = 1 << iota
	byteRead
	gapInserted // text goes in here
	gapWritten  // a replaced span begins, ends or goes on here
	gapRead     // inside a span that a fix relies on
)

// A board holds what the chosen fixes write, read and claim.
type board struct {
	files  map[string]marks // by path, "" for the Dockerfile
	claims map[string]bool
	length func(path string) int // of a file, in bytes
}

// marks are the marks of one file.
type marks []mark

func (b board) of(path string) marks {
	m, known := b.files[path]
	if !known {
		m = make(marks, b.length(path)+1)
		b.files[path] = m
	}
	return m
}

// conflicts reports whether a fix cannot be applied with those taken: they write
// the same place, one writes what the other relied on, or they claim the same
// thing. Edits that lie outside the text conflict with nothing; applying them
// fails.
func (b board) conflicts(f *fix.Fix) bool {
	for _, c := range f.Claims {
		if b.claims[c] {
			return true
		}
	}
	for _, other := range f.Others {
		if b.of(other.Path).conflict(other.Edits, nil) {
			return true
		}
	}
	return b.of("").conflict(f.Edits, f.Reads)
}

func (b board) take(f *fix.Fix) {
	for _, c := range f.Claims {
		b.claims[c] = true
	}
	for _, other := range f.Others {
		b.of(other.Path).take(other.Edits, nil)
	}
	b.of("").take(f.Edits, f.Reads)
}

func (m marks) conflict(edits []edit.Edit, reads []source.Span) bool {
	for _, e := range edits {
		if e.Len() == 0 {
			if m.any(e.Start, e.Start, gapInserted|gapWritten|gapRead) {
				return true
			}
			continue
		}
		if m.any(e.Start, e.End-1, byteWritten|byteRead) || m.any(e.Start, e.End, gapInserted) {
			return true
		}
	}
	for _, s := range reads {
		if m.any(s.Start, s.End-1, byteWritten) || m.any(s.Start+1, s.End-1, gapInserted) {
			return true
		}
	}
	return false
}

func (m marks) take(edits []edit.Edit, reads []source.Span) {
	for _, e := range edits {
		if e.Len() == 0 {
			m.set(e.Start, e.Start, gapInserted)
			continue
		}
		m.set(e.Start, e.End-1, byteWritten)
		m.set(e.Start, e.End, gapWritten)
	}
	for _, s := range reads {
		m.set(s.Start, s.End-1, byteRead)
		m.set(s.Start+1, s.End-1, gapRead)
	}
}

// any reports whether a place from first to last, both included, has one of the
// marks.
func (m marks) any(first, last int, of mark) bool {
	return slices.ContainsFunc(m.clip(first, last), func(at mark) bool { return at&of != 0 })
}

func (m marks) set(first, last int, to mark) {
	part := m.clip(first, last)
	for i := range part {
		part[i] |= to
	}
}

func (m marks) clip(first, last int) marks {
	first, last = max(first, 0), min(last, len(m)-1)
	if last < first {
		return nil
	}
	return m[first : last+1]
}
