package multistage

import (
	"regexp"
	"slices"

	"github.com/drydock-dev/drydock/internal/facts"
)

// opened is a library that Python source opens by the name that a linker takes, which
// has no version and comes with the headers.
var opened = regexp.MustCompile(`\b(?:CDLL|LoadLibrary|dlopen)\(\s*["'](lib[\w+-]+\.so)["']`)

// searched is Python source that has a library looked for. Without ldconfig, as on
// Alpine, it takes gcc or ld for that.
// Source: Lib/ctypes/util.py of CPython, find_library.
var searched = regexp.MustCompile(`\bfind_library\(\s*["']([\w+-]+)["']`)

// opensLibraries says which library the source loads with the help of packages that
// stay behind, or "".
func (pl *plan) opensLibraries() string {
	if pl.pass.Context == nil || !pl.isPython() || !pl.dropsPackages() {
		return ""
	}
	r, _ := pl.readSources(isTest, ".py")
	for i, text := range r.texts {
		if m := opened.FindStringSubmatch(text); m != nil {
			return r.files[i] + " opens " + m[1] + ", a name that only packages of headers have"
		}
		if m := searched.FindStringSubmatch(text); m != nil && pl.stage.Image.Distro == facts.Alpine {
			return r.files[i] + " looks for the library " + m[1] + ", which takes a compiler on Alpine"
		}
	}
	return ""
}

// dropsPackages reports whether a package of the single stage's image is not in the
// runtime stage.
func (pl *plan) dropsPackages() bool {
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.pkgs, func(p pkg) bool { return (!p.removed || p.leaves) && !pl.stays(p.name) })
	})
}
