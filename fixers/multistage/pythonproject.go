package multistage

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// readByProject are the files that poetry, uv, pipenv or setup.py reads. Where an
// install takes in the project itself, the build stage gets the source as the file
// copies it before, and so does the runtime stage.
func (pl *plan) readByProject(at *place, e effects.Effect) (files []string, declined string) {
	inv := e.Install
	cwd := pl.stage.WorkdirAt(at.inst)
	switch verb := verbOf(inv); {
	case inv.Manager.Name == "setup.py":
		return pl.readByBuild(at, cwd)
	case inv.Manager.Name == "uv" && (verb == "pip install" || verb == "pip sync"):
		return pl.readByPip(at, e)
	}
	name, scope := projectRead(inv)
	switch {
	case name == "":
		return nil, ""
	case cwd == "" || changesFolder(at.effects):
		return nil, "the working directory of the install is not known"
	}
	file, from := pl.contextFile(at, path.Join(cwd, name))
	switch {
	case from == nil:
		return nil, name + " is not copied from the build context before the install"
	case pl.pass.Context == nil:
		at.source = true
		return []string{path.Join(cwd, name)}, ""
	}
	if why := pl.otherPython(at, inv, path.Dir(file)); why != "" {
		return nil, why
	}
	m := readProject(pl.pass.Context, inv.Manager.Name, path.Dir(file), scope)
	at.source = m.ReadsSource != ""
	if at.source && pl.isBound(at, path.Join(cwd, name)) {
		return nil, m.ReadsSource
	}
	if len(m.Missing) > 0 {
		return nil, m.Missing[0] + " is not in the build context"
	}
	dir := path.Dir(file)
	for _, f := range append(append([]string{}, m.Files...), m.Dirs...) {
		if dir == "." {
			f = path.Join(cwd, f)
		} else {
			f = path.Join(cwd, strings.TrimPrefix(f, dir+"/"))
		}
		if _, from := pl.contextFile(at, f); from != nil || !isOptional(f) {
			files = append(files, f)
		}
	}
	return files, ""
}

// projectRead is the manifest that an install reads, and how much of the project it
// takes in; "" if it reads none.
func projectRead(inv pkgmgr.Invocation) (manifest string, scope project.Scope) {
	verb := verbOf(inv)
	installs := slices.Contains([]string{"install", "sync", "export"}, verb)
	switch name := inv.Manager.Name; {
	case name == "pipenv":
		return "Pipfile", project.WithProject
	case name != "uv" && name != "poetry" || !installs || name == "uv" && verb == "install":
		return "", project.WithProject
	case name == "uv" && inv.HasFlag("--no-install-workspace"):
		return "pyproject.toml", project.ThirdPartyOnly
	case verb == "export", name == "uv" && inv.HasFlag("--no-install-project"), name == "poetry" && inv.HasFlag("--no-root"):
		return "pyproject.toml", project.DependenciesOnly
	}
	return "pyproject.toml", project.WithProject
}

// atLeast is the lowest Python that a project takes.
var atLeast = regexp.MustCompile(`(?m)^requires-python\s*=\s*["'][^"']*>=\s*(\d+)\.(\d+)`)

// otherPython says why uv would fetch a Python of its own, which the runtime stage
// would lack, or "".
// Source: https://docs.astral.sh/uv/concepts/python-versions.
func (pl *plan) otherPython(at *place, inv pkgmgr.Invocation, dir string) string {
	downloads, _ := pl.stage.EnvAt(at.inst, "UV_PYTHON_DOWNLOADS")
	if inv.Manager.Name != "uv" || downloads == "never" || downloads == "0" {
		return ""
	}
	version := minor(pl.stage.Ref)
	if text, err := pl.pass.Context.Read(path.Join(dir, ".python-version")); err == nil {
		if pinned := strings.TrimSpace(text); pinned != version && !strings.HasPrefix(pinned, version+".") || version == "" {
			return ".python-version is " + brief(strings.TrimSpace(text)) + ", for which uv may fetch a Python of its own"
		}
	}
	text, _ := pl.pass.Context.Read(path.Join(dir, "pyproject.toml"))
	if m := atLeast.FindStringSubmatch(text); m != nil && version != "" {
		major, own, _ := strings.Cut(version, ".")
		have, _ := strconv.Atoi(own)
		want, _ := strconv.Atoi(m[2])
		if major != m[1] || have < want {
			return "pyproject.toml requires Python " + m[1] + "." + m[2] + ", which uv would fetch"
		}
	}
	return ""
}

// isOptional reports whether an install reads a file only if it is there: what the
// author does not copy has no say.
func isOptional(name string) bool {
	switch path.Base(name) {
	case "pyproject.toml", "Pipfile":
		return false
	}
	return true
}

func readProject(c *project.Context, manager, dir string, scope project.Scope) project.Manifests {
	switch manager {
	case "uv":
		return project.Uv(c, dir, scope)
	case "poetry":
		return project.Poetry(c, dir, scope)
	}
	return project.Pipenv(c, dir)
}

// readByBuild are the files that say what a package of the source needs, which an
// install builds in dir of the image.
func (pl *plan) readByBuild(at *place, dir string) (files []string, declined string) {
	if dir == "" || changesFolder(at.effects) {
		return nil, "the working directory of the install is not known"
	}
	at.source = true
	for _, name := range []string{"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"} {
		file, from := pl.contextFile(at, path.Join(dir, name))
		if from == nil || pl.pass.Context != nil && !pl.pass.Context.HasFile(file) {
			continue
		}
		files = append(files, path.Join(dir, name))
	}
	if len(files) == 0 {
		return nil, "the package in " + dir + " is not copied from the build context before the install"
	}
	return files, ""
}

