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

// A pkg is a package of the distribution that a RUN installs.
type pkg struct {
	text    string // as written
	name    string
	removed bool // by the same RUN, or by a later one
	leaves  bool // it is in a layer of the image although it is removed
}

func (pl *plan) packagesOf(at *place) []pkg {
	var all []pkg
	for _, e := range at.effects {
		if e.Kind != effects.Installs {
			continue
		}
		virtual := virtualOf(e.Install)
		for _, w := range e.Install.Packages() {
			text, name := w.Value, pkgmgr.Name(w.Value)
			if !w.Literal {
				text, name = w.Raw, w.Raw
			}
			here, later := pl.isRemoved(at, name)
			if virtual != "" && !here {
				h, l := pl.isRemoved(at, virtual)
				here, later = h, later || l
			}
			all = append(all, pkg{text, name, here || later, later && !here})
		}
	}
	return all
}

// virtualOf is the name that "apk add --virtual .build-deps gcc" gives to what it
// installs, "" without one.
func virtualOf(inv pkgmgr.Invocation) string {
	if inv.Manager.Name != "apk" {
		return ""
	}
	for _, i := range inv.Flags {
		flag, value, joined := strings.Cut(inv.Command.Words[i].Value, "=")
		switch {
		case flag != "-t" && flag != "--virtual":
		case joined:
			return value
		case i+1 < len(inv.Command.Words):
			return inv.Command.Words[i+1].Value
		}
	}
	return ""
}

// isRemoved reports whether the RUN itself, or a later one, removes a package
// again.
func (pl *plan) isRemoved(at *place, name string) (here, later bool) {
	for _, other := range pl.places[pl.index(at):] {
		for _, e := range other.effects {
			if e.Kind == effects.Removes && e.Install.Action == pkgmgr.Remove && takes(e.Install, name) {
				here, later = here || other == at, later || other != at
			}
		}
	}
	return here, later
}

func takes(inv pkgmgr.Invocation, name string) bool {
	return slices.ContainsFunc(inv.Packages(), func(w shell.Word) bool { return pkgmgr.Name(w.Value) == name })
}

// removal places a RUN of the distribution's package manager that installs
// nothing. An update is for the build stage, an upgrade for both. A removal is for
// none, if the runtime stage cannot have what it removes: what the file itself has
// installed, or the full image beyond the slim one.
func (pl *plan) removal(at *place) string {
	upgrades, removes := false, false
	for _, e := range at.effects {
		if e.Kind != effects.Removes {
			continue
		}
		if e.Install.Action == pkgmgr.Upgrade {
			upgrades = true
			continue
		}
		removes = true
		for _, w := range e.Install.Packages() {
			if !w.Literal || !pl.isOfBuild(at, pkgmgr.Name(w.Value)) {
				return brief(at.inst.Args.Text) + ": it removes " + w.Raw + ", which the runtime stage may have too"
			}
		}
		pl.declare(fix.DropCommand, commandText(e))
	}
	switch {
	case upgrades && removes:
		return brief(at.inst.Args.Text) + ": it upgrades and removes packages"
	case upgrades:
		at.runtime = true
		return pl.upgradeInBoth(at)
	}
	at.build = !removes
	return ""
}

// upgradeInBoth has a RUN that upgrades in the runtime stage as well. The lists that
// an earlier RUN has fetched are the build stage's alone.
func (pl *plan) upgradeInBoth(at *place) string {
	at.build = true
	commands := pl.stage.Script(at.inst).Commands
	readsLists, other, fetches := false, false, at.inst.FlagValue("mount") != ""
	for _, e := range at.effects {
		switch {
		case e.Kind == effects.Removes:
			readsLists = readsLists || e.Install.Manager.Name == "apt-get" || e.Install.Manager.Name == "apk"
		case e.Kind == effects.Lists && e.Install.Manager != nil && e.Install.Action == pkgmgr.Update:
			fetches = true
		case e.Kind != effects.Lists && e.Kind != effects.Nothing:
			other = true
		}
	}
	switch {
	case fetches || !readsLists:
		pl.declareAgain(commands)
		return ""
	case other:
		return brief(at.inst.Args.Text) + ": the lists that it reads are of another RUN"
	}
	at.text = pl.installText(at.inst, nil, pl.upgrades(at)...)
	return ""
}

// isOfBuild reports whether a package that is removed at a place can be in the
// build stage alone.
func (pl *plan) isOfBuild(at *place, name string) bool {
	for _, earlier := range pl.places[:pl.index(at)] {
		for _, e := range earlier.effects {
			if e.Kind == effects.Installs && (takes(e.Install, name) || virtualOf(e.Install) == name) {
				return true
			}
		}
	}
	full, _ := facts.Preinstalled(pl.stage.Ref)
	slim, known := facts.Preinstalled(pl.slimRef)
	return !pl.sameRef && known && slices.Contains(full, name) && !slices.Contains(slim, name)
}

