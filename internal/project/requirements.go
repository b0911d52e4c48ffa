package project

import (
	"fmt"
	"path"
	"strings"
)

// Requirements says what "pip install -r files..." and "-c files..." read when
// run in the folder dir. pip takes nested files relative to the file that
// names them, and local packages relative to the folder that it runs in
// (pip, "Requirements File Format").
func Requirements(c *Context, dir string, files ...string) Manifests {
	r := collect(c)
	for _, name := range files {
		r.requirements(dir, path.Join(dir, name))
	}
	return r.result()
}

// requirements reads one file and those that it names.
func (r *collector) requirements(dir, name string) {
	text, ok := r.read(name)
	if !ok {
		return
	}
	name = cleanPath(name)
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		r.source("%s is UTF-16", name)
		return
	}
	for _, line := range requirementLines(text) {
		r.requirement(dir, name, line)
	}
}

func (r *collector) requirement(dir, file string, line requirementLine) {
	here := fmt.Sprintf("%s:%d", file, line.number)
	option, value := splitOption(line.text)
	switch option {
	case "":
		r.pythonPackage(dir, here, line.text)
	case "-e", "--editable":
		r.pythonPackage(dir, here, value)
	case "-r", "--requirement", "-c", "--constraint":
		switch {
		case isURL(value):
		case strings.Contains(value, "${"):
			r.source("%s: the file comes from %s", here, value)
		case path.IsAbs(value):
			r.source("%s names %s, which is outside of the context", here, value)
		default:
			r.requirements(dir, path.Join(path.Dir(file), value))
		}
	case "-f", "--find-links":
		r.findLinks(dir, file, here, value)
	default:
		// --index-url, --hash, --no-binary, --pre and the like name no file.
	}
}

// findLinks notes a folder of wheels; pip looks beside the requirements file
// before it looks in the folder that it runs in.
func (r *collector) findLinks(dir, file, here, value string) {
	value = strings.TrimPrefix(strings.TrimPrefix(value, "file://"), "file:")
	switch {
	case isURL(value):
	case strings.Contains(value, "${") || path.IsAbs(value):
		r.source("%s: links come from %s", here, value)
	default:
		folder := path.Join(path.Dir(file), value)
		if !r.hasDir(folder) && !r.hasFile(folder) {
			folder = path.Join(dir, value)
		}
		if r.hasFile(folder) {
			r.file(folder)
			return
		}
		r.dir(folder, dir, fmt.Sprintf("%s: links come from the source itself", here))
	}
}

// pythonPackage notes a requirement if it is a local folder or archive.
func (r *collector) pythonPackage(dir, here, requirement string) {
	place := localPackage(requirement)
	if place == "" {
		// "libs/tool" without "./" is a path if it is a folder.
		bare, _, _ := strings.Cut(strings.Fields(requirement + " .")[0], "[")
		if !strings.Contains(bare, "/") || isURL(requirement) || !r.hasDir(path.Join(dir, bare)) {
			return
		}
		place = bare
	}
	full := path.Join(dir, place)
	switch {
	case strings.Contains(place, "${"):
		r.source("%s: the path comes from %s", here, place)
	case path.IsAbs(place):
		r.source("%s installs %s", here, place)
	case isArchive(place):
		r.file(full)
	default:
		r.dir(full, dir, fmt.Sprintf("%s installs the project itself", here))
	}
}

// localPackage gives the path of a requirement that is one for sure: ".",
// "./x", "../x[extra]", "/x", "file:x", "name @ file:x", "x.whl"; else "".
func localPackage(requirement string) string {
	requirement = strings.TrimSpace(requirement)
	if _, url, direct := strings.Cut(requirement, "@"); direct && strings.HasPrefix(strings.TrimSpace(url), "file:") {
		requirement = strings.TrimSpace(url)
	}
	requirement, _, _ = strings.Cut(requirement, ";")
	words := strings.Fields(requirement)
	if len(words) == 0 {
		return ""
	}
	place := strings.Trim(words[0], `"'`)
	if rest, ok := strings.CutPrefix(place, "file:"); ok {
		rest, _, _ = strings.Cut(rest, "#")
		if strings.HasPrefix(rest, "//") {
			rest = strings.TrimPrefix(strings.TrimPrefix(rest, "//"), "localhost")
		}
		return rest
	}
	if isURL(place) {
		return ""
	}
	if strings.HasPrefix(place, ".") || strings.HasPrefix(place, "/") || strings.HasPrefix(place, "${") {
		place, _, _ = strings.Cut(place, "[")
		return place
	}
	if isArchive(place) {
		return place
	}
	return ""
}

func isArchive(name string) bool {
	for _, suffix := range []string{".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz", ".tar"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// isURL reports whether pip fetches from elsewhere: https://, git+ssh://.
func isURL(s string) bool {
	scheme, _, found := strings.Cut(s, "://")
	return found && !strings.HasPrefix(scheme, "file") && !strings.ContainsAny(scheme, "/ ")
}

// requirementLine is one logical line, without comments.
type requirementLine struct {
	number int // of its first physical line, from 1; 0 if not known
	text   string
}

// requirementLines joins lines that end in a backslash and drops comments, in
// this order, as pip does (pip/_internal/req/req_file.py, preprocess).
func requirementLines(text string) []requirementLine {
	var lines []requirementLine
	var pending strings.Builder
	number, start := 0, 0
	flush := func() {
		if line := stripComment(pending.String()); line != "" {
			lines = append(lines, requirementLine{start, line})
		}
		pending.Reset()
		start = 0
	}
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		number++
		line = strings.TrimSuffix(line, "\r")
		if start == 0 {
			start = number
		}
		isComment := strings.HasPrefix(strings.TrimSpace(line), "#")
		if joined, continues := strings.CutSuffix(line, `\`); continues && !isComment {
			pending.WriteString(strings.Trim(joined, " "))
			pending.WriteByte(' ')
			continue
		}
		pending.WriteString(line)
		flush()
	}
	flush()
	return lines
}

// stripComment cuts at a "#" that begins the line or follows a blank.
func stripComment(line string) string {
	for i := 0; i < len(line); i++ {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	return strings.TrimSpace(line)
}

// splitOption takes apart "-r x", "-rx", "--requirement=x", "--requirement x".
// option is "" for a requirement.
func splitOption(line string) (option, value string) {
	if !strings.HasPrefix(line, "-") {
		return "", line
	}
	if !strings.HasPrefix(line, "--") && len(line) > 2 {
		option, value = line[:2], line[2:]
	} else {
		end := strings.IndexAny(line, "= \t")
		if end < 0 {
			return line, ""
		}
		option, value = line[:end], line[end+1:]
	}
	value = strings.TrimPrefix(strings.TrimSpace(value), "=")
	return option, strings.Trim(strings.TrimSpace(value), `"'`)
}
