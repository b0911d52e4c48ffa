package syntax_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

func TestOperators(t *testing.T) {
	for _, c := range []struct {
		name, text string
		edits      func(f *syntax.File) []edit.Edit
		want       string
	}{
		{
			"InsertAbove goes above the comments", "FROM a\n# why\nRUN b\n",
			func(f *syntax.File) []edit.Edit {
				return []edit.Edit{f.Instructions[1].InsertAbove("USER 1", "ENV a=b")}
			},
			"FROM a\nUSER 1\nENV a=b\n# why\nRUN b\n",
		},
		{
			"InsertBelow at a file's end without line end", "FROM a\r\nRUN b",
			func(f *syntax.File) []edit.Edit { return []edit.Edit{f.Instructions[1].InsertBelow("USER 1")} },
			"FROM a\r\nRUN b\r\nUSER 1",
		},
		{
			"InsertBelow behind a heredoc", "FROM a\nRUN <<E\nb\nE\nCMD c\n",
			func(f *syntax.File) []edit.Edit { return []edit.Edit{f.Instructions[1].InsertBelow("USER 1")} },
			"FROM a\nRUN <<E\nb\nE\nUSER 1\nCMD c\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := syntax.Parse(source.New("Dockerfile", c.text))
			got, err := edit.Apply(c.text, c.edits(f))
			if err != nil || got != c.want {
				t.Errorf("got (%v):\n%s\nwant:\n%s", err, got, c.want)
			}
		})
	}
}

func TestStyle(t *testing.T) {
	for _, c := range []struct {
		name, text, indent string
		trailing           bool
	}{
		{"none", "FROM a\n", "    ", false},
		{"&& begins lines", "RUN a \\\n  && b \\\n  && c\n", "  ", false},
		{"&& ends lines", "RUN a && \\\n\tb && \\\n\tc\n", "\t", true},
		{"deep lists", "RUN a \\\n      b\n", "  ", false},
		{"lists", "RUN a \\\n    b\n", "    ", false},
	} {
		s := syntax.Parse(source.New("", c.text)).Style()
		if s.Indent != c.indent || s.Trailing != c.trailing {
			t.Errorf("%s: %q, trailing %v", c.name, s.Indent, s.Trailing)
		}
	}
}
