package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// script stands for an installer's own installation script, fed to an interpreter.
var script = &pkgmgr.Manager{Name: "script"}

// installerScripts are where those scripts are, and what they install.
// Sources: https://python-poetry.org/docs/#installing-with-the-official-installer, https://getcomposer.org/download,
// https://docs.astral.sh/uv/getting-started/installation.
var installerScripts = map[string]string{
	"https://install.python-poetry.org": "poetry", "https://install.python-poetry.org/": "poetry",
	"https://astral.sh/uv/install.sh": "uv", "https://getcomposer.org/installer": "composer",
}

// scriptInstall reads "curl https://install.python-poetry.org | python3 -" as the
// install of a tool.
func scriptInstall(e effects.Effect) (effects.Effect, bool) {
	if e.Program == "pipx" {
		return pipxInstall(e)
	}
	if e.Command == nil || e.Command.Piped == nil {
		return e, false
	}
	for _, w := range e.Command.Piped.Words {
		if installerScripts[w.Value] != "" {
			e.Kind, e.Reason = effects.Depends, ""
			e.Install = pkgmgr.Invocation{Manager: script, Command: e.Command, Verb: -1}
			return e, true
		}
	}
	return e, false
}

// pipxInstall reads "pipx install poetry" as the install of a tool.
func pipxInstall(e effects.Effect) (effects.Effect, bool) {
	for _, w := range e.Command.Words[1:] {
		switch name := pkgmgr.Name(w.Value); {
		case w.IsFlag() || name == "install" || name == "ensurepath":
		case slices.Contains(installers, name):
		default:
			return e, false
		}
	}
	e.Kind, e.Reason = effects.Depends, ""
	e.Install = pkgmgr.Invocation{Manager: script, Command: e.Command, Verb: -1}
	return e, true
}

// bringsInstaller reports whether an effect does no more than to bring or to set up an
// installer.
func (pl *plan) bringsInstaller(at *place, e effects.Effect) bool {
	if e.Kind != effects.Depends || e.Install.Manager == nil {
		return false
	}
	if e.Install.Manager == script {
		return true
	}
	if !pl.isPython() {
		return false
	}
	h, why := pl.homeOf(at, e)
	return h == "" && why == ""
}

// tool is the name of the installer that an effect brings or sets up.
func tool(e effects.Effect) string {
	switch e.Install.Manager.Name {
	case "script":
		if last := e.Command.Words[len(e.Command.Words)-1]; e.Program == "pipx" {
			return strings.Replace(pkgmgr.Name(last.Value), "ensurepath", "pipx", 1)
		}
		if e.Command.Piped == nil {
			return "composer"
		}
		for _, w := range e.Command.Piped.Words {
			if name := installerScripts[w.Value]; name != "" {
				return name
			}
		}
	case "pip":
		for _, w := range e.Install.Packages() {
			if name := strings.ToLower(pkgmgr.Name(w.Value)); name == "pipx" || name == "poetry" || name == "uv" || name == "pipenv" {
				return name
			}
		}
	}
	return e.Install.Manager.Name
}

// placeInstallers sees to it that the runtime stage has the installers that the running
// image calls, such as poetry for CMD ["poetry", "run", "flask"].
func (pl *plan) placeInstallers() string {
	if !pl.isPython() && pl.profile != &php || pl.tree.system {
		return ""
	}
	for _, at := range pl.places {
		if at.inst.Name == "COPY" {
			pl.placeToolCopy(at)
			continue
		}
		if at.inst.Name != "RUN" || pl.tree.isNew() && at.depends {
			continue // it is in the tree
		}
		for _, e := range at.effects {
			if pl.bringsInstaller(at, e) && !pl.callsAtRuntime(tool(e)) && (e.Install.Manager.Name == "pip" || e.Install.Manager == script) {
				pl.leave(tool(e), "only the build calls it")
			}
		}
		steps, why := pl.toolSteps(at)
		switch {
		case why != "":
			pl.inst = at.inst
			return why
		case len(steps) == 0:
			continue
		}
		text := at.inst.Cased("RUN") + " " + strings.Join(steps, " && ")
		if at.text != "" {
			text = at.text + at.inst.File().EOL() + text
		}
		at.runtime, at.text = true, text
		pl.note("replayed: %s", brief(text))
	}
	return ""
}

