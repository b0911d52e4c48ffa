package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

// installers are the distributions that pip installs to install others with. The
// image that runs needs them only where something calls them.
var installers = []string{"poetry", "poetry-core", "poetry-plugin-export", "poetry-dynamic-versioning", "uv", "pipenv", "pip", "setuptools", "wheel", "virtualenv", "build", "crashtest", "pipx"}

// A home is a folder that dependencies are installed to; "" where an install has
// none of its own, as it only sets up or brings an installer.
type home string

const (
	active     home = "active"     // whatever environment PATH names first
	systemwide home = "systemwide" // the site-packages of the image's own interpreter
)

func (h home) String() string {
	if h == active || h == systemwide {
		return "the site-packages of the interpreter"
	}
	return string(h)
}

// setupPy stands for "python setup.py install".
var setupPy = &pkgmgr.Manager{Name: "setup.py"}

// homeOf is where an install puts what it installs, or why that is not known.
func (pl *plan) homeOf(at *place, e effects.Effect) (home, string) {
	inv := e.Install
	switch inv.Manager.Name {
	case "pip":
		return pl.homeOfPip(at, inv)
	case "uv":
		return pl.homeOfUv(at, inv)
	case "poetry":
		return pl.homeOfPoetry(at, inv)
	case "pipenv":
		return pl.homeOfPipenv(at, inv)
	case "script":
		return "", ""
	}
	return active, ""
}

// verbOf is what an installer is told to do.
func verbOf(inv pkgmgr.Invocation) string {
	if inv.Verb < 0 {
		return ""
	}
	first := inv.Program + 1
	for first < inv.Verb && inv.Command.Words[first].IsFlag() {
		first++
	}
	var verb []string
	for _, w := range inv.Command.Words[first : inv.Verb+1] {
		verb = append(verb, w.Value)
	}
	return strings.Join(verb, " ")
}

func (pl *plan) homeOfPip(at *place, inv pkgmgr.Invocation) (home, string) {
	switch {
	case isOfInstallers(inv):
		return "", ""
	case inv.Action != pkgmgr.Install:
		return "", ""
	// As an account that may not write to the site-packages pip does so by itself:
	// https://pip.pypa.io/en/stable/user_guide/#user-installs.
	case inv.HasFlag("--user"), !pl.stage.UserAt(at.inst).IsRoot():
		dir, ok := pl.homeFolder(at)
		if !ok {
			return "", "the install runs as USER " + pl.stage.UserAt(at.inst).Name + ", whose home is not known"
		}
		return home(dir + "/.local"), ""
	}
	return active, ""
}

// isOfInstallers reports whether pip installs nothing but installers, one of them
// more than pip's own.
func isOfInstallers(inv pkgmgr.Invocation) bool {
	if inv.Manager.Name != "pip" || inv.Action != pkgmgr.Install || inv.HasFlag("-r", "--requirement", "-e", "--editable") || len(inv.Operands) == 0 {
		return false
	}
	real := false
	for _, w := range inv.Packages() {
		name := strings.ToLower(pkgmgr.Name(w.Value))
		if !slices.Contains(installers, name) {
			return false
		}
		real = real || name == "pipx" || name == "poetry" || name == "uv" || name == "pipenv"
	}
	return real
}

func (pl *plan) homeOfUv(at *place, inv pkgmgr.Invocation) (home, string) {
	switch verb := verbOf(inv); verb {
	case "sync":
		if dir, set := pl.stage.EnvAt(at.inst, "UV_PROJECT_ENVIRONMENT"); set {
			if !strings.HasPrefix(dir, "/") {
				return pl.inFolder(at, dir)
			}
			if dir == "/usr/local" {
				return systemwide, ""
			}
			return home(path.Clean(dir)), ""
		}
		if dir, set := pl.stage.EnvAt(at.inst, "VIRTUAL_ENV"); set && inv.HasFlag("--active") && strings.HasPrefix(dir, "/") {
			return home(path.Clean(dir)), ""
		}
		if inv.HasFlag("--active", "--script", "--directory", "--project", "--package", "--all-packages") {
			return "", "where uv makes the environment is not known"
		}
		return pl.inFolder(at, ".venv")
	case "pip install", "pip sync":
		switch system, _ := pl.stage.EnvAt(at.inst, "UV_SYSTEM_PYTHON"); {
		case inv.HasFlag("-e", "--editable"):
			return "", "an editable install refers to the source, which the build stage does not have"
		case inv.HasFlag("--target", "--prefix", "-p", "--python"):
			return "", "uv installs into a folder of its own"
		case inv.HasFlag("--system") || system == "1" || system == "true":
			return systemwide, ""
		}
		if dir, set := pl.stage.EnvAt(at.inst, "VIRTUAL_ENV"); set && strings.HasPrefix(dir, "/") {
			return home(path.Clean(dir)), ""
		}
		return pl.inFolder(at, ".venv")
	case "venv":
		if len(inv.Operands) == 0 {
			return pl.inFolder(at, ".venv")
		}
		dir := inv.Command.Words[inv.Operands[0]]
		if !dir.Literal {
			return "", "the environment is made in " + dir.Raw
		}
		return pl.inFolder(at, dir.Value)
	case "export", "lock", "pip compile", "cache clean", "cache prune":
		return "", ""
	default:
		return "", "what uv " + verb + " installs where is not known"
	}
}

