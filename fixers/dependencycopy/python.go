package dependencycopy

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

const python = "python"

// pipInstall recognises pip install and uv pip install with -r, -c, -e or a local
// package. Without any of these it installs named packages.
func pipInstall(c call) (install, bool) {
	inv, ok := pkgmgr.Recognise(c.cmd)
	if !ok || inv.Action != pkgmgr.Install {
		return install{}, false
	}
	switch {
	case inv.Manager.Name == "pip":
	case inv.Manager.Name == "uv" && (verb(inv) == "install" || verb(inv) == "sync") && inv.Command.Words[inv.Verb-1].Value == "pip":
	default:
		return install{}, false
	}
	in := install{program: "pip install", ecosystem: python}
	if inv.Manager.Name == "uv" {
		in.program = "uv pip " + verb(inv)
	}
	files := c.option(inv, "-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints")
	if verb(inv) == "sync" {
		files = append(files, inv.Packages()...)
	} else if local, ok := c.localPackage(inv); ok {
		in.reads = reading("it installs " + local)
		if in.at, ok = c.folder(c.dir); ok {
			c.pythonAhead(&in, inv)
		}
		return in, ok
	}
	if len(files) == 0 {
		return install{}, false
	}
	in, ok = c.requirements(in, files)
	for _, w := range c.option(inv, "-f", "--find-links") {
		if c.mayBeSource(w) {
			in.reads.ReadsSource = "it looks for packages in " + w.Raw
		}
	}
	return in, ok
}

// mayBeSource reports whether a word names something in a folder that the source is
// copied to. The context need not have it: wheels are often made before the build.
func (c call) mayBeSource(w shell.Word) bool {
	value, known := c.expand(w)
	switch {
	case !known:
		return !strings.Contains(w.Value, "://")
	case strings.Contains(value, "://") || c.layout == nil:
		return false
	case !path.IsAbs(value):
		value = path.Join(c.dir, value)
	}
	return slices.ContainsFunc(c.layout.deliveries, func(d delivery) bool {
		_, under := below(d.image, path.Clean(value))
		return under && d.isDir
	})
}

// localPackage gives an operand, or the value of -e, that is a folder or an
// archive.
func (c call) localPackage(inv pkgmgr.Invocation) (string, bool) {
	for _, w := range append(inv.Packages(), c.option(inv, "-e", "--editable")...) {
		value, known := c.expand(w)
		if !known {
			value = w.Value
		}
		bare, _, _ := strings.Cut(value, "[")
		switch {
		case strings.Contains(value, "://") || strings.Contains(value, "@"):
		case strings.HasPrefix(value, "."), strings.HasSuffix(value, ".whl"), strings.HasSuffix(value, ".tar.gz"), strings.HasSuffix(value, ".zip"), strings.Contains(bare, "/"):
			return value, true
		}
	}
	return "", false
}

// requirements reads the files of -r and -c. They may lie anywhere in the image;
// local packages in them are taken from the folder that pip runs in.
func (c call) requirements(in install, files []shell.Word) (install, bool) {
	if c.context() == nil {
		return in, true
	}
	at, mapped := c.layout.folderAt(c.dir)
	var sources []string
	for _, w := range files {
		name, ok := c.expand(w)
		if !ok {
			in.at, in.reads = at, reading("the requirements come from "+w.Raw)
			return in, mapped
		}
		if strings.Contains(name, "://") {
			continue
		}
		if !path.IsAbs(name) {
			if c.dir == "" {
				return install{}, false
			}
			name = path.Join(c.dir, name)
		}
		source, ok := c.layout.fileAt(path.Clean(name))
		if !ok {
			// It may come from the base image, another stage or an earlier RUN.
			in.at, in.reads = at, project.Manifests{Missing: []string{strings.TrimPrefix(w.Value, "./")}}
			return in, mapped
		}
		if !mapped {
			at, mapped = folder{path.Dir(path.Clean(name)), path.Dir(source)}, true
		}
		sources = append(sources, source)
	}
	for i, source := range sources {
		if rel, err := filepath.Rel(at.source, source); err == nil {
			sources[i] = filepath.ToSlash(rel)
		}
	}
	in.at = at
	in.reads = project.Requirements(c.context(), at.source, sources...)
	return in, len(sources) > 0
}

