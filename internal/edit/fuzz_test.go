package edit_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/edit"
)

// FuzzApply holds Apply to a slow reading of its promise: every byte that no edit
// covers stays, in its order, and what is put in stands where it was asked for.
// An edit is three bytes of plan: where, how long, what.
func FuzzApply(f *testing.F) {
	f.Add("abcdef", []byte{1, 2, 'x', 4, 0, 'y'})
	f.Add("abc", []byte{0, 3, 0, 3, 0, 'z'})
	f.Add("", []byte{0, 0, 'a', 0, 0, 'b'})
	f.Add("abcdef", []byte{2, 2, 'x', 2, 0, 'y', 9, 1, 'q'})
	f.Fuzz(func(t *testing.T, text string, plan []byte) {
		var edits []edit.Edit
		for i := 0; i+2 < len(plan) && len(edits) < 20; i += 3 {
			start := int(plan[i]) % (len(text) + 2)
			e := edit.Replace(span(start, start+int(plan[i+1])%8), strings.Repeat(string(rune(plan[i+2])), int(plan[i+2])%3))
			edits = append(edits, e)
		}
		got, err := edit.Apply(text, edits)
		want, possible := slowly(text, edits)
		if (err == nil) != possible {
			t.Fatalf("%q with %v: %v, possible %v", text, edits, err, possible)
		}
		if err == nil && got != want {
			t.Fatalf("%q with %v: %q, want %q", text, edits, got, want)
		}
		if err != nil {
			return
		}
		trace := edit.TraceOf(edits)
		for offset := range len(got) + 1 {
			if back := trace.Back(offset); back < 0 || back > len(text) {
				t.Fatalf("offset %d of %q comes from %d of %q", offset, got, back, text)
			}
		}
	})
}

// slowly makes the edits byte by byte, and reports false if one lies outside the
// text or two cover the same byte or an insertion stands inside another edit.
func slowly(text string, edits []edit.Edit) (string, bool) {
	covered := make([]bool, len(text))
	for _, e := range edits {
		if e.Start < 0 || e.End > len(text) || e.End < e.Start {
			return "", false
		}
		for i := e.Start; i < e.End; i++ {
			if covered[i] {
				return "", false
			}
			covered[i] = true
		}
	}
	for _, e := range edits {
		for _, other := range edits {
			if e.Len() == 0 && other.Start < e.Start && e.Start < other.End {
				return "", false
			}
		}
	}
	var b strings.Builder
	for at := range len(text) + 1 {
		for _, e := range edits {
			if e.Start == at && e.Len() == 0 {
				b.WriteString(e.New)
			}
		}
		for _, e := range edits {
			if e.Start == at && e.Len() > 0 {
				b.WriteString(e.New)
			}
		}
		if at < len(text) && !covered[at] {
			b.WriteByte(text[at])
		}
	}
	return b.String(), true
}
