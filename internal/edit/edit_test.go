package edit_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/source"
)

func span(start, end int) source.Span { return source.Span{Start: start, End: end} }

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name  string
		edits []edit.Edit
		want  string
	}{
		{"none", nil, "abcdef"},
		{"in any order", []edit.Edit{edit.Replace(span(4, 6), "Y"), edit.Delete(span(0, 2))}, "cdY"},
		{"insertions at one place keep their order", []edit.Edit{edit.Insert(3, "1"), edit.Insert(3, "2")}, "abc12def"},
		{"an insertion stands before what is replaced there", []edit.Edit{edit.Replace(span(3, 4), "X"), edit.Insert(3, "1")}, "abc1Xef"},
		{"at both ends", []edit.Edit{edit.Insert(6, ">"), edit.Insert(0, "<")}, "<abcdef>"},
		{"neighbours", []edit.Edit{edit.Replace(span(0, 3), "1"), edit.Replace(span(3, 6), "2")}, "12"},
	} {
		if got, err := edit.Apply("abcdef", c.edits); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	for name, edits := range map[string][]edit.Edit{
		"overlapping":     {edit.Delete(span(0, 3)), edit.Delete(span(2, 4))},
		"the same":        {edit.Delete(span(0, 3)), edit.Delete(span(0, 3))},
		"inside":          {edit.Delete(span(0, 3)), edit.Insert(1, "x")},
		"past the end":    {edit.Insert(7, "x")},
		"before the text": {edit.Insert(-1, "x")},
		"backwards":       {edit.Delete(span(3, 1))},
	} {
		if got, err := edit.Apply("abcdef", edits); err == nil {
			t.Errorf("%s edits give %q", name, got)
		}
	}
}

func TestBack(t *testing.T) {
	// abcdef => aXYZdef!
	edits := []edit.Edit{edit.Replace(span(1, 3), "XYZ"), edit.Insert(6, "!")}
	for offset, want := range []int{0, 1, 1, 1, 3, 4, 5, 6, 6} {
		if got := edit.TraceOf(edits).Back(offset); got != want {
			t.Errorf("Back(%d) = %d, want %d", offset, got, want)
		}
	}
}
