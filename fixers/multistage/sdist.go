package multistage

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// compiled names what pip builds on the spot, and which therefore may load any
// library that the build stage has, where a wheel brings its own; "" if there is
// nothing of the kind, or nothing to link: the same image without -dev packages.
func (pl *plan) compiled() string {
	if pl.sameRef && !pl.installsHeaders() {
		return ""
	}
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends || e.Install.Manager == nil || !pl.isPython() {
				continue
			}
			if name := pl.compiledBy(at, e); name != "" {
				pl.inst = at.inst
				return name
			}
		}
	}
	return ""
}

func (pl *plan) compiledBy(at *place, e effects.Effect) string {
	if name := pl.noBinarySetting(at.inst); name != "" {
		return name
	}
	for _, w := range e.Install.Command.Words {
		if name := compiledRequirement(w.Value); name != "" {
			return name
		}
	}
	files, _ := pl.readBy(at, e)
	for _, name := range files {
		file, _ := pl.contextFile(at, name)
		if pl.pass.Context == nil || file == "" || pl.pass.Context.IsDir(file) {
			continue // distributions says so where it matters
		}
		text, err := pl.pass.Context.Read(file)
		if err != nil {
			continue
		}
		if !isRequirements(file) || strings.HasSuffix(file, ".lock") || path.Base(file) == "Pipfile" {
			if found := compiledSource(file, text); found != "" {
				return found
			}
			continue
		}
		for line := range strings.Lines(text) {
			line, _, _ = strings.Cut(line, " #")
			for _, field := range strings.Fields(line) {
				if strings.HasPrefix(field, "#") {
					break
				}
				if found := compiledRequirement(field); found != "" {
					return found + " in " + path.Base(file)
				}
			}
		}
	}
	return ""
}

// compiledSigns are what stands in a manifest whose package, or one that it locks,
// is compiled when it is installed.
// Sources: setuptools' "Building Extension Modules"; the documentation of the build
// back ends; the lockfiles of poetry, uv and pipenv for sources out of git.
var compiledSigns = map[string][]string{
	"setup.py":       {"ext_modules", "Extension(", "cffi_modules", "rust_extensions", "cythonize", "CMake"},
	"setup.cfg":      {"ext_modules"},
	"pyproject.toml": {"maturin", "scikit-build", "scikit_build", "mesonpy", "meson-python", "ext-modules", "setuptools-rust", "cython", "Cython", "cffi_modules", "[tool.poetry.build]", "git ="},
	"poetry.lock":    {"type = \"git\""},
	"uv.lock":        {"source = { git ="},
	"Pipfile":        {"git ="},
	"Pipfile.lock":   {"\"git\":"},
}

func compiledSource(file, text string) string {
	for _, sign := range compiledSigns[path.Base(file)] {
		if strings.Contains(text, sign) {
			return path.Base(file) + ", which says " + strings.Trim(sign, " =(")
		}
	}
	return ""
}

func (pl *plan) noBinarySetting(inst *syntax.Instruction) string {
	if value, set := pl.stage.EnvAt(inst, "PIP_NO_BINARY"); set && value != "" && value != ":none:" {
		return "PIP_NO_BINARY"
	}
	return ""
}

// installsHeaders reports whether the file installs a -dev package.
func (pl *plan) installsHeaders() bool {
	for _, at := range pl.places {
		for _, p := range pl.packagesOf(at) {
			if strings.HasSuffix(p.name, "-dev") {
				return true
			}
		}
	}
	return false
}

// compiledRequirement returns a word of a requirement, short enough for a message,
// if it makes pip build from source.
// Source: pip's "VCS Support" and "Requirement Specifiers".
func compiledRequirement(word string) string {
	if strings.HasPrefix(word, "--no-binary") {
		return "--no-binary"
	}
	for _, vcs := range []string{"git+", "hg+", "svn+", "bzr+"} {
		if i := strings.Index(word, vcs); i == 0 || i > 0 && word[i-1] == '@' {
			return "the source " + brief(withoutCredentials(word[i:]))
		}
	}
	location, _, _ := strings.Cut(word, "#")
	for _, ending := range []string{".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip"} {
		if strings.HasSuffix(location, ending) {
			return "the source " + path.Base(location)
		}
	}
	return ""
}

// withoutCredentials is a URL without what stands before its host: messages end
// up in logs.
func withoutCredentials(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host, tail, _ := strings.Cut(rest, "/")
	return scheme + "://" + host[strings.LastIndex(host, "@")+1:] + "/" + tail
}
