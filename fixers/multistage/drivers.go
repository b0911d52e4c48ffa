package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A vendorSource is what the build stage sets up for apt to install a driver, and
// the runtime stage copies to install it too:
//
//	COPY --from=build /usr/share/keyrings/microsoft-prod.gpg /usr/share/keyrings/
//	COPY --from=build /etc/apt/sources.list.d/mssql.list /etc/apt/sources.list.d/
//	RUN apt-get update && ACCEPT_EULA=Y apt-get install -y msodbcsql17 ...
//
// The driver's library alone is not enough: its package registers it with unixODBC
// and brings what it loads.
type vendorSource struct {
	drivers []facts.Driver
	files   []string // keyrings and lists, in the order of their making
}

// aptFolders are where keyrings and lists of packages' sources stand; apt.conf(5),
// sources.list(5).
var aptFolders = []string{"/etc/apt/keyrings", "/etc/apt/sources.list.d", "/etc/apt/trusted.gpg.d", "/usr/share/keyrings"}

// isAptFile reports whether name is a keyring or a list, or one of their folders.
func isAptFile(name string) bool {
	return slices.Contains(aptFolders, name) || slices.Contains(aptFolders, path.Dir(name))
}

// readVendorSource reads what a stage sets up for drivers. It has none if any list
// of the stage is of another repository.
func readVendorSource(s *build.Stage) vendorSource {
	var src vendorSource
	var lists []effects.Effect
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		for _, e := range effects.Of(s, inst) {
			for _, w := range e.Writes {
				if !isAptFile(w) || slices.Contains(aptFolders, w) {
					continue
				}
				if strings.HasPrefix(w, "/etc/apt/sources.list.d/") {
					lists = append(lists, e)
				}
				if !slices.Contains(src.files, w) {
					src.files = append(src.files, w)
				}
			}
			src.drivers = append(src.drivers, driversOf(e)...)
		}
	}
	for _, l := range lists {
		if !src.names(commandText(l)) {
			return vendorSource{}
		}
	}
	if len(lists) == 0 {
		return vendorSource{}
	}
	return src
}

// driversOf are the drivers that an effect installs as packages.
func driversOf(e effects.Effect) []facts.Driver {
	var all []facts.Driver
	if e.Kind != effects.Installs {
		return nil
	}
	for _, w := range e.Install.Packages() {
		if d, ok := facts.DriverOfPackage(pkgmgr.Name(w.Value)); ok {
			all = append(all, d)
		}
	}
	return all
}

// names reports whether a command names the host of one of the drivers.
func (src vendorSource) names(command string) bool {
	for _, d := range src.drivers {
		for _, repo := range d.Source {
			host, _, _ := strings.Cut(strings.TrimPrefix(repo.KeyURL, "https://"), "/")
			if strings.Contains(command, "https://"+host+"/") {
				return true
			}
		}
	}
	return false
}

// copies are the instructions that bring the files into another stage.
func (src vendorSource) copies(near *syntax.Instruction, from string) []string {
	var lines []string
	for _, f := range src.files {
		lines = append(lines, near.Cased("COPY")+" --from="+from+" "+f+" "+path.Dir(f)+"/")
	}
	return lines
}

// touchesVendor reports whether a RUN sets up the source of a driver or installs
// it.
func (pl *plan) touchesVendor(at *place) bool {
	return len(pl.vendor.files) > 0 && slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
		return len(driversOf(e)) > 0 || slices.ContainsFunc(e.Writes, isAptFile) || slices.ContainsFunc(e.Gone, isAptFile)
	})
}

// isVendorSetup reports whether a RUN does nothing but set up and install drivers
// and other packages.
func (pl *plan) isVendorSetup(at *place) bool {
	for _, e := range at.effects {
		switch e.Kind {
		case effects.Nothing, effects.Lists, effects.Installs, effects.Fetches, effects.Files:
		default:
			return false
		}
		for _, f := range append(append([]string{}, e.Writes...), e.Gone...) {
			temporary := (e.Kind == effects.Fetches || e.Kind == effects.Nothing) && strings.HasPrefix(f, "/tmp/")
			if !isAptFile(f) && !temporary && e.Kind != effects.Lists {
				return false
			}
		}
	}
	return pl.touchesVendor(at)
}

// installVendor writes the install of a RUN that installs drivers in the runtime
// stage.
func (pl *plan) installVendor(at *place) string {
	var lines []string
	if !pl.vendorCopied {
		lines = pl.vendor.copies(at.inst, pl.buildName())
		pl.vendorCopied = true
	}
	for _, f := range pl.vendor.files {
		pl.note("copied: %s", f)
	}
	lines = append(lines, at.inst.Cased("RUN")+" "+strings.Join(installing(&pl.ledger, licensedInstall(pl.stage, at.inst, pl.vendor.drivers), at.kept), and(at.inst)))
	return strings.Join(lines, at.inst.File().EOL())
}

