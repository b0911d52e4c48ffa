package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
)

// localPrefix is where make install and its like put things by default.
const localPrefix = "/usr/local"

// isBareDistribution reports whether /usr/local is the build's alone: the images of
// distributions have nothing but empty folders there.
func (pl *plan) isBareDistribution() bool {
	repository := facts.ParseRef(pl.stage.Ref).Repository
	return repository == "debian" || repository == "ubuntu" || repository == "alpine"
}

// installsLocally takes what a build installs into /usr/local, or says why what it
// installs may lie elsewhere too.
func (pl *plan) installsLocally(e *effects.Effect) string {
	if pl.pass.Context == nil {
		return brief(commandText(*e)) + ": without the build context it is not known what it installs"
	}
	if program := pl.fetchesSource(); program != "" {
		return brief(commandText(*e)) + ": what it installs may come from " + program + ", and lie elsewhere too"
	}
	texts, why := pl.buildFiles()
	if why != "" {
		return brief(commandText(*e)) + ": " + why
	}
	pl.whole = "" // what is installed is what counts
	pl.local = true
	e.Writes = append(e.Writes, localPrefix)
	for _, w := range pl.startWords() {
		w = strings.Trim(w, `[],"`)
		if !strings.Contains(w, "/") && slices.ContainsFunc(texts, func(text string) bool { return slices.Contains(strings.FieldsFunc(text, isSeparator), w) }) {
			e.Writes = append(e.Writes, path.Join(localPrefix, "bin", w))
		}
	}
	return ""
}

// fetchesSource is a program of the stage that may fetch what is built from
// elsewhere than the build context, or "".
func (pl *plan) fetchesSource() string {
	for _, at := range pl.places {
		for _, e := range at.effects {
			if slices.Contains([]string{"git", "curl", "wget", "svn", "hg"}, e.Program) {
				return e.Program
			}
		}
	}
	return ""
}

// elsewhere are folders outside of the prefix that a build may install into.
var elsewhere = []string{"/etc", "/var", "/opt", "/srv", "/usr/share", "/usr/lib", "/usr/bin", "/usr/sbin", "/lib/systemd"}

// outside is a path in a build file that lies outside of the prefix, or "". What
// stands below a variable, such as $(DESTDIR)/etc, counts: its value is not known.
func outside(text string) string {
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return isSeparator(r) || strings.ContainsRune("{}=,:", r) }) {
		if w == "/" || isWithinAny(w, elsewhere) {
			return w
		}
	}
	return ""
}

// buildFiles are the texts of the files in the context that say what a build
// installs, or why they do not tell.
func (pl *plan) buildFiles() (texts []string, why string) {
	files, err := pl.pass.Context.Sources(".")
	if err != nil {
		return nil, "the build context cannot be read"
	}
	for _, file := range files {
		switch base := path.Base(file); {
		case slices.Contains([]string{"CMakeLists.txt", "Makefile", "makefile", "GNUmakefile", "Makefile.am", "Makefile.in", "configure.ac", "meson.build"}, base):
		case path.Ext(base) == ".cmake" || path.Ext(base) == ".mk":
		default:
			continue
		}
		text, err := pl.pass.Context.Read(file)
		if err != nil {
			return nil, file + " cannot be read"
		}
		if w := outside(text); w != "" {
			return nil, file + " has " + w + ", and what it installs may lie there"
		}
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		return nil, "no file in the build context says what it installs"
	}
	return texts, ""
}
