package packagecleanup

import (
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// A usage is what a stage, with those that it stands on, installs by name and runs.
type usage struct {
	names  packages
	opaque bool // some of what is installed is not known
	// runs are the first places where programs of [facts.Programs] run, and put those
	// that are put into a folder of programs in another way.
	runs map[string]int
	put  map[string]bool
	// newPip are the places from which on a pip is a new one, by [pipOf].
	newPip map[string]int
}

// releases are those that the image of a stage may stand on. They are known where
// package facts has the indices of all of them; else they are all that it has of the
// distribution.
func releases(f facts.Family) (of []string, known bool) {
	of = f.Possible
	if f.Release != "" {
		of = []string{f.Release}
	}
	if len(of) > 0 && !slices.ContainsFunc(of, func(r string) bool { return !facts.HasBrings(r) }) {
		return of, true
	}
	return facts.BringReleases(f.Distro), false
}

// unnamedPrograms looks for programs that run behind an install and whose packages
// nothing names. Those that the install brings along only because something
// recommends their packages are returned as recommendations. In doubt there is a
// reason to leave the recommended packages alone.
func (l *layer) unnamedPrograms(inv pkgmgr.Invocation, named packages) (missing []recommendation, reason string) {
	family := l.stage.Image
	of, known := releases(family)
	if len(of) == 0 {
		return nil, ""
	}
	u := l.usageOf(l.stage)
	for _, program := range slices.Sorted(maps.Keys(u.runs)) {
		if u.runs[program] < inv.Command.Span.End || u.put[program] || l.hasProgram(u, of, program, named) {
			continue
		}
		adds, by, certain := recommendedFor(inv, of, program)
		switch {
		case certain:
			missing = append(missing, recommendation{by: []string{by}, adds: adds})
			named[adds] = true
		case adds != "", !known && !u.opaque && isPlainImage(l.stage) && isOftenRecommended(program, family):
			return nil, program + " runs later, and only a recommended package can bring it"
		}
	}
	return missing, ""
}

// hasProgram reports whether the stage has a program without a recommended package:
// a package is named that holds it, or that depends on one that does.
func (l *layer) hasProgram(u *usage, of []string, program string, named packages) bool {
	pkg, _ := facts.PackageOfProgram(program)
	for _, name := range append([]string{pkg}, formerNames[pkg]...) {
		if name != "" && (u.names[name] || l.have[name] || named[name]) {
			return true
		}
	}
	for _, release := range of {
		for _, holder := range facts.Holders(release, program) {
			if u.names[holder] || l.have[holder] || named[holder] {
				return true
			}
			for name := range u.names {
				if l.depends(release, name, holder) {
					return true
				}
			}
			if l.brought(of, l.have, holder) || l.brought(of, named, holder) {
				return true
			}
		}
	}
	return false
}

// formerNames are empty packages that depend on one which has their name no more.
//
// Source: git-core of Debian up to stretch and Ubuntu up to 16.04, https://packages.debian.org/stretch/git-core.
var formerNames = map[string][]string{"git": {"git-core"}}

// An installed is a package of a release.
type installed struct{ release, name string }

// depends is whether a package depends on another in a release, directly or not. What it
// depends on is looked up once: a file runs dozens of programs.
func (f *file) depends(release, name, on string) bool {
	key := installed{release, name}
	all, known := f.brings[key]
	if !known {
		all, _ = facts.Brings(release, name)
		f.brings[key] = all
	}
	return slices.Contains(all, on)
}

// brought reports whether one of the packages depends on another in some release.
func (f *file) brought(of []string, have packages, pkg string) bool {
	for name := range have {
		for _, release := range of {
			if f.depends(release, name, pkg) {
				return true
			}
		}
	}
	return false
}

// recommendedFor is the package with a program that an install brings along by
// recommendation in some release, and the one that it names for that; certain, if
// that is so in each.
func recommendedFor(inv pkgmgr.Invocation, of []string, program string) (adds, by string, certain bool) {
	certain = true
	for _, release := range of {
		holder, namer := "", ""
		for _, w := range inv.Packages() {
			name := pkgmgr.Name(w.Value)
			_, recommended := facts.Brings(release, name)
			for _, h := range facts.Holders(release, program) {
				if holder == "" && slices.Contains(recommended, h) {
					holder, namer = h, name
				}
			}
		}
		certain = certain && holder != "" && (adds == "" || holder == adds)
		if adds == "" {
			adds, by = holder, namer
		}
	}
	return adds, by, certain && adds != ""
}

// isPlainImage reports whether a stage stands on the distribution's own image, in
// which nothing else can have put a program.
func isPlainImage(s *build.Stage) bool {
	repository := facts.ParseRef(s.Bottom().Ref).Repository
	return repository == "debian" || repository == "ubuntu"
}

// isOftenRecommended reports whether a program is one that packages of a release
// without an index may recommend, and that its image does not have.
func isOftenRecommended(program string, family facts.Family) bool {
	pkg, ok := facts.PackageOfProgram(program)
	return ok && !(pkg == "procps" && family.Distro == facts.Ubuntu) && !(pkg == "gnupg" && !hasAgent(family))
}

func (f *file) usageOf(s *build.Stage) *usage {
	if u, known := f.usages[s]; known {
		return u
	}
	u := &usage{names: packages{}, runs: map[string]int{}, put: map[string]bool{}, newPip: map[string]int{}}
	for _, part := range s.Chain() {
		for _, inst := range part.Instructions {
			switch inst.Name {
			case "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK":
				u.read(part.Script(inst))
			case "COPY", "ADD":
				u.puts(inst.Text())
			}
		}
	}
	f.usages[s] = u
	return u
}

func (u *usage) read(script *shell.Script) {
	for _, c := range script.Commands {
		u.renewPip(c)
		if inv, ok := pkgmgr.Recognise(c); ok && inv.Manager.System {
			u.install(inv)
			continue
		}
		name, _ := c.Runs()
		if name == "dpkg" || name == "gdebi" {
			u.opaque = true // what else it installs is not known
		}
		if _, ok := slices.BinarySearch(facts.Programs, name); ok {
			if _, known := u.runs[name]; !known {
				u.runs[name] = c.Span.Start
			}
		}
		u.puts(c.Text())
	}
}

func (u *usage) install(inv pkgmgr.Invocation) {
	if inv.Action != pkgmgr.Install || inv.Manager.Name != "apt-get" {
		return
	}
	for _, w := range inv.Packages() {
		u.names[pkgmgr.Name(w.Value)] = true
		u.opaque = u.opaque || !w.Literal || strings.HasSuffix(w.Value, ".deb")
	}
}

// puts notes the programs whose place among the others a text names.
func (u *usage) puts(text string) {
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "bin/")
		if !found {
			return
		}
		name := after[:len(after)-len(strings.TrimLeft(after, "abcdefghijklmnopqrstuvwxyz0123456789-"))]
		u.put[name] = true
		rest = after
	}
}
