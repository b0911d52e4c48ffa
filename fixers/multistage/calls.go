package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// helpers adds the programs of the full image that the running image calls: in
// CMD, ENTRYPOINT and HEALTHCHECK, in the scripts that these start, in variables
// that hold commands, in the source, and in the RUN instructions of the runtime stage.
func (pl *plan) helpers() {
	pl.callsOfSource()
	for _, at := range pl.places {
		switch at.inst.Name {
		case "CMD", "ENTRYPOINT", "HEALTHCHECK":
			pl.callsOf(at.inst)
		case "ENV":
			pl.callsOfSettings(at.inst)
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

// holdsCommand are the ends of the names of variables whose value is a command that
// programs start: GIT_SSH_COMMAND, BORG_RSH, EDITOR.
var holdsCommand = []string{"SSH", "RSH", "SSH_COMMAND", "EDITOR", "PAGER", "VISUAL", "_COMMAND", "_CMD", "_BIN", "_BINARY", "_EXECUTABLE"}

func (pl *plan) callsOfSettings(inst *syntax.Instruction) {
	for _, p := range inst.Pairs() {
		words := strings.Fields(strings.Trim(p.Value, `"'`))
		if len(words) > 0 && slices.ContainsFunc(holdsCommand, func(end string) bool { return strings.HasSuffix(p.Name, end) }) {
			pl.call(path.Base(words[0]))
		}
	}
}

// A startsPrograms is how the source of an ecosystem starts programs.
type startsPrograms struct {
	endings []string // of its files
	calls   *regexp.Regexp
	modules []moduleNeed // of the language's own, which need what slim images lack
}

// A moduleNeed is a package of the system that a module of the language's loads.
type moduleNeed struct {
	name, pkg string
	imported  *regexp.Regexp
}

// commands are what looks like a command in a literal, wherever it goes.
var commands = regexp.MustCompile(`[\[(]\s*["'](git|hg|svn|curl|wget|ssh|scp|ssh-keygen|ssh-keyscan|gpg|unzip|pkill|pgrep|mogrify)["']\s*,|["'](git) (?:-|clone|pull|fetch|log|rev-|describe|diff|show|status|init|checkout|push)|["'](hg|svn|curl|wget|ssh|scp|gpg|unzip) -`)

// callsOfSource looks for the programs that the source starts, and for the modules
// that load what the runtime stage lacks.
func (pl *plan) callsOfSource() {
	source := pl.profile.starts
	if source == nil || pl.pass.Context == nil || pl.sameRef {
		return
	}
	r, _ := pl.readSources(isTest, source.endings...)
	for _, text := range r.texts {
		pl.callEach(source.calls.FindAllStringSubmatch(text, -1))
		pl.callEach(commands.FindAllStringSubmatch(text, -1))
		for _, m := range source.modules {
			if m.imported.MatchString(text) {
				pl.require([]string{m.pkg}, "the module "+m.name)
			}
		}
	}
}

func (pl *plan) callEach(matches [][]string) {
	for _, m := range matches {
		pl.call(path.Base(strings.Join(m[1:], "")))
	}
}

// isTest reports whether a file is one of the source's tests, which the image does
// not run.
func isTest(file string) bool {
	base := path.Base(file)
	return strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py") || strings.HasSuffix(base, "_spec.rb") || strings.HasSuffix(base, "_test.rb") ||
		slices.ContainsFunc(strings.Split(path.Dir(file), "/"), func(dir string) bool { return dir == "test" || dir == "tests" || dir == "spec" })
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
	if pl.stage.Image.Distro == facts.Alpine {
		p, ok = facts.AlpineProgram(pl.stage.Ref, program)
		known = false
	}
	if !ok || pl.sameRef || known && !slices.Contains(have, p) || pl.stage.Image.Distro != facts.Debian && pl.stage.Image.Distro != facts.Alpine {
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
	isSource := path.Ext(file) == ".py" || path.Ext(file) == ".rb" // see callsOfSource
	for _, w := range strings.FieldsFunc(text, isSeparator) {
		if !isSource {
			pl.call(path.Base(w))
		}
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
