package source_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/source"
)

func TestPosition(t *testing.T) {
	f := source.New("x", "ab\r\n\ncd")
	for _, c := range []struct {
		offset int
		want   string
	}{
		{0, "1:1"}, {3, "1:4"}, {4, "2:1"}, {5, "3:1"}, {7, "3:3"},
	} {
		if got := f.Position(c.offset).String(); got != c.want {
			t.Errorf("Position(%d) = %s, want %s", c.offset, got, c.want)
		}
	}
	if got := source.New("", "").Position(0).String(); got != "1:1" {
		t.Errorf("an empty file begins at %s", got)
	}
}

func TestLines(t *testing.T) {
	f := source.New("x", "ab\r\n\ncd")
	for _, c := range []struct {
		offset int
		want   string
		after  int
	}{
		{0, "ab", 4}, {2, "ab", 4}, {4, "", 5}, {6, "cd", 7}, {7, "cd", 7},
	} {
		if got := f.Slice(f.LineAt(c.offset)); got != c.want {
			t.Errorf("LineAt(%d) is %q, want %q", c.offset, got, c.want)
		}
		if got := f.AfterLine(c.offset); got != c.after {
			t.Errorf("AfterLine(%d) = %d, want %d", c.offset, got, c.after)
		}
	}
	for line, want := range map[int]int{1: 0, 2: 4, 3: 5, 4: 7} {
		if got := f.LineStart(line); got != want {
			t.Errorf("LineStart(%d) = %d, want %d", line, got, want)
		}
	}
}

func TestEOL(t *testing.T) {
	for text, want := range map[string]string{"": "\n", "a": "\n", "a\nb\r\n": "\n", "a\r\nb\n": "\r\n"} {
		if got := source.New("", text).EOL(); got != want {
			t.Errorf("EOL of %q is %q, want %q", text, got, want)
		}
	}
}
