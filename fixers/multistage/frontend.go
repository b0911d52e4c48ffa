package multistage

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// A front end is the JavaScript that an application of another ecosystem builds. Its
// source is then for the build stage, and the runtime stage gets the folder of the
// application from there, beside the dependencies:
//
//	FROM ruby:3.3                       =>  FROM ruby:3.3 AS build
//	RUN apt-get install -y nodejs npm       ...
//	ENV RAILS_ENV=production                RUN bin/rails assets:precompile
//	COPY . .                                RUN rm -rf node_modules
//	RUN bundle install
//	RUN npm ci                              FROM ruby:3.3-slim
//	RUN bin/rails assets:precompile         ENV RAILS_ENV=production
//	CMD ["puma"]                            COPY --from=build /usr/local/bundle /usr/local/bundle
//	                                        COPY --from=build /app ./
//	                                        CMD ["puma"]
//
// Node and node_modules stay behind where nothing that runs names them.
//
// Not placed: Rails that is not known to run in production, where it builds when it is
// asked for a page; a build in a folder of its own, which may write beside it; and what
// starts Node's tools.

// ofFrontEnd is the profile of an ecosystem for a file that builds a front end too, and
// the profile itself for one that does not.
func ofFrontEnd(prof *profile, s *build.Stage) *profile {
	if prof != &python && prof != &ruby || !buildsFrontEnd(s) {
		return prof
	}
	with, own := *prof, prof.tree
	with.frontEnd = true
	with.builds = frontEndBuilds
	with.anyEnv = true
	with.buildEnv = slices.Concat(prof.buildEnv, node.buildEnv)
	with.tree = func(pl *plan) (tree, string) {
		t, declined := own(pl)
		if declined != "" {
			return t, declined
		}
		declined = pl.takeApplication()
		t.paths = slices.DeleteFunc(t.paths, pl.isBrought)
		return t, declined
	}
	return &with
}

// buildsFrontEnd reports whether a stage installs packages of npm's for its source, or
// brings Node for tasks of Rails, which may do that.
func buildsFrontEnd(s *build.Stage) bool {
	brings, task := false, false
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		for _, c := range s.Script(inst).Commands {
			inv, ok := pkgmgr.Recognise(c)
			byNpm := ok && node.managers[inv.Manager.Name]
			if byNpm && !isGlobal(inv) {
				return true
			}
			brings = brings || byNpm || namesNodeSource(c.Text())
			task = task || isRailsTask(c)
		}
	}
	return brings && task
}

// railsTasks are tasks that build the assets of a Rails application into its folder.
// Sources: sprockets-rails, propshaft, webpacker, vite_ruby, jsbundling-rails,
// cssbundling-rails (lib/tasks of each).
var railsTasks = []string{"assets:precompile", "webpacker:compile", "shakapacker:compile", "vite:build", "javascript:build", "css:build"}

func isRailsTask(c *shell.Command) bool {
	return slices.ContainsFunc(c.Words, func(w shell.Word) bool { return slices.Contains(railsTasks, w.Value) })
}

func frontEndBuilds(pl *plan, at *place, e *effects.Effect) (builds bool, declined string) {
	inv := e.Install
	switch {
	case e.Kind == effects.Nothing:
		return false, ""
	case inv.Manager != nil && node.managers[inv.Manager.Name] && isGlobal(inv):
		return false, pl.fetchesTools(e)
	case inv.Manager != nil && node.managers[inv.Manager.Name]:
		return true, cmp.Or(browserInstall(*e), pl.worksInFolder(*e))
	case nodeTools[e.Program]:
		return true, browserInstall(*e)
	case e.Kind == effects.Runs && isRailsTask(e.Command):
		return true, pl.worksInFolder(*e)
	case e.Program == "corepack":
		pl.frontEndTools = append(pl.frontEndTools, "yarn", "pnpm")
		pl.fetches(e)
	case bringsNode(*e):
		pl.nodeSource = true
		pl.fetches(e)
	}
	return false, ""
}

// fetches leaves to the build stage what a command brings.
func (pl *plan) fetches(e *effects.Effect) {
	pl.declare(fix.DropCommand, commandText(*e))
	e.Kind, e.Reason, e.Writes = effects.Fetches, "", nil
}

// fetchesTools says why what a command installs for the whole image may be needed there,
// or "".
func (pl *plan) fetchesTools(e *effects.Effect) string {
	for _, w := range e.Install.Packages() {
		if !slices.Contains(packageManagers, pkgmgr.Name(w.Value)) {
			return brief(commandText(*e)) + ": whether the image runs what " + e.Install.Manager.Name + " installs is not known"
		}
		pl.frontEndTools = append(pl.frontEndTools, pkgmgr.Name(w.Value))
	}
	pl.fetches(e)
	return ""
}

