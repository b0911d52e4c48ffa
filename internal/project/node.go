package project

import (
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// NodeManager is a package manager of Node.
type NodeManager int

const (
	NPM NodeManager = iota
	Yarn
	Pnpm
	Bun
)

// NodeInstall is one "npm ci" or the like.
type NodeInstall struct {
	Manager NodeManager

	// IgnoreScripts says that --ignore-scripts is given.
	IgnoreScripts bool

	// NoLockfile says that the lockfile is not read: npm's --no-package-lock, --no-lockfile
	// of Yarn 1 and pnpm.
	NoLockfile bool
}

// nodeFiles are the files that each manager reads beside package.json if they
// are there, the lockfile first, and the folders it reads whole. Sources: npm
// "package-lock.json", "npmrc"; Yarn "yarnrc", "Configuration"; pnpm
// "Settings", "pnpmfile"; Bun "bunfig.toml".
var nodeFiles = map[NodeManager]struct{ files, dirs []string }{
	NPM:  {[]string{"package-lock.json", "npm-shrinkwrap.json", ".npmrc"}, nil},
	Yarn: {[]string{"yarn.lock", ".yarnrc", ".yarnrc.yml", ".npmrc", "yarn.config.cjs"}, []string{".yarn/releases", ".yarn/plugins", ".yarn/patches", ".yarn/cache"}},
	Pnpm: {[]string{"pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs", ".pnpmfile.mjs"}, nil},
	Bun:  {[]string{"bun.lock", "bun.lockb", "bunfig.toml", ".npmrc"}, nil},
}

// Node says what an install of dependencies in dir reads: the package.json of
// the project and of each member of its workspace, the lockfile, the
// manager's configuration, local packages and patches, and what the scripts
// that an install runs read.
func Node(c *Context, dir string, install NodeInstall) Manifests {
	r := collect(c)
	r.node(dir, install)
	return r.result()
}

func (r *collector) node(dir string, install NodeInstall) {
	root, ok := r.nodePackage(dir, dir)
	if !ok {
		return
	}
	known := nodeFiles[install.Manager]
	files := known.files
	if install.NoLockfile {
		files = files[1:]
	}
	for _, name := range files {
		r.optional(path.Join(dir, name))
	}
	for _, name := range known.dirs {
		r.optionalDir(path.Join(dir, name))
	}
	r.nodeWorkspace(dir, install, root)
	root.localPackages(r)
	r.nodeConfigured(dir, install, root)
	if !install.IgnoreScripts {
		root.lifecycle(r)
	}
}

// nodePackage is a package.json.
type nodePackage struct {
	manifest table
	dir      string
	file     string
	root     string // folder of the project whose workspace this is in
}

func (r *collector) nodePackage(root, dir string) (nodePackage, bool) {
	p := nodePackage{dir: cleanPath(dir), file: cleanPath(path.Join(dir, "package.json")), root: root}
	ok := r.readJSON(p.file, &p.manifest)
	return p, ok
}

// nodeWorkspace notes the members of a workspace, each with its package.json.
func (r *collector) nodeWorkspace(dir string, install NodeInstall, root nodePackage) {
	patterns := root.manifest.strings("workspaces")
	if patterns == nil {
		patterns = root.manifest.strings("workspaces", "packages")
	}
	if install.Manager == Pnpm {
		patterns = r.pnpmWorkspace(dir).strings("packages")
	}
	for _, folder := range r.members(dir, patterns, "package.json") {
		member, ok := r.nodePackage(dir, folder)
		if !ok {
			continue
		}
		if member.manifest.at("bin") != nil {
			r.source("%s declares a bin, which the install links", member.file)
		}
		r.optional(path.Join(folder, ".npmrc"))
		member.localPackages(r)
		if !install.IgnoreScripts {
			member.lifecycle(r)
		}
	}
}

// pnpmWorkspace gives pnpm-workspace.yaml, which is noted already.
func (r *collector) pnpmWorkspace(dir string) table {
	name := path.Join(dir, "pnpm-workspace.yaml")
	if !r.hasFile(name) {
		return nil
	}
	text, ok := r.text(name)
	if !ok {
		return nil
	}
	var workspace map[string]any
	if err := yaml.Unmarshal([]byte(text), &workspace); err != nil {
		r.source("%s is not valid YAML", cleanPath(name))
	}
	return workspace
}

// nodeConfigured notes the files that the manager's configuration names.
func (r *collector) nodeConfigured(dir string, install NodeInstall, root nodePackage) {
	switch install.Manager {
	case Pnpm:
		workspace := r.pnpmWorkspace(dir)
		for _, patches := range []table{root.manifest.table("pnpm", "patchedDependencies"), workspace.table("patchedDependencies")} {
			r.patchFiles(dir, patches)
		}
	case Bun:
		r.patchFiles(dir, root.manifest.table("patchedDependencies"))
	case Yarn:
		r.yarnConfiguration(dir)
	}
}

func (r *collector) patchFiles(dir string, patches table) {
	for _, name := range patches.keys() {
		r.file(path.Join(dir, patches.string(name)))
	}
}

// yarnConfiguration notes yarnPath and plugins of .yarnrc.yml, and yarn-path
// of .yarnrc.
func (r *collector) yarnConfiguration(dir string) {
	if name := path.Join(dir, ".yarnrc"); r.hasFile(name) {
		text, _ := r.text(name)
		for line := range strings.SplitSeq(text, "\n") {
			fields := strings.Fields(line)
			if len(fields) != 2 {
				continue
			}
			value := strings.Trim(fields[1], `"`)
			switch strings.Trim(fields[0], `"`) {
			case "yarn-path":
				r.file(path.Join(dir, value))
			case "yarn-offline-mirror":
				r.dir(path.Join(dir, value), dir, cleanPath(name)+": the offline mirror is the project itself")
			}
		}
	}
	name := path.Join(dir, ".yarnrc.yml")
	if !r.hasFile(name) {
		return
	}
	text, _ := r.text(name)
	var configuration map[string]any
	if err := yaml.Unmarshal([]byte(text), &configuration); err != nil {
		r.source("%s is not valid YAML", cleanPath(name))
		return
	}
	if binary := table(configuration).string("yarnPath"); binary != "" {
		r.file(path.Join(dir, binary))
	}
	plugins, _ := configuration["plugins"].([]any)
	for _, item := range plugins {
		place, _ := item.(string)
		if fields, ok := item.(map[string]any); ok {
			place = table(fields).string("path")
		}
		if place != "" {
			r.file(path.Join(dir, place))
		}
	}
}

// nodeDependencyFields are where package.json names packages.
var nodeDependencyFields = [][]string{
	{"dependencies"}, {"devDependencies"}, {"optionalDependencies"}, {"peerDependencies"},
	{"resolutions"}, {"overrides"}, {"pnpm", "overrides"},
}

// localPackages notes the file:, link: and portal: packages, and patches in
// Yarn's patch: form.
func (p nodePackage) localPackages(r *collector) {
	for _, field := range nodeDependencyFields {
		dependencies := p.manifest.table(field...)
		for _, name := range dependencies.keys() {
			p.localPackage(r, name, dependencies.string(name))
		}
	}
}

func (p nodePackage) localPackage(r *collector, name, version string) {
	if rest, ok := strings.CutPrefix(version, "patch:"); ok {
		p.yarnPatch(r, rest)
		return
	}
	place := ""
	for _, protocol := range []string{"file:", "link:", "portal:"} {
		if rest, ok := strings.CutPrefix(version, protocol); ok {
			place = strings.TrimPrefix(rest, "//")
		}
	}
	if strings.HasPrefix(version, "./") || strings.HasPrefix(version, "../") {
		place = version
	}
	here := fmt.Sprintf("%s: %s", p.file, name)
	switch full := path.Join(p.dir, place); {
	case place == "":
	case path.IsAbs(place) || strings.HasPrefix(place, "~"):
		r.source("%s is at %s", here, place)
	case isArchive(place):
		r.file(full)
	default:
		r.dir(full, p.dir, here+" is the project itself")
	}
}

// yarnPatch notes the files of "patch:left-pad@npm%3A1.0.0#~/.yarn/patches/x.patch";
// "~/" is the root of the project, "builtin<…>" comes with Yarn.
func (p nodePackage) yarnPatch(r *collector, spec string) {
	_, files, _ := strings.Cut(spec, "#")
	for _, name := range strings.Split(files, "&") {
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "optional!"), "::")
		switch rest, fromRoot := strings.CutPrefix(name, "~/"); {
		case name == "" || strings.HasPrefix(name, "builtin<"):
		case fromRoot:
			r.file(path.Join(p.root, rest))
		default:
			r.file(path.Join(p.dir, name))
		}
	}
}
