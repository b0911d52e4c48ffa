package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// leaveSourceSteps takes the steps of a RUN out of the build stage that work on the
// source, where the runtime stage alone has that, or that only the runtime stage is
// for; the RUN is written anew there. It says why a step cannot go, or "".
//
//	COPY . .
//	RUN apt-get install -y gcc && pip install -r requirements.txt && chmod +x start.sh
//	=>  RUN apt-get install -y gcc && pip install -r requirements.txt
func (pl *plan) leaveSourceSteps(at *place) string {
	if !at.build {
		return ""
	}
	var more []int
	for _, e := range at.effects {
		if e.Command == nil || slices.Contains(at.removed, e.Step) {
			continue
		}
		what := pl.worksOnSource(at, e)
		switch {
		case what == "" && pl.isForRuntime(at, e) && !slices.Contains(more, e.Step):
			more = append(more, e.Step)
		case what == "":
		case !at.mixed || !pl.canLeave(at, e):
			return brief(commandText(e)) + ": it works on " + what + ", which is copied to the runtime stage alone"
		default:
			at.removed = append(at.removed, e.Step)
		}
	}
	slices.Sort(at.removed)
	if all := slices.Sorted(slices.Values(slices.Concat(at.removed, more))); pl.canLeaveTogether(at, all) {
		at.removed = all
	}
	return ""
}

// canLeaveTogether reports whether steps can be taken out of a RUN without one edit being
// in the way of another.
func (pl *plan) canLeaveTogether(at *place, steps []int) bool {
	end := 0
	for _, step := range steps {
		gone, ok := pl.stage.Script(at.inst).Remove(step)
		for _, e := range gone {
			if e.Start < end {
				return false
			}
			end = e.End
		}
		if !ok {
			return false
		}
	}
	return true
}

// isForRuntime reports whether a step of a mixed RUN makes files or accounts behind all
// that the build stage installs, so that nothing there is left to need them.
func (pl *plan) isForRuntime(at *place, e effects.Effect) bool {
	_, removable := pl.stage.Script(at.inst).Remove(e.Step)
	if !at.mixed || !removable || e.Kind != effects.Files && e.Kind != effects.Accounts {
		return false
	}
	later := slices.ContainsFunc(at.effects, func(other effects.Effect) bool {
		var s sides
		s.add(other)
		return other.Step >= e.Step && (s.build || s.system || s.state)
	})
	return !later && !slices.ContainsFunc(pl.places[pl.index(at)+1:], func(p *place) bool { return p.build && p.inst.Name == "RUN" })
}

// canLeave reports whether the build stage can do without the step of an effect: it
// neither installs nor builds, and no later one of the RUN that does needs its result.
func (pl *plan) canLeave(at *place, e effects.Effect) bool {
	script := pl.stage.Script(at.inst)
	if _, ok := script.Remove(e.Step); !ok || e.Kind == effects.Nothing {
		return false
	}
	for _, other := range at.effects {
		var s sides
		s.add(other)
		switch {
		case other.Step == e.Step && (s.build || s.system || s.state):
			return false
		case other.Step > e.Step && s.build && slices.ContainsFunc(e.Writes, func(w string) bool { return mentions(other, w) || pl.sourceAt(at, w) == "" }):
			return false
		}
	}
	return true
}

// worksOnSource names what a command of the build stage needs of the source that
// only the runtime stage has, or "". Folders that an install is told of are seen to by
// its manifests.
func (pl *plan) worksOnSource(at *place, e effects.Effect) string {
	installs := e.Kind == effects.Depends || e.Kind == effects.Fetches
	switch {
	case e.Kind == effects.Runs && pl.sourceAt(at, e.Dir) != "":
		return "the source in " + e.Dir
	case e.Kind != effects.Files && e.Kind != effects.Runs && e.Kind != effects.Nothing && !installs:
		return ""
	case e.Program == "mkdir" || e.Program == "rm" && slices.ContainsFunc(e.Command.Words, func(w shell.Word) bool { return w.IsFlag() && strings.Contains(w.Value, "f") }):
		return ""
	}
	paths := pathsOf(e)
	if installs {
		paths = append(paths, pl.settingsAt(at, e.Dir)...)
	}
	for _, name := range paths {
		file := pl.sourceAt(at, name)
		if file == "" || pl.isRead(name) || installs && pl.mayBeFolder(file) {
			continue
		}
		return name
	}
	return ""
}

// settingsAt are the paths in the variables that installs take settings from:
// PIP_CONSTRAINT=/app/constraints.txt.
func (pl *plan) settingsAt(at *place, dir string) []string {
	var paths []string
	for _, before := range pl.places[:pl.index(at)] {
		for _, pair := range before.inst.Pairs() {
			value, ok := pl.stage.EnvAt(at.inst, pair.Name)
			if ok && before.inst.Name == "ENV" && pkgmgr.IsSetting(pair.Name) && value != "" {
				paths = append(paths, absolute(value, dir))
			}
		}
	}
	return paths
}

// pathsOf are the paths that a command names, that of its working directory left out.
// For a pattern it is the folder.
func pathsOf(e effects.Effect) []string {
	paths := slices.Concat(e.Reads, e.Writes, e.Gone)
	for _, w := range e.Command.Words[1:] {
		if w.IsFlag() || e.Dir == "" {
			continue
		}
		known, _, open := strings.Cut(w.Value, "*")
		if open {
			known = path.Dir(known + "x")
		}
		paths = append(paths, absolute(known, e.Dir))
	}
	for i, name := range paths {
		paths[i] = strings.TrimSuffix(name, "/")
	}
	return slices.DeleteFunc(paths, func(name string) bool { return name == strings.TrimSuffix(e.Dir, "/") })
}

// mayBeFolder reports whether a path of the build context is a folder for all that is
// known.
func (pl *plan) mayBeFolder(file string) bool {
	return pl.pass.Context.IsDir(file) || pl.pass.Context == nil && path.Ext(file) == ""
}

// sourceAt is the path in the build context of what is at a name before a place because
// of a COPY that the build stage does not have; "" if nothing is.
func (pl *plan) sourceAt(at *place, name string) string {
	for _, other := range slices.Backward(pl.places[:pl.index(at)]) {
		c, ok := pl.stage.CopyOf(other.inst)
		if !ok || c.From != "" || c.Dest == "" {
			continue
		}
		for _, src := range c.Sources {
			file, ok := pl.originOf(c, src, name)
			if strings.TrimSuffix(c.Dest, "/") == name && src.Path != "" && !src.Heredoc {
				file, ok = src.Path, true
			}
			switch {
			case !ok || pl.pass.Context != nil && !pl.pass.Context.Has(file):
			case other.build:
				return ""
			default:
				return file
			}
		}
	}
	return ""
}
