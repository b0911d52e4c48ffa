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
	"github.com/drydock-dev/drydock/internal/project"
)

// repairBase puts a last stage that builds nothing on the slim image of the same
// version, or on the run time beside the JDK, with the packages that what it copies
// loads.
//
//	FROM python:3.11 AS build                    =>  ...
//	RUN python -m venv /opt/venv && ... # psycopg2
//	FROM python:3.11                                 FROM python:3.11-slim
//	                                                 RUN apt-get update && apt-get install -y libpq5 && ...
//	COPY --from=build /opt/venv /opt/venv            COPY --from=build /opt/venv /opt/venv
//
// Only where what runs comes whole out of the other stage, every command of the last
// one is one that the slim image has, and which libraries and programs are needed is
// known as for a file of one stage. See neededBy for each ecosystem.
func repairBase(p *fix.Pass, last *build.Stage) {
	from, copied := soleSource(last)
	if copied == nil || from.IsImage() || last.Base != nil || last.Last("CMD") == nil && last.Last("ENTRYPOINT") == nil {
		return
	}
	c, _ := last.CopyOf(copied)
	prof := profileOf(last)
	if !comesWhole(last, from, c, prof) {
		return
	}
	mine := newPlan(p, last, prof)
	if _, fat := facts.RuntimeImage(last.Ref); fat && isVariable(fromWord(last)) {
		p.Decline(last.From.Span, "%s", otherImage(fromWord(last)))
		return
	}
	if mine.sameRef || strings.Contains(fromWord(last), "@") {
		return
	}
	plain := prof == &node && !project.NodeCompiles(p.Context, ".")
	for _, at := range mine.places {
		if at.inst.Name == "RUN" {
			at.effects, at.runtime = effects.Of(last, at.inst), true
		}
		if plain {
			at.effects = slices.DeleteFunc(at.effects, func(e effects.Effect) bool { return installsLocked(last, e) })
		}
		if why := fatEffect(at.effects); why != "" {
			p.Decline(last.From.Span, "whether %s runs on %s cannot be told: %s", fromWord(last), mine.slim, why)
			return
		}
	}
	mine.helpers()
	pkgs, why := mine.neededBy(from)
	if why != "" {
		p.Decline(last.From.Span, "whether the last stage runs on %s is not known: %s", mine.slim, why)
		return
	}
	pkgs = slices.Compact(slices.Sorted(slices.Values(append(mine.packages, pkgs...))))
	pkgs = slices.DeleteFunc(pkgs, func(name string) bool { return slices.Contains(packagesIn(last), name) })
	if len(pkgs) > 0 && !last.UserAt(copied).IsRoot() {
		p.Decline(last.From.Span, "%s needs %s, which would be installed as USER %s", mine.slim, pkgs[0], last.UserAt(copied).Name)
		return
	}
	var l ledger
	l.declare(fix.ChangeBase, mine.slim)
	edits := []edit.Edit{edit.Replace(last.From.Words()[0].Span, mine.slim)}
	if steps := installing(&l, bareInstall, pkgs); steps != nil {
		edits = append(edits, copied.InsertAbove(copied.Cased("RUN")+" "+strings.Join(steps, and(copied))))
	}
	for _, name := range pkgs {
		l.declare(fix.AddPackage, name)
		l.note("added: %s, which %s lacks", name, mine.slim)
	}
	l.note("the last stage builds nothing, and what it runs comes from stage %s", stageName(from))
	p.Apply(last.From.Span, "run on "+mine.slim, fix.Fix{
		Safety:  fix.Review,
		Edits:   edits,
		Reads:   wholeFile(last.From),
		Claims:  []string{"stages"},
		Changes: l.changes,
		Notes:   l.notes,
	})
}

// comesWhole reports whether what a last stage runs is known to be what another, on an
// image of the same ecosystem, installs or builds.
func comesWhole(last, from *build.Stage, c build.Copy, prof *profile) bool {
	switch prof {
	case &python:
		return from.Base == nil && from.Ref == last.Ref && holdsDependencies(c, prof)
	case &node:
		return from.Base == nil && from.Ref == last.Ref && len(installsOf(from, prof)) > 0 && startsNode(last)
	case &java:
		return profileOf(from) == prof && slices.ContainsFunc(c.Sources, func(src build.CopySource) bool { return isArchive(src.Path) })
	}
	return false
}

// installsLocked reports whether npm installs what the package-lock.json of the build
// context names, and no more.
func installsLocked(s *build.Stage, e effects.Effect) bool {
	if e.Kind != effects.Depends || e.Program != "npm" || len(e.Install.Operands) > 0 || isGlobal(e.Install) {
		return false
	}
	for _, inst := range s.Instructions {
		c, ok := s.CopyOf(inst)
		if !ok || c.From != "" || path.Clean(c.Dest) != e.Dir {
			continue
		}
		for _, src := range c.Sources {
			if locks, _ := path.Match(path.Clean(src.Path), "package-lock.json"); locks {
				return true
			}
		}
	}
	return false
}

// neededBy are the packages that the slim image lacks for what a stage installs or
// builds, or why they are not known.
func (pl *plan) neededBy(from *build.Stage) (pkgs []string, why string) {
	theirs := newPlan(pl.pass, from, pl.profile)
	switch pl.profile {
	case &java:
		return nil, pl.needsJDK()
	case &node:
		theirs.nodeInstalls = []nodeInstall{{file: "."}}
		why = nodeNeeds(theirs)
		return theirs.packages, why
	}
	for _, step := range []func(*plan) string{(*plan).dependencyEffects, (*plan).needs, (*plan).needsOfHeaders} {
		if why := step(theirs); why != "" {
			return nil, why
		}
	}
	return theirs.packages, ""
}

// dependencyEffects reads the RUNs of a stage that installs dependencies, and says
// why they may leave more than these.
func (pl *plan) dependencyEffects() string {
	for _, at := range pl.places {
		if at.inst.Name != "RUN" {
			continue
		}
		at.effects = effects.Of(pl.stage, at.inst)
		for _, e := range at.effects {
			if e.Kind == effects.Opaque || e.Kind == effects.Compiles {
				return brief(at.inst.Args.Text) + ": what it leaves is not known"
			}
		}
	}
	return ""
}

// fatEffect is what of a RUN may need more than the slim image has, or "".
func fatEffect(all []effects.Effect) string {
	for _, e := range all {
		switch e.Kind {
		case effects.Nothing, effects.State, effects.Lists, effects.Accounts, effects.Files:
		case effects.Installs:
			if !e.Install.Literal() || slices.ContainsFunc(e.Install.Operands, func(i int) bool { return strings.Contains(e.Command.Words[i].Value, "/") }) {
				return brief(commandText(e)) + ": what it installs is not known"
			}
		default:
			return "it runs " + brief(commandText(e))
		}
	}
	return ""
}

// needsOfHeaders adds the libraries of the headers that a stage installs for what
// it compiles.
func (pl *plan) needsOfHeaders() string {
	for _, name := range packagesIn(pl.stage) {
		if !strings.HasSuffix(name, "-dev") || facts.IsBuildOnly(name) || slices.Contains(pl.profile.own, name) {
			continue
		}
		pkgs, known := pl.runtimePackages(name)
		if !known {
			return "the library of " + name + " is called otherwise from release to release"
		}
		pl.require(pkgs, name)
	}
	return ""
}
