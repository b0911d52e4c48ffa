package packagecleanup

// RUN npm ci         =>   RUN npm ci && npm cache clean --force
// RUN yarn install   =>   RUN yarn install && yarn cache clean
//
// Declined: Yarn 2 and later, whose cache can be the packages themselves; an
// install under a condition, since cleaning would need the same one.

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

func npm(l *layer) { l.sweepNode("npm", "cache clean --force") }

func yarn(l *layer) {
	if len(l.uses("yarn")) == 0 || !l.kept() {
		return
	}
	if l.isBerry() {
		l.decline("the cache of Yarn 2 and later can hold the packages themselves")
		return
	}
	l.sweepNode("yarn", "cache clean")
}

func (l *layer) sweepNode(manager, clean string) {
	for _, inv := range l.uses(manager) {
		if inv.Action != pkgmgr.Install || !l.kept() {
			continue
		}
		if inv.Command.Conditional {
			l.decline("the install by " + manager + " stands under a condition")
			return
		}
		if inv.HasFlag("--cache", "--cache-folder") || l.shows([]string{"config set cache", "cache-folder", "npm_config_cache", "NPM_CONFIG_CACHE", "YARN_CACHE_FOLDER"}) {
			return
		}
	}
	l.sweepAll(manager, "clean "+manager+"'s cache", func(inv pkgmgr.Invocation) string {
		return inv.Sudo() + program(inv) + " " + clean
	})
}

// isBerry reports whether the file shows a Yarn newer than 1, or may have one.
func (l *layer) isBerry() bool {
	if l.Context != nil {
		if l.Context.HasFile(".yarnrc.yml") {
			return true
		}
	}
	for _, inv := range l.uses("yarn") {
		if inv.HasFlag("--immutable") || inv.Verb >= 0 && strings.HasPrefix(inv.Command.Words[inv.Verb].Value, "workspaces") {
			return true
		}
	}
	return l.shows([]string{".yarnrc.yml", ".yarn", "yarn set version", "corepack"})
}
