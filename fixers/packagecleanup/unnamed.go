package packagecleanup

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// A dependency is what packages bring along because they depend on it.
type dependency struct{ by, bring []string }

// brings are the packages with programs of [facts.PackageOfProgram] that others
// depend on, as far as images name those others.
//
// Source: the Depends fields of Debian bookworm's main/binary-amd64/Packages,
// transitively.
var brings = []dependency{
	{[]string{"build-essential", "debhelper", "dkms", "equivs"}, []string{"gcc", "make", "patch", "xz-utils", "bzip2"}},
	{[]string{"dpkg-dev", "devscripts"}, []string{"make", "patch", "xz-utils", "bzip2"}},
	{[]string{"debhelper", "devscripts", "equivs", "libtool"}, []string{"file"}},
	{[]string{"g++", "gfortran", "gcc-multilib", "g++-multilib", "ghc", "ocaml", "rustc", "cargo", "libtool"}, []string{"gcc"}},
	{[]string{"git-lfs", "git-svn", "gitk", "tig", "hub"}, []string{"git"}},
	{[]string{"openssh-server", "ssh", "sshfs", "autossh"}, []string{"openssh-client"}},
	{[]string{"gnupg2", "devscripts"}, []string{"gnupg"}},
	{[]string{"cmake", "openssh-server", "ssh"}, []string{"procps"}},
}

// A usage is what a stage, with those that it stands on, installs by name and runs.
type usage struct {
	names  packages
	opaque bool // some of what is installed is not known
	// runs are the first places where programs of [facts.PackageOfProgram] run, and
	// put those that are put into a folder of programs in another way.
	runs map[string]int
	put  map[string]bool
}

// reliesOn returns a program that runs behind an install and that, it seems, only
// a recommended package brings: nothing names its package. It is "" where there is
// none, or where the base image may have it.
func (l *layer) reliesOn(inv pkgmgr.Invocation) string {
	switch ref := facts.ParseRef(l.stage.Bottom().Ref); ref.Repository {
	case "debian", "ubuntu":
	default:
		return ""
	}
	u, family := l.usageOf(l.stage), l.stage.Image
	if u.opaque {
		return ""
	}
	var programs []string
	for program, at := range u.runs {
		pkg, _ := facts.PackageOfProgram(program)
		if pkg == "procps" && family.Distro == facts.Ubuntu || pkg == "gnupg" && !hasAgent(family) {
			continue // the base system has it
		}
		if at > inv.Command.Span.Start && !u.put[program] && !u.brings(pkg) {
			programs = append(programs, program)
		}
	}
	if len(programs) == 0 {
		return ""
	}
	return slices.Min(programs)
}

// brings reports whether something that is named has a package, depends on it, or
// recommends it by the table, so that this fixer names it.
func (u *usage) brings(pkg string) bool {
	return u.names[pkg] || slices.ContainsFunc(brings, func(b dependency) bool {
		return slices.Contains(b.bring, pkg) && matchAnyIn(b.by, u.names)
	}) || slices.ContainsFunc(recommendations, func(r recommendation) bool {
		return r.adds == pkg && matchAnyIn(r.by, u.names)
	})
}

func (f *file) usageOf(s *build.Stage) *usage {
	if u, known := f.usages[s]; known {
		return u
	}
	u := &usage{names: packages{}, runs: map[string]int{}, put: map[string]bool{}}
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
		if inv, ok := pkgmgr.Recognise(c); ok {
			u.install(inv)
			continue
		}
		name, _ := c.Runs()
		if name == "dpkg" || name == "gdebi" {
			u.opaque = true // what else it installs is not known
		}
		if _, ok := facts.PackageOfProgram(name); ok {
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
