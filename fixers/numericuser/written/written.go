package written

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
)

// An Image is what a program finds where it runs.
type Image struct {
	Workdir string            // absolute; "" if not known
	Env     map[string]string // what the Dockerfile sets
	// Places are the absolute paths at which a file of the build context lies.
	Places func(file string) []string
	// Brought reports whether a file of the build context may be part of the program.
	Brought func(file string) bool
}

// A Room is a folder in which the program makes or changes files.
type Room struct {
	Dir  string // absolute
	File string // the file in it that is meant, absolute; "" if it has no one name
}

// Found is what the sources of a program say.
type Found struct {
	Rooms  []Room
	Serves bool // it listens on a port
	Rails  bool // it is a Rails application, which writes by itself
}

// rules are the languages whose calls are understood.
var rules = map[string][]rule{".py": pythonRules, ".js": javascriptRules, ".rb": rubyRules}

// comments are how the lines that are comments begin.
var comments = map[string]string{".py": "#", ".js": "//", ".rb": "#"}

// A sourceFile is one file of the program.
type sourceFile struct{ name, ext, text string }

// Read looks through the sources of the build context. It returns why the program
// may need root, or "" and what it writes. One source must be in one of the given
// languages, which are extensions: ".py".
func Read(c *project.Context, image Image, languages []string) (found Found, reason string) {
	sources, reason := sourceFiles(c, image)
	if reason != "" {
		return Found{}, reason
	}
	shared, inLanguage := map[string][]string{}, false
	for _, s := range sources {
		inLanguage = inLanguage || slices.Contains(languages, s.ext)
		if rules[s.ext] == nil {
			continue
		}
		for name, exprs := range assignments(s.text) {
			for _, expr := range exprs {
				if isConstant(name) && wordIndex(expr, name) < 0 { // X = X says nothing
					shared[name] = append(shared[name], expr)
				}
			}
		}
	}
	for _, s := range sources {
		rooms, reason := read(s, image, shared)
		if reason != "" {
			return Found{}, reason
		}
		for _, room := range rooms {
			if !slices.Contains(found.Rooms, room) {
				found.Rooms = append(found.Rooms, room)
			}
		}
		found.Serves = found.Serves || slices.ContainsFunc(servings, func(mark string) bool { return strings.Contains(s.text, mark) })
		found.Rails = found.Rails || s.ext == ".rb" && (strings.Contains(s.text, "Rails.application") || strings.Contains(s.text, "Rails::Application"))
	}
	if !inLanguage {
		return Found{}, "no source of the program is copied from the build context, so it is not known what it writes"
	}
	return found, ""
}

func sourceFiles(c *project.Context, image Image) (sources []sourceFile, reason string) {
	files, err := c.Sources(".")
	if err != nil {
		return nil, "the build context has too many files to read"
	}
	for _, name := range files {
		ext := path.Ext(name)
		if same, ok := sameMarks[ext]; ok {
			ext = same
		}
		if marks[ext] == nil && rules[ext] == nil || isBeside(name) || !image.Brought(name) {
			continue
		}
		text, err := c.Read(name)
		if err != nil {
			return nil, fmt.Sprintf("the content of %s is not known", name)
		}
		if prefix, ok := comments[ext]; ok {
			text = blanked(text, prefix)
		}
		sources = append(sources, sourceFile{name, ext, text})
	}
	return sources, ""
}

// read looks for the marks of a file's language.
func read(s sourceFile, image Image, shared map[string][]string) (rooms []Room, reason string) {
	for _, mark := range append(slices.Clip(marks[s.ext]), lowPorts...) {
		if hasMark(s.text, mark) {
			return nil, fmt.Sprintf("%s in %s may need root", strings.Trim(mark, `"'(.`), s.name)
		}
	}
	r := &reader{image: image, text: s.text, shared: shared}
	if places := image.Places(s.name); len(places) == 1 {
		r.file = places[0]
	}
	for _, rule := range rules[s.ext] {
		for from := 0; ; {
			i := strings.Index(s.text[from:], rule.mark)
			if i < 0 {
				break
			}
			at := from + i
			from = at + len(rule.mark)
			if rule.read == nil {
				return nil, fmt.Sprintf("%s in %s may need root", strings.Trim(rule.mark, `"'(.`), s.name)
			}
			v := rule.read(occurrence{r, at, from})
			if v.no {
				return nil, fmt.Sprintf("line %d of %s may write anywhere: %s", 1+strings.Count(s.text[:at], "\n"), s.name, line(s.text, at))
			}
			rooms = append(rooms, v.rooms...)
		}
	}
	return rooms, ""
}

// line is the line that holds i, shortened.
func line(text string, i int) string {
	l, _, _ := strings.Cut(text[fromLine(text, i):], "\n")
	if l = strings.TrimSpace(l); len(l) > 60 {
		l = l[:57] + "..."
	}
	return strings.ToValidUTF8(l, "")
}
