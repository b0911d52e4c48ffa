package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// repairLibraries installs the packages whose libraries the copied dependencies
// load, where the last stage forgets them: the image builds, and fails at the first
// import.
//
//	FROM python:3.11 AS build                    =>  ...
//	RUN pip install -r requirements.txt  # psycopg2
//	FROM python:3.11-slim                            FROM python:3.11-slim
//	                                                 RUN apt-get update && apt-get install -y libpq5 && ...
//	COPY --from=build /usr/local /usr/local          COPY --from=build /usr/local /usr/local
//
// Only for what the tables know to load a library in every form, where the stage
// that it is copied from has the headers to build it, and every package of the last
// stage can be read.
func repairLibraries(p *fix.Pass, last *build.Stage) {
	if last.Last("CMD") == nil && last.Last("ENTRYPOINT") == nil {
		return
	}
	bottom := last.Bottom()
	preinstalled, known := facts.Preinstalled(bottom.Ref)
	if known = known || bottom.Image.Distro == facts.Alpine; !known || copiesLibraries(last) || !readableInstalls(last) {
		return
	}
	for _, inst := range last.Instructions {
		c, ok := last.CopyOf(inst)
		if !ok || c.Stage == nil {
			continue
		}
		prof := profileOf(c.Stage)
		if prof == nil || prof.need == nil || profileOf(last) != prof || !holdsDependencies(c, prof) {
			continue
		}
		var have []string
		for _, s := range last.Chain() {
			have = append(have, packagesIn(s)...)
		}
		missing, by, why := missingLibraries(p, c.Stage, bottom, prof, append(have, preinstalled...))
		switch {
		case why != "":
			p.Decline(inst.Span, "%s", why)
		case len(missing) == 0:
			continue
		case !last.UserAt(inst).IsRoot():
			p.Decline(inst.Span, "%s needs %s, which would be installed as USER %s", by, missing[0], last.UserAt(inst).Name)
		default:
			installLibraries(p, last, c, missing, by)
		}
		return
	}
}

// copiesLibraries reports whether a stage copies shared libraries or folders of
// them.
func copiesLibraries(s *build.Stage) bool {
	for _, st := range s.Chain() {
		for _, inst := range st.Instructions {
			c, ok := st.CopyOf(inst)
			if !ok || c.From == "" {
				continue
			}
			for _, src := range c.Sources {
				name := strings.TrimSuffix(src.Path, "/")
				library := strings.Contains(path.Base(name), ".so") || isWithin(name, "/usr/lib") || isWithin(name, "/lib") || name == "/usr" || name == ""
				if library && !isDriverCopy(c) {
					return true
				}
			}
		}
	}
	return false
}

// readableInstalls reports whether all that a stage does to its packages is known.
func readableInstalls(s *build.Stage) bool {
	for _, st := range s.Chain() {
		for _, e := range commandsOf(st) {
			if e.Kind == effects.Opaque || e.Kind == effects.Installs && !e.Install.Literal() {
				return false
			}
		}
	}
	return true
}

// holdsDependencies reports whether a COPY from a stage brings installed packages.
func holdsDependencies(c build.Copy, prof *profile) bool {
	signs := []string{"site-packages", "venv", "/usr/local", "/opt/", "/root/.local", "/install", "/wheels"}
	if prof.name == "Ruby" {
		signs = []string{"/usr/local/bundle", "vendor/bundle", "/gems", "/usr/local"}
	}
	return slices.ContainsFunc(c.Sources, func(src build.CopySource) bool {
		return slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(src.Path+"/", sign) })
	})
}

// bringing are packages by the beginning of their names that depend on a library.
// Source: packages.debian.org.
var bringing = map[string][]string{
	"libpq5":       {"postgresql", "libpq-dev", "pgbouncer"},
	"libmariadb3":  {"mariadb-", "default-mysql", "default-libmysqlclient", "libmariadb-dev"},
	"libodbc2":     {"unixodbc", "msodbcsql"},
	"libodbccr2":   {"unixodbc", "msodbcsql"}, // cursors of its own, which libodbc2 loads where it is there
	"libodbcinst2": {"unixodbc", "msodbcsql"},
	"libpq":        {"postgresql"},
	"libssl1.1":    bringOpenSSL,
	"libssl3":      bringOpenSSL,
	"libssl3t64":   bringOpenSSL,
}

// ca-certificates depends on openssl.
var bringOpenSSL = []string{"ca-certificates", "curl", "libcurl4", "libmariadb3", "libpq", "libssl", "openssh-", "openssl", "postgresql"}

