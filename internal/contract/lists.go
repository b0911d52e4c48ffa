package contract

import (
	"maps"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

// A listRank says whether a package manager has lists to install from.
type listRank uint8

const (
	listsGone    listRank = iota // removed
	listsUnknown                 // as the base image has them
	listsFresh                   // updated, or the manager needs none
)

// needsUpdate are the managers that install only after an update, with the
// folder of their lists: apt-get(8), apk(8). The others fetch lists by themselves.
var needsUpdate = map[string]string{
	"apt-get": "/var/lib/apt/lists",
	"apk":     "/var/cache/apk",
}

// lists are the ranks by the manager's name.
type lists map[string]listRank

// see follows the package lists through a RUN. Lists that live in a mount are
// seen by their own RUN only.
func (l lists) see(r *run) {
	if r.hidesLists() {
		l = maps.Clone(l)
	}
	for _, c := range r.commands {
		l.step(c)
	}
}

func (l lists) of(m *pkgmgr.Manager) listRank {
	if rank, ok := l[m.Name]; ok {
		return rank
	}
	return listsUnknown
}

func (l lists) step(c *command) {
	switch c.role {
	case update:
		l[c.inv.Manager.Name] = listsFresh
	case install:
		c.ranked = listsFresh
		switch m := c.inv.Manager; {
		case needsUpdate[m.Name] == "":
		case c.updatesIndex():
			l[m.Name] = listsFresh
		case !c.skipsCache():
			c.ranked = l.of(m)
		}
	default:
		for name, dir := range needsUpdate {
			if c.removes(dir) {
				l[name] = listsGone
			}
		}
	}
}

// updatesIndex reports whether an install fetches the index and keeps it: apk(8).
func (c *command) updatesIndex() bool {
	return c.inv.Manager.Name == "apk" && c.inv.HasFlag("-U", "--update", "--update-cache") && !c.skipsCache()
}

// skipsCache reports whether an install fetches the lists for itself alone.
func (c *command) skipsCache() bool {
	return c.inv.SkipsCache()
}

// removes reports whether the command is an rm of something under dir.
func (c *command) removes(dir string) bool {
	if c.shell == nil {
		return false
	}
	name, args := c.shell.Runs()
	if name != "rm" {
		return false
	}
	for _, w := range args {
		if liesIn(w.Value, dir) || liesIn(dir, w.Value) && !w.IsFlag() {
			return true
		}
	}
	return false
}

func (r *run) hidesLists() bool {
	for _, m := range r.mounts {
		if m.cache == "/etc/apk/cache" { // apk keeps its index there if the folder is there
			return true
		}
		for _, dir := range needsUpdate {
			if m.cache != "" && (liesIn(dir, m.cache) || liesIn(m.cache, dir)) {
				return true
			}
		}
	}
	return false
}

// caches reports whether a cache mount of the RUN holds the manager's cache.
func (r *run) caches(m *pkgmgr.Manager) bool {
	for _, mount := range r.mounts {
		for _, p := range m.Recipe.Mounted() {
			if mount.cache != "" && (liesIn(mount.cache, p) || liesIn(p, mount.cache)) {
				return true
			}
		}
	}
	return false
}
