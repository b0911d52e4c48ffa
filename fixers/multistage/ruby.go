package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// ruby keeps its gems in /usr/local/bundle: the official images set GEM_HOME and
// BUNDLE_APP_CONFIG to it, so that what "bundle config" says travels along
// (docker-library/ruby, Dockerfile.template).
var ruby = profile{
	name:       "Ruby",
	repository: "ruby",
	managers:   map[string]bool{"bundle": true, "gem": true},
	place:      placeRubyGems,
	tree:       bundle,
	need:       facts.RubyNeed,
	starts:     &rubyPrograms,
	// ruby:*-slim and -alpine have these, or the libraries that ruby itself links.
	alpine: true,
	own:    []string{"gdbm-dev", "gmp-dev", "openssl-dev", "readline-dev", "yaml-dev", "zlib-dev", "libffi-dev", "libgdbm-dev", "libgmp-dev", "libncurses-dev", "libreadline-dev", "libssl-dev", "libyaml-dev", "zlib1g-dev"},
}

var rubyPrograms = startsPrograms{
	endings: []string{".rb", ".rake", ".ru"},
	calls:   regexp.MustCompile("(?:system|exec|spawn|popen|capture2e?|capture3|sh)[ (]\\s*\\[?\\s*[\"']([\\w./-]+)|%x[({\\[|!]\\s*([\\w./-]+)|`([\\w./-]+) "),
}

const bundleHome = "/usr/local/bundle"

// bundle is the image's own folder of gems, which holds bundler's configuration
// too, and the folder that the file makes bundler install to instead, if any.
func bundle(pl *plan) (tree, string) {
	for _, name := range []string{"GEM_HOME", "BUNDLE_APP_CONFIG", "GEM_PATH"} {
		if value, set := pl.stage.EnvAt(nil, name); set && value != bundleHome || !set && pl.stage.EnvSetByStage(name) {
			return tree{}, "ENV " + name + " puts the gems elsewhere"
		}
	}
	if pl.installsNoGems() {
		return tree{}, "nothing but Bundler is installed: the gems come from elsewhere when the container starts"
	}
	paths := []string{bundleHome}
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends || e.Install.Manager == nil || e.Install.Manager.Name != "bundle" {
				continue
			}
			pl.inst = at.inst
			more, why := pl.bundlePaths(at, e)
			if why != "" {
				return tree{}, why
			}
			for _, p := range more {
				if !isWithinAny(p, paths) {
					paths = append(paths, p)
				}
			}
		}
	}
	for _, p := range paths[1:] {
		if at := pl.copyInto(p); at != nil {
			pl.inst = at.inst
			return tree{}, "it may copy over the gems in " + p
		}
	}
	pl.inst = nil
	return tree{paths: paths}, ""
}

// installsNoGems reports whether all that the file installs is what installs gems.
func (pl *plan) installsNoGems() bool {
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends || e.Install.Manager == nil || verbOf(e.Install) == "config" {
				continue
			}
			ofInstallers := func(w shell.Word) bool {
				name := pkgmgr.Name(w.Value)
				return name == "bundler" || name == "rubygems-update"
			}
			if e.Install.Manager.Name != "gem" || !updatesRubyGems(e) && slices.ContainsFunc(e.Install.Packages(), func(w shell.Word) bool { return !ofInstallers(w) }) {
				return false
			}
		}
	}
	return true
}

// updatesRubyGems reports whether a command is "gem update --system", which writes
// beside the interpreter and not into the bundle.
func updatesRubyGems(e effects.Effect) bool {
	return e.Install.Manager != nil && e.Install.Manager.Name == "gem" && e.Install.HasFlag("--system")
}

// placeRubyGems has both stages update RubyGems, which the interpreter of each loads.
//
//	RUN gem update --system && gem install bundler
//	=>  RUN gem update --system && gem install bundler
//	    ...
//	    RUN gem update --system
func placeRubyGems(pl *plan, at *place) (done bool, declined string) {
	script := pl.stage.Script(at.inst)
	var steps []string
	for i, step := range script.Steps {
		updates, more := false, false
		for _, e := range at.effects {
			if e.Step != i {
				continue
			}
			updates = updates || updatesRubyGems(e)
			more = more || !updatesRubyGems(e)
		}
		if updates && more {
			return false, brief(at.inst.Args.Text) + ": one step updates RubyGems and does more"
		}
		if updates {
			steps = append(steps, at.inst.File().Slice(step.Span))
			pl.declareAgain(step.Commands)
		}
	}
	switch {
	case len(steps) == 0:
		return false, ""
	case slices.ContainsFunc(at.effects, func(e effects.Effect) bool { return e.Kind != effects.Depends && e.Kind != effects.Nothing }):
		return false, brief(at.inst.Args.Text) + ": it updates RubyGems and does more"
	}
	at.build, at.runtime = true, true
	at.depends = !slices.ContainsFunc(pl.places, func(other *place) bool { return other != at && other.depends })
	at.text = at.inst.Cased("RUN") + " " + strings.Join(steps, " && ")
	pl.note("replayed: %s", brief(at.text))
	return true, ""
}

