package multistage

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
)

// nodeProducts says what the runtime stage gets of an application that is built:
// what the build leaves, package.json, node_modules and what of the source is not
// known to be of use to the build alone; or the whole folder.
func (pl *plan) nodeProducts() string {
	if pl.pass.Context == nil {
		return "the build context is not known, so neither is what the build leaves"
	}
	if pl.stage.Last("WORKDIR") == nil {
		return "it is built in the root of the image"
	}
	for _, m := range pl.products() {
		pl.bring(m, m)
	}
	r, unread := pl.readNode()
	outputs, unknown := pl.nodeOutputs()
	p, hasPackage := pl.packageAtStart()
	switch {
	case unknown != "":
	case !hasPackage || len(pl.nodeInstalls) != 1 || pl.nodeInstalls[0].dir != pl.stage.WorkdirAt(nil):
		unknown = "the application has several folders"
	case p.Workspaces:
		unknown = "it is one of several packages"
	default:
		unknown = pl.takeNode(p, r, unread, outputs)
	}
	if unknown != "" {
		if why := pl.takeWhole(unknown); why != "" {
			return why
		}
	}
	pl.bringUnknown()
	if hasPackage && len(pl.nodeInstalls) == 1 {
		pl.prune(p, pl.nodeInstalls[0], pl.developmentStays(p, r, unread))
	}
	return ""
}

// takeNode brings the parts of an application that runs from what it built.
func (pl *plan) takeNode(p project.NodePackage, r reading, unread string, outputs []string) (unknown string) {
	commands, known := pl.startPrograms()
	if !known || len(commands) == 0 {
		return "what the image starts cannot be followed"
	}
	if unread != "" {
		return unread + " cannot be read"
	}
	static := true
	for _, c := range commands {
		if pl.servesOutput(c, outputs) {
			continue
		}
		static = static && isHelper(path.Base(c[0]))
		if why := pl.runsOutput(p, c, outputs); why != "" {
			return why
		}
	}
	if static {
		for _, name := range outputs {
			pl.bring(path.Join(pl.stage.WorkdirAt(nil), name), path.Join(pl.stage.WorkdirAt(nil), name))
		}
		for _, name := range pl.settingFiles(func(string) bool { return false }) {
			pl.bring(name, name)
		}
		pl.gained = true
		pl.leave("node_modules", "a program of the image serves what is built")
		return ""
	}
	if pl.startsStandalone(commands) {
		pl.bring(path.Join(pl.stage.WorkdirAt(nil), standalone), path.Join(pl.stage.WorkdirAt(nil), standalone))
		pl.gained = true
		pl.leave("node_modules", standalone+" has what the server needs of them")
		return ""
	}
	for _, name := range append(slices.Clone(p.Dependencies), p.Dev...) {
		if slices.Contains(conventional, name) {
			return name + " finds its files by their usual places"
		}
	}
	dir := pl.stage.WorkdirAt(nil)
	kept, why := pl.keptEntries(p, outputs)
	if why != "" {
		return why
	}
	names := append([]string{"package.json", "node_modules"}, outputs...)
	slices.Sort(kept)
	for _, name := range append(names, kept...) {
		pl.bring(path.Join(dir, name), path.Join(dir, name))
	}
	isSource := func(file string) bool { return slices.Contains(nodeEndings, path.Ext(file)) || isMeta(file) }
	for _, name := range outermost(append(pl.namedFiles(r.literals, isSource), pl.settingFiles(isSource)...)) {
		if !pl.isBrought(name) && isWithin(name, dir) {
			pl.bring(name, name)
		}
	}
	return ""
}

// standalone is where Next.js puts its server with all that it needs.
// Source: https://nextjs.org/docs/app/api-reference/config/next-config-js/output.
const standalone = ".next/standalone"

// startsStandalone reports whether the commands at start are that server and helpers.
func (pl *plan) startsStandalone(commands [][]string) bool {
	dir := path.Join(pl.stage.WorkdirAt(nil), standalone)
	server := false
	for _, c := range commands {
		if isHelper(path.Base(c[0])) {
			continue
		}
		if path.Base(c[0]) != "node" || len(c) != 2 || !isWithin(absolute(c[1], pl.stage.WorkdirAt(nil)), dir) {
			return false
		}
		server = true
	}
	return server
}

// servesOutput reports whether a command serves a folder that is built, by a
// program that is installed for the whole image.
func (pl *plan) servesOutput(c []string, outputs []string) bool {
	program := path.Base(c[0])
	if program != "serve" && program != "http-server" {
		return false
	}
	forAll := slices.ContainsFunc(pl.places, func(at *place) bool { return slices.Contains(at.tools, program) })
	return forAll && slices.ContainsFunc(c[1:], func(w string) bool {
		name := strings.TrimPrefix(absolute(w, pl.stage.WorkdirAt(nil)), pl.stage.WorkdirAt(nil)+"/")
		return slices.ContainsFunc(outputs, func(o string) bool { return isWithin(name, o) })
	})
}

// conventional are frameworks whose applications are folders by convention.
var conventional = []string{"@adonisjs/core", "@feathersjs/feathers", "@keystone-6/core", "@loopback/core", "@strapi/strapi", "egg", "gatsby", "ghost", "keystone", "loopback", "meteor-node-stubs", "moleculer", "nuxt", "payload", "sails", "strapi"}

