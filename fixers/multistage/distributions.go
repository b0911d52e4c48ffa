package multistage

import (
	"path"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
)

// gemLine is a gem in a Gemfile or Gemfile.lock.
var gemLine = regexp.MustCompile(`^\s*(?:gem\s+['"]([\w.-]+)['"]|    ([\w.-]+) \([^)]*\)$)`)

// requirementName is the name at the start of a line of a requirements file, with
// its extras.
var requirementName = regexp.MustCompile(`^\s*([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?`)

// distributions returns the names of what the installs install, as far as the
// manifests say, or why they cannot be read. A fat image may have the libraries
// of any of them.
func (pl *plan) distributions() (names []string, declined string) {
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends || e.Install.Manager == nil {
				continue
			}
			pl.inst = at.inst
			if e.Install.Manager.Name != "bundle" { // whose words are settings
				for _, w := range e.Install.Packages() {
					names = append(names, distribution(w.Value)...)
				}
			}
			files, _ := pl.readBy(at, e)
			if gem := pl.withoutLockfile(e.Install, files); gem != "" {
				return nil, "the gems that " + gem + " brings along are not known without a lockfile, so neither is what they need of the full image"
			}
			for _, name := range files {
				file, _ := pl.contextFile(at, name)
				if pl.isExported(name) {
					continue
				}
				if pl.pass.Context == nil || file == "" {
					return nil, "the build context is not known, so neither is what " + path.Base(name) + " needs of the full image"
				}
				if pl.pass.Context.IsDir(file) {
					continue
				}
				text, err := pl.pass.Context.Read(file)
				if err != nil {
					return nil, file + " cannot be read"
				}
				names = append(names, listed(file, text)...)
				if isGitGem(file, text) {
					pl.call("git") // a gemspec out of git runs "git ls-files" whenever it is loaded
				}
			}
		}
	}
	pl.inst = nil
	return names, ""
}

func listed(file, text string) []string {
	var names []string
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && line[0] != ' ' {
			section = line
		}
		if in := namesIn[path.Base(file)]; in != nil {
			for _, m := range in.FindAllStringSubmatch(line, -1) {
				names = append(names, m[len(m)-1], m[1])
			}
			continue
		}
		if strings.HasPrefix(path.Base(file), "Gemfile") {
			local := section == "PATH" || strings.Contains(line, "path:") || strings.Contains(line, ":path") // see compilesGem
			if m := gemLine.FindStringSubmatch(line); m != nil && !local {
				names = append(names, m[1]+m[2])
				if strings.Contains(line, "-linux") { // the platform behind the version
					names = append(names, m[2]+precompiled)
				}
			}
			continue
		}
		names = append(names, distribution(line)...)
	}
	return names
}

// namesIn are, for files that are more than a list, where names of distributions
// stand in a line. They may find too much: what no table knows has no say.
var namesIn = map[string]*regexp.Regexp{
	"poetry.lock":    regexp.MustCompile(`^name = "([^"]+)"`),
	"uv.lock":        regexp.MustCompile(`^name = "([^"]+)"`),
	"Pipfile":        regexp.MustCompile(`^"?([A-Za-z0-9][\w.-]*)"?\s*=`),
	"Pipfile.lock":   regexp.MustCompile(`^        "([^"]+)": \{`),
	"pyproject.toml": regexp.MustCompile(`^([A-Za-z0-9][\w.-]*)\s*=|["']([A-Za-z0-9][\w.-]*)`),
	"setup.py":       regexp.MustCompile(`["']([A-Za-z0-9][\w.-]*)`),
	"setup.cfg":      regexp.MustCompile(`^\s+([A-Za-z0-9][\w.-]*)`),
}

// isGitGem reports whether a Gemfile or its lock takes gems from git.
func isGitGem(file, text string) bool {
	return strings.HasPrefix(path.Base(file), "Gemfile") && (strings.Contains(text, "git:") || strings.Contains(text, "github:") || strings.Contains(text, ":git =>") || strings.HasPrefix(text, "GIT\n"))
}

// distribution is the name of a requirement, none for a line that has none. A
// requirement of psycopg[binary] brings its library.
func distribution(requirement string) []string {
	m := requirementName.FindStringSubmatch(requirement)
	if m == nil || strings.Contains(m[2], "binary") {
		return nil
	}
	return []string{m[1]}
}
