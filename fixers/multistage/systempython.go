package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// systemPython is the Python 3 that a distribution packages, on whichever image of
// it: Debian, Ubuntu, Alpine, nginx:alpine. Both stages are on that same image, and
// the dependencies in a virtual environment, which sees none of the distribution's
// own modules: what pip takes from them would stay behind with pip.
//
//	FROM ubuntu:22.04                        =>  FROM ubuntu:22.04 AS build
//	RUN apt-get install -y gcc python3-pip       RUN apt-get install -y gcc python3-pip
//	RUN pip3 install -r requirements.txt         RUN apt-get install -y python3-venv
//	                                             RUN python3 -m venv /opt/venv
//	                                             ENV PATH=/opt/venv/bin:$PATH
//	                                             RUN pip3 install -r requirements.txt
//
//	                                             FROM ubuntu:22.04
//	                                             RUN apt-get install -y ca-certificates python3 python3-distutils
//	                                             COPY --from=build /opt/venv /opt/venv
//
// Not placed: Python 2; modules of the distribution's beside those of pip's; servers
// that load the distribution's Python, and programs that start commands with a PATH of
// their own.
var systemPython = profile{
	name:      "Python",
	managers:  map[string]bool{"pip": true, "uv": true, "poetry": true, "pipenv": true, "setup.py": true},
	tree:      pythonTree,
	need:      facts.PythonNeed,
	alpine:    true,
	sameImage: true,
	// The package of the interpreter depends on these libraries (libpython3-stdlib in
	// Debian and Ubuntu, python3 in Alpine).
	own: []string{
		"bzip2-dev", "expat-dev", "libffi-dev", "ncurses-dev", "openssl-dev", "readline-dev", "sqlite-dev", "xz-dev", "zlib-dev",
		"libbz2-dev", "libexpat1-dev", "liblzma-dev", "libncurses-dev", "libncurses5-dev", "libncursesw5-dev", "libreadline-dev", "libsqlite3-dev", "libssl-dev", "zlib1g-dev",
	},
}

// pythonInstallers are the packages that install for Python: a virtual environment
// has its own.
var pythonInstallers = []string{
	"py3-pip", "py3-setuptools", "py3-virtualenv", "py3-wheel",
	"python-pip-whl", "python3-pip", "python3-pip-whl", "python3-setuptools", "python3-setuptools-whl", "python3-venv", "python3-virtualenv", "python3-wheel",
}

// interpreters are the packages of the interpreter itself and of its headers.
var interpreters = []string{
	"python3", "python3-minimal", "python3-dev", "python3-distutils", "python3-lib2to3", "python3-pkg-resources", "python3-all-dev",
	"python-is-python3", "python-dev-is-python3",
}

// pathless are packages whose programs load the distribution's Python themselves, or
// start commands with a PATH of their own, on which the environment is not.
var pathless = []string{
	"ansible", "ansible-core", "apache2-mod-wsgi", "certbot", "cron", "cronie", "dcron", "duplicity", "mercurial", "mopidy", "openssh", "openssh-server",
	"supervisor", "sudo", "doas", "systemd", "runit", "unit-python3", "gunicorn", "gunicorn3", "jupyter", "ipython3", "spyder3", "buildbot",
}

var pathlessPrefixes = []string{"uwsgi", "libapache2-mod-wsgi", "apache2-mod-wsgi", "salt-", "ros-", "postgresql-plpython", "gdal"}

// resetters are programs that give the commands they start a PATH of their own. Two of
// them are common words (flask db init), and count by their paths.
var resetters = []string{"cron", "crond", "sudo", "su", "doas", "sshd", "login", "my_init", "init", "systemd"}

// installsSystemPython reports whether a stage installs the Python 3 of its
// distribution, and then by pip.
func installsSystemPython(s *build.Stage) bool {
	switch s.Image.Distro {
	case facts.Debian, facts.Ubuntu, facts.Alpine:
	default:
		return false
	}
	system, pip := false, false
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		for _, c := range s.Script(inst).Commands {
			inv, ok := pkgmgr.Recognise(c)
			if !ok || inv.Action != pkgmgr.Install {
				continue
			}
			pip = pip || inv.Manager.Name == "pip"
			for _, w := range inv.Packages() {
				name := pkgmgr.Name(w.Value)
				system = system || inv.Manager.System && (slices.Contains(interpreters, name) || slices.Contains(pythonInstallers, name))
			}
		}
	}
	return system && pip
}

