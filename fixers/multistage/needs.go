package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

// linksAnything are packages whose build takes every library that it finds, and
// what brings one of them; see facts.PythonNeed.
var linksAnything = map[string]bool{"uwsgi": true, "mod_wsgi": true, "mod-wsgi": true, "dlib": true, "face-recognition": true, "face_recognition": true}

// needs adds what the dependencies load and the fat image has.
func (pl *plan) needs() string {
	if pl.profile.needs != nil {
		return pl.profile.needs(pl)
	}
	if e := pl.pass.Evidence; e != nil {
		pl.require(e.Packages, "what is built here")
		if pl.isSystemPython() {
			pl.systemPythonNeeds()
		}
		return ""
	}
	if name := pl.compiled(); name != "" {
		return name + ": it is built on the spot, and which libraries it links is not known"
	}
	if name := pl.sharesFiles(); name != "" {
		return name + " keeps files outside of site-packages"
	}
	if why := pl.opensLibraries(); why != "" {
		return why
	}
	if pl.isSystemPython() {
		pl.systemPythonNeeds()
	}
	if pl.sameRef {
		return ""
	}
	names, why := pl.distributions()
	if why != "" {
		return why
	}
	for _, name := range names {
		if slices.Contains(names, name+"-binary") {
			continue // psycopg
		}
		if linksAnything[strings.ToLower(name)] {
			return name + " links whatever libraries the full image has"
		}
		if why := pl.needOf(name, pl.profile.need); why != "" {
			return why
		}
	}
	return pl.needsOfGems(names)
}

// timeZone adds the zones that the full image has where a variable names one: the C
// library looks it up. Node and Java bring zones of their own.
func (pl *plan) timeZone() {
	zone, _ := pl.stage.EnvAt(nil, "TZ")
	have, _ := facts.Preinstalled(pl.stage.Ref)
	own := pl.profile == &node || pl.profile == &java || pl.profile == &tomcat
	if !own && strings.Contains(zone, "/") && slices.Contains(have, "tzdata") {
		pl.require([]string{"tzdata"}, "TZ="+zone)
	}
}

// needOf adds what one package of the ecosystem needs.
func (pl *plan) needOf(name string, of func(string) (facts.NativeNeed, bool)) string {
	need, known := of(name)
	if !known || need.When != facts.Always {
		return ""
	}
	if why := pl.requireLibraries(need.Dev, name); why != "" {
		return why
	}
	pl.require(need.Packages, name)
	return ""
}

// requireLibraries adds the libraries of packages to build with; by says who needs
// them.
func (pl *plan) requireLibraries(devs []string, by string) (declined string) {
	var all []string
	for _, dev := range devs {
		if slices.Contains(pl.profile.own, dev) {
			continue
		}
		pkgs, known := pl.runtimePackages(dev)
		if !known {
			return by + " loads the library of " + dev + ", whose name differs between the releases of " + fromWord(pl.stage)
		}
		all = append(all, pkgs...)
	}
	pl.require(all, by)
	return ""
}

// require adds packages to the runtime stage that are not in it yet.
func (pl *plan) require(pkgs []string, by string) {
	preinstalled, _ := facts.Preinstalled(pl.slimRef)
	var added []string
	for _, p := range pkgs {
		if before, t64 := strings.CutSuffix(p, "t64"); t64 && pl.installsAtRuntime(before) {
			continue // the new package provides the old name: https://wiki.debian.org/ReleaseGoals/64bit-time
		}
		if slices.Contains(preinstalled, p) || slices.Contains(pl.packages, p) || pl.installsAtRuntime(p) {
			continue
		}
		pl.packages = append(pl.packages, p)
		pl.declare(fix.AddPackage, p)
		added = append(added, p)
	}
	if len(added) > 0 {
		pl.note("added: %s, which %s needs and %s lacks", strings.Join(added, " "), by, pl.slim)
	}
}

func (pl *plan) installsAtRuntime(name string) bool {
	for _, at := range pl.places {
		if !at.runtime || len(at.pkgs) == 0 {
			continue
		}
		if slices.ContainsFunc(at.kept, func(k string) bool { return pkgmgr.Name(k) == name }) {
			return true
		}
	}
	return false
}
