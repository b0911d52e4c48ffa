package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/internal/fix"
)

func TestWrapped(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"one two three", "one two\n  three"},
		{"one\ntwo\n\nthree", "one two\n\nthree"},
		{"  one\n", "one"},
		{"a-word-that-is-too-long b", "a-word-that-is-too-long\n  b"},
		{"ä ä ä ä ä", "ä ä ä ä\n  ä"},
		{"", ""},
	} {
		if got := wrapped(c.text, 7, "  "); got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
	}
}

// TestProseFitsTheTerminal looks at all but examples, which are to be copied, and
// words that are longer than the terminal is wide.
func TestProseFitsTheTerminal(t *testing.T) {
	page := fix.Fixer{Name: "upper", Doc: fix.Doc{
		Title: "Write keywords in capitals", Why: strings.Repeat("Some words that are to be broken. ", 9),
		Refuses: []string{strings.Repeat("What it does not do. ", 9)}, Safety: fix.Safe,
	}}
	for _, args := range [][]string{{"explain", "upper"}, {"diff", "--help"}, {"pr", "--help"}, {"campaign", "apply", "--help"}} {
		for width, fits := range map[int]int{0: 80, 10: 30, 60: 60, 300: 100} {
			var out, err strings.Builder
			f := &Factory{Fixers: []fix.Fixer{page}, Streams: Streams{
				Out: &out, Err: &err, OutTerminal: true, OutWidth: func() int { return width }, Getenv: func(string) string { return "" },
			}}
			if code := Run(t.Context(), f, args); code != exitDone {
				t.Fatalf("%q exits with %d: %s", args, code, err.String())
			}
			prose, _, _ := strings.Cut(out.String(), "\nUsage:\n")
			_, flags, _ := strings.Cut(out.String(), "\nFlags:\n")
			if width == 10 {
				flags = "" // there is no room for a column beside their names
			}
			for line := range strings.Lines(prose + flags) {
				if length := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); length > fits && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%q at %d: %d characters: %s", args, width, length, line)
				}
			}
		}
	}
}
