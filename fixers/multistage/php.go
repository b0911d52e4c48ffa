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
)

// php runs Composer and compiles the extensions in the build stage. The runtime
// stage is the same image, which has no slim variant: it gets vendor, the compiled
// extensions with the settings that load them, and the libraries behind the -dev
// packages.
//
// Not placed: Composer at start or for the whole image, and what Node builds there.
var php = profile{
	name:         "PHP",
	repository:   "php",
	alpine:       true,
	managers:     map[string]bool{"composer": true, phpExtensions.Name: true},
	builds:       phpReads,
	tree:         phpTree,
	needs:        func(*plan) string { return "" }, // both stages are on one image
	buildTools:   []string{"git", "subversion", "unzip", "zip"},
	buildSystems: []string{"$PHPIZE_DEPS"}, // docker-library/php: autoconf, gcc, make ...
	buildEnv:     []string{"COMPOSER_"},
	has:          []string{"libgcc", "libstdc++"}, // docker-library/php, Dockerfile-linux.template
}

// Where the official images keep extensions and what loads them.
// Source: docker-library/php, docker-php-ext-install, docker-php-ext-enable.
const (
	phpExtensionDir = "/usr/local/lib/php/extensions"
	phpConfigDir    = "/usr/local/etc/php/conf.d"
)

// phpExtensions stands for the scripts of the official images that compile and
// enable extensions, and for pecl.
var phpExtensions = &pkgmgr.Manager{Name: "docker-php-ext"}

// composerInstallers is how RUNs name what brings Composer: the address of its
// installer, the name that the documentation gives that, and what it makes.
// Source: https://getcomposer.org/download/.
var composerInstallers = []string{"getcomposer.org/installer", "composer-setup.php", "composer.phar"}

// phpReads reads the commands that are PHP's own: what makes extensions, and what
// brings Composer. Nothing is built from the source.
func phpReads(pl *plan, at *place, e *effects.Effect) (bool, string) {
	switch {
	case strings.HasPrefix(e.Program, "docker-php-ext-") || e.Program == "docker-php-source" || e.Program == "pecl":
		e.Kind, e.Reason = effects.Depends, ""
		e.Install = pkgmgr.Invocation{Manager: phpExtensions, Command: e.Command, Verb: -1}
	case slices.ContainsFunc(composerInstallers, func(name string) bool { return strings.Contains(at.inst.Args.Text, name) }) && (e.Program == "php" || e.Kind == effects.Files && strings.Contains(commandText(*e), "composer")):
		e.Kind, e.Reason = effects.Depends, ""
		e.Install = pkgmgr.Invocation{Manager: script, Command: e.Command, Verb: -1}
	case e.Program == "php" && e.Kind == effects.Opaque:
		e.Kind, e.Reason = effects.Runs, ""
	case e.Install.Manager != nil && e.Install.Manager.Name == "composer":
		verb := verbOf(e.Install)
		switch {
		case strings.HasPrefix(verb, "global"):
			return false, brief(commandText(*e)) + ": where it installs is not known"
		case slices.Contains([]string{"install", "i", "dump-autoload", "dumpautoload", "check-platform-reqs", "validate", "clear-cache", "clearcache", "cc", "config", "self-update", "selfupdate"}, verb):
		default:
			return false, brief(commandText(*e)) + ": it changes what the context has"
		}
	}
	return false, ""
}

// phpTree are the vendor folders, and the extensions if any is made.
func phpTree(pl *plan) (tree, string) {
	pl.readPHP()
	if pl.callsAtRuntime("composer") {
		return tree{}, "the image starts Composer, which may install"
	}
	var t tree
	for _, at := range pl.places {
		for _, e := range at.effects {
			switch {
			case e.Install.Manager == phpExtensions && !slices.Contains(t.paths, phpExtensionDir):
				t.paths = append(t.paths, phpExtensionDir, phpConfigDir)
			case isComposerInstall(e):
				pl.inst = at.inst
				dir, why := pl.vendorOf(at, e)
				if why != "" {
					return tree{}, why
				}
				if copied := pl.copyInto(dir); copied != nil {
					pl.inst = copied.inst
					return tree{}, "it may copy over the dependencies in " + dir
				}
				if !slices.Contains(t.paths, dir) {
					t.paths = append(t.paths, dir)
				}
			}
		}
	}
	pl.inst = nil
	first := slices.IndexFunc(pl.places, func(at *place) bool { return slices.ContainsFunc(at.effects, isComposerInstall) })
	if first < 0 {
		return tree{}, "nothing is installed by Composer, and extensions alone are best made where they run"
	}
	if !slices.ContainsFunc(pl.places[:first+1], bringsComposer) {
		pl.inst = pl.places[first].inst
		return tree{}, "nothing is seen that brings Composer"
	}
	return t, ""
}

