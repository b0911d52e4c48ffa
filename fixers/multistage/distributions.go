package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/syntax"
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
			for _, w := range e.Install.Packages() {
				names = append(names, distribution(w.Value)...)
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
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if in := namesIn[path.Base(file)]; in != nil {
			for _, m := range in.FindAllStringSubmatch(line, -1) {
				names = append(names, m[len(m)-1], m[1])
			}
			continue
		}
		if strings.HasPrefix(path.Base(file), "Gemfile") {
			if m := gemLine.FindStringSubmatch(line); m != nil {
				names = append(names, m[1]+m[2])
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

// helpers adds the programs of the full image that the running image calls: in
// CMD, ENTRYPOINT and HEALTHCHECK, in the scripts that these start, and in the
// RUN instructions of the runtime stage.
func (pl *plan) helpers() {
	for _, at := range pl.places {
		switch at.inst.Name {
		case "CMD", "ENTRYPOINT", "HEALTHCHECK":
			pl.callsOf(at.inst)
		case "RUN":
			if !at.runtime || len(at.pkgs) > 0 {
				continue
			}
			for _, e := range at.effects {
				if at.build && !slices.Contains(at.removed, e.Step) {
					continue
				}
				pl.call(e.Program)
				if e.Program == "adduser" || e.Program == "addgroup" || e.Program == "deluser" {
					pl.needAdduser()
				}
			}
		}
	}
}

// needAdduser: Debian's images have adduser up to bookworm.
func (pl *plan) needAdduser() {
	if pl.stage.Image.Distro != facts.Debian {
		return
	}
	releases := pl.stage.Image.Possible
	if pl.stage.Image.Release != "" {
		releases = []string{pl.stage.Image.Release}
	}
	if len(releases) == 0 || slices.Contains(releases, "trixie") || slices.Contains(releases, "forky") {
		pl.require([]string{"adduser"}, "RUN")
	}
}

func (pl *plan) call(program string) {
	p, ok := facts.PackageOfProgram(program)
	have, known := facts.Preinstalled(pl.stage.Ref)
	if !ok || pl.sameRef || known && !slices.Contains(have, p) || pl.stage.Image.Distro != facts.Debian {
		return
	}
	pl.require([]string{p}, "a command of the image")
}

func (pl *plan) callsOf(inst *syntax.Instruction) {
	script := pl.stage.Script(inst)
	for _, c := range script.Commands {
		for _, w := range c.Words {
			pl.call(path.Base(w.Value))
			pl.callsInScript(inst, w.Value)
		}
	}
	if script.Opaque != "" {
		for _, w := range strings.Fields(inst.Args.Text) {
			pl.call(path.Base(w))
		}
	}
}

// callsInScript looks through a script of the build context for the names of
// programs, whatever they stand for there.
func (pl *plan) callsInScript(inst *syntax.Instruction, name string) {
	if pl.pass.Context == nil || name == "" {
		return
	}
	full := name
	if !strings.HasPrefix(full, "/") {
		full = path.Join(pl.stage.WorkdirAt(inst), name)
	}
	file, from := pl.contextFile(&place{}, path.Clean(full))
	if from == nil {
		return
	}
	text, err := pl.pass.Context.Read(file)
	if err != nil {
		return
	}
	for _, w := range strings.FieldsFunc(text, isSeparator) {
		pl.call(path.Base(w))
		if pl.bypassed == "" && isSystemScript(w) && pl.tree.isNew() && !pl.isCopiedTo(w) {
			pl.bypassed = file + " names " + w + ", which would not see the virtual environment"
		}
	}
}

// isSystemScript reports whether a path is that of the image's own Python or of a
// script installed beside it. A first line is read as well: #!/usr/local/bin/python.
func isSystemScript(word string) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(word, "#"), "!")
	return strings.HasPrefix(name, "/usr/local/bin/") || strings.HasPrefix(name, "/usr/local/lib/python") || strings.HasPrefix(name, "/usr/bin/python")
}

func isSeparator(r rune) bool { return strings.ContainsRune(" \t\r\n;&|()\"'`$", r) }
