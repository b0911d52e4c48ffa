package builder

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// escapes are the sequences that steer a terminal: CSI, OSC and the two-byte ones
// (ECMA-48).
var escapes = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[ -/]*[0-~])?")

// Clean makes a builder's or a program's output fit to show: valid text of at most
// limit bytes, without terminal escapes and control characters but line feeds and
// tabs. What is too long keeps its end.
func Clean(text string, limit int) string {
	if len(text) > 4*limit {
		text = text[len(text)-4*limit:]
	}
	text = escapes.ReplaceAllString(strings.ToValidUTF8(text, "?"), "")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || 0x7f <= r && r < 0xa0, 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
			return -1 // controls of both sets, and those that turn the direction of text
		}
		return r
	}, text)
	if len(text) > limit {
		text = text[len(text)-limit:]
		for len(text) > 0 && !utf8.RuneStart(text[0]) {
			text = text[1:]
		}
	}
	return text
}

// lastLines are the last n lines of a cleaned text that are not empty.
func lastLines(text string, n int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \t\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-n):]
}

// A Tail keeps the end of what is written to it. It may be used from several
// goroutines.
type Tail struct {
	Limit int // in bytes
	mu    sync.Mutex
	text  []byte
}

func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - t.Limit; extra > t.Limit {
		t.text = append([]byte(nil), t.text[extra:]...)
	}
	return len(p), nil
}

// String is the end of the text, cleaned.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Clean(string(t.text), t.Limit)
}
