package written

import "strings"

// arguments are the texts between the commas of a call whose opening parenthesis
// stands at open, and the offset behind the closing one. It reports false where the
// text does not close it.
func arguments(text string, open int) (args []string, end int, ok bool) {
	start := open + 1
	depth := 0
	for i := open; i < len(text); {
		switch ch := text[i]; ch {
		case '\'', '"', '`':
			i = stringEnd(text, i)
			continue
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				if last := strings.TrimSpace(text[start:i]); last != "" {
					args = append(args, last)
				}
				return args, i + 1, true
			}
		case ',':
			if depth == 1 {
				args = append(args, strings.TrimSpace(text[start:i]))
				start = i + 1
			}
		}
		i++
	}
	return nil, 0, false
}

// stringEnd is the offset behind the string literal that begins at i.
func stringEnd(text string, i int) int {
	quote := text[i : i+1]
	if triple := strings.Repeat(quote, 3); quote != "`" && strings.HasPrefix(text[i:], triple) {
		if end := strings.Index(text[i+3:], triple); end >= 0 {
			return i + 3 + end + 3
		}
		return len(text)
	}
	for k := i + 1; k < len(text); k++ {
		switch {
		case text[k] == '\\':
			k++
		case text[k:k+1] == quote:
			return k + 1
		case text[k] == '\n' && quote != "`":
			return k // not closed: no string of these languages goes on
		}
	}
	return len(text)
}

// receiver is the expression to the left of the dot at i: Path("a") / "b" of
// (Path("a") / "b").mkdir, and BASE of BASE.mkdir.
func receiver(text string, dot int) string {
	i := dot
	for i > 0 {
		ch := text[i-1]
		switch {
		case isNameByte(ch) || ch == '.':
			i--
		case ch == ')' || ch == ']':
			open := matching(text, i-1)
			if open < 0 {
				return ""
			}
			i = open
		default:
			return text[i:dot]
		}
	}
	return text[i:dot]
}

// matching is the offset of the bracket that the one at i closes, -1 if there is
// none on this or the nine lines above.
func matching(text string, i int) int {
	depth, lines := 0, 0
	for ; i >= 0 && lines < 10; i-- {
		switch text[i] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth == 0 {
				return i
			}
		case '\n':
			lines++
		}
	}
	return -1
}

// enclosing is the offset of the brace that is open at i, -1 if none is.
func enclosing(text string, i int) int {
	depth := 0
	for i--; i >= 0; i-- {
		switch text[i] {
		case '}':
			depth++
		case '{':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// until is the expression from i to the end of its line or to the comma, bracket or
// semicolon that ends it.
func until(text string, i int) string {
	depth, start := 0, i
	for i < len(text) {
		switch ch := text[i]; ch {
		case '\'', '"', '`':
			i = stringEnd(text, i)
			continue
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return strings.TrimSpace(text[start:i])
			}
		case ',', ';', '\n':
			if depth == 0 {
				return strings.TrimSpace(text[start:i])
			}
		}
		i++
	}
	return strings.TrimSpace(text[start:])
}

func isNameByte(ch byte) bool {
	return ch == '_' || ch == '$' || '0' <= ch && ch <= '9' || 'a' <= ch && ch <= 'z' || 'A' <= ch && ch <= 'Z'
}

func isName(text string) bool {
	for i := range len(text) {
		if !isNameByte(text[i]) {
			return false
		}
	}
	return text != "" && (text[0] < '0' || text[0] > '9')
}

// blanked puts spaces in place of lines that are comments, so that offsets stay.
func blanked(text, comment string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, comment) || comment == "//" && strings.HasPrefix(trimmed, "* ") {
			b.WriteString(strings.Repeat(" ", len(line)-1) + "\n")
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

// fromLine is where the line that holds i begins.
func fromLine(text string, i int) int { return strings.LastIndexByte(text[:i], '\n') + 1 }
