package dependencycopy

import (
	"path"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
)

const node = "node"

var nodeManagers = map[string]project.NodeManager{"npm": project.NPM, "yarn": project.Yarn, "pnpm": project.Pnpm}

// nodeVerbs are the verbs that install what package.json and the lockfile name.
// Left out: pnpm deploy and yarn workspaces focus, which read the members' source.
var nodeVerbs = map[string]bool{"": true, "install": true, "i": true, "ci": true, "clean-install": true, "install-clean": true, "fetch": true}

// nodeInstall recognises npm, yarn and pnpm installs without named packages, and
// those of bun.
func nodeInstall(c call) (install, bool) {
	if name, args := c.cmd.Runs(); name == "bun" && len(args) > 0 && (args[0].Value == "install" || args[0].Value == "i") {
		for _, w := range args[1:] {
			if !w.IsFlag() {
				return install{}, false
			}
		}
		at, ok := c.folder(c.in(""))
		return c.node("bun install", at, project.NodeInstall{Manager: project.Bun}), ok
	}
	inv, ok := pkgmgr.Recognise(c.cmd)
	if !ok || inv.Action != pkgmgr.Install {
		return install{}, false
	}
	manager, known := nodeManagers[inv.Manager.Name]
	if !known || !nodeVerbs[verb(inv)] || isGlobal(inv) || len(inv.Operands) > 0 || inv.HasFlag("-g", "--global", "--location", "-v", "--version", "-h", "--help") {
		return install{}, false
	}
	dir, known := c.lastOption(inv, "--prefix", "--cwd", "-C", "--dir")
	at, mapped := c.folder(c.in(dir))
	if !known || !mapped {
		return install{}, false
	}
	program := inv.Manager.Name
	if inv.Verb >= 0 {
		program += " " + verb(inv)
	}
	how := project.NodeInstall{Manager: manager, IgnoreScripts: inv.HasFlag("--ignore-scripts"), NoLockfile: inv.HasFlag("--no-package-lock", "--no-lockfile")}
	return c.node(program, at, how), true
}

func (c call) node(program string, at folder, how project.NodeInstall) install {
	in := install{program: program, ecosystem: node, at: at, inTree: true, reads: project.Node(c.context(), at.source, how)}
	in.writes = []string{"node_modules"}
	for _, name := range in.reads.Files {
		// A member of the workspace can have packages of its own.
		if dir := path.Dir(name); path.Base(name) == "package.json" && dir != at.source {
			if rel, ok := below(at.source, dir); ok {
				in.writes = append(in.writes, path.Join(rel, "node_modules"))
			}
		}
	}
	return in
}
