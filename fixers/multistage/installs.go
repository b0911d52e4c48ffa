package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// writeInstalls writes the RUN instructions that the runtime stage does not take
// over as they are. What the dependencies need goes into the first of them.
func (pl *plan) writeInstalls() {
	pl.mergeInstalls()
	for _, at := range pl.places {
		if !at.writes || !at.runtime {
			continue
		}
		if !at.mixed || has(at.effects, effects.Installs) {
			at.kept = append(at.kept, pl.packages...)
			slices.Sort(at.kept)
			pl.packages = nil
		}
		if pl.stage.Image.Distro == facts.Alpine {
			for _, k := range at.kept { // the options of the author's apk go
				pl.declare(fix.DropPackage, k)
				pl.declare(fix.AddPackage, k)
			}
		}
		at.text = pl.installText(at.inst, at.kept, pl.upgrades(at)...)
		if at.mixed {
			at.text = pl.mixedText(at, pl.installSteps(at.inst, at.kept, pl.upgrades(at)...))
			pl.note("replayed: %s", brief(at.text))
		}
		if slices.ContainsFunc(at.effects, func(e effects.Effect) bool { return len(driversOf(e)) > 0 }) {
			at.text = pl.installVendor(at)
		}
	}
	pl.joinInstall()
	pl.putFirst()
}

// dropLists keeps package lists out of the build stage that nothing there installs from.
func (pl *plan) dropLists() {
	for _, at := range slices.Backward(pl.places) {
		switch {
		case at.inst.Name != "RUN" || !at.build:
		case has(at.effects, effects.Installs) || has(at.effects, effects.Removes) || has(at.effects, effects.Runs):
			return
		case has(at.effects, effects.Lists) && onlyLists(at.effects):
			at.build = false
			for _, e := range at.effects {
				pl.declare(fix.DropCommand, commandText(e))
			}
			pl.handOver(at)
		}
	}
}

// handOver gives the comments of a RUN that goes to the next install that is written
// anew.
func (pl *plan) handOver(at *place) {
	f := at.inst.File()
	comments := f.Slice(source.Span{Start: at.inst.WithComments().Start, End: at.inst.FullLines().Start})
	for _, next := range pl.places[pl.index(at)+1:] {
		if next.runtime && next.writes && next.text != "" {
			next.text = comments + next.text
			return
		}
	}
}

func onlyLists(all []effects.Effect) bool {
	return !slices.ContainsFunc(all, func(e effects.Effect) bool { return e.Kind != effects.Lists && e.Kind != effects.Nothing })
}

// mergeInstalls makes one RUN of two that stand for installs in the runtime stage
// and have nothing between them that could change what the second one does.
func (pl *plan) mergeInstalls() {
	var host *place
	for _, at := range pl.places {
		switch {
		case !at.runtime:
		case !pl.isPlainInstall(at):
			if !pl.isApart(at) {
				host = nil
			}
		case host == nil || !at.build || pl.installer(host.inst) != pl.installer(at.inst):
			host = at
		default:
			host.kept = append(host.kept, at.kept...)
			slices.Sort(host.kept)
			host.kept = slices.Compact(host.kept)
			at.runtime = false
		}
	}
}

// packaged are the folders that packages fill.
var packaged = []string{"/bin", "/etc", "/lib", "/lib64", "/sbin", "/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share", "/var/lib"}

// isApart reports whether an instruction of the runtime stage and an install of packages
// do the same in either order.
func (pl *plan) isApart(at *place) bool {
	switch at.inst.Name {
	case "WORKDIR", "EXPOSE", "LABEL", "MAINTAINER", "ENTRYPOINT", "CMD":
		return true
	case "COPY", "ADD":
		c, ok := pl.stage.CopyOf(at.inst)
		return ok && !mayBePackaged(c.Dest)
	case "RUN":
		return !slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
			return e.Kind != effects.Files || slices.ContainsFunc(slices.Concat(e.Writes, e.Gone), mayBePackaged)
		})
	}
	return false
}

// mayBePackaged reports whether a path may be that of something in a folder of packages;
// "" is a path that is not known.
func mayBePackaged(name string) bool {
	name = strings.TrimSuffix(name, "/")
	return name == "" || isWithinAny(name, packaged) || slices.ContainsFunc(packaged, func(dir string) bool { return isWithin(dir, name) })
}

// putFirst has the installs that stand behind a copy of the source in front of it, where
// an edit of the source does not repeat them.
//
//	COPY . .                              =>  RUN apk add --no-cache libpq
//	RUN apk add --no-cache gcc libpq-dev      COPY . .
func (pl *plan) putFirst() {
	rest := pl.places[pl.treeFrom():]
	tree := slices.IndexFunc(rest, pl.wantsTree)
	if tree < 0 {
		return
	}
	behind := false
	for _, at := range rest[tree:] {
		switch {
		case !at.runtime:
		case pl.isPlainInstall(at) && at.build:
			at.first = behind
		case !pl.isApart(at):
			return
		default:
			behind = behind || at.inst.Name == "COPY" || at.inst.Name == "ADD"
		}
	}
}

