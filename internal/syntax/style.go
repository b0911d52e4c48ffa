package syntax

import "strings"

// A Style is how the author of a file lays out long commands.
type Style struct {
	EOL      string
	Indent   string // of a continued line that begins with a command; "    " if none shows it
	Trailing bool   // && ends a line rather than begins the next one
}

// defaultIndent is Docker's own habit (docs.docker.com/build/building/best-practices).
const defaultIndent = "    "

// Style returns the layout that most of the file's continued lines show.
func (f *File) Style() Style {
	f.styleOnce.Do(func() { f.style = f.observe() })
	return f.style
}

func (f *File) observe() Style {
	var leading, trailing int
	indents := map[string]int{}
	packages := ""
	for i, l := range f.Lines {
		if l.Kind != CodeLine {
			continue
		}
		text := strings.TrimRight(f.Slice(l.Span), "\r\n \t")
		body := strings.TrimLeft(text, " \t")
		indent := text[:len(text)-len(body)]
		code, continued := strings.CutSuffix(body, string(f.Escape))
		switch {
		case strings.HasPrefix(body, "&&"):
			leading++
			indents[indent]++
		case continued && strings.HasSuffix(strings.TrimRight(code, " \t"), "&&"):
			trailing++
			if next := f.continuedIndent(i); next != "" {
				indents[next]++
			}
		case indent != "" && packages == "":
			packages = indent
		}
	}
	s := Style{EOL: f.EOL(), Trailing: trailing > leading, Indent: mostSeen(indents)}
	if s.Indent == "" {
		s.Indent = commandIndent(packages)
	}
	return s
}

// continuedIndent is the indent of the next line of code after line i.
func (f *File) continuedIndent(i int) string {
	for _, l := range f.Lines[i+1:] {
		if l.Kind == CodeLine {
			text := f.Slice(l.Span)
			return text[:len(text)-len(strings.TrimLeft(text, " \t"))]
		}
	}
	return ""
}

// commandIndent is the indent for a command in a file whose only continued lines
// are lists of arguments: one step less than those where they stand deep.
func commandIndent(list string) string {
	switch {
	case list == "":
		return defaultIndent
	case len(list) > len(defaultIndent) && strings.Trim(list, " ") == "":
		return list[len(defaultIndent):]
	}
	return list
}

// mostSeen returns the key counted most, the shorter and then smaller of equals.
func mostSeen(counts map[string]int) string {
	best := ""
	for key, n := range counts {
		switch {
		case n > counts[best], n == counts[best] && (len(key) < len(best) || len(key) == len(best) && key < best):
			best = key
		}
	}
	return best
}
