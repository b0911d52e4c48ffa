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
		{
			"MoveAbove takes comments along and no blank line doubles", "FROM a\n\nCOPY . .\n\n# deps\nRUN b \\\n  c\n\nCMD d\n",
			func(f *syntax.File) []edit.Edit { return f.Instructions[2].MoveAbove(f.Instructions[1]) },
			"FROM a\n\n# deps\nRUN b \\\n  c\nCOPY . .\n\nCMD d\n",
		},
		{
			"MoveAbove of the last line", "FROM a\nCOPY . .\nRUN b",
			func(f *syntax.File) []edit.Edit { return f.Instructions[2].MoveAbove(f.Instructions[1]) },
			"FROM a\nRUN b\nCOPY . .\n",
		},
		{
			"ReplaceArgs keeps keyword and flags", "FROM --platform=x a AS b\n",
			func(f *syntax.File) []edit.Edit { return []edit.Edit{f.Instructions[0].ReplaceArgs("c AS b")} },
			"FROM --platform=x c AS b\n",
		},
		{
			"SetFlag changes", "FROM a\ncopy --chown=x --link a b\n",
			func(f *syntax.File) []edit.Edit { return []edit.Edit{f.Instructions[1].SetFlag("chown", "1:1")} },
			"FROM a\ncopy --chown=1:1 --link a b\n",
		},
		{
			"SetFlag adds behind the others", "FROM a\ncopy --link a b\n",
			func(f *syntax.File) []edit.Edit { return []edit.Edit{f.Instructions[1].SetFlag("chown", "1:1")} },
			"FROM a\ncopy --link --chown=1:1 a b\n",
		},
		{
			"SetFlag adds the first", "FROM a\nRUN x\n",
			func(f *syntax.File) []edit.Edit {
				return []edit.Edit{f.Instructions[1].SetFlag("mount", "type=cache,target=/c")}
			},
			"FROM a\nRUN --mount=type=cache,target=/c x\n",
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
