package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// python keeps its dependencies in a virtual environment, which has the same path
// in both stages, since its scripts name their interpreter; or in the
// interpreter's site-packages.
//
// Not placed: conda, which chooses the environment by settings of its own; and what
// is installed as an editable package, which refers to its source.
var python = profile{
	name:       "Python",
	repository: "python",
	managers:   map[string]bool{"pip": true, "uv": true, "poetry": true, "pipenv": true, "setup.py": true},
	tree:       pythonTree,
	need:       facts.PythonNeed,
	starts:     &pythonPrograms,
	// The image has a pip of its own, in front of the distribution's.
	buildSystems: []string{"python-pip", "python3-pip"},
	// The modules of the standard library link these; python:*-slim and -alpine
	// keep what they load (docker-library/python, Dockerfile-linux.template).
	alpine: true,
	own: []string{
		"bzip2-dev", "expat-dev", "gdbm-dev", "ncurses-dev", "openssl-dev", "readline-dev", "sqlite-dev", "util-linux-dev", "xz-dev", "zlib-dev",
		"libbz2-dev", "libexpat1-dev", "libffi-dev", "libgdbm-dev", "liblzma-dev", "libncurses-dev", "libncurses5-dev", "libncursesw5-dev",
		"libreadline-dev", "libsqlite3-dev", "libssl-dev", "uuid-dev", "zlib1g-dev",
	},
}

// Source for Tk: docker-library/python, Dockerfile-linux.template (leaves out tkinter
// when it looks for libraries).
var pythonPrograms = startsPrograms{
	endings: []string{".py"},
	calls:   regexp.MustCompile(`(?:Popen|run|call|check_call|check_output|getoutput|getstatusoutput|system|popen|spawn|which|create_subprocess_exec|create_subprocess_shell|local|cmd)\(\s*(?:\[|\(|shlex\.split\()?\s*[frb]?["']{1,3}\s*([\w./-]+)`),
	modules: []moduleNeed{{"tkinter", "tk", regexp.MustCompile(`(?m)^\s*(?:import|from)\s+(?:_tkinter|tkinter|Tkinter|turtle|idlelib)\b`)}},
}

const venv = "/opt/venv"

// pythonTree is where the dependencies are: where the file's own installers put
// them, or for a bare pip in a virtual environment that the split makes. Where that
// would not do, they stay in the interpreter's site-packages, and are copied from
// there.
func pythonTree(pl *plan) (tree, string) {
	if pl.isSystemPython() {
		if why := pl.unsuited(); why != "" {
			return tree{}, why
		}
	}
	if pl.makesEnvironment() {
		return pl.ownEnvironment()
	}
	all, others, declined := pl.homes()
	switch {
	case declined != "":
		return tree{}, declined
	case others && !slices.Equal(all, []home{active}):
		return pl.whereInstalled(all)
	}
	t, at, declined := pl.newEnvironment()
	if declined == "" {
		t.owner, declined = pl.extender()
		t.owned = "as plugins may bring more requirements"
		return t, declined
	}
	if t, why := pl.sitePackages(); why == "" && pl.isForSystem() {
		return t, ""
	}
	pl.inst = at
	return tree{}, declined
}

// newEnvironment is a virtual environment for the installs of a bare pip, or why it
// would not do.
func (pl *plan) newEnvironment() (t tree, at *syntax.Instruction, declined string) {
	if tag := facts.ParseRef(pl.stage.Ref).Tag; tag == "2" || strings.HasPrefix(tag, "2.") || strings.HasPrefix(tag, "2-") {
		return tree{}, nil, "Python 2 has no module venv"
	}
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends {
				continue
			}
			if why := pl.outsideOfEnvironment(e.Install); why != "" {
				return tree{}, at.inst, why
			}
		}
	}
	for _, at := range pl.places {
		if at.inst.Name == "VOLUME" && slices.ContainsFunc(at.inst.Words(), func(w syntax.Word) bool { return isWithin(venv, path.Clean(w.Text)) }) {
			return tree{}, at.inst, "what is mounted there hides the virtual environment " + venv
		}
	}
	if program := pl.resetsPath(); program != "" && !pl.isSystemPython() {
		return tree{}, nil, program + " starts commands with a PATH of its own, on which a virtual environment is not"
	}
	if name := pl.installsPathless(); name != "" && !pl.isSystemPython() {
		return tree{}, nil, name + " starts commands with a PATH of its own, on which a virtual environment is not"
	}
	if at, name := pl.namesInterpreter(); name != "" {
		return tree{}, at, "it names " + name + ", which would not see the virtual environment"
	}
	if pl.isSystemPython() {
		t, why := pl.systemEnvironment()
		return t, nil, why
	}
	return tree{
		paths: []string{venv},
		setup: []string{"RUN python -m venv " + venv},
		env:   []string{"ENV PATH=" + venv + "/bin:$PATH"},
		sets:  []string{"PATH"},
		runs:  []string{"python -m venv " + venv},
	}, nil, ""
}