// isBrought reports whether a package is among those that are there, or is depended on
// by one of them.
func isBrought(pkg string, there []string) bool {
	return slices.ContainsFunc(there, func(name string) bool {
		return name == pkg || slices.ContainsFunc(bringing[pkg], func(b string) bool { return strings.HasPrefix(name, b) })
	})
}

// missingLibraries are the packages that the dependencies of a stage load and that
// an image lacks, and the first of those dependencies.
func missingLibraries(p *fix.Pass, from, bottom *build.Stage, prof *profile, have []string) (missing []string, by, declined string) {
	pl := newPlan(p, from, prof)
	pl.sameRef = false
	for _, at := range pl.places {
		if at.inst.Name == "RUN" {
			at.effects = effects.Of(from, at.inst)
		}
	}
	names, why := pl.distributions()
	if why != "" {
		return nil, "", ""
	}
	there, _ := facts.Preinstalled(from.Bottom().Ref)
	for _, s := range from.Chain() {
		there = append(there, packagesIn(s)...)
	}
	if slices.Contains(there, "libpq-dev") {
		there = append(there, "postgresql-dev") // Alpine has both
	}
	for _, name := range names {
		need, known := prof.need(name)
		if !known || need.When != facts.Always || slices.Contains(names, name+"-binary") {
			continue
		}
		for _, dev := range need.Dev {
			if bottom.Image.Distro == facts.Alpine {
				dev = alpineNames[dev]
			}
			if slices.Contains(prof.own, dev) || slices.Contains(have, dev) || !slices.Contains(there, dev) {
				continue
			}
			pkgs, _, known := runtimePackages(bottom.Image, dev)
			switch {
			case known:
			case bottom.Image.Distro == facts.Debian:
				return nil, "", name + " loads the library of " + dev + ", whose name differs between the releases of " + fromWord(bottom)
			default:
				continue
			}
			lacks := slices.DeleteFunc(slices.Clone(pkgs), func(pkg string) bool { return isBrought(pkg, have) || slices.Contains(missing, pkg) })
			if missing = append(missing, lacks...); by == "" && len(missing) > 0 {
				by = name
			}
		}
	}
	slices.Sort(missing)
	return missing, by, ""
}

// alpineNames are the names that -dev packages of Debian have on Alpine.
var alpineNames = map[string]string{"libpq-dev": "postgresql-dev", "libcurl4-openssl-dev": "curl-dev", "libsasl2-dev": "cyrus-sasl-dev", "libldap2-dev": "openldap-dev", "libmagic-dev": "file-dev"}

// installLibraries installs packages whose libraries what a COPY brings loads.
func installLibraries(p *fix.Pass, last *build.Stage, c build.Copy, pkgs []string, by string) {
	installMissing(p, last, c, pkgs, by+" loads", "whose library the copied dependencies load")
}

// installMissing adds packages to the first install of a stage, or makes one in front
// of a COPY. The note says why for each, the message for all.
func installMissing(p *fix.Pass, last *build.Stage, c build.Copy, pkgs []string, note, message string) {
	var l ledger
	for _, pkg := range pkgs {
		l.declare(fix.AddPackage, pkg)
		l.note("added: %s, which %s", pkg, note)
	}
	var edits []edit.Edit
	if inv, ok := firstSystemInstall(last); ok {
		for _, pkg := range pkgs {
			edits = append(edits, inv.Command.InsertAmong(inv.Operands, inv.Operands[len(inv.Operands)-1], pkg)...)
		}
	} else {
		steps := []string{"apk add --no-cache " + strings.Join(pkgs, " ")}
		if last.Bottom().Image.Distro != facts.Alpine {
			steps = installing(&l, bareInstall, pkgs)
		}
		edits = append(edits, c.Inst.InsertAbove(c.Inst.Cased("RUN")+" "+strings.Join(steps, and(c.Inst))))
	}
	p.Apply(c.Inst.Span, "install "+strings.Join(pkgs, " ")+", "+message, fix.Fix{
		Safety:  fix.Review,
		Edits:   edits,
		Reads:   wholeFile(c.Inst),
		Claims:  []string{"stages"},
		Changes: l.changes,
		Notes:   l.notes,
	})
}

// firstSystemInstall is an install of the stage that more packages can be added to.
func firstSystemInstall(s *build.Stage) (pkgmgr.Invocation, bool) {
	for _, e := range commandsOf(s) {
		inv := e.Install
		if e.Kind == effects.Installs && len(inv.Operands) > 0 && !e.Command.Conditional && !e.Command.Subshell && e.Command.Script.Form != shell.Exec && !installsDriver(inv) {
			return inv, true
		}
	}
	return pkgmgr.Invocation{}, false
}