// toolSteps are the steps of a RUN that bring and set up installers which the
// running image calls.
func (pl *plan) toolSteps(at *place) (steps []string, declined string) {
	called := slices.ContainsFunc(at.effects, func(e effects.Effect) bool { return pl.bringsInstaller(at, e) && pl.callsAtRuntime(tool(e)) })
	if !called {
		return nil, ""
	}
	s := pl.stage.Script(at.inst)
	for i, step := range s.Steps {
		tools, others := false, false
		for _, e := range at.effects {
			if e.Step != i {
				continue
			}
			setsUp := pl.bringsInstaller(at, e) && (e.Install.Manager.Name == "pip" || verbOf(e.Install) == "config")
			tools = tools || setsUp && pl.callsAtRuntime(tool(e))
			others = others || !setsUp
			if e.Install.Manager == script {
				return nil, tool(e) + ", which the running image calls, is installed by a script"
			}
		}
		switch {
		case tools && (others || step.Op == shell.Or):
			return nil, brief(at.inst.Args.Text) + ": one step brings an installer and does other things"
		case tools:
			steps = append(steps, at.inst.File().Slice(step.Span))
			for _, c := range step.Commands {
				pl.declare(fix.AddCommand, strings.Join(strings.Fields(c.Text()), " "))
			}
		}
	}
	return steps, ""
}

// placeToolCopy: an installer that is copied out of its own image is for the build
// stage, and for the runtime stage where that calls it.
func (pl *plan) placeToolCopy(at *place) {
	c, ok := pl.stage.CopyOf(at.inst)
	if !ok || c.From == "" || c.Stage != nil {
		return
	}
	called := false
	for _, src := range c.Sources {
		base := path.Base(src.Path)
		if base != "uv" && base != "uvx" && base != "composer" {
			return
		}
		called = called || pl.callsAtRuntime(base)
	}
	at.build = true
	at.runtime = called
	if !called {
		for _, src := range c.Sources {
			pl.declare(fix.DropCopy, src.Word.Text)
			pl.leave(src.Word.Text, "only the build calls it")
		}
	}
}

// callsAtRuntime reports whether the running image, or a RUN of the runtime stage,
// calls a program.
func (pl *plan) callsAtRuntime(program string) bool {
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		switch at.inst.Name {
		case "CMD", "ENTRYPOINT", "HEALTHCHECK":
			return pl.startCalls(at, program)
		case "RUN":
			return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
				return e.Kind == effects.Runs && (e.Program == program || e.Install.Manager != nil && e.Install.Manager.Name == program)
			})
		}
		return false
	})
}

// startCalls reports whether an instruction that starts something, or a script that it
// starts, names a program.
func (pl *plan) startCalls(at *place, program string) bool {
	script := pl.stage.Script(at.inst)
	if script.Opaque != "" && strings.Contains(at.inst.Args.Text, program) {
		return true
	}
	return slices.ContainsFunc(script.Commands, func(c *shell.Command) bool {
		return slices.ContainsFunc(c.Words, func(w shell.Word) bool {
			return path.Base(w.Value) == program || pl.scriptCalls(at, w.Value, program)
		})
	})
}

// scriptCalls reports whether a script of the context names a program.
func (pl *plan) scriptCalls(at *place, name, program string) bool {
	if pl.pass.Context == nil || name == "" {
		return false
	}
	full := name
	if !strings.HasPrefix(full, "/") {
		full = path.Join(pl.stage.WorkdirAt(at.inst), name)
	}
	file, from := pl.contextFile(&place{}, path.Clean(full))
	if from == nil {
		return false
	}
	text, err := pl.pass.Context.Read(file)
	return err == nil && slices.ContainsFunc(strings.FieldsFunc(text, isSeparator), func(w string) bool { return path.Base(w) == program })
}
