package engine

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/fix"
)

// choose returns the fixes to apply together: in the order of the fixers and of
// the text, each that is compatible with all before it. What is left out is made
// again from the new text, and until then keeps its place: a fix behind it that
// would get in its way waits too, so that the order of the fixers holds over
// rounds.
func choose(length int, findings []finding) []*finding {
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
	taken := board{marks: make([]mark, length+1), claims: map[string]bool{}}
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
	marks  []mark
	claims map[string]bool
}

// conflicts reports whether a fix cannot be applied with those taken: they write
// the same place, one writes what the other relies on, or they claim the same
// thing. Edits that lie outside the text conflict with nothing; applying them
// fails.
func (b board) conflicts(f *fix.Fix) bool {
	for _, c := range f.Claims {
		if b.claims[c] {
			return true
		}
	}
	for _, e := range f.Edits {
		if e.Len() == 0 {
			if b.any(e.Start, e.Start, gapInserted|gapWritten|gapRead) {
				return true
			}
			continue
		}
		if b.any(e.Start, e.End-1, byteWritten|byteRead) || b.any(e.Start, e.End, gapInserted) {
			return true
		}
	}
	for _, s := range f.Reads {
		if b.any(s.Start, s.End-1, byteWritten) || b.any(s.Start+1, s.End-1, gapInserted) {
			return true
		}
	}
	return false
}

func (b board) take(f *fix.Fix) {
	for _, c := range f.Claims {
		b.claims[c] = true
	}
	for _, e := range f.Edits {
		if e.Len() == 0 {
			b.set(e.Start, e.Start, gapInserted)
			continue
		}
		b.set(e.Start, e.End-1, byteWritten)
		b.set(e.Start, e.End, gapWritten)
	}
	for _, s := range f.Reads {
		b.set(s.Start, s.End-1, byteRead)
		b.set(s.Start+1, s.End-1, gapRead)
	}
}

// any reports whether a place from first to last, both included, has one of the
// marks.
func (b board) any(first, last int, m mark) bool {
	return slices.ContainsFunc(b.clip(first, last), func(at mark) bool { return at&m != 0 })
}

func (b board) set(first, last int, m mark) {
	part := b.clip(first, last)
	for i := range part {
		part[i] |= m
	}
}

func (b board) clip(first, last int) []mark {
	first, last = max(first, 0), min(last, len(b.marks)-1)
	if last < first {
		return nil
	}
	return b.marks[first : last+1]
}