// bundlePaths are the folders beside the image's own that an invocation of bundler
// puts gems and configuration to.
// Source: bundle-config(1), "path", "deployment"; bundle-install(1).
func (pl *plan) bundlePaths(at *place, e effects.Effect) (paths []string, declined string) {
	words := e.Command.Words
	dir, configured := "", verbOf(e.Install) != "" && strings.HasPrefix(verbOf(e.Install), "config")
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1].Value
		}
		switch {
		case w.Value == "--standalone" || w.Value == "--binstubs" || w.Value == "--install-dir" || strings.HasPrefix(w.Value, "--binstubs="):
			return nil, brief(commandText(e)) + ": it puts files of the gems into the application's folder"
		case w.Value == "--path" || configured && w.Value == "path":
			dir = next
		case strings.HasPrefix(w.Value, "--path="):
			dir = strings.TrimPrefix(w.Value, "--path=")
		case dir == "" && (w.Value == "--deployment" || configured && w.Value == "deployment" && next != "false"):
			dir = "vendor/bundle"
		case configured && w.Value == "--global":
			home, ok := pl.homeFolder(at)
			if !ok {
				return nil, brief(commandText(e)) + ": where it keeps its configuration is not known"
			}
			paths = append(paths, home+"/.bundle")
		case configured && (w.Value == "path.system" || w.Value == "bin"):
			return nil, brief(commandText(e)) + ": where the gems go is not known"
		}
	}
	if value, set := pl.stage.EnvAt(at.inst, "BUNDLE_PATH"); set {
		dir = value
	} else if deployment, _ := pl.stage.EnvAt(at.inst, "BUNDLE_DEPLOYMENT"); dir == "" && deployment != "" && deployment != "0" && deployment != "false" {
		dir = "vendor/bundle"
	}
	cwd := e.Dir
	switch {
	case dir == "":
		return paths, ""
	case strings.ContainsAny(dir, "$~") || pl.stage.EnvSetByStage("BUNDLE_PATH") && !isSet(pl, at, "BUNDLE_PATH"):
		return nil, brief(commandText(e)) + ": where the gems go is not known"
	case !strings.HasPrefix(dir, "/") && cwd == "":
		return nil, "the working directory of the install is not known"
	case !strings.HasPrefix(dir, "/"):
		dir = path.Join(cwd, dir)
	}
	return append(paths, path.Clean(dir)), ""
}

func isSet(pl *plan, at *place, name string) bool {
	_, set := pl.stage.EnvAt(at.inst, name)
	return set
}

func (pl *plan) readByBundler(at *place, e effects.Effect) ([]string, string) {
	cwd := e.Dir
	verb := e.Install.Verb
	if verb >= 0 && e.Install.Command.Words[verb].Value != "install" || strings.Contains(commandText(e), "config") {
		return nil, ""
	}
	if _, set := pl.stage.EnvAt(at.inst, "BUNDLE_GEMFILE"); set || e.Install.HasFlag("--gemfile") {
		return nil, "the Gemfile has another name"
	}
	file, from := pl.contextFile(at, path.Join(cwd, "Gemfile"))
	switch {
	case cwd == "":
		return nil, "the working directory of the install is not known"
	case from == nil:
		return nil, "Gemfile is not copied from the build context before the install"
	case pl.pass.Context == nil:
		names := []string{path.Join(cwd, "Gemfile")}
		if _, lock := pl.contextFile(at, path.Join(cwd, "Gemfile.lock")); lock != nil {
			names = append(names, path.Join(cwd, "Gemfile.lock"))
		}
		return names, ""
	}
	dir := path.Dir(file)
	found := project.Bundler(pl.pass.Context, dir, "")
	if found.ReadsSource != "" {
		if why := pl.compilesGem(found.Files); why != "" {
			return nil, why
		}
		at.source, found.ReadsSource = true, ""
	}
	files, why := complete(found)
	for i, f := range files {
		files[i] = path.Join(cwd, below(dir, f))
	}
	if lock := path.Join(cwd, "Gemfile.lock"); !slices.Contains(files, lock) && !slices.Contains(pl.outputs, lock) {
		pl.outputs = append(pl.outputs, lock) // bundler writes it
	}
	return files, why
}

// compilesGem says which gem of the source has an extension, which bundler compiles
// into the source, or "".
func (pl *plan) compilesGem(files []string) string {
	for _, f := range files {
		if path.Ext(f) != ".gemspec" {
			continue
		}
		text, err := pl.pass.Context.Read(f)
		switch {
		case err != nil:
			return f + " cannot be read: the content is not known"
		case strings.Contains(text, "extensions"):
			return f + " has an extension, which is compiled into the source"
		}
	}
	return ""
}

// plainGems are gems without a system library that bring along none with one.
// Source: the dependencies of each on rubygems.org.
var plainGems = map[string]bool{
	"bundler": true, "rake": true, "rack": true, "rackup": true, "foreman": true, "sinatra": true, "puma": true, "unicorn": true,
	"pry": true, "thor": true, "slop": true, "mustache": true, "tilt": true, "webrick": true, "rubocop": true,
}

// withoutLockfile returns what an install takes gems from that no lockfile names:
// a gem given by hand, or a Gemfile. Any of them may need a library that the full
// image has and the slim one lacks. It returns "" where nothing is left open, or
// both stages are on the same image.
func (pl *plan) withoutLockfile(install pkgmgr.Invocation, files []string) string {
	switch {
	case pl.sameRef:
		return ""
	case install.Manager.Name == "gem":
		for _, w := range install.Packages() {
			if !w.Literal || !plainGems[pkgmgr.Name(w.Value)] {
				return w.Value
			}
		}
	case install.Manager.Name == "bundle":
		locked := slices.ContainsFunc(files, func(f string) bool { return strings.HasSuffix(f, ".lock") })
		if len(files) > 0 && !locked {
			return path.Base(files[0])
		}
	}
	return ""
}
