package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// node installs node_modules in a build stage, and runs on the slim variant of the
// same image. Where the application is built, what the build leaves is copied, and
// the dependencies of development stay behind if nothing at run time names them.
//
// Not placed: Plug'n'Play, which has no node_modules; browsers, with the dozens of
// libraries that they load; development servers.
var node = profile{
	name:       "Node",
	repository: "node",
	alpine:     true,
	managers:   map[string]bool{"npm": true, "yarn": true, "pnpm": true},
	builds:     nodeBuilds,
	place:      placeTools,
	tree:       nodeModules,
	needs:      nodeNeeds,
	anyEnv:     true,
	has:        []string{"libgcc", "libstdc++"}, // nodejs/docker-node, Dockerfile-alpine.template
	buildTools: []string{
		"git", "node-gyp", "openssh", "openssh-client", "py-setuptools", "py3-setuptools", "python", "python-is-python3", "python2", "python3", "python3-distutils", "python3-setuptools",
	},
	buildEnv: []string{"NPM_CONFIG_", "npm_config_", "YARN_", "PNPM_", "HUSKY", "HUSKY_", "NEXT_TELEMETRY_DISABLED", "CYPRESS_INSTALL_BINARY", "GENERATE_SOURCEMAP"},
}

// nodeTools are programs that build JavaScript, or run those that do.
var nodeTools = map[string]bool{
	"npx": true, "pnpx": true, "node": true, "tsc": true, "vite": true, "webpack": true, "ng": true, "nest": true, "gulp": true, "grunt": true, "rollup": true,
	"esbuild": true, "parcel": true, "next": true, "nuxt": true, "nuxi": true, "babel": true, "tsup": true, "turbo": true, "nx": true, "lerna": true, "prisma": true,
}

// A nodeInstall is an install of dependencies.
type nodeInstall struct {
	dir        string // in the image
	file       string // its folder in the context; "" if not known
	manager    *pkgmgr.Manager
	production bool // without the dependencies of development
	runsSource bool // it runs scripts of the source, or reads more than manifests
	partly     bool // of some members of a workspace, or in another way than usual
}

// takes says which dependencies the install takes.
func (in nodeInstall) takes() project.NodeScope {
	if in.production {
		return project.NodeProduction
	}
	return project.NodeAll
}

func nodeBuilds(pl *plan, at *place, e *effects.Effect) (bool, string) {
	inv := e.Install
	switch {
	case e.Program == "corepack":
		e.Kind = effects.Depends
		at.tools = append(at.tools, "yarn", "pnpm")
		return false, ""
	case inv.Manager == nil || !pl.profile.managers[inv.Manager.Name]:
		return nodeTools[e.Program], browserInstall(*e)
	case e.Kind == effects.Runs:
		return true, browserInstall(*e)
	case e.Kind != effects.Depends:
		return false, ""
	case isGlobal(inv):
		if installsSource(inv) {
			return false, brief(commandText(*e)) + ": it installs the source for the whole image"
		}
		for _, w := range inv.Packages() {
			name := pkgmgr.Name(w.Value)
			if facts.DrivesBrowser(name) {
				return false, name + " runs a browser, whose libraries are not known"
			}
			at.tools = append(at.tools, name)
		}
		return false, ""
	case inv.Action == pkgmgr.Install && len(inv.Packages()) == 0:
		return pl.nodeInstall(at, *e)
	}
	switch inv.Action {
	case pkgmgr.Install, pkgmgr.Upgrade, pkgmgr.Remove:
		return pl.readsSource(at), ""
	}
	if inv.Verb >= 0 && inv.Command.Words[inv.Verb].Value == "link" {
		return false, brief(commandText(*e)) + ": it links a folder of the source"
	}
	return false, ""
}

// readsSource reports whether a broad copy of the context stands before a RUN, so
// that what it installs by name changes the package.json of the source.
func (pl *plan) readsSource(at *place) bool {
	for _, other := range pl.places[:pl.index(at)] {
		if c, ok := pl.stage.CopyOf(other.inst); ok && c.From == "" {
			return true
		}
	}
	return false
}