// installsPathless is a package that the file installs and that starts what it is told
// to with a PATH of its own, or "".
func (pl *plan) installsPathless() string {
	for _, name := range []string{"cron", "cronie", "dcron", "openssh-server", "sudo"} {
		if pl.installsAny([]string{name}) {
			return name
		}
	}
	return ""
}

// extender is the account that may install more into the environment when the image
// runs, "" where only root could before: an application whose plugins bring
// requirements, as a loop over them shows, goes on so with new plugins. Where the
// site-packages are root's, pip takes the account's own; in an environment it
// cannot.
func (pl *plan) extender() (owner, declined string) {
	user := pl.stage.FinalUser()
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends || e.Install.Manager == nil || !slices.ContainsFunc(e.Command.Words, func(w shell.Word) bool { return !w.Literal && pl.isInLoop(e, w) }) {
				continue
			}
			switch {
			case user.IsRoot():
				return "", ""
			case strings.Trim(user.Name, "0123456789") != "" || user.Name == "":
				pl.inst = at.inst
				return "", "plugins may bring more requirements, which USER " + user.Name + " could not install into an environment of root's"
			}
			return user.Name, ""
		}
	}
	return "", ""
}

// isNew reports whether the split makes the tree.
func (t tree) isNew() bool { return len(t.setup) > 0 }

// isForSystem reports whether all installs go to the interpreter's own
// site-packages.
func (pl *plan) isForSystem() bool {
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind == effects.Depends && e.Install.Manager != nil && e.Install.Manager.Name == "pip" &&
				e.Install.HasFlag("--user", "-t", "--target", "--prefix", "--root", "-e", "--editable") {
				return false
			}
		}
	}
	return true
}

// outsideOfEnvironment says why an install does not end up in the environment
// that is active, or "".
func (pl *plan) outsideOfEnvironment(inv pkgmgr.Invocation) string {
	program := inv.Command.Words[0].Value
	for i, w := range inv.Command.Words[:inv.Program+1] {
		if i > 0 && w.Value == "pip" || !strings.Contains(w.Value, "/") {
			continue
		}
		return "it names " + w.Value + ", which would not see the virtual environment"
	}
	switch {
	case program == "sudo":
		return "sudo resets PATH, and the virtual environment with it"
	case inv.HasFlag("-t", "--target", "--prefix", "--root"):
		return "pip installs into a folder of its own"
	case inv.HasFlag("--break-system-packages") && !pl.isSystemPython():
		return "pip installs beside the distribution's packages"
	case inv.HasFlag("-e", "--editable"):
		return "an editable install refers to the source, which the build stage does not have"
	}
	return ""
}

// namesInterpreter returns an instruction that names the interpreter or a script
// of the system's site-packages by its full path, and that path.
func (pl *plan) namesInterpreter() (at *syntax.Instruction, name string) {
	for _, p := range pl.places {
		if p.inst.Name == "COPY" || p.inst.Name == "ADD" || p.depends || pl.isSystemPython() && linksInterpreter(p) {
			continue
		}
		for _, prefix := range []string{"/usr/local/bin/", "/usr/local/lib/python", "/usr/bin/python"} {
			if i := strings.Index(p.inst.Args.Text, prefix); i >= 0 && !pl.isCopiedTo(wordAt(p.inst.Args.Text, i)) {
				return p.inst, wordAt(p.inst.Args.Text, i)
			}
		}
	}
	return nil, ""
}

// linksInterpreter reports whether a RUN does no more with the interpreter than to
// give it another name: ln -s /usr/bin/python3 /usr/bin/python.
func linksInterpreter(at *place) bool {
	return len(at.effects) > 0 && !slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
		return e.Program != "ln" && e.Command != nil && strings.Contains(e.Command.Text(), "/python")
	})
}

// isCopiedTo reports whether a COPY or a download of the file makes the path.
func (pl *plan) isCopiedTo(name string) bool {
	for _, p := range pl.places {
		if c, ok := pl.stage.CopyOf(p.inst); ok && c.Dest != "" {
			if c.Dest == name || strings.HasSuffix(c.Dest, "/") && path.Dir(name)+"/" == c.Dest && !strings.HasPrefix(path.Base(name), "python") {
				return true
			}
		}
		for _, e := range p.effects {
			for _, w := range e.Writes {
				if w == name && (e.Kind == effects.Fetches || e.Kind == effects.Files) {
					return true
				}
			}
		}
	}
	return false
}

func wordAt(text string, i int) string {
	word := text[i:]
	if end := strings.IndexAny(word, " \t\"',;)]&|"); end >= 0 {
		word = word[:end]
	}
	return word
}

// readBy returns the files, by their names in the image, that an install reads.
func (pl *plan) readBy(at *place, e effects.Effect) (files []string, declined string) {
	switch name := e.Install.Manager.Name; {
	case name == "bundle":
		return pl.readByBundler(at, e)
	case name == "gem" || name == phpExtensions.Name || name == script.Name:
		return nil, ""
	case name == "composer":
		return pl.readByComposer(at, e)
	case name == "pip":
		return pl.readByPip(at, e)
	case node.managers[name]:
		return pl.readByNode(at, e)
	}
	return pl.readByProject(at, e)
}

