package builder

import (
	"strings"
	"testing"
)

// What a builder says cannot steer a terminal, whatever a Dockerfile makes it say.
func TestCleanLeavesText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"colours", "\x1b[31mred\x1b[0m", "red"},
		{"a title", "\x1b]0;owned\x07text", "text"},
		{"a link", "\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\", "text"},
		{"an open sequence", "text\x1b[12", "text12"},
		{"8-bit controls", "a\u009b31mb", "a31mb"},
		{"carriage returns", "one\rtwo", "onetwo"},
		{"backspaces", "ab\bc", "abc"},
		{"turned text", "a\u202eb", "ab"},
		{"broken text", "a\xffb", "a?b"},
		{"lines and tabs", "a\n\tb", "a\n\tb"},
	} {
		if got := Clean(c.in, 1000); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := Clean(strings.Repeat("x", 5000)+"end", 100); len(got) != 100 || !strings.HasSuffix(got, "end") {
		t.Errorf("a long text is cut to %q", got)
	}
	if got := Clean("ä"+strings.Repeat("x", 9), 10); got != strings.Repeat("x", 9) {
		t.Errorf("a letter is cut in two: %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m\r\n", 10)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 1 + max(limit, -limit)%1000
		got := Clean(text, limit)
		if len(got) > limit && limit > 0 {
			t.Errorf("%d bytes of %d", len(got), limit)
		}
		for _, r := range got {
			if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || 0x80 <= r && r < 0xa0 {
				t.Errorf("it holds %q: %q", r, got)
			}
		}
	})
}

func TestATailKeepsTheEnd(t *testing.T) {
	tail := &Tail{Limit: 10}
	for range 100 {
		if _, err := tail.Write([]byte("abc\n")); err != nil {
			t.Fatal(err)
		}
	}
	if got := tail.String(); !strings.HasSuffix(got, "abc\nabc\n") || len(got) != 10 {
		t.Errorf("%q", got)
	}
}