// choosePackages decides what of each system install the runtime stage needs.
func (pl *plan) choosePackages() string {
	for _, at := range pl.places {
		if at.inst.Name != "RUN" {
			continue
		}
		pl.inst = at.inst
		for _, e := range at.effects {
			if e.Kind == effects.Installs {
				if why := pl.unreadable(e.Install); why != "" {
					return why
				}
			}
		}
		if at.whole {
			continue
		}
		if len(at.pkgs) == 0 && at.build && has(at.effects, effects.Installs) {
			at.pkgs = pl.packagesOf(at)
		}
		switch {
		case at.mixed && len(at.pkgs) == 0 && has(at.effects, effects.Removes):
			return brief(at.inst.Args.Text) + ": it upgrades or removes packages, and does more"
		case len(at.pkgs) > 0 || at.mixed:
			pl.splitPackages(at)
			if at.build && at.runtime && !at.writes && has(at.effects, effects.Removes) {
				return brief(at.inst.Args.Text) + ": it upgrades or removes packages"
			}
		case !at.build && !at.runtime:
			if why := pl.removal(at); why != "" {
				return why
			}
		}
	}
	pl.inst = nil
	if why := pl.needs(); why != "" {
		return why
	}
	pl.timeZone()
	if why := pl.needsOfDrivers(); why != "" {
		return why
	}
	if why := pl.startsBuild(); why != "" {
		return why
	}
	pl.helpers()
	pl.dropUsers()
	pl.writeInstalls()
	pl.dropLists()
	return pl.bypassed
}

func (pl *plan) unreadable(inv pkgmgr.Invocation) string {
	if inv.Manager.Name == "apk" && inv.HasFlag("-X", "--repository", "--repositories-file") ||
		inv.Manager.Name != "apk" && inv.HasFlag("-t", "--target-release", "-o", "-c") {
		return "the install takes its packages by options that the runtime stage would need too"
	}
	for _, w := range inv.Packages() {
		switch {
		case slices.Contains(pl.profile.buildSystems, w.Raw):
		case !w.Literal:
			return "the package list comes from " + w.Raw
		case strings.ContainsAny(w.Value, "/") || inv.Manager.Name == "apk" && strings.Contains(w.Value, "@"):
			return "a package is installed from " + w.Value
		}
		if d, ok := facts.DriverOfPackage(w.Value); ok && len(pl.vendor.files) == 0 {
			return "the driver " + d.Name + " has a package source of its own"
		}
	}
	return ""
}

// splitPackages writes the RUN that stands for a system install in the runtime
// stage.
func (pl *plan) splitPackages(at *place) {
	var kept, keptAsIs, dropped []string
	for _, p := range at.pkgs {
		runtime, why := pl.runtimeOf(p)
		switch {
		case why == "":
			kept = append(kept, p.text)
			keptAsIs = append(keptAsIs, p.text)
			pl.note("kept: %s: not known to be for builds alone", p.name)
			continue
		case len(runtime) > 0:
			pl.note("replaced: %s by %s, %s", p.name, strings.Join(runtime, " "), why)
		default:
			pl.leave(p.name, why)
		}
		dropped = append(dropped, p.text)
		for _, r := range runtime {
			pl.declare(fix.AddPackage, r)
			kept = append(kept, r)
		}
		pl.declare(fix.DropPackage, p.text)
	}
	slices.Sort(kept)
	kept = slices.Compact(kept)
	installsMore := at.build
	at.build = at.build || len(dropped) > 0 || pl.index(at) < pl.index(pl.firstInstall()) && !allRuntime(at.pkgs)
	at.runtime = len(kept) > 0 || at.mixed || upgradesAll(at)
	at.kept = kept
	at.writes = at.mixed && at.build || len(dropped) > 0 || installsMore || !has(at.effects, effects.Lists) && pl.stage.Image.Distro != facts.Alpine
	if at.writes { // by an install with the usual options in place of the author's
		for _, text := range keptAsIs {
			pl.declare(fix.DropPackage, text)
			pl.declare(fix.AddPackage, text)
		}
	}
}

// upgradesAll reports whether a RUN brings all packages up to date.
func upgradesAll(at *place) bool {
	return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
		return e.Kind == effects.Removes && e.Install.Action == pkgmgr.Upgrade
	})
}