// runsOutput says why a command at start does not run what is built, or "".
func (pl *plan) runsOutput(p project.NodePackage, c []string, outputs []string) string {
	switch program := path.Base(c[0]); program {
	case "node":
		for _, w := range c[1:] {
			if ofPackages(w, []string{"tsconfig-paths", "ts-node"}) != "" {
				return "the image starts " + w + ", which reads the settings of TypeScript"
			}
			if strings.HasPrefix(w, "-") || ofPackages(w, p.Dependencies) != "" {
				continue
			}
			name := strings.TrimPrefix(path.Clean(absolute(w, pl.stage.WorkdirAt(nil))), pl.stage.WorkdirAt(nil)+"/")
			if !slices.ContainsFunc(outputs, func(o string) bool { return isWithin(name, o) }) {
				return "the image starts " + w + ", which the build is not known to leave"
			}
			return ""
		}
	case "next":
		if len(c) > 1 && c[1] == "start" && slices.Contains(outputs, ".next") {
			return ""
		}
	default:
		if isHelper(program) {
			return ""
		}
	}
	return "the image starts " + brief(strings.Join(c, " "))
}

// maxEntries is how many COPY instructions for files of the source still read
// better than one for the whole folder.
const maxEntries = 5

// keptEntries are the files and folders beside package.json that are not known to
// be of use to the build alone.
func (pl *plan) keptEntries(p project.NodePackage, outputs []string) (kept []string, why string) {
	dir := pl.stage.WorkdirAt(nil)
	for _, in := range pl.inputs {
		var names []string
		switch {
		case in.file == "":
			return nil, "what the file copies is not known"
		case !in.dir || in.name != dir:
			names = append(names, strings.SplitN(strings.TrimPrefix(in.name, dir+"/"), "/", 2)[0])
		default:
			entries, err := pl.pass.Context.ReadDir(in.file)
			if err != nil {
				return nil, "what the file copies is not known"
			}
			for _, e := range entries {
				names = append(names, e.Name())
			}
		}
		for _, name := range names {
			file := pl.fileOf(path.Join(dir, name))
			switch {
			case name == "package.json" || name == "node_modules" || slices.Contains(outputs, name) || slices.Contains(kept, name):
			case file == "" || pl.isNodeSource(name, file):
			default:
				kept = append(kept, name)
			}
		}
	}
	if len(kept) > maxEntries {
		return nil, "much beside the source may be read at run time"
	}
	return kept, ""
}

var toolFiles = []string{
	"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "bun.lockb", "tsconfig", "jsconfig", "nodemon.json", "nest-cli.json", "angular.json", "components.json",
	"renovate.json", "lerna.json", "turbo.json", "nx.json", "biome.json", "vercel.json", "netlify.toml", "fly.toml", "index.html", "next-env.d.ts", "crowdin.yml", "codecov.yml", "sonar-project.properties", "cypress.json", "jest", "Makefile",
}

// isNodeSource reports whether an entry is of use to the build alone: tests, the
// settings of tools, and folders that hold nothing but source.
func (pl *plan) isNodeSource(name, file string) bool {
	switch {
	case slices.Contains([]string{"test", "tests", "__tests__", "__mocks__", "e2e", "cypress", "spec", "docs", "doc", "examples", "scripts", "coverage"}, name):
		return !slices.ContainsFunc(pl.startWords(), func(w string) bool { return strings.Contains(w, name+"/") })
	case strings.HasPrefix(name, ".") && !strings.HasPrefix(name, ".env") || name == ".env.example" || name == ".env.sample":
		return true
	case slices.ContainsFunc(toolFiles, func(t string) bool { return strings.HasPrefix(name, t) }) || isMeta(name):
		return true
	}
	return pl.holdsOnly(file, func(f string) bool {
		ext := path.Ext(f)
		compiled := slices.Contains([]string{".ts", ".tsx", ".mts", ".cts", ".jsx", ".vue", ".svelte", ".css", ".scss", ".sass", ".less", ".module"}, ext)
		return compiled || isNodeTooling(f) && slices.Contains(nodeEndings, ext) || name == "src" && slices.Contains(nodeEndings, ext) || isMeta(f)
	})
}

// prune leaves the dependencies of development behind, if nothing needs them.
func (pl *plan) prune(p project.NodePackage, in nodeInstall, stays string) {
	switch {
	case len(p.Dev) == 0 || in.production || pl.prunes() || !pl.isBrought(path.Join(in.dir, "node_modules")):
		return
	case stays != "":
		pl.note("kept: the dependencies of development: %s", stays)
		return
	case p.Workspaces || pl.workdirOfBuild() != in.dir || pl.pass.Context.HasFile(path.Join(in.file, ".yarnrc.yml")):
		return
	}
	command := pruneCommand(in.manager.Name, facts.ParseRef(pl.stage.Ref).Tag)
	if command == "" {
		return
	}
	pl.finish = append(pl.finish, "RUN "+command)
	pl.declare(fix.AddCommand, command)
	pl.gained = true
	pl.leave("the dependencies of development", "nothing that runs names them")
}

// prunes reports whether the file itself removes packages.
func (pl *plan) prunes() bool {
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
			return e.Install.Manager != nil && !e.Install.Manager.System && e.Install.Action == pkgmgr.Remove
		})
	})
}

func (pl *plan) workdirOfBuild() string {
	return pl.stage.WorkdirAt(pl.places[pl.lastBuild()].inst)
}

// pruneCommand removes the dependencies of development: npm from 7 on, which
// Node has since 15, knows --omit; before it --production. Yarn's own page names
// the install (classic.yarnpkg.com, "yarn prune").
func pruneCommand(manager, tag string) string {
	switch manager {
	case "npm":
		major, err := strconv.Atoi(strings.SplitN(strings.SplitN(tag, "-", 2)[0], ".", 2)[0])
		if err == nil && major < 15 {
			return "npm prune --production"
		}
		return "npm prune --omit=dev"
	case "yarn":
		return "yarn install --production --ignore-scripts --prefer-offline"
	case "pnpm":
		return "pnpm prune --prod"
	}
	return ""
}
