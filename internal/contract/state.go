package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

// otherMounts says which option of RUN a command misses or has too many, or "".
func (c *comparison) otherMounts(before, after *command) string {
	b, a := before.run, after.run
	if b == a {
		return ""
	}
	if !slices.Equal(b.flags, a.flags) {
		return "runs under other options of RUN"
	}
	for _, m := range b.mounts {
		if !c.hasMount(a.mounts, m) {
			return "has lost --mount=" + m.text
		}
	}
	for _, m := range a.mounts {
		if c.hasMount(b.mounts, m) || m.cache != "" && (c.declared.has(fix.AddCache, m.cache) || a.ownsCache(m) || b.ownsCache(m)) {
			continue
		}
		return "has gained --mount=" + m.text
	}
	return ""
}

func (c *comparison) hasMount(mounts []mount, m mount) bool {
	return slices.ContainsFunc(mounts, func(other mount) bool {
		return other.text == m.text || other.from != nil && m.from != nil && other.rest() == m.rest()
	})
}

// rest is a mount without where it comes from, for a stage may have got another
// number.
func (m mount) rest() string { return strings.Replace(m.text, "from="+m.source, "", 1) }

// ownsCache reports whether a cache mount holds the leavings of a package manager
// of the RUN.
func (r *run) ownsCache(m mount) bool {
	for _, manager := range r.uses.managers {
		for _, p := range manager.Recipe.Mounted() {
			if liesIn(m.cache, p) || liesIn(p, m.cache) {
				return true
			}
		}
	}
	return false
}

// otherState says what a command finds otherwise than before, or "".
func (c *comparison) otherState(before, after *command) string {
	b, a := before.run.state, after.run.state
	moved := c.isMoved(before.run) || c.isMoved(after.run)
	system := before.role == install && before.inv.Manager.System
	switch {
	case b == a:
		return ""
	case b.shell != a.shell:
		return "runs under another SHELL"
	case b.user != a.user && !c.isNumberOf(a.user) && !c.isNumberOf(a.asUser) && !(before.run.isByRoot() && after.run.isByRoot()):
		return "runs as another USER"
	case b.workdir != a.workdir && !system && !spellsOut(before.run, a.workdir):
		return "runs in another WORKDIR"
	case c.sameVariables(b.env, a.env):
		return ""
	}
	steers := func(string) bool { return true }
	if moved && before.role == install {
		steers = pkgmgr.ReadsVariable
	}
	return c.otherVariables(b.env.variables(), a.env.variables(), steers)
}

// spellsOut reports whether a folder is the whole of the one that a RUN has below, or
// as, the working directory of its base image.
func spellsOut(r *run, dir string) bool {
	return !path.IsAbs(r.state.workdir) && dir != "" && dir == r.stage.WorkdirAt(r.inst)
}

// isByRoot reports whether root runs the commands, by name or as the base image
// has it.
func (r *run) isByRoot() bool {
	switch r.state.user {
	case "root", "0", "root:root", "0:0":
		return true
	case "":
		account, known := facts.DefaultUser(r.stage.Bottom().Ref)
		return known && account.UID == 0
	}
	return false
}

// sameVariables reports whether the same instructions set the variables on both
// sides. Neighbouring commands share most of theirs, so what is found of one is
// kept for the next: the cost of a file is linear in its length.
func (c *comparison) sameVariables(before, after *variable) bool {
	var walked [][2]*variable
	same := true
	for before != after {
		at := [2]*variable{before, after}
		if known, ok := c.same[at]; ok {
			same = known
			break
		}
		if before == nil || after == nil || before.name != after.name || before.value != after.value || before.isArg != after.isArg {
			same = false
			break
		}
		walked = append(walked, at)
		before, after = before.outer, after.outer
	}
	for _, at := range walked {
		c.same[at] = same
	}
	return same
}

// otherVariables says which variable that steers a command is not what it was.
func (c *comparison) otherVariables(before, after map[string]*variable, steers func(name string) bool) string {
	for _, name := range sorted(before) {
		v := before[name]
		if c.declared.has(fix.ChangeEnv, name) || !steers(name) {
			continue
		}
		switch other := after[name]; {
		case other == nil:
			return "does not see " + name + " any more"
		case other.value != v.value:
			return "sees another " + name
		}
	}
	for _, name := range sorted(after) {
		v := after[name]
		if before[name] == nil && !v.isArg && !c.declared.has(fix.ChangeEnv, name) && steers(name) {
			return "sees " + name + ", which it did not"
		}
	}
	return ""
}

// isMoved reports whether a change declares that the RUN moves.
func (c *comparison) isMoved(r *run) bool {
	return c.declared.any(fix.MoveInstruction) && c.declaresMove(r.inst)
}