func (pl *plan) homeOfPoetry(at *place, inv pkgmgr.Invocation) (home, string) {
	verb := verbOf(inv)
	switch verb {
	case "config", "export", "lock", "cache clear", "build":
		return "", ""
	case "install", "sync", "env use":
	default:
		return "", "what poetry " + verb + " installs where is not known"
	}
	switch {
	case inv.HasFlag("-C", "--directory", "-P", "--project"):
		return "", "poetry installs from a folder of its own"
	case pl.poetrySetting(at, "virtualenvs.create") == "false":
		return systemwide, ""
	case pl.poetrySetting(at, "virtualenvs.in-project") == "true":
		return pl.inFolder(at, ".venv")
	}
	for _, name := range []string{"POETRY_CACHE_DIR", "POETRY_VIRTUALENVS_PATH", "POETRY_HOME", "VIRTUAL_ENV", "XDG_CACHE_HOME"} {
		if _, set := pl.stage.EnvAt(at.inst, name); set && name != "POETRY_HOME" {
			return "", "ENV " + name + " says where poetry makes the environment"
		}
	}
	dir, ok := pl.homeFolder(at)
	if !ok || pl.poetrySetting(at, "virtualenvs.path") != "" || pl.poetrySetting(at, "cache-dir") != "" {
		return "", "where poetry makes the environment is not known"
	}
	return home(dir + "/.cache/pypoetry/virtualenvs"), ""
}

// poetrySetting is what "poetry config" or an ENV sets before the end of a RUN;
// "" if nothing does.
func (pl *plan) poetrySetting(at *place, name string) string {
	variable := "POETRY_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(name))
	value, _ := pl.stage.EnvAt(at.inst, variable)
	if value == "0" {
		value = "false"
	}
	if value == "1" {
		value = "true"
	}
	for _, earlier := range pl.places[:pl.index(at)+1] {
		for _, e := range earlier.effects {
			if e.Install.Manager == nil || e.Install.Manager.Name != "poetry" {
				continue
			}
			words := e.Command.Words
			for i, w := range words {
				if w.Value == name && i+1 < len(words) {
					value = words[i+1].Value
				}
				prefix := variable + "="
				if strings.HasPrefix(w.Value, prefix) {
					value = strings.TrimPrefix(w.Value, prefix)
				}
			}
			for _, a := range e.Command.Assigns {
				if a.Name == variable {
					value = a.Value.Value
				}
			}
		}
	}
	return strings.ToLower(value)
}

func (pl *plan) homeOfPipenv(at *place, inv pkgmgr.Invocation) (home, string) {
	switch verb := verbOf(inv); {
	case verb == "lock" || verb == "requirements" || verb == "--clear" || verb == "verify" || verb == "graph" || verb == "check":
		return "", ""
	case verb != "install" && verb != "sync":
		return "", "what pipenv " + verb + " installs where is not known"
	case len(inv.Operands) > 0 || inv.HasFlag("-e", "--editable", "-r", "--requirements", "--python"):
		return "", "pipenv installs more than the Pipfile says"
	case inv.HasFlag("--system"):
		return systemwide, ""
	}
	if inProject, _ := pl.stage.EnvAt(at.inst, "PIPENV_VENV_IN_PROJECT"); inProject != "" && inProject != "0" {
		return pl.inFolder(at, ".venv")
	}
	for _, a := range inv.Command.Assigns {
		if a.Name == "PIPENV_VENV_IN_PROJECT" {
			return pl.inFolder(at, ".venv")
		}
	}
	for _, name := range []string{"WORKON_HOME", "VIRTUAL_ENV", "XDG_DATA_HOME"} {
		if _, set := pl.stage.EnvAt(at.inst, name); set {
			return "", "ENV " + name + " says where pipenv makes the environment"
		}
	}
	dir, ok := pl.homeFolder(at)
	if !ok {
		return "", "where pipenv makes the environment is not known"
	}
	return home(dir + "/.local/share/virtualenvs"), ""
}

