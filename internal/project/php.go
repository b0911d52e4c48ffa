package project

import (
	"path"
	"strings"
)

// ComposerInstall is one "composer install".
type ComposerInstall struct {
	// NoScripts says that --no-scripts is given, NoAutoloader that
	// --no-autoloader is, NoPlugins that --no-plugins is.
	NoScripts, NoAutoloader, NoPlugins bool

	// OptimizeAutoloader says that -o, -a or --classmap-authoritative is.
	OptimizeAutoloader bool
}

// composerInstallEvents are the events that composer install fires (Composer,
// "Scripts", "Event names").
var composerInstallEvents = []string{
	"pre-install-cmd", "post-install-cmd", "pre-autoload-dump", "post-autoload-dump", "pre-package-install", "post-package-install",
	"init", "pre-operations-exec", "pre-file-download", "post-file-download", "pre-pool-create", "pre-command-run", "command",
}

// Composer says what "composer install" in dir reads.
func Composer(c *Context, dir string, install ComposerInstall) Manifests {
	r := collect(c)
	file := cleanPath(path.Join(dir, "composer.json"))
	var manifest table
	if !r.readJSON(file, &manifest) {
		return r.result()
	}
	for _, name := range []string{"composer.lock", "auth.json", "symfony.lock"} {
		r.optional(path.Join(dir, name))
	}
	if !install.NoScripts {
		for _, event := range composerInstallEvents {
			if manifest.at("scripts", event) != nil {
				r.source("%s: %s runs scripts; --no-scripts would not", file, event)
			}
		}
	}
	if !install.NoAutoloader {
		r.composerAutoload(file, manifest, install)
	}
	r.composerRepositories(dir, file, manifest)
	if !install.NoPlugins {
		r.composerPatches(dir, file, manifest)
	}
	return r.result()
}

// composerAutoload: a class map is made by reading the source, a list of
// files is loaded at once, and PSR-4 is read only if optimized.
func (r *collector) composerAutoload(file string, manifest table, install ComposerInstall) {
	for _, section := range []string{"autoload", "autoload-dev"} {
		for _, kind := range []string{"classmap", "files"} {
			if manifest.at(section, kind) != nil {
				r.source("%s: %s.%s reads the source; --no-autoloader would not", file, section, kind)
			}
		}
	}
	optimized := install.OptimizeAutoloader
	for _, key := range []string{"optimize-autoloader", "classmap-authoritative"} {
		set, _ := manifest.at("config", key).(bool)
		optimized = optimized || set
	}
	if optimized && manifest.at("autoload") != nil {
		r.source("%s: the optimized autoloader lists the source; --no-autoloader would not", file)
	}
}

// composerRepositories notes repositories of type path, in which "*" is
// allowed, and of type artifact.
func (r *collector) composerRepositories(dir, file string, manifest table) {
	repositories, _ := manifest["repositories"].([]any)
	if named := manifest.table("repositories"); named != nil {
		for _, name := range named.keys() {
			repositories = append(repositories, named[name])
		}
	}
	for _, item := range repositories {
		fields, _ := item.(map[string]any)
		repository := table(fields)
		kind, place := repository.string("type"), repository.string("url")
		switch {
		case kind != "path" && kind != "artifact" || place == "":
		case path.IsAbs(place) || strings.ContainsAny(place, "$~"):
			r.source("%s: the repository %s is outside of the context", file, place)
		case HasWildcard(place):
			matches, err := r.context.glob(dir, place)
			if err != nil {
				r.source("%s: the repository %s cannot be listed", file, place)
			}
			for _, match := range matches {
				r.dir(match, dir, file+": a repository is the project itself")
			}
		default:
			r.dir(path.Join(dir, place), dir, file+": a repository is the project itself")
		}
	}
}

// composerPatches notes the patches of cweagans/composer-patches.
func (r *collector) composerPatches(dir, file string, manifest table) {
	if list := manifest.string("extra", "patches-file"); list != "" {
		r.file(path.Join(dir, list))
		r.source("%s: the patches are listed in %s", file, list)
	}
	packages := manifest.table("extra", "patches")
	for _, name := range packages.keys() {
		patches := packages.table(name)
		for _, title := range patches.keys() {
			if place := patches.string(title); place != "" && !isURL(place) {
				r.file(path.Join(dir, place))
			}
		}
	}
}