// takeSource sends what the context brings before an install that reads the source
// to the build stage too.
func (pl *plan) takeSource(at *place) string {
	before := pl.index(at)
	for _, earlier := range pl.places[:before+1] {
		for _, e := range earlier.effects {
			if e.Kind == effects.Files && len(e.Writes) > 0 && pl.writesCopied(e, before) {
				return brief(commandText(e)) + ": it changes the source before the install"
			}
		}
		c, ok := pl.stage.CopyOf(earlier.inst)
		switch {
		case !ok || c.From != "" && c.Stage == nil && earlier.build:
		case c.Chown != "" && strings.Trim(c.Chown, "0123456789:") != "":
			return "the source is copied as " + c.Chown + ", who need not be in the build stage"
		default:
			earlier.build = true
		}
	}
	return ""
}

// writesCopied reports whether a command changes what the first n places copy.
func (pl *plan) writesCopied(e effects.Effect, n int) bool {
	if e.Program == "mkdir" || e.Program == "chown" || e.Program == "chmod" {
		return false
	}
	for _, at := range pl.places[:n] {
		c, ok := pl.stage.CopyOf(at.inst)
		if !ok || c.Dest == "" {
			continue
		}
		for _, w := range e.Writes {
			if isWithin(strings.TrimSuffix(w, "/"), strings.TrimSuffix(c.Dest, "/")) {
				return true
			}
		}
	}
	return false
}

// boundFile is the file of the context that a mount of a RUN shows under a name.
//
//	RUN --mount=type=bind,source=uv.lock,target=uv.lock uv sync
func (pl *plan) boundFile(at *place, name string) (string, bool) {
	if at.inst == nil {
		return "", false
	}
	for _, f := range at.inst.Flags {
		if f.Name != "mount" {
			continue
		}
		option := map[string]string{}
		for _, o := range strings.Split(f.Value, ",") {
			key, value, _ := strings.Cut(o, "=")
			option[key] = value
		}
		target, source := option["target"], option["source"]
		for _, key := range []string{"dst", "destination"} {
			if target == "" {
				target = option[key]
			}
		}
		if source == "" {
			source = option["src"]
		}
		if kind := option["type"]; kind != "bind" && kind != "" || option["from"] != "" || target == "" {
			continue
		}
		if !strings.HasPrefix(target, "/") {
			target = path.Join(pl.stage.WorkdirAt(at.inst), target)
		}
		source = strings.TrimPrefix(path.Clean("/"+source), "/")
		if rest, below := strings.CutPrefix(name, path.Clean(target)); below && (rest == "" || rest[0] == '/') {
			return path.Join(source, rest), true
		}
	}
	return "", false
}

func (pl *plan) isBound(at *place, name string) bool {
	_, bound := pl.boundFile(at, name)
	return bound
}

// isExported reports whether an installer writes a file, such as "poetry export
// -o requirements.txt".
func (pl *plan) isExported(name string) bool {
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends || e.Install.Manager == nil {
				continue
			}
			cwd := pl.stage.WorkdirAt(at.inst)
			for _, w := range e.Writes {
				if w == name {
					return true
				}
			}
			for i, w := range e.Command.Words {
				if value, ok := strings.CutPrefix(w.Value, "--output="); ok && path.Join(cwd, value) == name {
					return true
				}
				out := w.Value == "-o" || w.Value == "--output" || w.Value == "--output-file"
				if out && i+1 < len(e.Command.Words) && (path.Join(cwd, e.Command.Words[i+1].Value) == name || e.Command.Words[i+1].Value == name) {
					return true
				}
			}
		}
	}
	return false
}

// setupInstall reads "python setup.py install" as the install that it is.
func setupInstall(e effects.Effect) (effects.Effect, bool) {
	if e.Kind != effects.Compiles || e.Command == nil {
		return e, false
	}
	words := e.Command.Words
	for i, w := range words {
		if path.Base(w.Value) == "setup.py" && i+1 < len(words) && words[i+1].Value == "install" && i+2 == len(words) && !strings.Contains(w.Value, "/") {
			e.Kind, e.Reason = effects.Depends, ""
			e.Install = pkgmgr.Invocation{Manager: setupPy, Action: pkgmgr.Install, Command: e.Command, Program: i, Verb: i + 1}
			return e, true
		}
	}
	return e, false
}

// isNamedPackage reports whether an operand of pip is a package by its name, whose
// version or extras may be a variable or look like a pattern: celery[redis],
// awscli==1.16.*, flask==$VERSION.
func isNamedPackage(w shell.Word) bool {
	if w.Literal && !w.Glob {
		return !strings.Contains(w.Value, "/") && w.Value != "." && !strings.HasPrefix(w.Value, ".[")
	}
	name := requirementName.FindString(w.Raw)
	if i := strings.IndexAny(name, "["); i >= 0 {
		name = name[:i]
	}
	rest := strings.TrimLeft(strings.TrimPrefix(strings.Trim(w.Raw, `"'`), name), " ")
	return name != "" && rest != "" && strings.ContainsAny(rest[:1], "[=<>~!") && !strings.Contains(rest, "/")
}
