package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
)

// ruby keeps its gems in /usr/local/bundle: the official images set GEM_HOME and
// BUNDLE_APP_CONFIG to it, so that what "bundle config" says travels along
// (docker-library/ruby, Dockerfile.template).
var ruby = profile{
	name:       "Ruby",
	repository: "ruby",
	managers:   map[string]bool{"bundle": true, "gem": true},
	tree:       bundle,
	need:       facts.RubyNeed,
	// ruby:*-slim and -alpine have these, or the libraries that ruby itself links.
	alpine: true,
	own:    []string{"gdbm-dev", "gmp-dev", "openssl-dev", "readline-dev", "yaml-dev", "zlib-dev", "libffi-dev", "libgdbm-dev", "libgmp-dev", "libncurses-dev", "libreadline-dev", "libssl-dev", "libyaml-dev", "zlib1g-dev"},
}

const bundleHome = "/usr/local/bundle"

func bundle(pl *plan) (tree, string) {
	for _, name := range []string{"BUNDLE_PATH", "GEM_HOME", "BUNDLE_APP_CONFIG", "GEM_PATH"} {
		if value, set := pl.stage.EnvAt(nil, name); set && value != bundleHome || !set && pl.stage.EnvSetByStage(name) {
			return tree{}, "ENV " + name + " puts the gems elsewhere"
		}
	}
	for _, at := range pl.places {
		for _, e := range at.effects {
			text := commandText(e)
			if e.Kind == effects.Depends && (strings.Contains(text, "--path") || strings.Contains(text, " path ") || strings.Contains(text, "--standalone") || strings.Contains(text, "--install-dir") || strings.Contains(text, "--binstubs") || strings.Contains(text, "deployment")) {
				pl.inst = at.inst
				return tree{}, brief(text) + ": it puts the gems into the application's folder"
			}
		}
	}
	return tree{paths: []string{bundleHome}}, ""
}

func (pl *plan) readByBundler(at *place, e effects.Effect) ([]string, string) {
	cwd := pl.stage.WorkdirAt(at.inst)
	verb := e.Install.Verb
	if verb >= 0 && e.Install.Command.Words[verb].Value != "install" || strings.Contains(commandText(e), "config") {
		return nil, ""
	}
	if _, set := pl.stage.EnvAt(at.inst, "BUNDLE_GEMFILE"); set || e.Install.HasFlag("--gemfile") {
		return nil, "the Gemfile has another name"
	}
	file, from := pl.contextFile(at, path.Join(cwd, "Gemfile"))
	switch {
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
	files, why := complete(project.Bundler(pl.pass.Context, dir, ""))
	for i, f := range files {
		files[i] = path.Join(cwd, strings.TrimPrefix(strings.TrimPrefix(f, dir), "/"))
	}
	return files, why
}

// plainGems are gems without a system library that bring along none with one.
// Source: the dependencies of each on rubygems.org.
var plainGems = map[string]bool{
	"bundler": true, "rake": true, "rack": true, "rackup": true, "foreman": true, "sinatra": true, "puma": true, "unicorn": true,
	"thor": true, "slop": true, "mustache": true, "tilt": true, "webrick": true, "rubocop": true,
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