// worksInFolder notes the folder that a command builds in. It says that the folder is not
// known, or "".
func (pl *plan) worksInFolder(e effects.Effect) string {
	dir := folderOf(e)
	if dir == "" {
		return brief(commandText(e)) + ": the folder that it works in is not known"
	}
	if !slices.Contains(pl.frontEnds, dir) {
		pl.frontEnds = append(pl.frontEnds, dir)
	}
	return ""
}

// nodeSources are the addresses of package sources that have Node and Yarn alone.
// Sources: https://github.com/nodesource/distributions, https://classic.yarnpkg.com/en/docs/install.
var nodeSources = []string{"deb.nodesource.com/", "dl.yarnpkg.com/debian"}

func namesNodeSource(text string) bool {
	return slices.ContainsFunc(nodeSources, func(address string) bool { return strings.Contains(text, address) })
}

// bringsNode reports whether a command does no more than to add one of nodeSources to
// those of the image.
func bringsNode(e effects.Effect) bool {
	if e.Command == nil || e.Kind != effects.Opaque && e.Kind != effects.Files && e.Kind != effects.Fetches {
		return false
	}
	fromNode := namesNodeSource(e.Command.Text()) || e.Command.Piped != nil && namesNodeSource(e.Command.Piped.Text())
	toSources := func(name string) bool { return isAptFile(name) || isWithin(name, "/usr/share/keyrings") }
	switch {
	case !fromNode:
		return false
	case e.Program == "bash" || e.Program == "sh" || e.Program == "apt-key":
		return e.Command.Piped != nil
	case e.Program == "curl" || e.Program == "wget":
		return len(e.Writes) == 0 || !slices.ContainsFunc(e.Writes, func(w string) bool { return !toSources(w) })
	}
	return len(e.Writes) > 0 && !slices.ContainsFunc(e.Writes, func(w string) bool { return !toSources(w) })
}

// takeApplication brings the folders of the source into the runtime stage as the build
// leaves them. It says why they may not be all, or what would be missing, or "".
func (pl *plan) takeApplication() string {
	if pl.pass.Context == nil {
		return "the build context is not known, so neither is what the image reads of its JavaScript"
	}
	dirs := outermost(slices.Clone(pl.frontEnds))
	pl.roots = slices.DeleteFunc(pl.roots, func(root string) bool {
		return !slices.ContainsFunc(dirs, func(dir string) bool { return isWithin(dir, root) })
	})
	workdir := pl.stage.WorkdirAt(nil)
	for _, dir := range dirs {
		switch {
		case !isWithinAny(dir, pl.roots):
			return "what is built in " + dir + " is not copied from the build context"
		case slices.Contains(pl.roots, dir) && !isWithin(workdir, dir):
			return "what is built in " + dir + " may go to a folder beside it"
		}
	}
	if why := pl.buildsWhenItRuns(); why != "" {
		return why
	}
	if why := pl.takeWhole("what the build of its JavaScript leaves is not known"); why != "" {
		return why
	}
	pl.gained = true
	pl.readFrontEnd()
	if name := pl.staysFromNodeSource(); name != "" {
		return name + " may be called when the image runs, and comes from a repository that the file adds"
	}
	if name := pl.startsBuildTool(); name != "" {
		return "the image may start " + name + ", which npm or corepack brings to the build stage alone"
	}
	pl.dropModules()
	return ""
}

// productionArgument is how a command at start names the environment of a Rails
// application: rails server -e production.
var productionArgument = regexp.MustCompile(`(?:RAILS_ENV=|RACK_ENV=|-e\s*|--environment[= ])(?:production|staging)\b`)

// buildsWhenItRuns says that the running image builds its JavaScript, or "". Rails does
// in development, for the page that asks for it.
// Source: https://guides.rubyonrails.org/asset_pipeline.html, "config.assets.compile".
func (pl *plan) buildsWhenItRuns() string {
	words := pl.startWords()
	for _, w := range words {
		if name := strings.Trim(w, `[],"`); slices.Contains(railsTasks, name) {
			return "the image runs " + name + " when it starts"
		}
	}
	if !pl.isRails() {
		return ""
	}
	for _, name := range []string{"RAILS_ENV", "RACK_ENV"} {
		if value, set := pl.stage.EnvAt(nil, name); set && (value == "production" || value == "staging") {
			return ""
		}
	}
	for _, c := range pl.commandsAtStart() {
		if productionArgument.MatchString(c.Text()) {
			return ""
		}
	}
	return "Rails is not known to run in production, and builds its JavaScript when it runs in development"
}

