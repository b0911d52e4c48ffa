package report

import (
	"fmt"
	"strings"
	"unicode"
)

// steers reports whether a character steers a terminal or turns the direction of
// text, so that a reader sees what is not there: controls (ECMA-48) and Unicode's
// Bidi_Control.
func steers(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// OneLine keeps a message from breaking the report's lines, or from steering the
// terminal that shows it: a path or a quoted word may hold any character.
func OneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if steers(r) {
			return '?'
		}
		return r
	}, text)
}

// Visible spells out what steers a terminal in a text of several lines, as less does:
// ^[ for an escape. Line ends and tabs stay.
func Visible(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && (steers(r) || r == unicode.ReplacementChar) }) {
		return text
	}
	var out strings.Builder
	for at, r := range text {
		switch {
		case r == '\n', r == '\t', r == '\r' && strings.HasPrefix(text[at+1:], "\n"), !steers(r):
			out.WriteRune(r) // what is no UTF-8, and may be a control of eight bits, is U+FFFD by now
		case r < ' ':
			out.WriteString("^" + string(r+'@'))
		default:
			fmt.Fprintf(&out, "<U+%04X>", r)
		}
	}
	return out.String()
}