// bringsComposer reports whether an instruction of the build stage may bring
// Composer, which the official images lack.
func bringsComposer(at *place) bool {
	if at.inst.Name != "RUN" {
		return strings.Contains(strings.NewReplacer("composer.json", "", "composer.lock", "", "composer.*", "").Replace(at.inst.Args.Text), "composer")
	}
	return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
		return e.Install.Manager == script || e.Kind == effects.Fetches && strings.Contains(commandText(e), "composer") ||
			e.Kind == effects.Installs && takes(e.Install, "composer")
	})
}

func isComposerInstall(e effects.Effect) bool {
	return e.Install.Manager != nil && e.Install.Manager.Name == "composer" && (verbOf(e.Install) == "install" || verbOf(e.Install) == "i")
}

// composerDir is the folder of the image that Composer works in.
func (pl *plan) composerDir(e effects.Effect) string {
	words := e.Install.Command.Words
	for i, w := range words {
		if value, ok := strings.CutPrefix(w.Value, "--working-dir="); ok && w.Literal {
			return absolute(value, e.Dir)
		}
		if (w.Value == "-d" || w.Value == "--working-dir") && i+1 < len(words) && words[i+1].Literal {
			return absolute(words[i+1].Value, e.Dir)
		}
	}
	return e.Dir
}

// vendorOf is the folder that an install of Composer's fills.
// Source: https://getcomposer.org/doc/06-config.md#vendor-dir.
func (pl *plan) vendorOf(at *place, e effects.Effect) (dir, declined string) {
	cwd := pl.composerDir(e)
	switch {
	case cwd == "":
		return "", "the working directory of the install is not known"
	case pl.stage.EnvSetByStage("COMPOSER_VENDOR_DIR") || pl.stage.EnvSetByStage("COMPOSER"):
		return "", "ENV says where Composer installs"
	}
	file, from := pl.contextFile(at, path.Join(cwd, "composer.json"))
	switch {
	case from == nil:
		return "", "composer.json is not copied from the build context before the install"
	case pl.pass.Context == nil:
		return path.Join(cwd, "vendor"), ""
	}
	text, err := pl.pass.Context.Read(file)
	if err != nil {
		return "", file + " cannot be read"
	}
	if strings.Contains(text, `"vendor-dir"`) || strings.Contains(text, `"installer-paths"`) {
		return "", file + " says where packages go"
	}
	return path.Join(cwd, "vendor"), ""
}

// readByComposer are the files of the image that Composer reads. Where it reads the
// source, the build stage has that too.
func (pl *plan) readByComposer(at *place, e effects.Effect) ([]string, string) {
	verb := verbOf(e.Install)
	dumps := verb == "dump-autoload" || verb == "dumpautoload"
	if !dumps && !isComposerInstall(e) {
		return nil, ""
	}
	cwd := pl.composerDir(e)
	file, from := pl.contextFile(at, path.Join(cwd, "composer.json"))
	switch {
	case from == nil:
		return nil, "composer.json is not copied from the build context before the install"
	case pl.pass.Context == nil:
		at.source = true
		return []string{path.Join(cwd, "composer.json")}, ""
	}
	inv := e.Install
	m := project.Composer(pl.pass.Context, path.Dir(file), project.ComposerInstall{
		NoScripts:          inv.HasFlag("--no-scripts") || dumps,
		NoAutoloader:       inv.HasFlag("--no-autoloader"),
		NoPlugins:          inv.HasFlag("--no-plugins"),
		OptimizeAutoloader: inv.HasFlag("-o", "--optimize-autoloader", "-a", "--classmap-authoritative", "--optimize"),
	})
	at.source = at.source || dumps || m.ReadsSource != ""
	if len(m.Missing) > 0 {
		return nil, m.Missing[0] + " is not in the build context"
	}
	var names []string
	for _, f := range slices.Concat(m.Files, m.Dirs) {
		name := path.Join(cwd, below(path.Dir(file), f))
		if _, from := pl.contextFile(at, name); from != nil || path.Base(name) == "composer.json" {
			names = append(names, name)
		}
	}
	return names, ""
}

var phpCalls = regexp.MustCompile(`(?:exec|shell_exec|system|passthru|proc_open|popen|new Process)\s*\(\s*\[?\s*['"]([\w./-]+)`)

// readPHP looks for the programs that the source starts, which then stay.
func (pl *plan) readPHP() {
	if pl.pass.Context == nil {
		return
	}
	r, unread := pl.readSources(func(file string) bool { return strings.HasPrefix(file, "vendor/") }, ".php", ".phtml", ".inc")
	pl.readAll = unread == ""
	pl.literals = r.literals
	for _, text := range r.texts {
		for _, m := range phpCalls.FindAllStringSubmatch(text, -1) {
			pl.called = append(pl.called, m[1])
		}
	}
}

// startsByItself reports whether an image has a server for a command of its own.
// Sources: docker-library/php, the CMD of its variants; docker-library/tomcat.
func startsByItself(ref facts.Ref) bool {
	return ref.Repository == "php" && (strings.Contains(ref.Tag, "apache") || strings.Contains(ref.Tag, "fpm")) || ref.Repository == "tomcat"
}