// licensedInstall is the install under the assignments that accept the licences of
// the drivers, less those that an ENV has made.
func licensedInstall(s *build.Stage, at *syntax.Instruction, drivers []facts.Driver) string {
	var accepted []string
	for _, d := range drivers {
		for _, assignment := range d.Env {
			name, value, _ := strings.Cut(assignment, "=")
			if v, _ := s.EnvAt(at, name); v != value && !slices.Contains(accepted, assignment) {
				accepted = append(accepted, assignment)
			}
		}
	}
	return strings.Join(append(accepted, bareInstall), " ")
}

// odbcinst is needed by the packages of Microsoft's drivers, which depend on it.
const odbcinst = "odbcinst"

// needsOfDrivers adds the packages of the distribution that the drivers load.
func (pl *plan) needsOfDrivers() string {
	drivers := append([]facts.Driver{}, pl.vendor.drivers...)
	for _, at := range pl.places {
		if d, ok := archiveIn(at); ok {
			drivers = append(drivers, d)
		}
	}
	for _, d := range drivers {
		for _, l := range missingLinks(pl.stage, d) {
			pl.links = append(pl.links, linkCommand(l))
			pl.declare(fix.AddCommand, linkCommand(l))
			pl.note("added: the link %s, which %s needs in %s", l.Link, d.Name, l.Release)
		}
		for _, dev := range d.DebianDev {
			pkgs, known := pl.runtimePackages(dev)
			if !known {
				return d.Name + " loads the library of " + dev + ", whose name differs between the releases of " + fromWord(pl.stage)
			}
			pl.require(pkgs, d.Name)
		}
		for _, p := range d.Debian {
			if p != odbcinst {
				pl.require([]string{p}, d.Name)
			}
		}
	}
	return ""
}

// missingLinks are the links that a driver needs in the release of a stage and that
// no command of it makes.
func missingLinks(s *build.Stage, d facts.Driver) []facts.SonameLink {
	release, _ := s.Bottom().Image.ReleaseNow()
	var missing []facts.SonameLink
	for _, l := range d.Links {
		made := slices.ContainsFunc(commandsOf(s), func(e effects.Effect) bool {
			return e.Kind == effects.Files && strings.Contains(commandText(e), l.Link)
		})
		if l.Release == release && !made {
			missing = append(missing, l)
		}
	}
	return missing
}

func linkCommand(l facts.SonameLink) string { return "ln -s " + l.Target + " " + l.Link }

// isDriverCopy reports whether all that a COPY brings is of drivers: their files,
// or the keyrings and lists that they are installed with.
func isDriverCopy(c build.Copy) bool {
	for _, src := range c.Sources {
		_, library := facts.DriverOfLibrary(src.Path)
		_, below := facts.DriverOfPath(src.Path)
		if !library && !below && !facts.HoldsDriver(src.Path) && !isAptFile(src.Path) {
			return false
		}
	}
	return true
}

// archiveIn is the driver whose archive a RUN unpacks.
func archiveIn(at *place) (facts.Driver, bool) {
	for _, e := range at.effects {
		if e.Kind != effects.Fetches || e.Command == nil {
			continue
		}
		for _, w := range e.Command.Words {
			if d, ok := facts.DriverOfArchive(w.Value); ok {
				return d, true
			}
		}
	}
	return facts.Driver{}, false
}

// looksForLibraries reports whether a RUN makes the loader look for the libraries
// that are there.
func looksForLibraries(at *place) bool {
	return slices.ContainsFunc(at.effects, func(e effects.Effect) bool { return e.Program == "ldconfig" })
}

// placeArchive gives a RUN that unpacks a driver to the build stage, and copies it
// where the RUN stands to the runtime stage, which then tells the loader of it by
// the steps that do:
//
//	RUN unzip client.zip -d /opt/oracle && ldconfig
//	=>  COPY --from=build /opt/oracle /opt/oracle
//	    RUN ldconfig
//
// Both stages run those steps: an install may link the driver.
func (pl *plan) placeArchive(at *place) string {
	script := pl.stage.Script(at.inst)
	var steps []string
	for i, step := range script.Steps {
		var s sides
		for _, e := range at.effects {
			if e.Step == i {
				s.add(e)
			}
		}
		switch {
		case s.system || s.state && s.runtime || s.build && s.runtime || len(step.Commands) == 0:
			return brief(at.inst.Args.Text) + ": the driver is unpacked and set up by one step"
		case s.runtime:
			steps = append(steps, at.inst.File().Slice(step.Span))
			pl.declare(fix.AddCommand, script.Steps[i].Commands[0].Text())
		}
	}
	known := len(pl.outputs)
	if why := pl.fetched(at); why != "" {
		return why
	}
	var lines []string
	for _, p := range pl.outputs[known:] {
		p = strings.TrimSuffix(p, "/")
		lines = append(lines, at.inst.Cased("COPY")+" --from="+pl.buildName()+" "+p+" "+p)
		pl.note("copied: %s", p)
	}
	pl.outputs = pl.outputs[:known]
	if len(steps) > 0 {
		lines = append(lines, at.inst.Cased("RUN")+" "+strings.Join(steps, " && "))
		pl.note("replayed: %s", brief(lines[len(lines)-1]))
	}
	at.build, at.runtime = true, len(lines) > 0
	at.text = strings.Join(lines, at.inst.File().EOL())
	return ""
}
