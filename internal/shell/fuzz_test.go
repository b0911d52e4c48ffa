package shell_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// FuzzEdits reads any RUN body and holds the operators to their promises: every
// word knows its bytes, and an edit of one step or word leaves the other steps and
// words as they were.
func FuzzEdits(f *testing.F) {
	for _, body := range []string{
		"apt-get update && apt-get install -y \\\n    # why\n    curl \\\n    git && rm -rf /x",
		"a; b || c\n",
		"set -e; \\\n\ta; \\\n\tb \\\n# end\n",
		"<<EOF\n  a\n  b c\nEOF\n",
		"cat <<EOF >/y && d\nz\nEOF\n",
		"if a; then b; else c; fi && (d; e) | f > g 2>&1",
		"for x in 1 2; do echo \"$x ${y:-z}\"; done && ! h &",
		"a 'b c' \"d$(e f)\" `g` \\\r\n  && i\r\n",
		"x # comment",
		"f() { a; }; f && b\\\n\n\n  c",
	} {
		f.Add(body, uint8(0), uint8(1))
		f.Add(body, uint8(1), uint8(2))
	}
	f.Fuzz(func(t *testing.T, body string, at, word uint8) {
		if !utf8.ValidString(body) || strings.ContainsRune(body, 0) {
			return // drydock does not rewrite such files
		}
		if strings.ContainsAny(strings.ReplaceAll(body, "\r\n", ""), "\r\v\f\u0085\u00a0") {
			return // a character of a word to the shell, and blank to Docker
		}
		if trimmed := strings.TrimLeft(body, " \t"); strings.Count(body, "()") > 1 || strings.HasPrefix(trimmed, "()") || strings.HasPrefix(trimmed, "[") {
			return // functions without a name, which only the parser reads; what may become a JSON array
		}
		text := "FROM a\nRUN " + body
		s, ok := scriptOf(text)
		if !ok {
			return
		}
		if s.Form == shell.Heredoc && strings.Contains(body, "\r") {
			return // the shell gets the carriage returns of a document
		}
		if s.Form == shell.Heredoc && strings.Contains(strings.TrimSuffix(s.Text(), "\n"), s.Inst.Heredocs[0].Name) {
			return // an edit may make the line that ends the document
		}
		if len(s.Inst.Heredocs) > 0 && strings.Contains(body, "`") {
			return // a substitution that ends in the document
		}
		if strings.Contains(body, "()") && slices.ContainsFunc(s.Steps, func(step *shell.Step) bool { return step.Background }) {
			return // the parser takes what follows a function for a part of it
		}
		wordsKnowTheirBytes(t, s)
		i := int(at) % len(s.Steps)
		before := stepTexts(s)

		if edits, ok := s.InsertAfter(i, "added"); ok {
			check(t, "InsertAfter", text, edits, slices.Insert(slices.Clone(before), i+1, "added"))
		}
		if edits, ok := s.InsertBefore(i, "added"); ok {
			check(t, "InsertBefore", text, edits, slices.Insert(slices.Clone(before), i, "added"))
		}
		if edits, ok := s.Remove(i); ok {
			check(t, "Remove", text, edits, slices.Delete(slices.Clone(before), i, i+1))
		}
		c := s.Steps[i].Command()
		if c == nil || len(c.Words) < 2 {
			return
		}
		n := 1 + int(word)%(len(c.Words)-1)
		if strings.Contains(s.Inst.File().Slice(c.Words[n].Span), "\n") {
			return // a word on two lines may have a comment inside
		}
		if edits, ok := c.RemoveWord(n); ok {
			check(t, "RemoveWord", text, edits, slices.Replace(slices.Clone(before), i, i+1, commandText(c, n, "")))
		}
		check(t, "ReplaceWord", text, c.ReplaceWord(n, "other"), slices.Replace(slices.Clone(before), i, i+1, commandText(c, n, "other")))
	})
}

// scriptOf reads the RUN of a file, if there is just the one and it can be read.
func scriptOf(text string) (*shell.Script, bool) {
	file := syntax.Parse(source.New("Dockerfile", text))
	if len(file.Problems) > 0 || len(file.Instructions) != 2 || file.Instructions[1].Name != "RUN" {
		return nil, false
	}
	s := shell.Parse(file.Instructions[1], shell.Interpreter{})
	return s, s.Opaque == "" && len(s.Steps) > 0
}

func wordsKnowTheirBytes(t *testing.T, s *shell.Script) {
	file := s.Inst.File()
	for _, c := range s.Commands {
		last := 0
		for _, w := range c.Words {
			if !s.Inst.Span.Contains(w.Span) || w.Span.Start < last {
				t.Fatalf("the word %q at %v lies outside its place in %q", w.Raw, w.Span, file.Text)
			}
			last = w.Span.End
			got := file.Slice(w.Span)
			if s.Form == shell.Exec || strings.ContainsAny(got, "\n") {
				continue // JSON escapes; a continuation inside the word
			}
			if got != w.Raw {
				t.Fatalf("the word %q stands at %v, where %q is in %q", w.Raw, w.Span, got, file.Text)
			}
		}
	}
}

// stepTexts is a text for every step: of a simple command its words, else the
// words of all of its commands and the shape around them.
func stepTexts(s *shell.Script) []string {
	var texts []string
	for _, step := range s.Steps {
		if c := step.Command(); c != nil {
			texts = append(texts, commandText(c, -1, ""))
			continue
		}
		var b strings.Builder
		for _, c := range step.Commands {
			b.WriteString(commandText(c, -1, "") + " | ")
		}
		texts = append(texts, fmt.Sprintf("%s%v %v", b.String(), step.Negated, step.Background))
	}
	return texts
}

// commandText is the text of a command, with another word at n, or none for "".
func commandText(c *shell.Command, n int, other string) string {
	var parts []string
	for _, a := range c.Assigns {
		parts = append(parts, a.Name+"="+a.Value.Raw)
	}
	for i, w := range c.Words {
		switch {
		case i != n:
			parts = append(parts, strings.ReplaceAll(w.Raw, "\\\n", ""))
		case other != "":
			parts = append(parts, other)
		}
	}
	for _, r := range c.Redirects {
		parts = append(parts, r.Op+r.Target.Raw)
	}
	return strings.Join(parts, " ")
}

// check makes the edits and compares the steps of the result, and its comments.
func check(t *testing.T, operator, text string, edits []edit.Edit, want []string) {
	t.Helper()
	got, err := edit.Apply(text, edits)
	if err != nil {
		t.Fatalf("%s of %q: %v", operator, text, err)
	}
	s, ok := scriptOf(got)
	if !ok {
		t.Fatalf("%s makes of\n%q\nwhat cannot be read:\n%q", operator, text, got)
	}
	if steps := stepTexts(s); !slices.Equal(steps, want) {
		t.Fatalf("%s makes of\n%q\n%q\nwith the steps\n%q, want\n%q", operator, text, got, steps, want)
	}
	before, _ := scriptOf(text)
	if a, b := comments(before), comments(s); a != b {
		t.Fatalf("%s makes of\n%q\n%q\n%d comments, %d before", operator, text, got, b, a)
	}
}

// comments counts the comments of the script's file: one that stood between the
// last lines of a RUN may come to stand behind it.
func comments(s *shell.Script) int {
	n := 0
	for _, l := range s.Inst.File().Lines {
		if l.IsComment() {
			n++
		}
	}
	return n
}
