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

// isBareDistribution reports whether /usr/local is the build's alone: Debian's and
// Ubuntu's own images have nothing but empty folders there.
func (pl *plan) isBareDistribution() bool {
	repository := facts.ParseRef(pl.stage.Ref).Repository
	return repository == "debian" || repository == "ubuntu"
}

// installsLocally takes what a build installs into /usr/local, or says why what it
// installs may lie elsewhere too.
func (pl *plan) installsLocally(e *effects.Effect) string {
	if pl.pass.Context == nil {
		return brief(commandText(*e)) + ": without the build context it is not known what it installs"
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

// elsewhere are what in a build file shows that it installs into other folders than
// those below its prefix.
var elsewhere = []string{"DESTINATION /", "DESTINATION \"/", "/etc/", "/var/", "/usr/share", "/usr/lib", "/usr/bin", "/lib/systemd", "/opt/", "/srv/"}

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
		for _, mark := range elsewhere {
			if strings.Contains(text, mark) {
				return nil, file + " has " + strings.Trim(mark, `"`) + ", and what it installs may lie there"
			}
		}
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		return nil, "no file in the build context says what it installs"
	}
	return texts, ""
}
