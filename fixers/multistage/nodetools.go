package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// isTool reports whether an effect is the install of programs for the whole image.
func isTool(e effects.Effect) bool {
	return e.Program == "corepack" || e.Install.Manager != nil && e.Install.Action == pkgmgr.Install && isGlobal(e.Install)
}

// packageManagers are tools that an image needs at run time only if it starts them.
var packageManagers = []string{
	"npm", "yarn", "@yarnpkg/cli-dist", "pnpm", "corepack", "node-gyp", "typescript", "@angular/cli", "@nestjs/cli", "gulp", "gulp-cli", "grunt-cli", "grunt", "webpack", "webpack-cli",
	"vite", "bower", "lerna", "nx", "turbo", "rimraf",
}

// placeTools places a RUN that installs tools for the whole image. They stay in
// both stages unless they are of use to the build alone.
func placeTools(pl *plan, at *place) (done bool, declined string) {
	if len(at.tools) == 0 {
		return false, ""
	}
	wanted := ""
	for _, t := range at.tools {
		if pl.unreadStart() && t != "npm" {
			wanted = t
		}
		if !slices.Contains(packageManagers, t) || t != "npm" && pl.startsTool(t) {
			wanted = t
		}
	}
	if wanted == "" {
		return false, ""
	}
	if why := pl.compilesTool(at); why != "" {
		return false, why
	}
	alone := true
	for _, e := range at.effects {
		alone = alone && (isTool(e) || e.Kind == effects.Nothing)
	}
	if !alone && pl.movesServers(at) {
		return false, ""
	}
	if !alone {
		return false, brief(at.inst.Args.Text) + ": " + wanted + ", which the image starts, is installed together with other things"
	}
	at.build = pl.index(at) < pl.lastInstall() && !pl.serves(at)
	at.runtime = true
	for _, e := range at.effects {
		pl.declare(fix.AddCommand, commandText(e))
	}
	return true, ""
}

// startsTool reports whether the image starts a program of a package of npm's, by itself
// or through package.json.
func (pl *plan) startsTool(name string) bool {
	words := pl.startWords()
	commands, _ := pl.startPrograms()
	for _, c := range commands {
		words = append(words, c...)
	}
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains(facts.NpmPrograms(name), path.Base(strings.Trim(w, `[],"`)))
	})
}

// compilesTool says which program that the runtime stage would install may have to
// be compiled, where that stage has no compiler, or "".
func (pl *plan) compilesTool(at *place) string {
	if pl.sameRef && !pl.installsForBuilds() {
		return ""
	}
	for _, t := range at.tools {
		if !facts.IsPlainNpm(t) {
			return t + " is installed for the whole image, and whether it has to be compiled for that is not known"
		}
	}
	return ""
}

// installsForBuilds reports whether the file installs packages that the runtime stage
// may lack.
func (pl *plan) installsForBuilds() bool {
	forBuilds := func(w shell.Word) bool {
		name := pkgmgr.Name(w.Value)
		return facts.IsBuildOnly(name) || slices.Contains(pl.profile.buildTools, name)
	}
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
			return e.Kind == effects.Installs && slices.ContainsFunc(e.Install.Packages(), forBuilds)
		})
	})
}

// movesServers turns the installs of what only the running image needs into steps of
// the runtime stage, and reports whether that is all that it needs of a RUN's tools.
//
//	RUN npm ci && npm install -g serve && npm run build
//	=>  RUN npm ci && npm run build
//	    ...
//	    RUN npm install -g serve
func (pl *plan) movesServers(at *place) bool {
	var of []int
	for i, e := range at.effects {
		if !isTool(e) || e.Install.Manager == nil {
			continue
		}
		forServer := slices.ContainsFunc(e.Install.Packages(), func(w shell.Word) bool { return slices.Contains(servingTools, pkgmgr.Name(w.Value)) })
		switch {
		case forServer && len(e.Install.Packages()) == 1:
			of = append(of, i)
		case forServer || slices.ContainsFunc(e.Install.Packages(), func(w shell.Word) bool { return !slices.Contains(packageManagers, pkgmgr.Name(w.Value)) }):
			return false
		}
	}
	for _, i := range of {
		at.effects[i].Kind = effects.Files
	}
	return len(of) > 0
}

// servingTools serve files, or keep a program running.
var servingTools = []string{"serve", "http-server", "pm2", "forever"}

// serves reports whether tools are for the running image alone: what serves files or
// keeps a program running, and no later command names.
func (pl *plan) serves(at *place) bool {
	return !slices.ContainsFunc(at.tools, func(t string) bool {
		return !slices.Contains(servingTools, t) ||
			slices.ContainsFunc(pl.places[pl.index(at)+1:], func(p *place) bool { return p.inst.Name == "RUN" && strings.Contains(p.inst.Args.Text, t) })
	})
}

// lastInstall is the index of the last RUN that installs dependencies or builds.
func (pl *plan) lastInstall() int {
	last := -1
	for i, at := range pl.places {
		if at.builds || at.depends {
			last = i
		}
	}
	return last
}
