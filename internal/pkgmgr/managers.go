package pkgmgr

import (
	"slices"
	"strings"
)

// A Manager is a package manager.
type Manager struct {
	Name        string
	Programs    []string          // base names of its commands
	System      bool              // its packages are the distribution's
	Verbs       map[string]Action // by words after the program: "install", "cache clean"
	FlagVerbs   []FlagVerb        // for managers whose verb is an option
	Bare        Action            // what it does without a verb; Other if that is no command of interest
	RunsScripts bool              // a first word that is no verb is a script to run: yarn tsc
	ValueFlags  []string          // options whose value is the next word
	AssumeYes   []string          // options that keep it from asking, the usual one first
	Recipe      Recipe            // how its leavings are cleaned up

	verbWords int // of the longest of Verbs
}

// A FlagVerb is an option that names an action, by how it begins.
type FlagVerb struct {
	Prefix string
	Action Action
}

// A Recipe says what an install leaves in a layer that the image does not need,
// and how it is avoided.
type Recipe struct {
	NoCache string   // an option of the install that leaves nothing: --no-cache
	Synonym string   // another word for NoCache
	Clean   string   // else a command for the same RUN, after the last install
	Paths   []string // what the leavings are: folders, absolute or under ~
	MovedTo []string // where some images have those folders: an rm there may mean something else
}

// SkipsCache reports whether an option of the install leaves nothing.
func (r Recipe) SkipsCache(option string) bool {
	return option != "" && (option == r.NoCache || option == r.Synonym)
}

// Mounted are the folders in which a cache mount holds the leavings.
func (r Recipe) Mounted() []string { return slices.Concat(r.Paths, r.MovedTo) }

// ByName returns the manager of that name or program, or nil.
func ByName(name string) *Manager { return byName[name] }

// managers is every manager that drydock knows.
var managers = []*Manager{
	apt, apk, dnf, microdnf, yum, tdnf, zypper, pacman,
	pip, uv, poetry, pipenv, conda,
	npm, yarn, pnpm,
	gem, bundler, composer,
}

var byName = func() map[string]*Manager {
	index := map[string]*Manager{}
	for _, m := range managers {
		for _, p := range m.Programs {
			index[p] = m
		}
		for verb := range m.Verbs {
			m.verbWords = max(m.verbWords, len(strings.Fields(verb)))
		}
	}
	return index
}()