// runtimeOf returns what stands for a package in the runtime stage and why it is
// not the package itself; no reason means that it is kept.
func (pl *plan) runtimeOf(p pkg) (runtime []string, why string) {
	switch {
	case p.removed:
		return nil, "it is removed again"
	case facts.IsBuildOnly(p.name):
		runtime := facts.CompilerRuntime(pl.stage.Image, p.name)
		return slices.DeleteFunc(runtime, func(r string) bool { return slices.Contains(pl.profile.has, r) }), "only a build needs it"
	case pl.isBuildTool(p.name):
		return nil, "the build calls it, and the source does not"
	case pl.isOfFrontEnd(p.name):
		return nil, "only the build of the JavaScript calls it"
	case pl.isInstallerPackage(p.name):
		return nil, "it installs, and the virtual environment has its own"
	case slices.Contains(pl.profile.own, p.name) && pl.profile.sameImage:
		return nil, "the interpreter has its library"
	case slices.Contains(pl.profile.own, p.name):
		return nil, pl.slim + " has its library"
	case !strings.HasSuffix(p.name, "-dev"):
		return nil, ""
	}
	pkgs, known := pl.runtimePackages(p.name)
	switch {
	case !known:
		return nil, ""
	case len(pkgs) == 0:
		return nil, "it has no library that is not there already"
	}
	return pkgs, "its library"
}

// runtimePackages are the packages that a -dev package stands for. Where the tag
// floats they are those that all of its releases have in common, or those of the
// release that it was on when the tables were made, and the reader is told.
func (pl *plan) runtimePackages(dev string) ([]string, bool) {
	pkgs, asOf, known := runtimePackages(pl.stage.Image, dev)
	if asOf != "" && known && len(pkgs) > 0 {
		release, _ := pl.stage.Image.ReleaseNow()
		pl.note("%s stood on %s on %s, and moves on: packages have the names of that release", fromWord(pl.stage), release, asOf)
	}
	return pkgs, known
}

func runtimePackages(image facts.Family, dev string) (pkgs []string, asOf string, known bool) {
	if image.Distro == facts.Alpine {
		pkg, known := facts.AlpineRuntime(dev)
		return []string{pkg}, "", known
	}
	if image.Distro == facts.Ubuntu {
		pkgs, known := facts.RuntimePackages(image.Release, dev)
		return pkgs, "", known
	}
	if image.Distro != facts.Debian {
		return nil, "", false
	}
	if pkgs, same := facts.RuntimePackagesIn(image.Possible, dev); same {
		return pkgs, "", true
	}
	beforeTables := func(release string) bool { return !slices.Contains(facts.DebianReleases(), release) }
	if image.Release != "" && beforeTables(image.Release) || image.Release == "" && slices.ContainsFunc(image.Possible, beforeTables) {
		pkgs, known := facts.RuntimePackagesAnyRelease(dev)
		return pkgs, "", known
	}
	release, asOf := image.ReleaseNow()
	pkgs, known = facts.RuntimePackages(release, dev)
	if anyRelease, same := facts.RuntimePackagesAnyRelease(dev); same && slices.Equal(anyRelease, pkgs) {
		asOf = ""
	}
	return pkgs, asOf, known
}

// runtimeTools are packages that no install of dependencies uses.
var runtimeTools = []string{
	"ca-certificates", "cron", "curl", "dumb-init", "ffmpeg", "fonts-", "gettext-base", "ghostscript", "gosu", "less", "locales", "nano", "netcat", "nginx",
	"openssh-client", "poppler-utils", "postgresql-client", "procps", "redis-tools", "supervisor", "telnet", "tesseract-ocr", "tini", "tzdata", "vim", "wget",
}

// allRuntime reports whether no install could need one of the packages.
func allRuntime(pkgs []pkg) bool {
	return !slices.ContainsFunc(pkgs, func(p pkg) bool {
		library := strings.HasPrefix(p.name, "lib") && !strings.HasSuffix(p.name, "-dev") && !strings.HasSuffix(p.name, "-bin") && strings.ContainsAny(p.name, "0123456789")
		return !library && !slices.ContainsFunc(runtimeTools, func(t string) bool { return strings.HasPrefix(p.name, t) })
	})
}

// isBuildTool reports whether a package is of use to builds only: nothing that
// the image starts and no source file calls it.
func (pl *plan) isBuildTool(name string) bool {
	if slices.Contains(pl.profile.buildSystems, name) {
		return true
	}
	if !pl.readAll || pl.unreadStart() || !slices.Contains(pl.profile.buildTools, name) || strings.HasPrefix(name, "openssh") && pl.installsAny(startSSH) {
		return false
	}
	isOf := func(program string) bool {
		of, _ := facts.PackageOfProgram(program)
		return program == name || of == name
	}
	// A literal of its own may be called through a variable.
	return !slices.ContainsFunc(pl.literals, isOf) &&
		!slices.ContainsFunc(append(pl.startWords(), pl.called...), func(w string) bool { return isOf(path.Base(w)) })
}

// startSSH are packages whose programs start ssh.
var startSSH = []string{"ansible", "autossh", "borgbackup", "mosh", "rsync", "sshfs", "sshpass"}

// installsAny reports whether the file installs one of some packages.
func (pl *plan) installsAny(names []string) bool {
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
			return e.Kind == effects.Installs && slices.ContainsFunc(names, func(n string) bool { return takes(e.Install, n) })
		})
	})
}
