package packagecleanup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// dropLists removes the package lists behind the last command that reads them.
func dropLists(l *layer) {
	inv, reads := l.lastReading()
	if !reads {
		if l.updates() && !l.dropUpdate() && l.kept() && !cleansLists(l.last(), -1) && !covered(l.last(), aptLists) {
			l.decline(whyUpdate(l))
		}
		return
	}
	r := l.blockOf(inv)
	switch {
	case covered(r, aptLists) || !l.kept() || cleansLists(l.last(), at(l.last(), inv)):
		return
	case !l.updates():
		if l.updated != nil && l.updated.read().reason == notAsked {
			l.decline(fmt.Sprintf("the package lists lie in the layer of line %d", l.updated.line()))
		}
		return
	}
	if l.reader(l.last()) != "" {
		l.decline(whyUpdate(l))
		return
	}
	if l.sweepBehind(r, l.lastReader(r, inv), inv, "drop the package lists", inv.Sudo()+"rm -rf /var/lib/apt/lists/*") {
		l.swept = true
		dropLater(l)
	}
}

// lastReading is the last install or upgrade of the layer.
func (l *layer) lastReading() (last pkgmgr.Invocation, ok bool) {
	for _, inv := range l.uses("apt-get") {
		if inv.Action == pkgmgr.Install || inv.Action == pkgmgr.Upgrade {
			last, ok = inv, true
		}
	}
	return last, ok
}

func whyUpdate(l *layer) string {
	reason := l.reader(l.last())
	if reason == "" {
		return "nothing installs from the lists that it fetches"
	}
	if left := l.listsAfter(); left != nil && !l.fetches {
		switch r := left.read().reason; {
		case r == "" || r == notAsked:
		case left.read().about:
			return r
		default:
			return reason + ", and " + r
		}
	}
	return reason
}

// listsAfter is the update whose lists lie in a layer once this one is done, nil
// without one.
func (l *layer) listsAfter() *fetch {
	left := l.updated
	for _, r := range l.runs {
		if r.onBuild() {
			continue
		}
		for _, inv := range r.uses {
			if inv.Manager == aptManager && inv.Action == pkgmgr.Update {
				left = &fetch{layer: l, update: inv}
			}
		}
		if cleansLists(r, -1) || l.swept {
			left = nil
		}
	}
	return left
}

func (l *layer) blockOf(inv pkgmgr.Invocation) *block {
	for _, r := range l.runs {
		if r.script == inv.Command.Script {
			return r
		}
	}
	return l.last()
}

// at is the index of the command in the script of r, -1 if it stands in another.
func at(r *block, inv pkgmgr.Invocation) int {
	for i, c := range r.script.Commands {
		if c == inv.Command {
			return i
		}
	}
	return -1
}

// cleansLists reports whether a command of the RUN behind the one at index from
// removes the lists.
func cleansLists(r *block, from int) bool {
	if slices.ContainsFunc(r.script.Commands[from+1:], func(c *shell.Command) bool { return removes(c, aptLists) }) {
		return true
	}
	return slices.ContainsFunc(r.uses, func(inv pkgmgr.Invocation) bool {
		return inv.Manager == aptManager && inv.Action == pkgmgr.Clean && inv.Verb >= 0 &&
			strings.HasPrefix(inv.Command.Words[inv.Verb].Value, "dist") && at(r, inv) > from
	})
}

// dropLater removes the RUN behind the layer that did nothing but remove the lists,
// which now finds none.
func dropLater(l *layer) {
	instructions := l.stage.Instructions
	start := l.stage.IndexOf(l.last().inst)
	for _, inst := range instructions[start+1:] {
		r := l.block(l.stage, inst)
		if r == nil || r.onBuild() {
			continue
		}
		if len(r.uses) > 0 || r.script.Opaque != "" {
			return
		}
		c := r.script.Only()
		if c == nil || c.Name() != "rm" || !removes(c, aptLists) {
			continue
		}
		for _, w := range c.Words[1:] {
			if !w.IsFlag() && !isUnder(w.Value, aptLists) {
				return
			}
		}
		comments := l.dropComments(inst.OwnComments())
		l.edit("drop the clean-up of line "+fmt.Sprint(l.lineOf(r.inst)), inst.Remove(len(comments)))
		l.change(fix.DropCommand, l.File.Slice(c.Span))
		return
	}
}
