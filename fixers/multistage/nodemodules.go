package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/project"
)

// nodeModules says what the runtime stage gets.
func nodeModules(pl *plan) (tree, string) {
	if why := pl.developmentServer(); why != "" {
		return tree{}, why
	}
	if why := pl.drivesBrowser(); why != "" {
		return tree{}, why
	}
	if pl.isBuild() {
		return tree{}, pl.nodeProducts()
	}
	var dirs []string
	for _, in := range pl.nodeInstalls {
		dirs = append(dirs, path.Join(in.dir, "node_modules"))
	}
	for _, at := range pl.places {
		for i, e := range at.effects {
			for n, dir := range dirs {
				if why := pl.removesManifest(at, e); why != "" {
					pl.inst = at.inst
					return tree{}, why
				}
				if e.Kind == effects.Files && at.depends && len(e.Gone) > 0 && len(e.Writes) == 0 && isWithinAny(e.Gone[0], []string{pl.nodeInstalls[n].dir}) {
					at.effects[i].Kind = effects.Nothing
				}
				if e.Kind != effects.Files || !slices.Contains(e.Reads, dir) {
					continue
				}
				if e.Program != "mv" || !at.depends {
					pl.inst = at.inst
					return tree{}, brief(commandText(e)) + ": where node_modules is needed cannot be told"
				}
				dirs[n] = e.Writes[0]
				if isShared(dirs[n]) || strings.HasSuffix(e.Command.Words[len(e.Command.Words)-1].Value, "/") {
					dirs[n] = path.Join(dirs[n], "node_modules")
				}
				at.effects[i].Kind = effects.Nothing
			}
		}
	}
	if len(dirs) == 0 {
		return tree{}, "nothing is installed that a build stage could leave behind"
	}
	members, why := pl.memberModules()
	if why != "" {
		return tree{}, why
	}
	if pl.pass.Context != nil {
		pl.readNode()
	}
	pl.outputs = append(append(pl.outputs, dirs[1:]...), members...)
	return tree{paths: []string{dirs[0]}}, ""
}

// memberModules are the node_modules that the members of workspaces have beside that
// of the root.
func (pl *plan) memberModules() (dirs []string, declined string) {
	for _, in := range pl.nodeInstalls {
		p, ok := project.NodePackage{}, false
		if pl.pass.Context != nil {
			p, ok = project.ReadNodePackage(pl.pass.Context, in.file)
		}
		if !ok || !p.Workspaces {
			continue
		}
		members, known := project.NodeMemberModules(pl.pass.Context, in.file, nodeManagers[in.manager.Name], in.takes())
		if !known || in.partly {
			return nil, "which members of the workspace get a node_modules of their own cannot be told"
		}
		for _, member := range members {
			dir := path.Join(in.dir, member)
			if _, from := pl.contextFile(&place{}, path.Join(dir, "package.json")); from != nil {
				dirs = append(dirs, path.Join(dir, "node_modules"))
			}
		}
	}
	return dirs, ""
}
