package packagecleanup

// RUN apk update && apk add curl && rm -rf /var/cache/apk/*   =>   RUN apk add --no-cache curl
//
// Declined: Alpine before 3.3, whose apk has no --no-cache. Virtual packages and
// "apk del" stay as the author has them.

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

const apkCache = "/var/cache/apk"

func apk(l *layer) {
	r := l.runs[0]
	uses := l.uses("apk")
	if len(uses) == 0 || !l.kept() {
		return
	}
	if covered(r, apkCache) || covered(r, "/etc/apk/cache") {
		return
	}
	switch l.stage.Image.Release {
	case "2.6", "2.7", "3.1", "3.2":
		l.decline("the apk of Alpine " + l.stage.Image.Release + " has no --no-cache")
		return
	}
	if r.script.Form == shell.Exec {
		return
	}
	if l.runs[0].onBuild() && l.fetchesIndex() {
		l.decline("an image built on this one may install from the index that its ONBUILD fetches")
		return
	}
	if l.fetchesIndex() {
		if reason := l.hiddenReader(r); reason != "" {
			l.decline(reason)
			return
		}
		if slices.ContainsFunc(uses, looksIntoIndex) {
			l.decline("the RUN looks into the index that it fetches")
			return
		}
	}
	if isOnlyUpdate(r) {
		dropIndex(l, r)
		return
	}
	updates, cached := 0, 0
	for _, inv := range uses {
		switch inv.Action {
		case pkgmgr.Install:
			noCache(l, inv)
		case pkgmgr.Update:
			if !dropUpdate(l, r, inv) {
				updates++
			}
		case pkgmgr.Upgrade:
			l.upgradeWithoutCache(inv)
		case pkgmgr.Other:
			if !inv.HasFlag("--no-cache") {
				cached++
			}
		}
	}
	if updates+cached == 0 {
		dropCacheRemoval(l, r)
	}
}

// upgradeWithoutCache lets an upgrade fetch the index by itself and keep none.
func (l *layer) upgradeWithoutCache(inv pkgmgr.Invocation) {
	if inv.HasFlag("--no-cache") {
		return
	}
	c, at := inv.Command, inv.Verb
	for _, i := range inv.Flags {
		if slices.Contains(apkUpdateFlags, c.Words[i].Value) {
			l.edit("install without apk's cache", c.ReplaceWord(i, "--no-cache")...)
			l.rewritten(c, i, "--no-cache")
			return
		}
	}
	l.edit("install without apk's cache", c.InsertWord(at, "--no-cache")...)
	l.rewritten(c, at, c.Words[at].Raw+" --no-cache")
}

// rewritten declares that word i of a command becomes text.
func (l *layer) rewritten(c *shell.Command, i int, text string) {
	words := make([]string, len(c.Words))
	for k, w := range c.Words {
		words[k] = w.Raw
	}
	l.change(fix.DropCommand, strings.Join(words, " "))
	words[i] = text
	l.change(fix.AddCommand, strings.Join(words, " "))
}

var apkUpdateFlags = []string{"-U", "--update", "--update-cache"}

func noCache(l *layer, inv pkgmgr.Invocation) {
	if inv.HasFlag("--no-cache", "--no-network") {
		return // without network there is no index to fetch
	}
	for _, i := range inv.Flags {
		if slices.Contains(apkUpdateFlags, inv.Command.Words[i].Value) {
			l.edit("install without apk's cache", inv.Command.ReplaceWord(i, "--no-cache")...)
			return
		}
	}
	l.addFlag("install without apk's cache", inv, "--no-cache")
}

// dropUpdate takes "apk update" out of a script all of whose later commands fetch
// the index by themselves.
func dropUpdate(l *layer, r *block, inv pkgmgr.Invocation) bool {
	step := r.script.StepOf(inv.Command)
	if step < 0 || r.script.Steps[step].Command() != inv.Command {
		return false
	}
	installs := false
	for _, other := range r.uses {
		if other.Manager.Name != "apk" || at(r, other) <= at(r, inv) {
			continue
		}
		installs = installs || other.Action == pkgmgr.Install || other.Action == pkgmgr.Upgrade
		if other.Action == pkgmgr.Other {
			return false
		}
	}
	if !installs || readsIndex(l, r) {
		return false
	}
	edits, ok := l.without(r, step)
	if !ok {
		return false
	}
	l.edit("install without apk's cache", edits...)
	l.change(fix.DropCommand, l.File.Slice(inv.Command.Span))
	return true
}

// dropCacheRemoval takes out the clean-up of a cache that stays empty.
func dropCacheRemoval(l *layer, r *block) {
	last := r.script.StepOf(l.uses("apk")[len(l.uses("apk"))-1].Command)
	for i, step := range r.script.Steps {
		if i < last {
			continue
		}
		c := step.Command()
		if c == nil || c.Name() != "rm" || !removes(c, apkCache) || removes(c, "/etc/apk") || removes(c, "/lib/apk") {
			continue // the last two: apk itself goes
		}
		if hidesFailure(r.script, i) {
			l.decline("the rm of apk's cache lets the RUN succeed where a command before it fails")
			continue
		}
		edits, ok := l.withoutPath(r, i, c, apkCache)
		if !ok {
			continue
		}
		l.edit("install without apk's cache", edits...)
		l.change(fix.DropCommand, l.File.Slice(c.Span))
		l.change(fix.AddCommand, rest(c, apkCache))
	}
}
