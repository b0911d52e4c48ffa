package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
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
		switch at.inst.Name {
		case "RUN", "COPY", "ADD":
			continue
		case "WORKDIR":
			at.build = i < last && pl.readsWorkdir(i)
		case "ARG", "SHELL":
			at.build = i < last
		case "ENV":
			at.build = i < last && pl.steersBuild(i)
		}
		at.runtime = !at.build || !pl.isForBuild(at)
	}
	pl.dropWorkdirs()
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
		case at.inst.Name == "WORKDIR" && unused != nil && strings.HasPrefix(at.inst.Args.Text, "/"):
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
		if at.inst.Name == "WORKDIR" && strings.HasPrefix(at.inst.Args.Text, "/") {
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
