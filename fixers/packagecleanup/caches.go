package packagecleanup

import (
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

// A cache is where a package manager keeps what it downloads, and how a mount
// serves it.
type cache struct {
	manager string
	folder  func(l *layer) (target, reason string) // the reason if a mount cannot be made right
	inHome  bool                                   // the folder is root's own
	byImage bool                                   // distributions get a cache each
	locked  bool                                   // builds at the same time wait: the manager locks nothing itself
	keep    string                                 // an option of the install that keeps packages
}

// caches are the caches but apt's, which is prepared by a command (see aptMounts).
//
// Sources: "pip cache dir"; docs.astral.sh/uv/reference/storage; "npm config get
// cache"; "yarn cache dir" as root; pnpm.io/docker and pnpm.io/settings#storedir;
// Factory::getCacheDir of composer; apk-cache(5); keepcache and cachedir in
// dnf.conf(5) and yum.conf(5); conda's pkgs_dirs; Gem::Specification#cache_dir
// below the GEM_HOME of docker-library/ruby.
var caches = []cache{
	{manager: "pip", folder: always("/root/.cache/pip"), inHome: true},
	{manager: "uv", folder: always("/root/.cache/uv"), inHome: true},
	{manager: "npm", folder: always("/root/.npm"), inHome: true},
	{manager: "yarn", folder: always("/usr/local/share/.cache/yarn"), inHome: true},
	{manager: "pnpm", folder: pnpmStore, inHome: true},
	{manager: "composer", folder: composerCache, inHome: true},
	{manager: "apk", folder: apkCacheFolder, byImage: true, locked: true},
	{manager: "dnf", folder: rpmCache, byImage: true, locked: true, keep: "--setopt=keepcache=1"},
	{manager: "yum", folder: rpmCache, byImage: true, locked: true, keep: "--setopt=keepcache=1"},
	{manager: "microdnf", folder: never("microdnf drops packages once they are installed, so that a mount would keep none")},
	{manager: "tdnf", folder: never("tdnf drops packages once they are installed, so that a mount would keep none")},
	{manager: "zypper", folder: never("zypper keeps packages only where each repository is set up so")},
	{manager: "conda", folder: condaPackages, locked: true},
	{manager: "gem", folder: rubyCache, locked: true},
	{manager: "bundle", folder: rubyCache, locked: true},
}

func always(target string) func(*layer) (string, string) {
	return func(*layer) (string, string) { return target, "" }
}

func never(reason string) func(*layer) (string, string) {
	return func(*layer) (string, string) { return "", reason }
}

// pnpmStore: pnpm puts the store below PNPM_HOME, which the image may set.
func pnpmStore(l *layer) (target, reason string) {
	if l.shows([]string{"store-dir", "XDG_DATA_HOME"}) {
		return "", "the store of pnpm is set in the file"
	}
	if l.Context != nil && (l.Context.HasFile(".npmrc") || l.Context.HasFile("pnpm-workspace.yaml")) {
		return "", "the store of pnpm may be set in .npmrc or pnpm-workspace.yaml"
	}
	r := l.runs[0]
	switch value, ok := l.stage.EnvAt(r.inst, "PNPM_HOME"); {
	case !ok && !l.shows([]string{"PNPM_HOME"}):
		return "/root/.local/share/pnpm/store", ""
	case value == "/pnpm":
		return "/pnpm/store", ""
	}
	return "", "the store of pnpm is set in the file"
}

// composerCache: an existing ~/.composer/cache, as the mount makes it, is taken
// before any other folder. The official image has its home in /tmp.
func composerCache(l *layer) (target, reason string) {
	if l.shows([]string{"COMPOSER_HOME", "COMPOSER_CACHE_DIR", "XDG_", ".config/composer", "cache-dir"}) {
		return "", "the cache of composer is set in the file"
	}
	if facts.ParseRef(l.stage.Bottom().Ref).Repository == "composer" {
		return "/tmp/cache", ""
	}
	return "/root/.composer/cache", ""
}

// rpmCache: dnf came with release 8, and dnf5 with Fedora 41; there yum is dnf.
func rpmCache(l *layer) (target, reason string) {
	image := l.stage.Image
	release, err := strconv.Atoi(image.Release)
	switch {
	case l.shows([]string{"cachedir", "keepcache"}):
		return "", "the cache is set in the file"
	case err != nil || image.Distro != facts.RedHat:
		return "", "the release of the base image, which tells where its cache lies, is not known"
	case image.Flavor == "fedora" && release >= 41:
		return "/var/cache/libdnf5", ""
	case image.Flavor == "fedora" && release < 22, image.Flavor == "amazon" && release != 2023, image.Flavor != "fedora" && release < 8:
		return "/var/cache/yum", ""
	}
	return "/var/cache/dnf", ""
}

// condaImages have conda in /opt/conda and run as root.
// Source: their Dockerfiles.
var condaImages = []string{"continuumio/miniconda3", "continuumio/anaconda3", "condaforge/miniforge3", "condaforge/mambaforge"}

func condaPackages(l *layer) (target, reason string) {
	if !slices.Contains(condaImages, facts.ParseRef(l.stage.Bottom().Ref).Repository) || l.shows([]string{"pkgs_dirs", "CONDA_PKGS_DIRS"}) {
		return "", "where conda keeps its packages is not known"
	}
	return "/opt/conda/pkgs", ""
}

func rubyCache(l *layer) (target, reason string) {
	if !isRubyImage(l) || l.shows([]string{"BUNDLE_PATH", "GEM_HOME", "--path", "--deployment", "--install-dir", "bundle config", "bundle package", "bundle cache"}) {
		return "", "where the gems are kept is not known"
	}
	return "/usr/local/bundle/cache", ""
}

// cacheMount prepares the layer for a cache and returns its mount.
func (l *layer) cacheMount(c cache) []string {
	r := l.runs[0]
	target, reason := c.folder(l)
	if reason != "" {
		l.decline(reason)
		return nil
	}
	if covered(r, home(target)) || covered(r, target) {
		return nil // mounted for another manager
	}
	if dir, set := l.stage.EnvAt(r.inst, "HOME"); set && dir != "/root" && strings.HasPrefix(target, "/root/") {
		l.decline("HOME is " + dir + ", and the cache of " + c.manager + " lies below it")
		return nil
	}
	if word := l.removesMount(target); word != "" {
		l.decline("the RUN removes " + word + ", which a mount would not let it")
		return nil
	}
	user := l.stage.UserAt(r.inst)
	if user.Known && !user.IsRoot() || !user.Known && user.Inst != nil {
		if c.inHome {
			l.decline("the home directory of " + c.manager + "'s user is not known")
		} else {
			l.decline("the user may not write to the cache of " + c.manager)
		}
		return nil
	}
	mount := "--mount=type=cache,target=" + target
	if c.locked {
		mount += ",sharing=locked"
	}
	if c.byImage {
		id, known := l.cacheID()
		if !known {
			l.decline("the base image, which would name the cache, is not known")
			return nil
		}
		mount += ",id=" + c.manager + "-cache-" + id
	}
	r.mounts = append(r.mounts, target)
	for _, inv := range l.uses(c.manager) {
		if inv.Action == pkgmgr.Install {
			l.keepPackages(c, inv)
		}
	}
	return []string{mount}
}

// keepPackages makes an install fill the cache.
func (l *layer) keepPackages(c cache, inv pkgmgr.Invocation) {
	if c.manager == "apk" {
		l.fetchIndex(inv)
		return
	}
	if c.keep != "" {
		l.addFlag("keep the cache in a mount", inv, c.keep)
	}
}

// fetchIndex has an install fetch the index into the mount, unless the layer has
// fetched it there.
func (l *layer) fetchIndex(inv pkgmgr.Invocation) {
	const note, flag = "keep the cache in a mount", "--update-cache"
	for _, i := range inv.Flags {
		if inv.Command.Words[i].Value == "--no-cache" {
			if !inv.HasFlag(apkUpdateFlags...) {
				l.edit(note, inv.Command.ReplaceWord(i, flag)...)
			} else if edits, ok := inv.Command.RemoveWord(i); ok {
				l.edit(note, edits...)
			}
			return
		}
	}
	for _, other := range l.uses("apk") {
		if other.Command == inv.Command {
			break
		}
		if other.Action == pkgmgr.Update || other.HasFlag(apkUpdateFlags...) || other.HasFlag("--no-cache") {
			return
		}
	}
	if !inv.HasFlag(apkUpdateFlags...) {
		l.addFlag(note, inv, flag)
	}
}

// apkCacheFolder: apk caches in /etc/apk/cache where that is a folder, the index
// too, which other RUNs do not see then.
func apkCacheFolder(l *layer) (target, reason string) {
	for _, inv := range l.uses("apk") {
		if inv.HasFlag("--no-network", "--cache-dir", "--root", "-p") {
			return "", "apk is told where its packages come from or go to"
		}
		if !inv.HasFlag("--no-cache") && inv.Action == pkgmgr.Upgrade && !l.fetchesIndex() {
			return "", "apk upgrades from an index that another RUN fetched"
		}
	}
	if l.fetchesIndex() && readsIndex(l, l.last()) {
		return "", "a later RUN reads the index that this one fetches"
	}
	return "/etc/apk/cache", ""
}