func browserInstall(e effects.Effect) string {
	text := commandText(e)
	if strings.Contains(text, "playwright") || strings.Contains(text, "puppeteer") {
		return brief(text) + ": a browser needs libraries that are not known"
	}
	return ""
}

// installsSource reports whether an install for the whole image is of the working
// directory or another path, not of a package that a registry has.
// Source: npm-install(1), "npm install (in a package directory, no arguments)".
func installsSource(inv pkgmgr.Invocation) bool {
	if inv.Action != pkgmgr.Install {
		return false
	}
	isPath := func(w shell.Word) bool {
		name := strings.TrimPrefix(w.Value, "file:")
		return name != w.Value || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "~") || strings.HasSuffix(name, ".tgz")
	}
	return len(inv.Packages()) == 0 || slices.ContainsFunc(inv.Packages(), isPath)
}

func isGlobal(inv pkgmgr.Invocation) bool {
	verb := inv.Verb >= 0 && strings.HasPrefix(inv.Command.Words[inv.Program+1].Value, "global")
	return verb || inv.HasFlag("-g", "--global", "--location")
}

// nodeInstall notes an install of what package.json names. One that reads more
// than manifests is a build.
func (pl *plan) nodeInstall(at *place, e effects.Effect) (builds bool, declined string) {
	dir := folderOf(e)
	if dir == "" {
		return false, brief(commandText(e)) + ": the folder that it installs in is not known"
	}
	in := nodeInstall{dir: dir, manager: e.Install.Manager, production: pl.isProduction(at, e.Install)}
	in.partly = e.Install.HasFlag("--filter", "-F", "-w", "--workspace", "--workspaces", "--install-strategy", "--global-style", "--legacy-bundling", "--node-linker", "--virtual-store-dir")
	file, from := pl.contextFile(at, path.Join(dir, "package.json"))
	if from == nil {
		return false, "package.json is not copied from the build context before the install"
	}
	if pl.pass.Context != nil {
		in.file = path.Dir(file)
		if why := pl.plugAndPlay(in); why != "" {
			return false, why
		}
		m := project.Node(pl.pass.Context, in.file, in.read(e.Install))
		in.runsSource = !m.Complete()
	}
	for i, other := range pl.nodeInstalls {
		if other.dir == in.dir { // a second one decides what is there
			in.runsSource = in.runsSource || other.runsSource
			pl.nodeInstalls[i] = in
			return in.runsSource, ""
		}
	}
	pl.nodeInstalls = append(pl.nodeInstalls, in)
	return in.runsSource, ""
}

// folderOf is the folder of the image that a command of a manager of Node's works in, ""
// if it is not known.
func folderOf(e effects.Effect) string {
	words := e.Command.Words
	for i, w := range words {
		if (w.Value == "--prefix" || w.Value == "--cwd" || w.Value == "-C" || w.Value == "--dir") && i+1 < len(words) {
			return absolute(words[i+1].Value, e.Dir)
		}
	}
	return e.Dir
}

var nodeManagers = map[string]project.NodeManager{"npm": project.NPM, "yarn": project.Yarn, "pnpm": project.Pnpm}

func (in nodeInstall) read(inv pkgmgr.Invocation) project.NodeInstall {
	return project.NodeInstall{Manager: nodeManagers[in.manager.Name], IgnoreScripts: inv.HasFlag("--ignore-scripts")}
}

// isProduction reports whether an install leaves out the dependencies of
// development (npm install, yarn install, pnpm install).
func (pl *plan) isProduction(at *place, inv pkgmgr.Invocation) bool {
	if value, set := pl.stage.EnvAt(at.inst, "NODE_ENV"); set && value == "production" {
		return true
	}
	for _, a := range inv.Command.Assigns {
		if a.Name == "NODE_ENV" && a.Value.Value == "production" {
			return true
		}
	}
	text := inv.Command.Text()
	return inv.HasFlag("--production", "--prod", "-P", "--only") || strings.Contains(text, "--omit=dev") || strings.Contains(text, "--omit dev") || strings.Contains(text, "--production")
}

