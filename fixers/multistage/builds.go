package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/fix"
)

// isBuild reports whether the split is one of a build that reads the source: the
// source stays in the build stage, and what the build leaves is copied.
func (pl *plan) isBuild() bool { return pl.lastBuild() >= 0 }

// lastBuild is the index of the last RUN that builds from the source, or of an
// install behind it; -1 if none builds.
func (pl *plan) lastBuild() int {
	if !slices.ContainsFunc(pl.places, func(at *place) bool { return at.builds }) {
		return -1
	}
	return pl.lastInstall()
}

// touchesBuild reports whether a change of files concerns the build alone: it
// stays where the source and the products are, or makes room for them.
func (pl *plan) touchesBuild(at *place, e effects.Effect) bool {
	if changesOwner(e) {
		return false // a copy from another stage belongs to root
	}
	if e.Program == "git" {
		return true
	}
	paths := append(append([]string{}, e.Writes...), e.Gone...)
	if isMove(e) {
		paths = e.Reads
	}
	for _, p := range paths {
		p = strings.TrimSuffix(p, "/")
		holds := slices.ContainsFunc(pl.artefacts, func(a artefact) bool { return isWithin(a.from, p) || isWithin(p, a.from) })
		holds = holds || len(e.Gone) > 0 && slices.ContainsFunc(pl.roots, func(r string) bool { return isWithin(r, p) })
		if !holds && !isWithinAny(p, pl.roots) || pl.isCopiedLater(p) || pl.isCopiedSince(at, p) {
			return false
		}
	}
	return len(paths) > 0
}

func changesOwner(e effects.Effect) bool {
	return e.Kind == effects.Files && (e.Program == "chown" || e.Program == "chgrp" || e.Program == "setfacl")
}

// isCopiedLater reports whether a COPY behind the last build brings the file.
func (pl *plan) isCopiedLater(name string) bool {
	for _, at := range pl.places[pl.lastBuild()+1:] {
		c, ok := pl.stage.CopyOf(at.inst)
		if ok && c.Dest != "" && (isWithin(strings.TrimSuffix(c.Dest, "/"), name) || isWithin(name, strings.TrimSuffix(c.Dest, "/")) && !slices.ContainsFunc(c.Sources, build.CopySource.IsBroad)) {
			return true
		}
	}
	return false
}

// isCopiedSince reports whether a COPY between the last build and a place may bring
// the file.
func (pl *plan) isCopiedSince(at *place, name string) bool {
	for i := pl.lastBuild() + 1; i < pl.index(at); i++ {
		if c, ok := pl.stage.CopyOf(pl.places[i].inst); ok && (c.Dest == "" || isWithin(name, c.Dest)) {
			return true
		}
	}
	return false
}

// placeOfBuild places a RUN of a file that builds from its source.
func (pl *plan) placeOfBuild(at *place) string {
	if pl.profile.frontEnd {
		pl.tidies(at.effects)
	}
	var all sides
	for i, e := range at.effects {
		switch {
		case pl.profile.frontEnd && pl.index(at) > pl.lastBuild():
		case e.Kind == effects.Runs:
			return brief(commandText(e)) + ": what it leaves is not known"
		case changesOwner(e) && pl.index(at) < pl.lastBuild() && slices.ContainsFunc(e.Writes, func(w string) bool { return isWithinAny(w, pl.roots) }):
			return brief(commandText(e)) + ": it changes the owner of files of which the build leaves more"
		case e.Kind == effects.Files && pl.touchesBuild(at, e):
			at.effects[i].Kind = effects.Compiles
		case e.Kind == effects.Files && isMove(e) && !at.builds && isWithinAny(e.Writes[0], pl.roots):
			return brief(commandText(e)) + ": where what it copies is needed cannot be told"
		}
		all.add(at.effects[i])
	}
	switch user := pl.stage.UserAt(at.inst); {
	case all.build && !user.IsRoot() && (user.Inst != nil || user.Known || !pl.profile.root):
		return "the build runs as USER " + user.Name
	case all.build && all.runtime:
		if all.state || all.system {
			return brief(at.inst.Args.Text) + ": what it installs and what it sets up are one script"
		}
		return pl.divide(at)
	case all.build:
		at.build = true
		return pl.fetched(at)
	case all.system && all.runtime:
		if why := pl.keepWhole(at); why != "" {
			return why
		}
		at.runtime = true
		at.whole = true
	case all.system:
		at.pkgs = pl.packagesOf(at)
		return ""
	case !all.runtime && !all.state && (pl.index(at) < pl.lastBuild() || pl.looksAtSource(at)):
		at.build = true // it prints, or removes what nobody needs
		return ""
	default:
		at.runtime = true
		at.build = pl.makesOwner(at)
	}
	pl.note("replayed: %s", brief(at.inst.Text()))
	return ""
}

