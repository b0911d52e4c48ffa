package shell_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

const refused = "refused"

// apply makes the edits to the script's file.
func apply(t *testing.T, s *shell.Script, edits []edit.Edit, ok bool) string {
	t.Helper()
	if !ok {
		return refused
	}
	got, err := edit.Apply(s.Inst.File().Text, edits)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestInsertAfter(t *testing.T) {
	for _, c := range []struct {
		name, text string
		step       int
		want       string
	}{
		{"on one line", "RUN a && b", 1, "RUN a && b && x"},
		{"in the middle", "RUN a && b", 0, "RUN a && x && b"},
		{"before a ;", "RUN a; b", 0, "RUN a; x; b"},
		{"&& begins lines", "RUN a \\\n  && b\n", 1, "RUN a \\\n  && b \\\n  && x\n"},
		{"&& ends lines", "RUN a && \\\n    b\n", 1, "RUN a && \\\n    b && \\\n    x\n"},
		{"; ends lines", "RUN set -e; \\\n\ta; \\\n\tb\n", 1, "RUN set -e; \\\n\ta; \\\n\tx; \\\n\tb\n"},
		{"a list of words, indented deeper", "RUN a \\\n      b \\\n      c\n", 0, "RUN a \\\n      b \\\n      c \\\n  && x\n"},
		{"the file's habit", "RUN q \\\n && r\nRUN a \\\n   b\n", 0, "RUN q \\\n && r\nRUN a \\\n   b \\\n && x\n"},
		{"a long line is broken", "RUN a " + long, 0, "RUN a " + long + " \\\n    && x"},
		{"CRLF", "RUN a \\\r\n  && b\r\n", 1, "RUN a \\\r\n  && b \\\r\n  && x\r\n"},
		{"a backtick continues", "# escape=`\nRUN a `\n  && b\n", 1, "# escape=`\nRUN a `\n  && b `\n  && x\n"},
		{"before a shell comment", "RUN a # why", 0, "RUN a && x # why"},
		{"heredoc script", "RUN <<EOF\n  a\n  b\nEOF\n", 0, "RUN <<EOF\n  a\n  x\n  b\nEOF\n"},
		{"behind a heredoc's command", "RUN cat <<EOF >/y\nz\nEOF\n", 0, "RUN cat <<EOF >/y && x\nz\nEOF\n"},
		{"not before ||", "RUN a || b", 0, refused},
		{"not behind a background step", "RUN a & b", 0, refused},
		{"not in exec form", `RUN ["a"]`, 0, refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.text, shell.Interpreter{})
			edits, ok := s.InsertAfter(c.step, "x")
			if got := apply(t, s, edits, ok); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

const long = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

func TestInsertBefore(t *testing.T) {
	for _, c := range []struct {
		name, text string
		step       int
		want       string
	}{
		{"the first", "RUN a", 0, "RUN x && a"},
		{"the first of several lines", "RUN a \\\n  && b", 0, "RUN x \\\n  && a \\\n  && b"},
		{"the second", "RUN a && b", 1, "RUN a && x && b"},
		{"heredoc script", "RUN <<EOF\n  a\nEOF\n", 0, "RUN <<EOF\n  x\n  a\nEOF\n"},
		{"not before what runs on failure", "RUN a || b", 1, refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.text, shell.Interpreter{})
			edits, ok := s.InsertBefore(c.step, "x")
			if got := apply(t, s, edits, ok); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	for _, c := range []struct {
		name, text string
		step       int
		want       string
	}{
		{"first", "RUN a && b", 0, "RUN b"},
		{"middle", "RUN a && b && c", 1, "RUN a && c"},
		{"last", "RUN a && b", 1, "RUN a"},
		{"first line", "RUN a \\\n  && b\n", 0, "RUN b\n"},
		{"a line that && begins", "RUN a \\\n  && b \\\n  && c\n", 1, "RUN a \\\n  && c\n"},
		{"a line that && ends", "RUN a && \\\n  b && \\\n  c\n", 1, "RUN a && \\\n  c\n"},
		{"last line that && begins", "RUN a \\\n  && b\n", 1, "RUN a\n"},
		{"last line behind &&", "RUN a && \\\n  b\n", 1, "RUN a\n"},
		{"a comment above stays", "RUN a \\\n  # why\n  && b \\\n  && c\n", 1, "RUN a \\\n  # why\n  && c\n"},
		{"a comment above the last stays", "RUN a \\\n  # why\n  && b\n", 1, "RUN a\n  # why\n"},
		{"several lines", "RUN a \\\n  && b \\\n     b2 \\\n  && c\n", 1, "RUN a \\\n  && c\n"},
		{"behind a bare mark", "RUN a \\\n  \\\n  && b\n", 1, "RUN a\n"},
		{"between ;", "RUN a; b && c", 1, "RUN a; c"},
		{"before ;", "RUN a && b; c", 1, "RUN a; c"},
		{"heredoc line", "RUN <<EOF\na\nb\nEOF\n", 1, "RUN <<EOF\na\nEOF\n"},
		{"not the only one", "RUN a", 0, refused},
		{"not beside ||", "RUN a || b", 0, refused},
		{"not before a shell comment", "RUN a \\\n && b # why", 1, refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.text, shell.Interpreter{})
			edits, ok := s.Remove(c.step)
			if got := apply(t, s, edits, ok); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestRemoveWord(t *testing.T) {
	for _, c := range []struct {
		name, text string
		word       int
		want       string
	}{
		{"inside a line", "RUN a b c", 1, "RUN a c"},
		{"at the end", "RUN a b", 1, "RUN a"},
		{"alone on its line", "RUN a \\\n  b \\\n  c\n", 1, "RUN a \\\n  c\n"},
		{"alone on the last line", "RUN a \\\n  b \\\n  c\n", 2, "RUN a \\\n  b\n"},
		{"first of its line", "RUN a \\\n  b c\n", 1, "RUN a \\\n  c\n"},
		{"exec form", `RUN ["a", "b", "c"]`, 1, `RUN ["a", "c"]`},
		{"last of a heredoc's command on two lines", "RUN <<EOF\na \\\n  b\nc\nEOF\n", 1, "RUN <<EOF\na\nc\nEOF\n"},
		{"last of a heredoc", "RUN <<EOF\na \\\n  b\nEOF\n", 1, "RUN <<EOF\na\nEOF\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.text, shell.Interpreter{})
			edits, ok := s.Commands[0].RemoveWord(c.word)
			if got := apply(t, s, edits, ok); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	s := parse(t, "RUN a b", shell.Interpreter{})
	if got := apply(t, s, s.Commands[0].InsertWord(0, "-y"), true); got != "RUN a -y b" {
		t.Errorf("InsertWord gives %q", got)
	}
	if got := apply(t, s, s.Commands[0].ReplaceWord(1, "c"), true); got != "RUN a c" {
		t.Errorf("ReplaceWord gives %q", got)
	}
	s = parse(t, `RUN ["a", "b"]`, shell.Interpreter{})
	if got := apply(t, s, s.Commands[0].InsertWord(0, "-y"), true); got != `RUN ["a", "-y", "b"]` {
		t.Errorf("InsertWord gives %q", got)
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"two lines", "RUN a\nRUN b\n", "RUN a \\\n    && b\n"},
		{
			"the lines of the second",
			"RUN a\nRUN b \\\n      c \\\n      # why\n      d\n",
			"RUN a \\\n  && b \\\n      c \\\n      # why\n      d\n",
		},
		{"comments and blank lines between", "RUN a\n\n# why\nRUN b\n", "RUN a \\\n# why\n    && b\n"},
		{"&& ends lines", "RUN a && \\\n  c\nRUN b\n", "RUN a && \\\n  c && \\\n  b\n"},
		{"equal flags", "RUN --network=none a\nRUN --network=none b\n", "RUN --network=none a \\\n    && b\n"},
		{"different flags", "RUN a\nRUN --network=none b\n", "the flags of the two RUN differ"},
		{"state", "RUN cd /x\nRUN b\n", "the first RUN changes the shell's state: cd /x"},
		{"||", "RUN a\nRUN b || c\n", "the second RUN goes on after a failure"},
		{"a shell comment", "RUN a # why\nRUN b\n", "the first RUN ends in a comment, a ; or an &"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := syntax.Parse(source.New("Dockerfile", c.text))
			a := shell.Parse(f.Instructions[0], shell.Interpreter{})
			b := shell.Parse(f.Instructions[1], shell.Interpreter{})
			got := shell.WhyNotJoin(a, b)
			if got == "" {
				const more = 200 // columns than one line has room for
				got = apply(t, a, shell.Join(shell.LayoutOf(more, a, b), a, b), true)
			}
			if got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}
