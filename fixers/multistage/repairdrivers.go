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
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// repairDrivers installs the drivers whose libraries the last stage copies: a
// library alone is not registered with unixODBC, and lacks what it loads.
//
//	COPY --from=build /usr/lib/libmsodbcsql-17.* /usr/lib/
//	=>  COPY --from=build /usr/share/keyrings/microsoft-prod.gpg /usr/share/keyrings/
//	    COPY --from=build /etc/apt/sources.list.d/mssql.list /etc/apt/sources.list.d/
//	    RUN apt-get update && ACCEPT_EULA=Y apt-get install -y msodbcsql17 ...
func repairDrivers(p *fix.Pass, last *build.Stage) {
	for _, inst := range last.Instructions {
		c, ok := last.CopyOf(inst)
		if !ok || c.Stage == nil {
			continue
		}
		driver, ok := libraryOf(c)
		if !ok || slices.Contains(packagesIn(last), driver.Install[0]) || isConfigured(last, driver) {
			continue
		}
		if why := whyNotInstall(c, last, driver); why != "" {
			p.Decline(inst.Span, "the library of %s is copied without its package: %s", driver.Name, why)
			continue
		}
		installDriver(p, last, c, driver)
	}
}

// libraryOf is the driver of which a COPY brings files that its package would.
func libraryOf(c build.Copy) (facts.Driver, bool) {
	for _, src := range c.Sources {
		d, ok := facts.DriverOfLibrary(src.Path)
		if !ok {
			d, ok = facts.DriverOfPath(src.Path)
		}
		if ok && len(d.Install) > 0 {
			return d, true
		}
	}
	return facts.Driver{}, false
}

// isConfigured reports whether a stage gets the configuration of a driver by a copy
// of its own.
func isConfigured(s *build.Stage, d facts.Driver) bool {
	return slices.ContainsFunc(s.Instructions, func(inst *syntax.Instruction) bool {
		c, ok := s.CopyOf(inst)
		return ok && slices.ContainsFunc(c.Sources, func(src build.CopySource) bool {
			name := path.Base(src.Path)
			return slices.ContainsFunc(d.Config, func(config string) bool { return path.Base(config) == name })
		})
	})
}

func whyNotInstall(c build.Copy, last *build.Stage, d facts.Driver) string {
	from, to := c.Stage.Bottom(), last.Bottom()
	src := readVendorSource(c.Stage)
	preinstalled, _ := facts.Preinstalled(to.Ref)
	switch {
	case len(c.Sources) > 1:
		return "the COPY has other sources too"
	case from.Image.Release == "" || from.Image.Release != to.Image.Release:
		return "the two stages are not known to be of one release"
	case !last.UserAt(c.Inst).IsRoot():
		return "it would be installed as USER " + last.UserAt(c.Inst).Name
	case runs(c.Stage, "apt-key"):
		return "its key is added by apt-key"
	case !slices.ContainsFunc(src.drivers, func(other facts.Driver) bool { return other.Name == d.Name }) || len(src.files) == 0:
		return "the source of the package cannot be told"
	case !slices.Contains(preinstalled, "ca-certificates") && !slices.Contains(packagesIn(last), "ca-certificates"):
		return "its source needs ca-certificates"
	}
	return ""
}

func runs(s *build.Stage, program string) bool {
	return slices.ContainsFunc(commandsOf(s), func(e effects.Effect) bool {
		return e.Command != nil && e.Command.Name() == program
	})
}

// commandsOf are the effects of all commands of a stage.
func commandsOf(s *build.Stage) []effects.Effect {
	var all []effects.Effect
	for _, inst := range s.Instructions {
		if inst.Name == "RUN" {
			all = append(all, effects.Of(s, inst)...)
		}
	}
	return all
}

// packagesIn are the names of the packages that a stage installs.
func packagesIn(s *build.Stage) []string {
	var names []string
	for _, e := range commandsOf(s) {
		if e.Kind != effects.Installs {
			continue
		}
		for _, w := range e.Install.Packages() {
			names = append(names, pkgmgr.Name(w.Value))
		}
	}
	return names
}

func installDriver(p *fix.Pass, last *build.Stage, c build.Copy, d facts.Driver) {
	var l ledger
	have := packagesIn(last)
	pkgs := slices.Clone(d.Install)
	for _, pkg := range d.Debian {
		if pkg != odbcinst && !slices.Contains(have, pkg) {
			pkgs = append(pkgs, pkg)
		}
	}
	for _, pkg := range pkgs {
		l.declare(fix.AddPackage, pkg)
	}
	src := readVendorSource(c.Stage)
	for _, f := range src.files {
		l.note("copied: %s", f)
	}
	slices.Sort(pkgs)
	lines := append(src.copies(c.Inst, c.From), c.Inst.Cased("RUN")+" "+strings.Join(installing(&l, licensedInstall(last, c.Inst, []facts.Driver{d}), pkgs), and(c.Inst)))
	l.declare(fix.DropCopy, c.Sources[0].Word.Text)
	l.note("replaced: %s by the package %s, which registers the driver and brings what it loads", c.Sources[0].Word.Text, d.Install[0])
	p.Apply(c.Inst.Span, "install "+d.Name+" instead of copying its library", fix.Fix{
		Safety:  fix.Review,
		Edits:   []edit.Edit{edit.Replace(c.Inst.Span, strings.Join(lines, c.Inst.File().EOL()))},
		Reads:   wholeFile(c.Inst),
		Claims:  []string{"stages"},
		Changes: l.changes,
		Notes:   l.notes,
	})
}

func wholeFile(inst *syntax.Instruction) []source.Span {
	return []source.Span{{Start: 0, End: len(inst.File().Text)}}
}
