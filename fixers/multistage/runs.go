package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/shell"
)

// placeRuns sends every RUN to the build stage, to the runtime stage, or its
// steps to one each.
func (pl *plan) placeRuns() string {
	for _, at := range pl.places {
		if at.inst.Name != "RUN" {
			continue
		}
		pl.inst = at.inst
		if why := pl.placeRun(at); why != "" {
			return why
		}
	}
	pl.inst = nil
	return ""
}

// sides says which stages the effects of a RUN, or of one of its steps, are for.
type sides struct{ build, runtime, system, state bool }

func (s *sides) add(e effects.Effect) {
	switch e.Kind {
	case effects.Depends, effects.Fetches, effects.Compiles:
		s.build = true
	case effects.Accounts, effects.Files, effects.Runs:
		s.runtime = true
	case effects.Installs, effects.Lists, effects.Removes:
		s.system = true
	case effects.State:
		s.state = true
	}
}

// toldApart returns the effects with what only makes room for a download, such as
// mkdir of the folder that it unpacks to, counted as a part of it.
func toldApart(all []effects.Effect) []effects.Effect {
	var fetched []string
	for _, e := range all {
		if e.Kind == effects.Fetches {
			fetched = append(fetched, e.Writes...)
		}
	}
	told := append([]effects.Effect{}, all...)
	for i, e := range told {
		if e.Kind == effects.Files && isPartOf(append(e.Writes, e.Gone...), fetched) {
			told[i].Kind = effects.Fetches
		}
	}
	return told
}

// tidies counts the removal of what lies in the tree as nothing: the tree reaches
// the runtime stage without it.
func (pl *plan) tidies(all []effects.Effect) {
	for i, e := range all {
		inTree := has(all, effects.Depends) && e.Kind == effects.Files && len(e.Writes) == 0 && len(e.Gone) > 0
		for _, g := range e.Gone {
			inTree = inTree && (isWithinAny(g, pl.tree.paths) || isWithin(g, "/root"))
		}
		if inTree {
			all[i].Kind = effects.Nothing
		}
	}
}

func isPartOf(paths, fetched []string) bool {
	for _, p := range paths {
		found := false
		for _, f := range fetched {
			found = found || p == strings.TrimSuffix(f, "/") || strings.HasSuffix(f, "/") && strings.HasPrefix(p, f)
		}
		if !found {
			return false
		}
	}
	return len(paths) > 0
}

func (pl *plan) placeRun(at *place) string {
	at.effects = toldApart(at.effects)
	if pl.profile.place != nil {
		if done, why := pl.profile.place(pl, at); done || why != "" {
			return why
		}
	}
	if pl.isBuild() {
		return pl.placeOfBuild(at)
	}
	pl.tidies(at.effects)
	var all sides
	for _, e := range at.effects {
		all.add(e)
	}
	user := pl.stage.UserAt(at.inst)
	switch _, driver := archiveIn(at); {
	case all.build && !user.IsRoot() && !all.runtime && !all.system:
		if why := pl.installAs(at, user); why != "" {
			return why
		}
		at.build = true
	case all.build && !user.IsRoot():
		return "the install runs as USER " + user.Name
	case driver && !all.system && !pl.touchesVendor(at):
		return pl.placeArchive(at)
	case pl.isVendorSetup(at):
		at.build = true
		at.pkgs = pl.packagesOf(at)
		return ""
	case pl.touchesVendor(at):
		return brief(at.inst.Args.Text) + ": a driver and other things are set up in one RUN"
	case all.runtime && (all.system || all.build && all.state):
		return pl.mix(at)
	case all.build && all.runtime:
		return pl.divide(at)
	case all.build:
		at.build = true
	case all.system:
		at.pkgs = pl.packagesOf(at)
		return "" // see choosePackages
	case !all.runtime && !all.state && asksVersion(at.effects):
		at.build = true // which has every program
		return ""
	default:
		at.runtime = true
		at.build = pl.configuresInstalls(at)
		pl.note("replayed: %s", brief(at.inst.Text()))
		return ""
	}
	return pl.fetched(at)
}

// asksVersion reports whether a command asks a program for its version, such as one
// that the runtime stage may lack.
func asksVersion(all []effects.Effect) bool {
	return slices.ContainsFunc(all, func(e effects.Effect) bool {
		return e.Kind == effects.Nothing && e.Command != nil && len(e.Command.Words) == 2 && e.Command.Words[1].IsFlag()
	})
}

// configuration are folders in which installers and the programs under them find
// their settings, credentials and certificates: pip.conf, .netrc, .gemrc, .ssh.
var configuration = []string{"/root", "/etc", "/usr/local/etc/php", "/usr/local/share/ca-certificates"}

// configuresInstalls reports whether what a RUN or a COPY before an install makes may
// steer it.
func (pl *plan) configuresInstalls(at *place) bool {
	later := pl.places[pl.index(at)+1:]
	if !slices.ContainsFunc(later, func(p *place) bool { return p.depends }) {
		return false
	}
	if c, ok := pl.stage.CopyOf(at.inst); ok {
		return c.From == "" && isWithinAny(strings.TrimSuffix(c.Dest, "/"), configuration)
	}
	return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
		writes := slices.ContainsFunc(e.Writes, func(w string) bool { return isWithinAny(strings.TrimSuffix(w, "/"), configuration) })
		return e.Program == "git" || e.Program == "update-ca-certificates" || e.Kind == effects.Files && writes
	})
}

// divide gives the steps of a RUN to the stage that each is for.
func (pl *plan) divide(at *place) string {
	script := pl.stage.Script(at.inst)
	steps := make([]sides, len(script.Steps))
	for _, e := range at.effects {
		if e.Step < 0 {
			return brief(at.inst.Args.Text) + ": a command stands in no step"
		}
		steps[e.Step].add(e)
	}
	var moved []string
	for i, s := range steps {
		_, removable := script.Remove(i)
		switch {
		case s.build && s.runtime || script.Steps[i].Op == shell.Or || s.runtime && !removable:
			return brief(at.inst.Args.Text) + ": one step installs and sets up"
		case s.runtime:
			at.removed = append(at.removed, i)
			moved = append(moved, at.inst.File().Slice(script.Steps[i].Span))
		}
	}
	at.build, at.runtime = true, true
	at.text = at.inst.Cased("RUN") + " " + strings.Join(moved, " && ")
	pl.note("replayed: %s", brief(at.text))
	return pl.fetched(at)
}

func has(all []effects.Effect, kind effects.Kind) bool {
	for _, e := range all {
		if e.Kind == kind {
			return true
		}
	}
	return false
}