// isRails reports whether the application is one of Rails, for all that is known.
func (pl *plan) isRails() bool {
	if pl.profile.name != "Ruby" {
		return false
	}
	inst := pl.inst
	names, unknown := pl.distributions()
	pl.inst = inst
	return unknown != "" || slices.Contains(names, "rails") || slices.Contains(names, "railties")
}

// readFrontEnd notes the programs that the source starts. A gem that runs JavaScript
// looks for Node when it is loaded (execjs, lib/execjs/runtimes.rb).
func (pl *plan) readFrontEnd() {
	source := pl.profile.starts
	r, unread := pl.readSources(isTest, source.endings...)
	pl.readAll = unread == ""
	for _, text := range r.texts {
		for _, m := range source.calls.FindAllStringSubmatch(text, -1) {
			pl.called = append(pl.called, strings.Join(m[1:], ""))
		}
		if !pl.isRails() && strings.Contains(text, "node_modules") { // Rails names it for its builds
			pl.modulesNamed = true
		}
	}
	pl.modulesNamed = pl.modulesNamed || pl.namesModules()
	inst := pl.inst
	if names, unknown := pl.distributions(); unknown != "" || slices.Contains(names, "execjs") {
		pl.called = append(pl.called, "node")
	}
	pl.inst = inst
}

// namesModules reports whether a command behind the build works on node_modules, which the
// runtime stage then has to have, or what the image starts names it.
func (pl *plan) namesModules() bool {
	for _, at := range pl.places[pl.lastBuild()+1:] {
		if slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
			return e.Program != "rm" && strings.Contains(commandText(e), "node_modules")
		}) {
			return true
		}
	}
	return slices.ContainsFunc(pl.startWords(), func(w string) bool { return strings.Contains(w, "node_modules") })
}

// frontEndPackages are the packages of the system for builds of JavaScript, and their
// programs.
var frontEndPackages = map[string][]string{
	"nodejs": {"node", "nodejs", "npm", "npx"}, "nodejs-current": {"node", "npm", "npx"}, "npm": {"npm", "npx"}, "nodejs-npm": {"npm", "npx"}, "yarn": {"yarn", "yarnpkg"}, "yarnpkg": {"yarn", "yarnpkg"},
}

// isOfFrontEnd reports whether only the build of the front end calls the programs of a
// package.
func (pl *plan) isOfFrontEnd(name string) bool {
	programs := frontEndPackages[name]
	return pl.profile.frontEnd && programs != nil && pl.readAll && !pl.unreadStart() &&
		!slices.ContainsFunc(append(pl.startWords(), pl.called...), func(w string) bool {
			return slices.Contains(programs, path.Base(strings.Trim(w, `[],"`)))
		})
}

// staysFromNodeSource is the package that the runtime stage would install from one of
// nodeSources, or "".
func (pl *plan) staysFromNodeSource() string {
	for _, name := range slices.Sorted(maps.Keys(frontEndPackages)) {
		if pl.nodeSource && !pl.isOfFrontEnd(name) && pl.installsAny([]string{name}) {
			return name
		}
	}
	return ""
}

// startsBuildTool is the tool of npm's that the running image may call, or "".
func (pl *plan) startsBuildTool() string {
	words := append(pl.startWords(), pl.called...)
	for _, tool := range pl.frontEndTools {
		calls := slices.ContainsFunc(words, func(w string) bool {
			return slices.Contains(facts.NpmPrograms(tool), path.Base(strings.Trim(w, `[],"`)))
		})
		if calls || !pl.readAll || pl.unreadStart() {
			return tool
		}
	}
	return ""
}

// dropModules removes node_modules at the end of the build stage, where nothing that
// runs names it.
func (pl *plan) dropModules() {
	if pl.modulesNamed {
		pl.note("kept: node_modules: it is named beside the build")
	}
	if !pl.isOfFrontEnd("nodejs") || pl.modulesNamed {
		return
	}
	var gone []string
	workdir := pl.workdirOfBuild()
	for _, dir := range pl.frontEnds {
		gone = append(gone, strings.TrimPrefix(inWorkdir(path.Join(dir, "node_modules"), workdir), "./"))
	}
	command := "rm -rf " + strings.Join(gone, " ")
	pl.finish = append(pl.finish, "RUN "+command)
	pl.declare(fix.AddCommand, command)
	pl.leave("node_modules", "nothing that runs names it")
}
