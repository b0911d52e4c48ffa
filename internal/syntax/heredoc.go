package syntax

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// heredocMarks returns the heredocs that a logical line announces, in order:
// its words of the form [n]<<[-]NAME. Words are cut as BuildKit's variable
// expansion cuts them (frontend/dockerfile/shell), with '\\' as escape whatever
// the directive says; a line that this cannot cut announces none.
func heredocMarks(line string) []Heredoc {
	words, ok := shellWords(line)
	if !ok {
		return nil
	}
	var marks []Heredoc
	for _, w := range words {
		if h, ok := heredocMark(w); ok {
			marks = append(marks, h)
		}
	}
	return marks
}

func heredocMark(word string) (Heredoc, bool) {
	digits := 0
	for digits < len(word) && '0' <= word[digits] && word[digits] <= '9' {
		digits++
	}
	rest, ok := strings.CutPrefix(word[digits:], "<<")
	if !ok {
		return Heredoc{}, false
	}
	rest, chomp := strings.CutPrefix(rest, "-")
	rest = strings.TrimLeftFunc(rest, isRegexpSpace)
	if rest == "" || strings.Contains(rest, "<") {
		return Heredoc{}, false
	}
	name, quoted, ok := unquote(rest)
	if !ok || name == "" {
		return Heredoc{}, false
	}
	fd, _ := strconv.ParseUint(word[:digits], 10, 0)
	return Heredoc{Name: name, FD: int(fd), Chomp: chomp, Expand: !quoted}, true
}

// isRegexpSpace is \s of package regexp.
func isRegexpSpace(r rune) bool { return strings.ContainsRune(" \t\n\f\r", r) }

// unquote removes quotes and escapes from a single word and reports whether it
// had quotes.
func unquote(word string) (name string, quoted, ok bool) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(word); i++ {
		c := word[i]
		switch {
		case quote == 0 && (c == '\'' || c == '"'):
			quote, quoted = c, true
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && quote == 0:
			if i++; i < len(word) {
				b.WriteByte(word[i])
			}
		case c == '\\' && quote == '"' && i+1 < len(word) && strings.IndexByte(`"$\`, word[i+1]) >= 0:
			i++
			b.WriteByte(word[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), quoted, quote == 0
}

// shellWords cuts a line at white space outside quotes. It reports false where a
// quote or a ${ stays open or a substitution has no name. White space inside
// ${...} cuts too, as in BuildKit.
func shellWords(line string) ([]string, bool) {
	var words []string
	start, quote := -1, byte(0)
	flush := func(end int) {
		if start >= 0 {
			words = append(words, line[start:end])
		}
		start = -1
	}
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRuneInString(line[i:])
		if quote == 0 && unicode.IsSpace(r) {
			flush(i)
			i += n
			continue
		}
		if start < 0 {
			start = i
		}
		switch {
		case quote == 0 && strings.HasPrefix(line[i:], "<<"):
			// Blanks between << and the name do not end the word.
			n = 2
			for i+n < len(line) && strings.IndexByte("\t\r ", line[i+n]) >= 0 {
				n++
			}
		case quote == 0 && (r == '\'' || r == '"'):
			quote = byte(r)
		case quote != 0 && r == rune(quote):
			quote = 0
		case r == '\\' && quote != '\'' && i+n < len(line):
			i += n
			_, n = utf8.DecodeRuneInString(line[i:])
		case r == '$' && quote != '\'' && strings.HasPrefix(line[i+n:], "{"):
			rest := line[i+n+1:]
			if rest == "" || strings.IndexByte("{}:", rest[0]) >= 0 || !strings.Contains(rest, "}") {
				return nil, false
			}
		}
		i += n
	}
	flush(len(line))
	return words, quote == 0
}
