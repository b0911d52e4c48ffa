package packagecleanup

// RUN pip install flask   =>   RUN pip install --no-cache-dir flask
// RUN uv sync             =>   RUN uv sync --no-cache
//
// Left alone: an install whose cache a mount, a variable or the author's own
// clean-up takes care of. Declined: a pip that is older than the option (see
// oldpip.go).

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

func pip(l *layer) {
	l.skipCache("pip", []string{"PIP_NO_CACHE_DIR", "PIP_CACHE_DIR"}, "pip install without cache")
}

func uv(l *layer) {
	l.skipCache("uv", []string{"UV_NO_CACHE", "UV_CACHE_DIR"}, "uv install without cache")
}

// skipCache gives the installs of a manager the option that keeps them from
// filling a cache, and takes it from those whose cache a mount keeps.
func (l *layer) skipCache(manager string, variables []string, note string) {
	for _, r := range l.runs {
		for _, inv := range r.uses {
			if inv.Manager.Name != manager || inv.Action != pkgmgr.Install {
				continue
			}
			switch {
			case coversAny(r, inv.Manager.Recipe.Paths):
				l.useMount(inv)
			case !l.kept() || inv.SkipsCache() || inv.HasFlag("--cache-dir") || cleanedBehind(r, inv) || l.isSet(r, inv, variables):
			case inSubstitution(inv.Command):
				l.decline("the install stands in a substitution")
			case manager == "pip" && l.oldPip(inv) != "":
				l.decline(l.oldPip(inv))
			default:
				l.addFlagBehindVerb(note, inv, inv.Manager.Recipe.NoCache)
			}
		}
	}
}

// useMount takes an option out that would leave a cache mount empty.
func (l *layer) useMount(inv pkgmgr.Invocation) {
	for _, i := range inv.Flags {
		if !inv.Manager.Recipe.SkipsCache(inv.Command.Words[i].Value) {
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
