package packagecleanup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// fetchesIndex reports whether the layer leaves the index of the repositories.
func (l *layer) fetchesIndex() bool {
	for _, inv := range l.uses("apk") {
		if inv.Action == pkgmgr.Update || inv.HasFlag(apkUpdateFlags...) {
			return true
		}
	}
	return false
}

// isOnlyUpdate reports whether a RUN does nothing but fetch the index.
func isOnlyUpdate(r *block) bool {
	return r.only(func(c *shell.Command) bool {
		inv, ok := pkgmgr.Recognise(c)
		return ok && inv.Manager.Name == "apk" && inv.Action == pkgmgr.Update
	})
}

// dropIndex takes out a RUN that fetches the index where each later install of the
// stage fetches its own.
//
//	RUN apk update
//	RUN apk add --no-cache curl
//	  =>
//	RUN apk add --no-cache curl
func dropIndex(l *layer, r *block) {
	installs := false
	for _, inst := range l.stage.Instructions[l.stage.IndexOf(r.inst)+1:] {
		next := l.block(l.stage, inst)
		if next == nil {
			continue
		}
		for _, c := range next.script.Commands {
			if name := l.unknownScript(l.stage, inst, c); name != "" {
				l.decline(fmt.Sprintf("%s in line %d may install from the index that this RUN fetches", name, l.lineOf(inst)))
				return
			}
		}
		for _, inv := range next.uses {
			if inv.Manager.Name == "apk" && inv.Action == pkgmgr.Install && !covered(next, apkCache) && !covered(next, "/etc/apk/cache") {
				installs = true
			}
		}
		if installs {
			break
		}
	}
	switch {
	case !installs:
		l.decline("nothing installs from the index that it fetches")
	case readsIndex(l, r) || l.addsFromIndex(l.stage):
		l.decline("a later RUN reads the index that this one fetches")
	default:
		for _, c := range r.script.Commands {
			l.change(fix.DropCommand, l.File.Slice(c.Span))
		}
		comments := l.dropComments(r.inst.OwnComments())
		l.edit("drop an index that nothing reads", r.inst.Remove(len(comments)))
	}
}

// readsIndex reports whether a later RUN of the stage may rely on the index that
// this one fetched.
func readsIndex(l *layer, r *block) bool {
	for _, s := range l.Build.Stages {
		if s != l.stage && !s.IsKept() && slices.Contains(s.Chain(), l.stage) && l.addsFromIndex(s) {
			return true
		}
	}
	later := false
	for _, inst := range l.stage.Instructions {
		next := l.block(l.stage, inst)
		if next == nil {
			continue
		}
		if next.inst == r.inst {
			later = true
			continue
		}
		for _, inv := range next.uses {
			if later && inv.Manager.Name == "apk" && inv.Action == pkgmgr.Other && !inv.HasFlag("--no-cache") {
				return true
			}
		}
	}
	return false
}

// addsFromIndex reports whether a stage installs with the index that its base has.
func (l *layer) addsFromIndex(s *build.Stage) bool {
	for _, inst := range s.Instructions {
		r := l.block(s, inst)
		if r == nil {
			continue
		}
		for _, inv := range r.uses {
			if inv.Manager.Name == "apk" && inv.Action == pkgmgr.Install && !inv.HasFlag("--no-cache") {
				return true
			}
		}
	}
	return false
}

// looksIntoIndex reports whether a command of apk reads the index without fetching
// it.
func looksIntoIndex(inv pkgmgr.Invocation) bool {
	if inv.Verb < 0 || inv.HasFlag("--no-cache") {
		return false
	}
	verb := inv.Command.Words[inv.Verb].Value
	return verb == "search" || verb == "fetch" || verb == "list" || verb == "policy"
}

// hiddenReader says what installs from the index that a RUN leaves without being an
// install that the fixer sees: in the RUN itself, later in its stage or in a stage
// built on that; "" for nothing.
func (l *layer) hiddenReader(r *block) string {
	if reason := l.hiddenIn(l.stage, r.inst); reason != "" {
		return reason
	}
	for _, s := range l.Build.Stages[l.stage.Index:] {
		if !slices.Contains(s.Chain(), l.stage) {
			continue
		}
		rest := s.Instructions
		if s == l.stage && !r.onBuild() {
			rest = rest[s.IndexOf(r.inst)+1:]
		}
		for _, inst := range rest {
			if reason := l.hiddenIn(s, inst); reason != "" {
				return reason
			}
		}
	}
	return ""
}

func (f *file) hiddenIn(s *build.Stage, inst *syntax.Instruction) string {
	switch inst.Name {
	case "RUN", "CMD", "ENTRYPOINT":
	default:
		return ""
	}
	for _, c := range s.Script(inst).Commands {
		if _, ok := pkgmgr.Recognise(c); ok {
			continue
		}
		if name := c.Name(); name != "" && name != "echo" && name != "printf" && addsWithIndex(c.Text()) {
			return fmt.Sprintf("line %d installs from the index that this RUN fetches", f.lineOf(inst))
		}
		if script, ok := f.scriptOf(s, inst, c); ok && addsWithIndex(script.Text) {
			return fmt.Sprintf("%s, which line %d runs, installs from the index that this RUN fetches", script.Path, f.lineOf(inst))
		}
	}
	return ""
}

// addsWithIndex reports whether a text hands an install to apk, and nothing in it
// fetches an index: xargs apk add.
func addsWithIndex(text string) bool {
	if !strings.Contains(text, "apk ") || !strings.Contains(text, " add ") {
		return false
	}
	return !slices.ContainsFunc([]string{"update", "--no-cache", "-U", "upgrade"}, func(word string) bool { return strings.Contains(text, word) })
}
