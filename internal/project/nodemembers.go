package project

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A NodeScope says which dependencies of a package an install takes.
type NodeScope int

const (
	// NodeAll: all of them.
	NodeAll NodeScope = iota
	// NodeProduction: all but those of development.
	NodeProduction
)

// NodeMemberModules are the folders of a workspace's members, relative to dir, in
// which an install makes a node_modules of their own, sorted. known is false where
// the lockfile does not tell.
//
// pnpm makes one for each member with dependencies (pnpm.io/symlinked-node-modules-structure);
// npm for what does not fit into that of the root, which its lockfile has by path
// (docs.npmjs.com, package-lock.json, "packages").
func NodeMemberModules(c *Context, dir string, manager NodeManager, scope NodeScope) (members []string, known bool) {
	switch manager {
	case Pnpm:
		return pnpmMemberModules(c, dir, scope)
	case NPM:
		return npmMemberModules(c, dir, scope)
	}
	return nil, false
}

func pnpmMemberModules(c *Context, dir string, scope NodeScope) (members []string, known bool) {
	for _, name := range []string{".npmrc", "pnpm-workspace.yaml"} {
		text, err := c.Read(path.Join(dir, name))
		if err != nil && c.HasFile(path.Join(dir, name)) || strings.Contains(text, "node-linker") || strings.Contains(text, "nodeLinker") || strings.Contains(text, "modules-dir") || strings.Contains(text, "modulesDir") {
			return nil, false
		}
	}
	text, err := c.Read(path.Join(dir, "pnpm-lock.yaml"))
	if err != nil {
		return nil, false
	}
	var lock struct {
		Importers map[string]map[string]any `yaml:"importers"`
	}
	if err := yaml.Unmarshal([]byte(text), &lock); err != nil || lock.Importers == nil {
		return nil, false
	}
	kinds := []string{"dependencies", "optionalDependencies"}
	if scope == NodeAll {
		kinds = append(kinds, "devDependencies")
	}
	for name, importer := range lock.Importers {
		if name != "." && slices.ContainsFunc(kinds, func(kind string) bool { return importer[kind] != nil }) {
			members = append(members, path.Clean(name))
		}
	}
	slices.Sort(members)
	return members, true
}

func npmMemberModules(c *Context, dir string, scope NodeScope) (members []string, known bool) {
	text, err := c.Read(path.Join(dir, "package-lock.json"))
	if err != nil {
		return nil, false
	}
	var lock struct {
		Packages map[string]struct{ Dev, Optional, DevOptional bool }
	}
	if json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &lock) != nil || lock.Packages == nil {
		return nil, false
	}
	unsure := map[string]bool{}
	for name, p := range lock.Packages {
		member, _, nested := strings.Cut(name, "/node_modules/")
		switch {
		case !nested || member == "node_modules" || strings.HasPrefix(member, "node_modules/"):
		case p.Dev && scope == NodeProduction:
		case p.Optional || p.DevOptional:
			unsure[member] = true // it may be of another platform
		default:
			members = append(members, path.Clean(member))
		}
	}
	slices.Sort(members)
	members = slices.Compact(members)
	for member := range unsure {
		if !slices.Contains(members, path.Clean(member)) {
			return nil, false
		}
	}
	return members, true
}
