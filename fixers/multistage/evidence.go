package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
)

// maxSources bounds how many source files are read for what they name.
const maxSources = 5000

// quoted are the string literals of a source file, in any of the languages that
// have profiles. Those in comments count too: more is kept for them.
var quoted = regexp.MustCompile("\"((?:[^\"\\\\\n]|\\\\.)*)\"|'((?:[^'\\\\\n]|\\\\.)*)'|`([^`]*)`")

// A reading is what the source files name.
type reading struct {
	files    []string // those that were read
	literals []string
	texts    []string // of files
}

// readSources reads the files of the context with one of the endings. It says
// which cannot be read, if one cannot.
func (pl *plan) readSources(skip func(file string) bool, endings ...string) (r reading, unread string) {
	all, err := pl.pass.Context.Sources(".")
	if err != nil {
		return r, "the build context"
	}
	for _, file := range all {
		if !slices.Contains(endings, path.Ext(file)) || skip(file) {
			continue
		}
		if len(r.files) == maxSources {
			return r, "the source, for its size,"
		}
		text, err := pl.pass.Context.Read(file)
		if err != nil {
			return r, file
		}
		r.files = append(r.files, file)
		r.texts = append(r.texts, text)
		r.literals = append(r.literals, literalsOf(text)...)
	}
	if len(r.files) == 0 {
		return r, "the source, which is not in the build context,"
	}
	return r, ""
}

func literalsOf(text string) []string {
	var all []string
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1]+m[2]+m[3])
	}
	return all
}

// settingFiles are the files of the context that settingLiterals name. A path from
// the root is one there, while code may join it to a folder.
func (pl *plan) settingFiles(isSource func(string) bool) []string {
	literals := slices.DeleteFunc(pl.settingLiterals(), func(l string) bool { return strings.HasPrefix(l, "/") && !isWithinAny(path.Clean(l), pl.roots) })
	return pl.namedFiles(literals, isSource)
}

// settingLiterals are the words of the instructions that say something to the
// running program, and of the compose files beside the Dockerfile; the parts of a
// list with colons too.
func (pl *plan) settingLiterals() []string {
	var all []string
	split := func(text string) {
		for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'[],=", r) }) {
			all = append(all, w)
			if strings.Contains(w, ":") {
				all = append(all, strings.Split(w, ":")...)
			}
		}
	}
	for _, at := range pl.places {
		switch at.inst.Name {
		case "CMD", "ENTRYPOINT", "HEALTHCHECK", "ENV", "VOLUME":
			split(at.inst.Args.Text)
		}
	}
	for _, pattern := range []string{"docker-compose*.y*ml", "compose*.y*ml"} {
		matches, _ := pl.pass.Context.Unfiltered().Glob(pattern)
		for _, file := range matches {
			if text, err := pl.pass.Context.Unfiltered().Read(file); err == nil {
				split(text)
			}
		}
	}
	return all
}

// namedFiles are the files and folders of the context that literals name, as
// paths in the image: relative to where the source lies or the program runs.
// For each the longest part of the literal that exists counts.
func (pl *plan) namedFiles(literals []string, isSource func(file string) bool) []string {
	bases := append([]string{pl.stage.WorkdirAt(nil)}, pl.roots...)
	var found []string
	for _, literal := range literals {
		if len(literal) > 300 {
			continue
		}
		for _, word := range strings.Fields(literal) {
			word = strings.TrimPrefix(word, "file://")
			if len(strings.Fields(literal)) > 1 && !strings.Contains(word, "/") {
				continue // prose
			}
			for _, base := range bases {
				if name := pl.longestPart(base, word, isSource); name != "" {
					found = append(found, name)
				}
			}
		}
	}
	return outermost(found)
}

// longestPart is the deepest file or folder on the way to a path that the context
// put into the image; "" if there is none or it holds nothing but source.
func (pl *plan) longestPart(base, word string, isSource func(string) bool) string {
	full := word
	if !strings.HasPrefix(word, "/") || !isWithinAny(path.Clean(word), pl.roots) {
		full = path.Join(base, word)
	}
	for name := path.Clean(full); len(name) > 1 && !slices.Contains(pl.roots, name); name = path.Dir(name) {
		file, found := pl.fileOf(name), name
		if file == "" {
			file, found = pl.byStem(name)
		}
		switch {
		case file == "":
			continue
		case pl.holdsOnly(file, isSource):
			return ""
		}
		return found
	}
	return ""
}

// fileOf is the path in the context of what a COPY before the last build put at
// a name; "" if there is none.
func (pl *plan) fileOf(name string) string {
	for _, s := range slices.Backward(pl.inputs) {
		switch {
		case s.file == "":
		case name == s.name && !s.dir:
			return s.file
		case s.dir && isWithin(name, s.name) && name != s.name:
			file := path.Join(s.file, strings.TrimPrefix(strings.TrimPrefix(name, s.name), "/"))
			if pl.pass.Context.Has(file) {
				return file
			}
		}
	}
	return ""
}

// byStem finds config.yaml for the name config, which configuration libraries ask
// for.
func (pl *plan) byStem(name string) (file, full string) {
	if strings.Contains(path.Base(name), ".") {
		return "", ""
	}
	for _, ending := range []string{".yaml", ".yml", ".json", ".toml", ".env", ".ini", ".conf", ".properties"} {
		if file := pl.fileOf(name + ending); file != "" {
			return file, name + ending
		}
	}
	return "", ""
}

// holdsOnly reports whether a file, or every file below a folder, is source.
func (pl *plan) holdsOnly(file string, isSource func(string) bool) bool {
	if !pl.pass.Context.IsDir(file) {
		return isSource(file)
	}
	files, err := pl.pass.Context.Files(file)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(files, func(f string) bool { return !isSource(f) })
}

// isMeta reports whether a file tells people or tools about a project, and no
// program at run time reads it: the usual names.
func isMeta(file string) bool {
	base := path.Base(file)
	switch base {
	case "Makefile", "makefile", "GNUmakefile", "LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS", "CODEOWNERS", "CHANGELOG", "Jenkinsfile", "Procfile", "Vagrantfile", "Taskfile.yml", "Taskfile.yaml":
		return true
	}
	return strings.HasPrefix(base, ".git") || base == ".dockerignore" || base == ".editorconfig" || strings.HasSuffix(base, ".md") || project.IsDockerfileName(base) ||
		strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "LICENSE.")
}
