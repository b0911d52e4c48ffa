package packagecleanup

// RUN apt-get update
// RUN apt-get install curl
//   =>
// RUN apt-get update \
//     && apt-get install -y --no-install-recommends ca-certificates curl \
//     && rm -rf /var/lib/apt/lists/*
//
// Declined: recommended packages that the image may need (see recommends.go), and
// package lists that a later install still reads (see lists.go). Upgrades and
// "apt-get clean" stay as the author has them.

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

var aptManager = pkgmgr.ByName("apt-get")

const aptLists = "/var/lib/apt/lists"

func apt(l *layer) {
	uses := l.uses("apt-get")
	if len(uses) == 0 {
		return
	}
	if len(l.runs) > 1 {
		l.note(l.joining())
		if cleansUp(l.last()) {
			for _, c := range l.last().script.Commands {
				l.change(fix.DropCommand, l.File.Slice(c.Span))
			}
		}
	}
	if l.runs[0].onBuild() {
		onBuild(l, uses)
		return
	}
	for _, inv := range uses {
		if inv.Action == pkgmgr.Install {
			assumeYes(l, inv)
			withoutRecommends(l, inv)
			for _, w := range inv.Packages() {
				l.named[pkgmgr.Name(w.Value)] = true
			}
		}
	}
	l.fetchAnew()
	dropLists(l)
}

// onBuild does for an ONBUILD what no image built on this one can notice.
func onBuild(l *layer, uses []pkgmgr.Invocation) {
	for _, inv := range uses {
		if inv.Action != pkgmgr.Install {
			continue
		}
		assumeYes(l, inv)
		if !isBare(inv) {
			l.decline("an image built on this one may use what its ONBUILD installs as recommended")
		}
	}
	if l.updates() && !cleansLists(l.last(), -1) && !covered(l.last(), aptLists) {
		l.decline("an image built on this one may install from the lists that its ONBUILD fetches")
	}
}

func (l *layer) joining() string {
	switch {
	case isOnly(l.runs[0], pkgmgr.Update, pkgmgr.Upgrade):
		return "join update with install"
	case cleansUp(l.last()):
		return "clean up in the layer that installs"
	}
	return "join the installs"
}

func assumeYes(l *layer, inv pkgmgr.Invocation) {
	if inv.HasFlag(inv.Manager.AssumeYes...) || isAnswered(inv) {
		return
	}
	quiet := 0 // -qq implies -y: apt-get(8)
	for _, i := range inv.Flags {
		switch value := inv.Command.Words[i].Value; {
		case value == "-q=2" || value == "--quiet=2" || strings.Contains(value, "Assume-Yes"):
			return
		case value == "--quiet":
			quiet++
		case value == "-s" || value == "-d" || value == "--simulate" || value == "--dry-run" || value == "--download-only" || value == "--print-uris" || value == "--assume-no":
			return
		case value[0] == '-' && !strings.HasPrefix(value, "--"):
			quiet += strings.Count(value, "q")
		}
	}
	for _, w := range inv.Command.Words {
		if strings.Contains(w.Value, "Assume-Yes") {
			return
		}
	}
	if quiet < 2 {
		l.addFlag("add -y", inv, "-y")
	}
}

// isAnswered reports whether something else says yes: "yes | apt-get install x".
func isAnswered(inv pkgmgr.Invocation) bool {
	if inv.Command.Piped != nil {
		return true
	}
	for _, r := range inv.Command.Redirects {
		if strings.HasPrefix(r.Op, "<") {
			return true
		}
	}
	return inv.Program > 0 && inv.Command.Words[0].Value == "yes"
}

// takes reports whether the next RUN belongs into the layer: an install behind a
// bare update; another install behind installs; the clean-up behind either.
func (l *layer) takes(r *block) bool {
	prev := l.last()
	if r.onBuild() || prev.onBuild() || shell.WhyNotJoin(prev.script, r.script) != "" {
		return false
	}
	switch {
	case isOnly(prev, pkgmgr.Update):
		return readsFirst(r) || isOnly(r, pkgmgr.Upgrade)
	case isOnly(prev, pkgmgr.Update, pkgmgr.Upgrade) && l.updates():
		return readsFirst(r)
	case !l.stage.IsKept() || !installs(prev) || cleansLists(prev, -1):
		return false
	case cleansUp(r):
		return true
	}
	return l.updates() && isOnly(prev, pkgmgr.Update, pkgmgr.Install) && isOnly(r, pkgmgr.Install)
}

// split undoes joins that gain nothing: installs whose lists must stay anyway.
func split(all []*layer) []*layer {
	var out []*layer
	for _, l := range all {
		keep := 1
		for keep < len(l.runs) && isOnly(l.runs[keep-1], pkgmgr.Update, pkgmgr.Upgrade) && !installs(l.runs[keep-1]) {
			keep++
		}
		if len(l.runs) > keep && l.reader(l.last()) != "" {
			for _, r := range l.runs[keep:] {
				out = append(out, &layer{file: l.file, stage: l.stage, runs: []*block{r}, named: packages{}})
			}
			rest := out[len(out)-len(l.runs[keep:]):]
			l.runs = l.runs[:keep]
			out = append(out[:len(out)-len(rest)], append([]*layer{l}, rest...)...)
			continue
		}
		out = append(out, l)
	}
	return out
}

func (l *layer) updates() bool {
	if l.fetches {
		return true
	}
	for _, inv := range l.uses("apt-get") {
		if inv.Action == pkgmgr.Update {
			return true
		}
	}
	return false
}

// isOnly reports whether the RUN does nothing but certain actions of apt.
func isOnly(r *block, actions ...pkgmgr.Action) bool {
	return r.only(func(c *shell.Command) bool {
		inv, ok := pkgmgr.Recognise(c)
		if !ok || inv.Manager != aptManager {
			return false
		}
		for _, a := range actions {
			if inv.Action == a {
				return true
			}
		}
		return false
	})
}

// readsFirst reports whether the RUN installs from lists that it did not fetch.
func readsFirst(r *block) bool {
	for _, inv := range r.uses {
		if inv.Manager.Name != "apt-get" {
			continue
		}
		switch inv.Action {
		case pkgmgr.Update:
			return false
		case pkgmgr.Install:
			return true
		}
	}
	return false
}

func installs(r *block) bool {
	for _, inv := range r.uses {
		if inv.Manager.Name == "apt-get" && inv.Action == pkgmgr.Install {
			return true
		}
	}
	return false
}

// cleansUp reports whether the RUN does nothing but clean up behind apt.
func cleansUp(r *block) bool {
	return cleansLists(r, -1) && r.only(func(c *shell.Command) bool {
		inv, ok := pkgmgr.Recognise(c)
		return ok && inv.Manager.Name == "apt-get" && inv.Action == pkgmgr.Clean || c.Name() == "rm"
	})
}
