package packagecleanup

// RUN --mount=type=cache,target=/var/cache/apt apt-get install -y jq && apt-get clean
//   =>
// RUN --mount=type=cache,target=/var/cache/apt apt-get install -y jq
//
// A clean-up of what a cache mount holds empties it for the next build, and frees
// nothing in the image. Declined: an rm of a folder above the mount.

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// keepMounted takes such clean-ups out: one at a time, and none beside another edit of the steps,
// whose joints they share: the next round has the others.
func keepMounted(l *layer) {
	if l.reshaped || len(l.runs) > 1 {
		return
	}
	for _, r := range l.runs {
		held := r.held()
		if len(held) == 0 {
			continue
		}
		for i, step := range r.script.Steps {
			c := step.Command()
			if c == nil || c.Piped != nil {
				continue
			}
			if inv, ok := pkgmgr.Recognise(c); ok && inv.Action == pkgmgr.Clean && empties(r, inv) {
				if hidesFailure(r.script, i) {
					l.decline("the clean-up empties the cache mount, and lets the RUN succeed where a command before it fails")
				} else if edits, ok := l.without(r, i); ok {
					l.edit("keep what the cache mount holds", edits...)
					l.change(fix.DropCommand, l.File.Slice(c.Span))
					return
				} else {
					l.decline("the clean-up empties the cache mount, and cannot be taken out")
				}
				continue
			}
			if c.Name() != "rm" || !slices.ContainsFunc(held, func(dir string) bool { return removes(c, dir) }) {
				continue
			}
			if hidesFailure(r.script, i) {
				l.decline("the rm empties the cache mount, and lets the RUN succeed where a command before it fails")
				continue
			}
			edits, ok := l.withoutPath(r, i, c, held...)
			if !ok {
				l.decline("the rm empties the cache mount, and more")
				continue
			}
			note := "keep what the cache mount holds"
			if removes(c, aptLists) {
				note = "keep the lists that the cache mount holds"
			}
			l.edit(note, edits...)
			l.change(fix.DropCommand, l.File.Slice(c.Span))
			l.change(fix.AddCommand, rest(c, held...))
			return
		}
	}
}

// held are the folders of the managers that the RUN uses which lie in its cache
// mounts.
func (r *block) held() []string {
	var held []string
	for _, inv := range r.uses {
		for _, dir := range inv.Manager.Recipe.Mounted() {
			isApkCache := dir == apkCache && covered(r, "/etc/apk/cache") // stays empty then
			if (covered(r, dir) || isApkCache) && !slices.Contains(held, dir) {
				held = append(held, dir)
			}
		}
	}
	return held
}

// hidesFailure reports whether the RUN gets by, for the sake of step i, where the
// step before it fails: behind a semicolon at the end of the script, or in a list
// that "set -e" does not end.
func hidesFailure(s *shell.Script, i int) bool {
	switch {
	case i == 0:
		return false
	case i == len(s.Steps)-1:
		return s.Steps[i].Op == shell.Seq && !s.EndsOnError(i-1)
	}
	return s.Steps[i].Op == shell.And && s.Steps[i+1].Op == shell.Seq && s.EndsOnError(i)
}

// mustClean reports whether an rm of a folder ends the layer that cannot be taken
// out.
func (l *layer) mustClean(dir string) bool {
	s := l.last().script
	i := len(s.Steps) - 1
	c := s.Steps[i].Command()
	return c != nil && removes(c, dir) && hidesFailure(s, i)
}

// empties reports whether a clean-up by the manager itself empties a cache mount:
// "apt-get clean" the packages, not the lists.
func empties(r *block, inv pkgmgr.Invocation) bool {
	if inv.Manager == aptManager {
		return inv.Verb >= 0 && strings.HasSuffix(inv.Command.Words[inv.Verb].Value, "clean") && inv.Command.Words[inv.Verb].Value != "autoclean" && covered(r, aptCache)
	}
	return coversAny(r, inv.Manager.Recipe.Mounted())
}