// pythonProject recognises the installs that read pyproject.toml or a Pipfile.
func pythonProject(c call) (install, bool) {
	inv, ok := pkgmgr.Recognise(c.cmd)
	if !ok || inv.Action != pkgmgr.Install {
		return install{}, false
	}
	dir, known := c.lastOption(inv, "-C", "--directory", "-P", "--project")
	at, mapped := c.folder(c.in(dir))
	if !known || !mapped {
		return install{}, false
	}
	in := install{ecosystem: python, at: at, withoutProject: inv.HasFlag("--no-root", "--no-install-project", "--no-install-workspace")}
	switch manager := inv.Manager.Name; {
	case manager == "poetry" && (verb(inv) == "install" || verb(inv) == "sync"):
		in.program = "poetry " + verb(inv)
		scope := project.WithProject
		if inv.HasFlag("--no-root") {
			scope = project.DependenciesOnly
		}
		in.reads = project.Poetry(c.context(), at.source, scope)
		c.withoutProject(&in, project.Poetry(c.context(), at.source, project.DependenciesOnly), inv, "--no-root")
		if inProject, _ := c.stage.EnvAt(c.run, "POETRY_VIRTUALENVS_IN_PROJECT"); inProject != "" {
			in.writes, in.inTree = []string{".venv"}, true
		}
	case manager == "uv" && verb(inv) == "sync" && inv.Command.Words[inv.Verb-1].Value != "pip":
		in.program = "uv sync"
		scope := project.WithProject
		switch {
		case inv.HasFlag("--no-install-workspace"):
			scope = project.ThirdPartyOnly
		case inv.HasFlag("--no-install-project"):
			scope = project.DependenciesOnly
		}
		in.reads = project.Uv(c.context(), at.source, scope)
		c.withoutProject(&in, project.Uv(c.context(), at.source, project.DependenciesOnly), inv, "--no-install-project")
		if environment, set := c.stage.EnvAt(c.run, "UV_PROJECT_ENVIRONMENT"); !set || !path.IsAbs(environment) {
			in.writes, in.inTree = []string{".venv"}, true
		}
	case manager == "pipenv" && (verb(inv) == "install" || verb(inv) == "sync") && len(inv.Operands) == 0:
		in.program = "pipenv " + verb(inv)
		if files := c.option(inv, "-r", "--requirements"); len(files) > 0 {
			return c.requirements(in, files)
		}
		in.reads = project.Pipenv(c.context(), at.source)
		if inProject, _ := c.stage.EnvAt(c.run, "PIPENV_VENV_IN_PROJECT"); inProject != "" {
			in.writes, in.inTree = []string{".venv"}, true
		}
	default:
		return install{}, false
	}
	return in, true
}

// withoutProject makes the install a first one without the project itself, where
// that reads no source.
func (c call) withoutProject(in *install, reads project.Manifests, inv pkgmgr.Invocation, flag string) {
	if in.reads.ReadsSource == "" || !reads.Complete() || inv.HasFlag(flag) {
		return
	}
	in.reads = reads
	in.reads.ReadsSource = "it installs the project itself"
	in.ahead = []string{c.withFlags(inv.Verb, flag)}
}

// withFlags is the command as written with options added behind word i.
func (c call) withFlags(i int, flags ...string) string {
	text := c.run.File().Slice(c.cmd.Span)
	at := c.cmd.Words[i].Span.End - c.cmd.Span.Start
	return text[:at] + " " + strings.Join(flags, " ") + text[at:]
}
