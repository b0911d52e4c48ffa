package written

import (
	"path"
	"slices"
	"strings"
)

// An occurrence is a mark in a source.
type occurrence struct {
	*reader
	at, end int // of the mark in text
}

// A verdict is what a mark comes to: rooms that are written, nothing, or no.
type verdict struct {
	rooms []Room
	no    bool
}

var (
	harmless = verdict{}
	no       = verdict{no: true}
)

// args are the arguments of the call that the mark opens.
func (o occurrence) args() []string {
	if o.end > len(o.text) || o.text[o.end-1] != '(' {
		return nil
	}
	args, _, ok := arguments(o.text, o.end-1)
	if !ok {
		return nil
	}
	return args
}

// before is the name in front of the mark, with its dots: os.path of os.path.join(.
func (o occurrence) before() string {
	i := o.at
	for i > 0 && (isNameByte(o.text[i-1]) || o.text[i-1] == '.') {
		i--
	}
	return o.text[i:o.at]
}

// file is the room of the file that an expression names.
func (o occurrence) file(expr string) verdict {
	v := o.eval(expr)
	switch {
	case v.exact && (v.text == "" || v.text == ":memory:"):
		return no
	case v.exact:
		return o.room(path.Dir(v.text), v.text)
	}
	return o.begun(v.text)
}

// folder is the room of the folder that an expression names.
func (o occurrence) folder(expr string) verdict {
	v := o.eval(expr)
	switch {
	case v.exact && (v.text == "" || v.text == ":memory:"):
		return no
	case v.exact:
		return o.room(v.text, "")
	}
	return o.begun(v.text)
}

// begun is the room of a path of which only the beginning is known.
func (o occurrence) begun(beginning string) verdict {
	i := strings.LastIndexByte(beginning, '/')
	if i <= 0 {
		return no
	}
	return o.room(beginning[:i], "")
}

// room is a folder, and the file in it that is written, "" if none is known.
func (o occurrence) room(dir, name string) verdict {
	if strings.HasPrefix(dir, "~") || strings.Contains(dir, "://") {
		return no
	}
	room := Room{Dir: o.absolute(dir)}
	if name != "" {
		room.File = o.absolute(name)
	}
	switch {
	case room.Dir == "" || room.Dir == "/":
		return no
	case room.Dir == "/tmp" || strings.HasPrefix(room.Dir, "/tmp/") || room.Dir == "/dev":
		return harmless
	}
	return verdict{rooms: []Room{room}}
}

func (o occurrence) absolute(name string) string {
	switch {
	case path.IsAbs(name):
		return path.Clean(name)
	case o.image.Workdir == "":
		return ""
	}
	return path.Join(o.image.Workdir, name)
}

// both joins verdicts.
func both(all ...verdict) verdict {
	var sum verdict
	for _, v := range all {
		sum.no = sum.no || v.no
		sum.rooms = append(sum.rooms, v.rooms...)
	}
	return sum
}

// A rule says what a mark means where it occurs. Without read it is a no.
type rule struct {
	mark string
	read func(occurrence) verdict
}

// argument is a rule for a call whose nth argument names what it writes: a file or a
// folder, as room reads it.
func argument(n int, room func(occurrence, string) verdict) func(occurrence) verdict {
	return func(o occurrence) verdict {
		args := o.args()
		if len(args) <= n {
			return no
		}
		return room(o, args[n])
	}
}

// twoFiles: both the first and the second argument name files that change.
func twoFiles(o occurrence) verdict {
	return both(argument(0, occurrence.file)(o), argument(1, occurrence.file)(o))
}

// method is a rule for a method of a path: Path("a").mkdir(), and for a function of
// a module that does the same with its first argument.
func method(room func(occurrence, string) verdict, modules ...string) func(occurrence) verdict {
	return func(o occurrence) verdict {
		name := o.before()
		module, _, dotted := strings.Cut(strings.TrimSuffix(name, "."), ".")
		switch {
		case name == "" || slices.Contains(modules, module):
			return argument(0, room)(o)
		case strings.HasPrefix(strings.TrimSpace(o.text[fromLine(o.text, o.at):o.at]), "def "):
			return harmless
		case !dotted && !strings.HasSuffix(name, ".") && !strings.HasSuffix(o.text[:o.at], "."):
			return no
		}
		return room(o, receiver(o.text, o.at-1))
	}
}

// isImport reports whether the mark stands in a line that only imports.
func (o occurrence) isImport() bool {
	line := strings.TrimSpace(o.text[fromLine(o.text, o.at):o.lineEnd()])
	return strings.HasPrefix(line, "import ") || strings.HasPrefix(line, "from ") || strings.Contains(line, "require(") && !strings.Contains(line, ").")
}

func (o occurrence) lineEnd() int {
	if i := strings.IndexByte(o.text[o.at:], '\n'); i >= 0 {
		return o.at + i
	}
	return len(o.text)
}

// keyed is the verdict on the file that the braces around the mark name: {"key": x}.
func (o occurrence) keyed(key string) verdict {
	start := enclosing(o.text, o.at)
	if start < 0 {
		return no
	}
	pairs, _, _ := arguments(o.text, start)
	for _, pair := range pairs {
		if len(pair) > len(key)+3 && pair[1:len(key)+1] == key && strings.HasPrefix(pair[len(key)+2:], ":") {
			return o.file(pair[len(key)+3:])
		}
	}
	return no
}
