package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// placeSettings sends every other instruction where it matters: what configures
// the image to the runtime stage, what the installs see to both.
func (pl *plan) placeSettings() string {
	last := 0
	for i, at := range pl.places {
		if at.build || len(at.pkgs) > 0 {
			last = i
		}
	}
	for i, at := range pl.places {
		if at.inst.Name == "WORKDIR" {
			at.build = i < last && pl.readsWorkdir(i) // which may name variables
		}
	}
	for i, at := range slices.Backward(pl.places) { // a variable may name one before it
		switch at.inst.Name {
		case "RUN", "COPY", "ADD":
			continue
		case "ARG", "SHELL":
			at.build = i < last
		case "ENV":
			at.build = i < last && pl.steersBuild(i)
		}
		at.runtime = !at.build || !pl.isForBuild(at)
	}
	pl.dropArguments()
	pl.dropWorkdirs()
	return pl.namesToolchain()
}

// dropArguments keeps an ARG out of the build stage that only the runtime stage names,
// such as one for a label.
func (pl *plan) dropArguments() {
	for i, at := range slices.Backward(pl.places) {
		if at.inst.Name != "ARG" || !at.build || !at.runtime || pl.steersBuild(i) {
			continue
		}
		at.build = slices.ContainsFunc(at.inst.Pairs(), func(p syntax.Pair) bool { return !pl.isNamedBehind(at, p.Name) })
	}
}

// namesToolchain says that a variable of the running image names a folder of the
// compiler, or "".
func (pl *plan) namesToolchain() string {
	for _, at := range pl.places {
		if at.inst.Name != "ENV" || !at.runtime {
			continue
		}
		for _, p := range at.inst.Pairs() {
			value := strings.Trim(p.Value, `"'`)
			if isWithinAny(value, pl.profile.toolchain) && !pl.profile.isBuildEnv(p.Name) {
				pl.inst = at.inst
				return "the running image has " + p.Name + "=" + value + ", which the runtime stage lacks"
			}
		}
	}
	return ""
}

// dropWorkdirs keeps a WORKDIR that only builds run in out of the runtime stage:
// another follows before anything there depends on it.
func (pl *plan) dropWorkdirs() {
	if !pl.isBuild() {
		return
	}
	unused := (*place)(nil)
	for _, at := range pl.places {
		switch {
		case at.inst.Name == "WORKDIR" && unused != nil && pl.isAbsolute(at):
			unused.runtime = false
			fallthrough
		case at.inst.Name == "WORKDIR":
			if unused = nil; at.build {
				unused = at
			}
		case at.runtime || at.writes || len(at.pkgs) > 0:
			unused = nil
		}
	}
}

// isAbsolute reports whether a WORKDIR does not depend on the one before.
func (pl *plan) isAbsolute(at *place) bool {
	dir := pl.stage.Expand(at.inst, at.inst.Args.Text)
	return dir.Known && strings.HasPrefix(dir.Text, "/")
}

// runsMake reports whether make builds, whose files may read any variable.
func (pl *plan) runsMake() bool {
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.effects, func(e effects.Effect) bool { return e.Program == "make" })
	})
}

// readsWorkdir reports whether something in the build stage depends on the
// WORKDIR at i.
func (pl *plan) readsWorkdir(i int) bool {
	for _, at := range pl.places[i+1:] {
		if at.inst.Name == "WORKDIR" && pl.isAbsolute(at) {
			return false
		}
		if at.build {
			return true
		}
	}
	return false
}

// steersBuild reports whether the build stage needs the ENV at i.
func (pl *plan) steersBuild(i int) bool {
	if (pl.profile.anyEnv || pl.runsMake()) && i < pl.lastBuild() {
		return true
	}
	for _, p := range pl.places[i].inst.Pairs() {
		if pkgmgr.ReadsVariable(p.Name) {
			return true
		}
		for _, at := range pl.places[i+1:] {
			onlyInstalls := at.inst.Name != "RUN" || !has(at.effects, effects.Fetches) && !has(at.effects, effects.Nothing) && !has(at.effects, effects.Removes)
			if at.build && (!onlyInstalls || strings.Contains(at.inst.Args.Text, "$"+p.Name) || strings.Contains(at.inst.Args.Text, "${"+p.Name)) {
				return true
			}
		}
	}
	return false
}

// isForBuild reports whether the running image has no use for a setting: a
// variable that only builds read, an argument that nothing names.
func (pl *plan) isForBuild(at *place) bool {
	if at.inst.Name != "ENV" && (at.inst.Name != "ARG" || !pl.isBuild()) {
		return false
	}
	for _, p := range at.inst.Pairs() {
		if at.inst.Name == "ENV" && !pl.profile.isBuildEnv(p.Name) || pl.isNamedBehind(at, p.Name) {
			return false
		}
	}
	return true
}

// isBuildEnv reports whether only builds read a variable.
func (p *profile) isBuildEnv(variable string) bool {
	return slices.ContainsFunc(p.buildEnv, func(name string) bool {
		return variable == name || strings.HasSuffix(name, "_") && strings.HasPrefix(variable, name)
	})
}

// isNamedBehind reports whether an instruction of the runtime stage names a
// variable, or may read it unnamed.
func (pl *plan) isNamedBehind(at *place, name string) bool {
	for _, other := range pl.places[pl.index(at)+1:] {
		if other.inst.Name != "RUN" && other.build && other.inst.Name != "ENV" && other.inst.Name != "ARG" && other.inst.Name != "WORKDIR" {
			continue
		}
		text := other.inst.Args.Text
		named := strings.Contains(text, "$"+name) || strings.Contains(text, "${"+name)
		switch {
		case other.inst.Name == "RUN" && other.build && !other.runtime:
		case other.inst.Name == "RUN" && (pkgmgr.ReadsVariable(name) || has(other.effects, effects.Opaque) || has(other.effects, effects.Runs)):
			return true
		case named:
			return true
		}
	}
	return false
}