// plugAndPlay says that Yarn keeps the packages elsewhere than in node_modules, or
// "". Yarn from 2 on does unless .yarnrc.yml says so (yarnpkg.com, nodeLinker).
func (pl *plan) plugAndPlay(in nodeInstall) string {
	if in.manager.Name != "yarn" {
		return ""
	}
	c := pl.pass.Context
	settings, err := c.Read(path.Join(in.file, ".yarnrc.yml"))
	if c.HasFile(path.Join(in.file, ".yarnrc.yml")) && err != nil {
		return ".yarnrc.yml cannot be read"
	}
	lock, _ := c.Read(path.Join(in.file, "yarn.lock"))
	berry := strings.Contains(lock, "__metadata:") || settings != ""
	if berry && !strings.Contains(settings, "nodeLinker: node-modules") && !strings.Contains(settings, `nodeLinker: "node-modules"`) {
		return "Yarn keeps the packages in a folder of its own (Plug'n'Play)"
	}
	return ""
}

// removesManifest says that an install removes a file that the runtime stage would
// have, such as an .npmrc with a password, or "".
func (pl *plan) removesManifest(at *place, e effects.Effect) string {
	if e.Kind != effects.Files || !at.depends || len(e.Gone) == 0 {
		return ""
	}
	for _, g := range e.Gone {
		if _, from := pl.contextFile(at, g); from != nil && !pl.copiedAgain(pl.index(at), g) {
			return brief(commandText(e)) + ": it removes what the runtime stage would have"
		}
	}
	return ""
}

// readByNode are the names in the image of the files that an install reads.
func (pl *plan) readByNode(at *place, e effects.Effect) ([]string, string) {
	if isGlobal(e.Install) || e.Install.Action != pkgmgr.Install || e.Install.Manager == nil {
		return nil, ""
	}
	if len(e.Install.Packages()) > 0 {
		return nil, ""
	}
	dir := e.Dir
	for _, in := range pl.nodeInstalls {
		if in.dir == dir || strings.Contains(commandText(e), path.Base(in.dir)) {
			dir = in.dir
		}
	}
	file, from := pl.contextFile(at, path.Join(dir, "package.json"))
	if from == nil {
		return nil, "package.json is not copied from the build context before the install"
	}
	names := []string{path.Join(dir, "package.json")}
	if pl.pass.Context == nil {
		for _, lock := range []string{"package-lock.json", "yarn.lock", "pnpm-lock.yaml"} {
			if _, from := pl.contextFile(at, path.Join(dir, lock)); from != nil {
				names = append(names, path.Join(dir, lock))
			}
		}
		return names, ""
	}
	in := nodeInstall{manager: e.Install.Manager}
	files, why := complete(project.Node(pl.pass.Context, path.Dir(file), in.read(e.Install)))
	for i, f := range files {
		files[i] = path.Join(dir, below(path.Dir(file), f))
	}
	// A lockfile that the file does not copy is not read.
	files = slices.DeleteFunc(files, func(name string) bool {
		_, from := pl.contextFile(at, name)
		return from == nil && name != path.Join(dir, "package.json")
	})
	return files, why
}

// nodeNeeds adds what packages load or call and the full image has.
func nodeNeeds(pl *plan) string {
	if pl.sameRef {
		return ""
	}
	if pl.pass.Context == nil {
		return "the build context is not known, so neither is what package.json needs of the full image"
	}
	for _, in := range pl.nodeInstalls {
		p, ok := project.ReadNodePackage(pl.pass.Context, in.file)
		if !ok {
			return path.Join(in.file, "package.json") + " cannot be read, so what the packages need of the full image is not known"
		}
		names := append(slices.Clone(p.Dependencies), p.Dev...)
		if locked, ok := project.NodeLocked(pl.pass.Context, in.file); ok {
			names = append(names, libraries(locked)...)
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if why := pl.needOf(name, facts.NpmNeed); why != "" {
				return why
			}
		}
	}
	return pl.callsOfProgram()
}

// libraries are those of the locked packages that load a library; that one of them
// can call a program does not mean that the application makes it do so.
func libraries(locked []string) []string {
	return slices.DeleteFunc(locked, func(name string) bool {
		need, known := facts.NpmNeed(name)
		return !known || len(need.Dev) == 0
	})
}
