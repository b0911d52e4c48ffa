// Package edit replaces parts of a text.
//
// Invariants: bytes outside the spans of the edits keep their value and order;
// edits that overlap are an error, never a guess.
package edit

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/internal/source"
)

// An Edit replaces the bytes under Span by New. An empty Span inserts.
type Edit struct {
	source.Span
	New string
}

// Insert puts text at offset.
func Insert(offset int, text string) Edit {
	return Edit{source.Span{Start: offset, End: offset}, text}
}

// Delete removes the bytes under s.
func Delete(s source.Span) Edit { return Edit{s, ""} }

// Replace puts text in place of the bytes under s.
func Replace(s source.Span, text string) Edit { return Edit{s, text} }

// sorted returns a copy of edits in the order of the text. Edits that start at
// the same offset keep their order, insertions before the replacement there.
func sorted(edits []Edit) []Edit {
	copied := slices.Clone(edits)
	slices.SortStableFunc(copied, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(min(a.Len(), 1), min(b.Len(), 1)))
	})
	return copied
}

// Apply returns text with the edits made. Insertions at one offset are made in
// the order given. It fails on a span outside the text and on overlapping edits.
func Apply(text string, edits []Edit) (string, error) {
	var b strings.Builder
	at := 0
	for _, e := range sorted(edits) {
		if e.Start < 0 || e.End < e.Start || e.End > len(text) {
			return "", fmt.Errorf("edit [%d,%d) lies outside the %d bytes of the text", e.Start, e.End, len(text))
		}
		if e.Start < at {
			return "", fmt.Errorf("edit [%d,%d) overlaps the one that ends at %d", e.Start, e.End, at)
		}
		b.WriteString(text[at:e.Start])
		b.WriteString(e.New)
		at = e.End
	}
	b.WriteString(text[at:])
	return b.String(), nil
}

// A Trace leads from the text that Apply made back to the old one.
type Trace struct {
	edits  []Edit // in the order of the text
	starts []int  // where each begins in the new text
}

// TraceOf is the trace of edits.
func TraceOf(edits []Edit) Trace {
	t := Trace{edits: sorted(edits), starts: make([]int, len(edits))}
	shift := 0
	for i, e := range t.edits {
		t.starts[i] = e.Start + shift
		shift += len(e.New) - e.Len()
	}
	return t
}

// Back returns the offset in the old text of what stands at offset in the new one:
// for text that an edit put there, where the edit begins.
func (t Trace) Back(offset int) int {
	i := sort.SearchInts(t.starts, offset+1) - 1 // the last edit that begins there or before
	if i < 0 {
		return offset
	}
	behind := offset - t.starts[i] - len(t.edits[i].New)
	if behind < 0 {
		return t.edits[i].Start
	}
	return t.edits[i].End + behind
}