// isSystemPython reports whether the Python is the distribution's.
func (pl *plan) isSystemPython() bool { return pl.isPython() && pl.profile.sameImage }

// unsuited says why a virtual environment would not do for what the distribution's
// Python runs, or "".
func (pl *plan) unsuited() string {
	if slices.Contains(withoutVenv, pl.stage.Image.Release) {
		return fromWord(pl.stage) + " has no package python3-venv"
	}
	for _, at := range pl.places {
		pl.inst = at.inst
		for _, e := range at.effects {
			if why := pl.unsuitedInstall(at, e); why != "" {
				return why
			}
		}
	}
	pl.inst = nil
	if program := pl.resetsPath(); program != "" {
		return program + " starts commands with a PATH of its own, on which a virtual environment is not"
	}
	return pl.importsSetuptools()
}

// unsuitedInstall says why a virtual environment would not do beside an install, or "".
func (pl *plan) unsuitedInstall(at *place, e effects.Effect) string {
	switch {
	case e.Kind == effects.Installs:
		for _, w := range e.Install.Packages() {
			if why := unsuitedPackage(pkgmgr.Name(w.Value)); why != "" {
				return why
			}
		}
		return ""
	case e.Kind != effects.Depends || e.Install.Manager == nil || e.Install.Manager.Name != "pip":
		return ""
	case e.Install.HasFlag("--user") || !pl.stage.UserAt(at.inst).IsRoot():
		return "what pip takes from the distribution's own modules would stay behind"
	}
	if program := e.Install.Command.Words[0].Value; !slices.Contains([]string{"pip", "pip3", "python", "python3"}, path.Base(program)) {
		return brief(commandText(e)) + ": which Python " + program + " is for is not known"
	}
	return ""
}

func unsuitedPackage(name string) string {
	switch {
	case slices.Contains(interpreters, name), slices.Contains(pythonInstallers, name):
		return ""
	case strings.HasPrefix(name, "python3-") || strings.HasPrefix(name, "py3-"):
		return name + " is a module of the distribution's, which a virtual environment does not see"
	case strings.HasPrefix(name, "python") && !strings.HasSuffix(name, "-dev") || strings.HasPrefix(name, "py-") || strings.HasPrefix(name, "py2-"):
		return name + ": of which version the Python is that pip installs for is not known"
	case slices.Contains(pathless, name) || slices.ContainsFunc(pathlessPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }):
		return name + " does not see a virtual environment"
	}
	return ""
}

// resetsPath is a program that the running image starts, by an instruction or a
// script of the context that one names, and that gives commands another PATH.
func (pl *plan) resetsPath() string {
	for _, at := range pl.places {
		if at.inst.Name != "CMD" && at.inst.Name != "ENTRYPOINT" && at.inst.Name != "HEALTHCHECK" {
			continue
		}
		texts := []string{at.inst.Args.Text}
		for _, c := range pl.stage.Script(at.inst).Commands {
			for _, w := range c.Words {
				if pl.pass.Context == nil || w.Value == "" {
					continue
				}
				if file, from := pl.contextFile(&place{}, absolute(w.Value, pl.stage.WorkdirAt(at.inst))); from != nil {
					text, _ := pl.pass.Context.Read(file)
					texts = append(texts, text)
				}
			}
		}
		for _, text := range texts {
			for _, w := range strings.FieldsFunc(text, func(r rune) bool { return isSeparator(r) || r == '[' || r == ']' || r == ',' }) {
				if slices.Contains(resetters, path.Base(w)) && (path.Base(w) != "init" && path.Base(w) != "login" || strings.Contains(w, "/")) {
					return path.Base(w)
				}
			}
		}
	}
	return ""
}

// importsSetuptools: from 3.12 on an environment has none, while the distribution's
// pip brings them. Source: https://docs.python.org/3/whatsnew/3.12.html (ensurepip).
func (pl *plan) importsSetuptools() string {
	if pl.pass.Context == nil || slices.Contains(withDistutils, pl.stage.Image.Release) {
		return ""
	}
	r, _ := pl.readSources(func(string) bool { return false }, ".py")
	for i, text := range r.texts {
		if path.Base(r.files[i]) == "setup.py" {
			continue
		}
		for _, module := range []string{"pkg_resources", "setuptools", "distutils"} {
			if strings.Contains(text, "import "+module) || strings.Contains(text, "from "+module) {
				return r.files[i] + " imports " + module + ", which a virtual environment may lack"
			}
		}
	}
	return ""
}