// isPlainInstall reports whether the runtime stage gets an install of packages and
// nothing else in place of a RUN.
func (pl *plan) isPlainInstall(at *place) bool {
	return at.writes && !at.mixed && len(at.kept) > 0 && len(pl.upgrades(at)) == 0 &&
		!slices.ContainsFunc(at.effects, func(e effects.Effect) bool { return len(driversOf(e)) > 0 })
}

// joinInstall adds what the dependencies need to an install that the runtime stage
// takes over, if that stands in front of them: one RUN in place of two.
func (pl *plan) joinInstall() {
	if len(pl.packages) == 0 {
		return
	}
	for _, at := range pl.places[:pl.index(pl.firstInstall())] {
		if !at.runtime || at.writes || at.mixed || at.whole || at.text != "" {
			continue
		}
		for _, e := range at.effects {
			if e.Kind != effects.Installs || len(e.Install.Operands) == 0 || asksFirst(e) {
				continue
			}
			slices.Sort(pl.packages)
			pl.inserted(at, e, pl.packages)
			at.kept = append(at.kept, pl.packages...)
			pl.packages = nil
			return
		}
	}
}

// asksFirst reports whether apt would ask for leave as soon as it installs more than
// what it is told to, and end the build for want of an answer.
func asksFirst(e effects.Effect) bool {
	m := e.Install.Manager
	if len(m.AssumeYes) == 0 || e.Install.HasFlag(m.AssumeYes...) {
		return false
	}
	quiet := slices.ContainsFunc(e.Install.Command.Words, func(w shell.Word) bool { return strings.HasPrefix(w.Value, "-qq") })
	return !quiet && m.Name != "apk"
}

// inserted is the text of a RUN with more packages in one of its installs, in the
// author's layout.
func (pl *plan) inserted(at *place, e effects.Effect, pkgs []string) {
	var edits []edit.Edit
	for _, p := range pkgs {
		edits = append(edits, e.Install.Command.InsertAmong(e.Install.Operands, e.Install.Operands[len(e.Install.Operands)-1], p)...)
	}
	slices.SortStableFunc(edits, func(a, b edit.Edit) int { return b.Start - a.Start })
	lines := at.inst.WithComments()
	text := at.inst.File().Slice(lines)
	for i := 0; i < len(edits); {
		joined, offset := "", edits[i].Start
		for ; i < len(edits) && edits[i].Start == offset; i++ {
			joined += edits[i].New
		}
		text = text[:offset-lines.Start] + joined + text[offset-lines.Start:]
	}
	at.text = strings.TrimRight(text, "\r\n")
}

// installText is a RUN that installs packages and leaves no lists, laid out as
// the author does; before them it takes the given steps.
func (pl *plan) installText(near *syntax.Instruction, pkgs []string, upgrades ...string) string {
	return near.Cased("RUN") + " " + strings.Join(pl.installSteps(near, pkgs, upgrades...), and(near))
}

func (pl *plan) installSteps(near *syntax.Instruction, pkgs []string, upgrades ...string) []string {
	if pl.stage.Image.Distro != facts.Alpine {
		return installing(&pl.ledger, pl.installer(near), pkgs, upgrades...)
	}
	steps := slices.Clone(upgrades)
	if len(pkgs) > 0 {
		steps = append(steps, pl.installer(near)+" "+strings.Join(pkgs, " "))
	}
	return steps
}

// What installs packages: without those that are recommended, or with them.
const (
	bareInstall = "apt-get install -y --no-install-recommends"
	fullInstall = "apt-get install -y"
)

// installer is how the runtime stage installs packages that stand in for an install
// of the author's. Where it keeps some of that, what they recommend comes along as
// before: package-cleanup knows which can do without.
func (pl *plan) installer(near *syntax.Instruction) string {
	if pl.stage.Image.Distro == facts.Alpine {
		return "apk add --no-cache"
	}
	for _, at := range pl.places {
		if at.inst != near || !slices.ContainsFunc(at.pkgs, func(p pkg) bool { return slices.Contains(at.kept, p.text) }) {
			continue
		}
		for _, e := range at.effects {
			switch {
			case e.Kind != effects.Installs || e.Install.HasFlag("--no-install-recommends"):
			case e.Install.HasFlag("-qq"):
				return fullInstall + " -qq"
			default:
				return fullInstall
			}
		}
	}
	return bareInstall
}

// installing are the steps that install packages with a command of apt's.
func installing(l *ledger, install string, pkgs []string, upgrades ...string) []string {
	if len(pkgs) == 0 && len(upgrades) == 0 {
		return nil
	}
	l.declare(fix.AddCommand, "apt-get update && rm -rf /var/lib/apt/lists/*")
	steps := append([]string{"apt-get update"}, upgrades...)
	if len(pkgs) > 0 {
		steps = append(steps, install+" "+strings.Join(pkgs, " "))
	}
	return append(steps, "rm -rf /var/lib/apt/lists/*")
}

// and joins the steps of a RUN on lines of their own, as the author does.
func and(near *syntax.Instruction) string {
	style := near.File().Style()
	next := " \\" + style.EOL + style.Indent + "&& "
	if style.Trailing {
		next = " && \\" + style.EOL + style.Indent
	}
	return strings.Replace(next, "\\", string(near.File().Escape), 1)
}