// inFolder is an environment in the working directory of a RUN.
func (pl *plan) inFolder(at *place, name string) (home, string) {
	cwd := pl.stage.WorkdirAt(at.inst)
	switch {
	case cwd == "" && !strings.HasPrefix(name, "/"):
		return "", "the working directory of the install is not known"
	case has(at.effects, effects.State) && changesFolder(at.effects):
		return "", "the install runs in another folder than WORKDIR"
	case !strings.HasPrefix(name, "/"):
		name = path.Join(cwd, name)
	}
	return home(path.Clean(name)), ""
}

func changesFolder(all []effects.Effect) bool {
	return slices.ContainsFunc(all, func(e effects.Effect) bool { return e.Program == "cd" || e.Program == "pushd" })
}

// homes are the folders that the installs of the file put dependencies to, and
// whether an installer other than pip is among them.
func (pl *plan) homes() (all []home, others bool, declined string) {
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends || e.Install.Manager == nil {
				continue
			}
			pl.inst = at.inst
			h, why := pl.homeOf(at, e)
			if why != "" {
				return nil, false, why
			}
			others = others || e.Install.Manager.Name != "pip" || isOfInstallers(e.Install) || h != active && h != ""
			if h != "" && !slices.Contains(all, h) {
				all = append(all, h)
			}
		}
	}
	pl.inst = nil
	return all, others, ""
}

// whereInstalled is the tree of a file whose installs have homes of their own:
// they are copied as they are.
func (pl *plan) whereInstalled(all []home) (tree, string) {
	if slices.Contains(all, systemwide) {
		all = slices.DeleteFunc(all, func(h home) bool { return h == active })
	}
	switch {
	case len(all) == 0:
		return tree{}, "nothing is installed or built that a build stage could leave behind"
	case len(all) > 1:
		return tree{}, "dependencies are installed to " + all[0].String() + " and to " + all[1].String()
	case all[0] == systemwide:
		return pl.sitePackages()
	}
	if at := pl.copyInto(string(all[0])); at != nil {
		pl.inst = at.inst
		return tree{}, "it may copy over the virtual environment " + string(all[0])
	}
	return tree{paths: []string{string(all[0])}}, ""
}

// copyInto is a COPY that may bring an environment of the context's own to a
// folder.
func (pl *plan) copyInto(dir string) *place {
	for _, at := range pl.places {
		c, ok := pl.stage.CopyOf(at.inst)
		if !ok || c.From != "" {
			continue
		}
		if c.Dest == "" || isWithin(strings.TrimSuffix(c.Dest, "/"), dir) {
			return at
		}
		rest, below := strings.CutPrefix(dir, strings.TrimSuffix(c.Dest, "/")+"/")
		for _, src := range c.Sources {
			from := path.Join(strings.TrimPrefix(path.Clean("/"+src.Path), "/"), rest)
			if below && pl.pass.Context != nil && pl.pass.Context.IsDir(from) {
				return at
			}
		}
	}
	return nil
}

// sitePackages are the folders that pip fills without a virtual environment: that of
// the modules, of the scripts, and those that data_files go to, which no manifest
// tells. Both images have the same interpreter in them.
// Sources: docker-library/python, Dockerfile-linux.template (--prefix is /usr/local);
// https://packaging.python.org/en/latest/specifications/binary-distribution-format.
func (pl *plan) sitePackages() (tree, string) {
	if pl.isSystemPython() {
		return tree{}, "the dependencies lie among the modules of the distribution's Python"
	}
	version := minor(pl.stage.Ref)
	if version == "" && (facts.ParseRef(pl.stage.Ref).Tag == "2" || strings.HasPrefix(facts.ParseRef(pl.stage.Ref).Tag, "2-")) {
		version = "2.7"
	}
	if version == "" || strings.Contains(fromWord(pl.stage), "$") {
		return tree{}, "the dependencies are in the site-packages of a Python whose version " + fromWord(pl.stage) + " does not tell"
	}
	paths := []string{"/usr/local/lib/python" + version + "/site-packages", "/usr/local/bin", "/usr/local/share"}
	if pl.stage.Image.Distro == facts.Debian { // Alpine has no /usr/local/etc of its own
		paths = append(paths, "/usr/local/etc")
	}
	return tree{paths: paths, system: true}, ""
}

// sharing are distributions that put libraries into lib of the prefix, beside the
// interpreter's. Source: the data of their wheels.
var sharing = []string{"daal", "icc-rt", "impi", "intel-openmp", "mkl", "onemkl", "tbb", "tcmlib", "umf"}

// sharesFiles is a distribution whose files are not all in the tree, "" if there
// is none.
func (pl *plan) sharesFiles() string {
	if !pl.tree.system {
		return ""
	}
	names, _ := pl.distributions()
	for _, name := range names {
		if slices.ContainsFunc(sharing, func(s string) bool { return strings.HasPrefix(strings.ToLower(name), s) }) {
			return name
		}
	}
	return ""
}

func (pl *plan) isPython() bool { return pl.profile.name == "Python" }
