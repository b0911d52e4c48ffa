package effects

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// files is the effect of making or changing files; a path that is not known makes
// it opaque.
func (r *reader) files(paths []string) Effect {
	for _, p := range paths {
		if p == "" {
			return Effect{Reason: r.notKnown("the path")}
		}
	}
	return Effect{Kind: Files, Writes: paths}
}

// operands are the paths among the arguments: what is neither an option nor the
// value of one of the given options.
func (r *reader) operands(args []shell.Word, valued ...string) []string {
	var paths []string
	for _, w := range words(args, valued...) {
		paths = append(paths, r.path(w))
	}
	return paths
}

func words(args []shell.Word, valued ...string) []shell.Word {
	var kept []shell.Word
	for i := 0; i < len(args); i++ {
		w := args[i]
		if !w.IsFlag() {
			kept = append(kept, w)
			continue
		}
		for _, v := range valued {
			if w.Value == v {
				i++
			}
		}
	}
	return kept
}

// changed reads chmod, chown and the like: the first operand is a mode or owner,
// unless --reference gives it.
func (r *reader) changed(args []shell.Word) Effect {
	var targets []shell.Word
	skipped := false
	for _, w := range args {
		switch {
		case strings.HasPrefix(w.Value, "--reference"):
			skipped = true
		case w.IsFlag() && !isMode(w.Value):
		case !skipped:
			skipped = true
		default:
			targets = append(targets, w)
		}
	}
	e := r.files(r.operands(targets))
	e.Reads = e.Writes
	return e
}

// isMode reports whether an argument that begins with a dash is a mode: chmod -x.
func isMode(arg string) bool {
	return strings.Trim(arg, "-rwxXst") == "" && !strings.HasPrefix(arg, "--")
}

// moved reads cp, mv and install: the last operand is where to.
func (r *reader) moved(args []shell.Word) Effect {
	paths := r.operands(args, "-m", "-o", "-g", "-S", "--mode", "--owner", "--group")
	for _, w := range args {
		if w.Value == "-d" || strings.HasPrefix(w.Value, "-t") || strings.HasPrefix(w.Value, "--target-directory") {
			return r.files(paths)
		}
	}
	if len(paths) < 2 {
		return Effect{Reason: "it names no target"}
	}
	last := len(paths) - 1
	e := r.files(paths)
	e.Reads, e.Writes = paths[:last], paths[last:]
	return e
}

func (r *reader) removed(args []shell.Word) Effect {
	gone := r.operands(args)
	kind := Nothing
	for _, p := range gone {
		switch {
		case p == "":
			return Effect{Reason: r.notKnown("what it removes")}
		case !isLitter(p):
			kind = Files
		}
	}
	return Effect{Kind: kind, Gone: gone}
}

// litter are folders in which nothing is kept that an image needs.
var litter = []string{"/tmp", "/var/tmp", "/var/cache", "/var/lib/apt/lists", "/root/.cache", "/var/log", "/usr/share/doc", "/usr/share/man", "/root/.npm"}

func isLitter(name string) bool {
	for _, dir := range litter {
		if within(name, dir) {
			return true
		}
	}
	return false
}

// within reports whether name is dir or lies below it.
func within(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// sed changes files only with -i.
func (r *reader) sed(args []shell.Word) Effect {
	inPlace, script := false, false
	for _, w := range args {
		inPlace = inPlace || strings.HasPrefix(w.Value, "-i") || strings.HasPrefix(w.Value, "--in-place")
		script = script || w.Value == "-e" || w.Value == "-f" || strings.HasPrefix(w.Value, "--expression")
	}
	if !inPlace {
		return Effect{Kind: Nothing}
	}
	targets := words(args, "-e", "-f", "--expression", "--file")
	if !script && len(targets) > 0 {
		targets = targets[1:]
	}
	e := r.files(r.operands(targets))
	e.Reads = e.Writes
	return e
}

// find is read by where it looks: what it does stays below that.
func (r *reader) find(args []shell.Word) Effect {
	var dirs []string
	for _, w := range args {
		if w.IsFlag() || strings.HasPrefix(w.Value, "!") || strings.HasPrefix(w.Value, "(") {
			break
		}
		p := r.path(w)
		if p == "" {
			return Effect{Reason: r.notKnown("where it looks")}
		}
		dirs = append(dirs, strings.TrimSuffix(p, "/")+"/")
	}
	for i, w := range args {
		switch {
		case w.Value == "-delete":
			return Effect{Kind: Files, Writes: dirs, Reads: dirs}
		case (w.Value == "-exec" || w.Value == "-execdir") && i+1 < len(args):
			switch path.Base(args[i+1].Value) {
			case "rm", "chmod", "chown", "sed", "strip", "touch":
				return Effect{Kind: Files, Writes: dirs, Reads: dirs}
			}
			return Effect{Reason: "find runs " + args[i+1].Raw}
		}
	}
	return Effect{Kind: Nothing}
}