// withDistutils are the releases that package distutils on their own, which pip
// brings and the interpreter does not. Before, they were a part of it; from Python
// 3.12 on there are none.
// Sources: packages.debian.org and packages.ubuntu.com, python3-distutils.
var withDistutils = []string{"buster", "bullseye", "bookworm", "18.04", "18.10", "19.04", "19.10", "20.04", "20.10", "21.04", "21.10", "22.04", "22.10", "23.04", "23.10"}

// withoutVenv are the releases before Debian's and Ubuntu's python3-venv.
var withoutVenv = []string{"wheezy", "jessie", "12.04", "12.10", "13.04", "13.10", "14.04", "14.10", "15.04"}

// systemEnvironment makes a virtual environment with the distribution's Python, which
// Debian and Ubuntu package the module for apart.
func (pl *plan) systemEnvironment() (tree, string) {
	t := tree{
		paths: []string{venv},
		env:   []string{"ENV PATH=" + venv + "/bin:$PATH"},
		sets:  []string{"PATH"},
		runs:  []string{"python3 -m venv " + venv},
	}
	near := pl.firstInstall()
	install := ""
	switch {
	case pl.stage.Image.Distro != facts.Alpine && !pl.installedBefore(near, "python3-venv"):
		pl.declare(fix.AddPackage, "python3-venv")
		if pl.joined = pl.besidePip(near, "python3-venv"); pl.joined != nil {
			break
		}
		install = strings.Join(installing(&pl.ledger, bareInstall, []string{"python3-venv"}), and(near.inst))
	case pl.stage.Image.Distro == facts.Alpine && !pl.installsInterpreter(near):
		pl.declare(fix.AddPackage, "python3")
		install = "apk add --no-cache python3"
	}
	if install != "" {
		t.setup = append(t.setup, "RUN "+install)
	}
	t.setup = append(t.setup, "RUN python3 -m venv "+venv)
	return t, ""
}

// besidePip adds a package to the last install before a place that brings pip, which
// the build stage keeps; nil without one that takes more packages.
func (pl *plan) besidePip(near *place, name string) []edit.Edit {
	for _, at := range slices.Backward(pl.places[:pl.index(near)]) {
		for _, e := range at.effects {
			if e.Kind != effects.Installs || asksFirst(e) {
				continue
			}
			for _, n := range e.Install.Operands {
				if slices.Contains(pythonInstallers, pkgmgr.Name(e.Install.Command.Words[n].Value)) {
					return e.Install.Command.InsertAmong(e.Install.Operands, n, name)
				}
			}
		}
	}
	return nil
}

// installedBefore reports whether a RUN before another installs a package.
func (pl *plan) installedBefore(at *place, names ...string) bool {
	return slices.ContainsFunc(pl.places[:pl.index(at)], func(earlier *place) bool {
		return slices.ContainsFunc(earlier.effects, func(e effects.Effect) bool {
			return e.Kind == effects.Installs && slices.ContainsFunc(e.Install.Packages(), func(w shell.Word) bool {
				return slices.Contains(names, pkgmgr.Name(w.Value))
			})
		})
	})
}

// installsInterpreter: Alpine's packages for Python all bring the interpreter.
func (pl *plan) installsInterpreter(at *place) bool {
	return pl.installedBefore(at, append(slices.Clone(interpreters), pythonInstallers...)...)
}

// isInstallerPackage reports whether the running image can do without a package that
// installs for Python.
func (pl *plan) isInstallerPackage(name string) bool {
	return pl.isSystemPython() && slices.Contains(pythonInstallers, name) && !pl.callsAtRuntime("pip") && !pl.callsAtRuntime("pip3") && !pl.callsAtRuntime("virtualenv")
}

// systemPythonNeeds adds the interpreter, and what came along with its pip: the
// certificates that Debian's pip depends on, and distutils.
func (pl *plan) systemPythonNeeds() {
	pl.require([]string{"python3"}, "what is installed")
	if pl.stage.Image.Distro == facts.Alpine {
		return
	}
	if slices.Contains(withDistutils, pl.stage.Image.Release) {
		pl.require([]string{"python3-distutils"}, "what pip installs")
	}
	pl.require([]string{"ca-certificates"}, "a Python program")
	if names, why := pl.distributions(); why == "" {
		for _, name := range names {
			if need, known := facts.PythonNeed(name); known && slices.Contains(need.Packages, "libgomp1") {
				pl.require([]string{"libgomp1"}, name)
			}
		}
	}
	pl.inst = nil
}