// makesOwner reports whether a RUN makes accounts that a COPY of the build stage may give
// files to.
func (pl *plan) makesOwner(at *place) bool {
	return has(at.effects, effects.Accounts) && slices.ContainsFunc(pl.inputs, func(in input) bool { return strings.Trim(in.chown, "0123456789:") != "" })
}

// looksAtSource reports whether a command names a path that only the build stage
// has.
func (pl *plan) looksAtSource(at *place) bool {
	for _, e := range at.effects {
		if e.Command == nil || len(e.Command.Words) == 0 {
			continue
		}
		for _, w := range e.Command.Words[1:] {
			if strings.Contains(w.Value, "/") && !w.IsFlag() && (isWithinAny(absolute(w.Value, e.Dir), pl.roots) || isWithin(w.Value, "/go")) {
				return true
			}
		}
	}
	return false
}

// keepWhole says why a RUN that installs packages and sets up other things cannot
// run in the runtime stage as it is, or "".
func (pl *plan) keepWhole(at *place) string {
	text := brief(at.inst.Args.Text) + ": packages and files are made in one RUN"
	if pl.index(at) < pl.lastBuild() && !allRuntime(pl.packagesOf(at)) {
		return text
	}
	for _, p := range pl.packagesOf(at) {
		if _, why := pl.runtimeOf(p); why != "" {
			return text
		}
	}
	for _, e := range at.effects {
		if e.Kind == effects.Removes {
			return text
		}
		if e.Kind == effects.Installs {
			if why := pl.unreadable(e.Install); why != "" {
				return why
			}
		}
	}
	return ""
}

// placeSource sends the source to the build stage. Of what the runtime stage gets
// copied from there, the owner is the one that the source had.
func (pl *plan) placeSource() string {
	last := pl.lastBuild()
	for i, at := range pl.places {
		if at.inst.Name != "COPY" && at.inst.Name != "ADD" {
			continue
		}
		c, ok := pl.stage.CopyOf(at.inst)
		switch {
		case !ok || i > last:
			at.runtime = true
		case c.From != "" || isAddress(c):
			pl.inst = at.inst
			if c.Dest == "" {
				return "where it copies to is not known"
			}
			at.build = true
			at.runtime = !isWithinAny(c.Dest, pl.roots) || !pl.isBrought(c.Dest)
			if isWithinAny(c.Dest, pl.roots) && !at.runtime {
				pl.dropSources(c)
			}
		case pl.profile.frontEnd && !isWithinAny(c.Dest, pl.roots):
			at.build, at.runtime = true, true
		default:
			at.build = true
			pl.dropSources(c)
		}
	}
	return ""
}

// dropSources keeps a COPY out of the runtime stage.
func (pl *plan) dropSources(c build.Copy) {
	for _, src := range c.Sources {
		pl.declare(fix.DropCopy, src.Word.Text)
		switch {
		case !slices.ContainsFunc(pl.inputsOf(c, src), func(in input) bool { return !pl.isBrought(in.name) && (src.IsBroad() || !pl.reaches(in.name)) }):
		case src.IsBroad():
			pl.leave("the source", "only the build reads it")
		default:
			pl.leave(src.Word.Text, "only the build reads it")
		}
	}
}
