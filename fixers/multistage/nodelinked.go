package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// putsPackages is a command of the build that puts a package among the installed
// ones which package.json does not list, so that pruning would remove it: a link, a
// copy into node_modules, or an install by name, which a later copy of package.json
// or an old npm leaves unlisted. "" if there is none.
func (pl *plan) putsPackages(p project.NodePackage) string {
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Command == nil {
				continue
			}
			if pl.installsUnlisted(p, e.Install) {
				return brief(commandText(e))
			}
			words := e.Command.Values()
			commands, known := [][]string{words}, true
			if nodeTools[e.Program] || e.Install.Manager != nil {
				commands, known = p.Programs(words)
			}
			if !known {
				// Which of its scripts run is not known.
				commands = append(commands, p.Commands()...)
			}
			for _, c := range commands {
				if putsPackage(c) {
					return brief(strings.Join(c, " "))
				}
			}
		}
	}
	return ""
}

// installsUnlisted reports whether an install into node_modules names a package that
// the package.json of the build context does not.
func (pl *plan) installsUnlisted(p project.NodePackage, inv pkgmgr.Invocation) bool {
	if inv.Manager == nil || !pl.profile.managers[inv.Manager.Name] || inv.Action != pkgmgr.Install || isGlobal(inv) {
		return false
	}
	return slices.ContainsFunc(inv.Packages(), func(w shell.Word) bool {
		name := pkgmgr.Name(w.Value)
		return !slices.Contains(p.Dependencies, name) && !slices.Contains(p.Dev, name)
	})
}

// copying are programs that copy, move or link files; their last word is where to.
var copying = []string{"cp", "ln", "mv", "rsync", "ncp", "cpx", "cpy", "copyfiles"}

// putsPackage reports whether a command is a link of a package manager ("npm link",
// "yarn link", "ngm link") or copies something into node_modules.
func putsPackage(c []string) bool {
	if len(c) > 0 && path.Base(c[0]) == "shx" {
		c = c[1:]
	}
	if len(c) < 2 {
		return false
	}
	if !slices.Contains(copying, path.Base(c[0])) {
		return c[1] == "link"
	}
	return slices.Contains(strings.Split(c[len(c)-1], "/"), "node_modules")
}
