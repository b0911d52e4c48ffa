package written

import "strings"

// assignments are the expressions that the names of a file are set to:
//
//	NAME = x   NAME: str = x   const name = x   self.name = x   config['NAME'] = x
//
// and, of names in capitals, "NAME": x and NAME=x in a call. A name that an
// operator changes is set to something that is not known.
func assignments(text string) map[string][]string {
	found := map[string][]string{}
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text) - at
		}
		assigned(text, at, at+end, found)
		at += end + 1
	}
	return found
}

func assigned(text string, at, end int, found map[string][]string) {
	line := text[at:end]
	for i := 0; i < len(line); i++ {
		ch := line[i]
		if ch == '\'' || ch == '"' || ch == '`' {
			after := stringEnd(line, i)
			key := strings.Trim(line[i:after], `'"`)
			if rest := strings.TrimLeft(line[after:], " "); strings.HasPrefix(rest, ":") && isConstant(key) {
				found[key] = append(found[key], until(text, at+strings.IndexByte(line[after:], ':')+after+1))
			}
			i = after - 1
			continue
		}
		if ch == '#' {
			return
		}
		if ch != '=' || i+1 < len(line) && (line[i+1] == '=' || line[i+1] == '>') || i > 0 && strings.IndexByte("=!<>", line[i-1]) >= 0 {
			if ch == '=' && i+1 < len(line) && line[i+1] == '=' {
				i++ // a comparison
			}
			continue
		}
		name, whole := target(line[:i])
		switch {
		case name == "" || !whole && !isConstant(name):
		case i > 0 && strings.IndexByte("+-*/|&%:?", line[i-1]) >= 0:
			found[name] = append(found[name], "")
		default:
			found[name] = append(found[name], until(text, at+i+1))
		}
		if whole {
			return
		}
	}
}

// target is the name that the text left of an = sets. It is whole if nothing else
// stands there.
func target(left string) (name string, whole bool) {
	left = strings.TrimRight(left, "+-*/|&%:? ")
	for _, word := range []string{"const ", "let ", "var ", "export const ", "final ", "self.", "this.", "cls."} {
		left = strings.TrimPrefix(strings.TrimSpace(left), word)
	}
	if i := strings.IndexByte(left, ':'); i > 0 && isName(strings.TrimSpace(left[:i])) {
		left = strings.TrimSpace(left[:i]) // an annotation
	}
	if key, ok := strings.CutSuffix(left, "]"); ok {
		if i := strings.LastIndexByte(key, '['); i > 0 && isConfiguration(key[:i]) {
			return strings.Trim(key[i+1:], `'"`), true
		}
		return "", false
	}
	if isName(left) {
		return left, true
	}
	i := len(left)
	for i > 0 && isNameByte(left[i-1]) {
		i--
	}
	return left[i:], i > 0 && left[i-1] == '.' && strings.Trim(left[:i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.") == ""
}

func isConstant(name string) bool {
	return len(name) > 1 && isName(name) && name == strings.ToUpper(name)
}

// isBoundOtherwise reports whether a file may give a name a value in another way
// than by an assignment: as a parameter, in a loop, from a tuple.
func isBoundOtherwise(text, name string) bool {
	for line := range strings.Lines(text) {
		i := wordIndex(line, name)
		if i < 0 {
			continue
		}
		trimmed := strings.TrimSpace(line)
		rest := strings.TrimSpace(line[i+len(name):])
		left, _, isSet := strings.Cut(line, "=")
		switch {
		case startsWith(trimmed, "def ", "async def ", "function", "async function", "for ", "async for ", "import ", "from ", "global ", "nonlocal ", "class ", "catch", "} catch"):
			return true
		case strings.Contains(line, " as "+name), strings.Contains(line, "lambda "), strings.Contains(line, "=>") && i < strings.Index(line, "=>"), strings.Contains(line, name+" :="):
			return true
		case strings.HasPrefix(trimmed, name) && (strings.HasPrefix(rest, ",") || strings.HasPrefix(rest, ":") && !isSet || strings.HasSuffix(trimmed, ",") && isSet):
			return true
		case isSet && wordIndex(left, name) >= 0 && !strings.Contains(left, "("):
			if got, whole := target(left); got != name || !whole {
				return true
			}
		}
	}
	return false
}

func startsWith(text string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

// wordIndex is where a name stands in a text as a word of its own, -1 for nowhere.
func wordIndex(text, name string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(name)
		if (i == 0 || !isNameByte(text[i-1])) && (end == len(text) || !isNameByte(text[end])) {
			return i
		}
		from = end
	}
}
