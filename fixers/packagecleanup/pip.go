package packagecleanup

// RUN pip install flask   =>   RUN pip install --no-cache-dir flask
// RUN uv sync             =>   RUN uv sync --no-cache
//
// Left alone: an install whose cache a mount, a variable or the author's own
// clean-up takes care of. Declined: releases whose pip is older than the option
// (pip 6.0, 2014).

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

func pip(l *layer) {
	l.skipCache("pip", "--no-cache-dir", []string{"PIP_NO_CACHE_DIR", "PIP_CACHE_DIR"}, "pip install without cache")
}

func uv(l *layer) {
	l.skipCache("uv", "--no-cache", []string{"UV_NO_CACHE", "UV_CACHE_DIR"}, "uv install without cache")
}

// skipCache gives the installs of a manager the option that keeps them from
// filling a cache, and takes it from those whose cache a mount keeps.
func (l *layer) skipCache(manager, flag string, variables []string, note string) {
	for _, r := range l.runs {
		for _, inv := range r.uses {
			if inv.Manager.Name != manager || inv.Action != pkgmgr.Install {
				continue
			}
			switch {
			case coversAny(r, inv.Manager.Recipe.Paths):
				l.useMount(inv, flag)
			case !l.kept() || inv.HasFlag(flag, "--cache-dir", "-n") || cleanedBehind(r, inv) || l.isSet(r, inv, variables):
			case inSubstitution(inv.Command):
				l.decline("the install stands in a substitution")
			case manager == "pip" && hasOldPip(l):
				l.decline("the pip of " + l.stage.Image.Release + " has no --no-cache-dir")
			default:
				l.addFlagBehindVerb(note, inv, flag)
			}
		}
	}
}

// useMount takes an option out that would leave a cache mount empty.
func (l *layer) useMount(inv pkgmgr.Invocation, flag string) {
	for _, i := range inv.Flags {
		if inv.Command.Words[i].Value != flag {
			continue
		}
		if edits, ok := inv.Command.RemoveWord(i); ok {
			l.edit("use the cache mount", edits...)
		}
	}
}

func (l *layer) addFlagBehindVerb(note string, inv pkgmgr.Invocation, flag string) {
	l.edit(note, inv.Command.InsertWord(inv.Verb, flag)...)
}

// isSet reports whether a variable that settles the matter is set in the file or
// in the script.
func (l *layer) isSet(r *block, inv pkgmgr.Invocation, variables []string) bool {
	for _, name := range variables {
		if _, ok := l.stage.EnvAt(r.inst, name); ok || l.stage.EnvSetByStage(name) || l.stage.IsArgAt(r.inst, name) {
			return true
		}
		if strings.Contains(r.inst.Text(), name) {
			return true
		}
	}
	return l.shows([]string{"no-cache-dir true", "no-cache-dir=true", "pip.conf"})
}

// inSubstitution reports whether a command stands in the words of another one,
// which reads what it prints.
func inSubstitution(c *shell.Command) bool {
	return slices.ContainsFunc(c.Script.Commands, func(other *shell.Command) bool {
		return other != c && other.Span.Start <= c.Span.Start && c.Span.End <= other.Span.End
	})
}

func hasOldPip(l *layer) bool {
	switch facts.ParseRef(l.stage.Bottom().Ref).Repository {
	case "debian", "ubuntu", "alpine":
	default:
		return false
	}
	switch l.stage.Image.Release {
	case "wheezy", "jessie", "12.04", "14.04", "3.1", "3.2":
		return true
	}
	return false
}
