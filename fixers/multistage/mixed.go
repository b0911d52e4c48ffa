package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// mix places a RUN that installs packages beside other things: the build stage
// runs it as it is, and the runtime stage the steps that make accounts and files,
// with the packages that it needs.
//
//	RUN apt-get install -y gcc curl && mkdir /data
//	=>  RUN apt-get install -y gcc curl && mkdir /data
//	    ...
//	    RUN apt-get install -y curl && mkdir /data
func (pl *plan) mix(at *place) string {
	script := pl.stage.Script(at.inst)
	if script.Form == shell.Exec {
		return brief(at.inst.Args.Text) + ": packages and files are made in one RUN"
	}
	steps := make([]sides, len(script.Steps))
	for _, e := range at.effects {
		if e.Step < 0 {
			return brief(at.inst.Args.Text) + ": a command stands in no step"
		}
		steps[e.Step].add(e)
		fetched := has(at.effects, effects.Fetches)
		if e.Kind == effects.State && e.Program != "set" && e.Program != "export" && e.Program != "" && fetched {
			return brief(at.inst.Args.Text) + ": what it installs and what it sets up are one script"
		}
	}
	for i, s := range steps {
		mixed := s.runtime && (s.system || s.build) || s.state && (s.system || s.build)
		if mixed || script.Steps[i].Op == shell.Or || script.Steps[i].Background || script.Steps[i].Negated {
			return brief(at.inst.Args.Text) + ": one step installs and sets up"
		}
	}
	for i, s := range steps {
		if (s.runtime || s.system || s.state) && script.MayFail(i) { // in the runtime stage it must not
			return brief(at.inst.File().Slice(script.Steps[i].Span)) + ": the script goes on where it fails"
		}
	}
	at.mixed = true
	at.build = slices.ContainsFunc(steps, func(s sides) bool { return s.build })
	at.pkgs = pl.packagesOf(at)
	return pl.fetched(at)
}

// mixedText is the RUN of the runtime stage for one that is mixed: the steps that
// make accounts and files, and where the first install stood, install.
func (pl *plan) mixedText(at *place, install []string) string {
	script := pl.stage.Script(at.inst)
	var parts []string
	for i, step := range script.Steps {
		var s sides
		installs := false
		for _, e := range at.effects {
			if e.Step == i {
				s.add(e)
				installs = installs || e.Kind == effects.Installs
			}
		}
		switch {
		case installs:
			parts = append(parts, install...)
			install = nil
		case s.runtime || s.state:
			parts = append(parts, at.inst.File().Slice(step.Span))
			if at.build {
				pl.declareAgain(step.Commands)
			}
		}
	}
	return at.inst.Cased("RUN") + " " + strings.Join(parts, and(at.inst))
}

// declareAgain tells the contract that both stages run commands.
func (pl *plan) declareAgain(commands []*shell.Command) {
	for _, c := range commands {
		pl.declare(fix.AddCommand, strings.Join(strings.Fields(c.Text()), " "))
	}
}

// upgrades are the steps of a RUN that bring all packages up to date, which both
// stages do. Alpine's read an index that is fetched for them and not kept.
func (pl *plan) upgrades(at *place) []string {
	var steps []string
	for _, e := range at.effects {
		if e.Kind != effects.Removes || e.Install.Action != pkgmgr.Upgrade {
			continue
		}
		step := at.inst.File().Slice(e.Command.Span)
		if pl.stage.Image.Distro == facts.Alpine && !e.Install.HasFlag("--no-cache", "-U", "--update-cache", "--update") {
			step += " --no-cache"
			pl.declare(fix.AddCommand, strings.Join(strings.Fields(e.Command.Text()+" --no-cache"), " "))
		} else {
			pl.declareAgain([]*shell.Command{e.Command})
		}
		steps = append(steps, step)
	}
	return steps
}