// readByPip are the files of requirements and constraints.
func (pl *plan) readByPip(at *place, e effects.Effect) (files []string, declined string) {
	cwd := pl.stage.WorkdirAt(at.inst)
	var names []string
	words := e.Install.Command.Words
	for i, w := range words {
		name := ""
		switch {
		case (w.Value == "-r" || w.Value == "--requirement" || w.Value == "-c" || w.Value == "--constraint") && i+1 < len(words):
			name = words[i+1].Value
			w = words[i+1]
		case strings.HasPrefix(w.Value, "--requirement="), strings.HasPrefix(w.Value, "--constraint="):
			_, name, _ = strings.Cut(w.Value, "=")
		case strings.HasPrefix(w.Value, "-r") && len(w.Value) > 2 && w.Value[1] != '-':
			name = w.Value[2:]
		default:
			continue
		}
		switch {
		case !w.Literal && cwd != "" && pl.isInLoop(e, w):
			at.source = true // each of the files that the loop may find is there
			names = append(names, pl.copiedAs(at, path.Base(strings.Trim(w.Raw, `"'`)))...)
			continue
		case printsLock(w.Raw):
			continue // what prints it is an effect of its own
		case !w.Literal:
			return nil, "the requirements come from " + w.Raw
		case cwd == "":
			return nil, "the working directory of the install is not known"
		case strings.Contains(name, "://"):
			continue
		case changesFolder(at.effects):
			return nil, "the install runs in another folder than WORKDIR"
		case !strings.HasPrefix(name, "/"):
			name = path.Join(cwd, name)
		}
		names = append(names, path.Clean(name))
	}
	for _, w := range e.Install.Packages() {
		dir, _, _ := strings.Cut(w.Value, "[")
		switch {
		case isNamedPackage(w) || compiledRequirement(w.Value) != "":
		case !w.Literal || strings.Contains(dir, "://"):
			return nil, brief(commandText(e)) + ": what it installs is not known"
		case strings.HasSuffix(dir, ".whl"):
			return nil, brief(commandText(e)) + ": it installs from a file"
		default:
			if !strings.HasPrefix(dir, "/") {
				dir = path.Join(cwd, dir)
			}
			more, why := pl.readByBuild(at, path.Clean(dir))
			if why != "" {
				return nil, why
			}
			names = append(names, more...)
		}
	}
	return pl.withNested(at, names)
}

// printsLock reports whether a word is the list that an installer prints of its
// lockfile: pip install -r <(pipenv lock -r).
func printsLock(word string) bool {
	return slices.ContainsFunc([]string{"<(pipenv lock ", "<(pipenv requirements", "<(poetry export", "<(uv export"}, func(p string) bool { return strings.HasPrefix(word, p) })
}

// isInLoop reports whether a file of requirements, such as "$d/requirements.txt", is
// one of those of its name that a loop over folders finds.
func (pl *plan) isInLoop(e effects.Effect, w shell.Word) bool {
	dir, base := path.Split(strings.Trim(w.Raw, `"'`))
	return pl.pass.Context != nil && e.Command.Conditional && len(w.Params) == 1 && dir != "" && !strings.ContainsAny(base, "$`*?")
}

// copiedAs are the names in the image of the context's files of a base name that
// the instructions before an install copy.
func (pl *plan) copiedAs(at *place, base string) []string {
	files, _ := pl.pass.Context.Sources(".")
	var names []string
	for _, earlier := range pl.places[:pl.index(at)] {
		c, ok := pl.stage.CopyOf(earlier.inst)
		if !ok || c.From != "" || c.Dest == "" {
			continue
		}
		for _, src := range c.Sources {
			dir := strings.TrimPrefix(path.Clean("/"+src.Path), "/")
			for _, f := range files {
				if path.Base(f) == base && isWithin("/"+f, "/"+dir) && pl.pass.Context.IsDir(path.Join(".", dir)) {
					names = append(names, path.Join(strings.TrimSuffix(c.Dest, "/")+"/", strings.TrimPrefix("/"+f, "/"+dir)))
				}
			}
		}
	}
	return names
}

// isRequirements reports whether a file that an install reads lists requirements.
func isRequirements(name string) bool {
	switch path.Base(name) {
	case "pyproject.toml", "setup.py", "setup.cfg":
		return false
	}
	return true
}

// withNested adds what the requirements files name in turn. Without a context
// they are taken to name nothing, if the file copies them by name.
func (pl *plan) withNested(at *place, names []string) ([]string, string) {
	all := append([]string{}, names...)
	for _, name := range names {
		file, from := pl.contextFile(at, name)
		if from == nil || pl.pass.Context == nil || !isRequirements(name) {
			continue
		}
		root := strings.TrimSuffix(name, file)
		nested, why := complete(project.Requirements(pl.pass.Context, ".", file))
		if why != "" {
			return nil, why
		}
		for _, n := range nested {
			if n != file {
				all = append(all, path.Join("/", root, n))
			}
		}
	}
	return all, ""
}
