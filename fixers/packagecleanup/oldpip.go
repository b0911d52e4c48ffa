package packagecleanup

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// oldPipReleases have a pip without --no-cache-dir, which came with pip 6.0 in
// December 2014. That pip keeps no cache either.
var oldPipReleases = []string{"squeeze", "wheezy", "jessie", "12.04", "12.10", "13.04", "13.10", "14.04", "14.10", "15.04", "15.10", "3.1", "3.2"}

// ownPipImages bring a pip of their own, which is found before the distribution's.
var ownPipImages = []string{"python", "pypy", "continuumio/miniconda", "continuumio/miniconda3", "continuumio/anaconda", "continuumio/anaconda3"}

// oldPip says why the pip that a command runs may have no --no-cache-dir, "" if it
// has.
func (l *layer) oldPip(inv pkgmgr.Invocation) string {
	image, ref := l.stage.Image, l.stage.Bottom().Ref
	repository, u := facts.ParseRef(ref).Repository, l.usageOf(l.stage)
	if at, ok := u.newPip[pipOf(inv)]; ok && at <= inv.Command.Span.Start || slices.Contains(ownPipImages, repository) {
		return ""
	}
	switch fromPackage := u.names["python-pip"] || u.names["python3-pip"]; {
	case repository != "debian" && repository != "ubuntu" && repository != "alpine" && !fromPackage:
	case slices.Contains(oldPipReleases, image.Release):
		return "the pip of " + image.Release + " has no --no-cache-dir"
	case image.Release != "" || image.Current != "" || !fromPackage:
	case len(image.Possible) == 0 || slices.ContainsFunc(image.Possible, func(r string) bool { return slices.Contains(oldPipReleases, r) }):
		return "the pip of " + ref + ", whose release is not known, may have no --no-cache-dir"
	}
	return ""
}

// pipOf names the pip that a command runs: the one of Python 2 or 3, or the path of
// another.
func pipOf(inv pkgmgr.Invocation) string {
	program := inv.Command.Words[inv.Program]
	if program.Value == "pip" && inv.Command.Program() < inv.Program {
		program = inv.Command.Words[inv.Command.Program()] // python -m pip
	}
	return pipOfProgram(program.Value)
}

func pipOfProgram(program string) string {
	switch dir, name := path.Split(program); {
	case dir != "" && dir != "/usr/bin/" && dir != "/usr/local/bin/":
		return program
	case strings.Contains(name, "3"):
		return "3"
	}
	return "2"
}

// renewPip notes the pip that a command replaces by a new one. The shell that does
// so may remember where the old one was, so that it counts from the next RUN on.
func (u *usage) renewPip(c *shell.Command) {
	pip, ok := renewedPip(c)
	if _, known := u.newPip[pip]; ok && !known && !c.Conditional {
		u.newPip[pip] = c.Script.Inst.Span.End
	}
}

func renewedPip(c *shell.Command) (pip string, ok bool) {
	if inv, is := pkgmgr.Recognise(c); is {
		if inv.Manager.Name != "pip" || inv.Action != pkgmgr.Install {
			return "", false
		}
		upgrade := inv.HasFlag("-U", "--upgrade", "--force-reinstall")
		return pipOf(inv), slices.ContainsFunc(inv.Packages(), func(w shell.Word) bool {
			version, pinned := strings.CutPrefix(w.Value, "pip==")
			return w.Value == "pip" && upgrade || strings.HasPrefix(w.Value, "pip>=") || pinned && !strings.HasPrefix(version, "1.") && !strings.HasPrefix(version, "0.")
		})
	}
	name, args := c.Runs()
	switch installer := func(w shell.Word) bool { return path.Base(w.Value) == "get-pip.py" }; {
	case name == "":
	case strings.HasPrefix(name, "easy_install"):
		return pipOfProgram(name), slices.ContainsFunc(args, func(w shell.Word) bool { return w.Value == "pip" })
	case strings.HasPrefix(name, "python"):
		program := c.Words[c.Program()].Value
		return pipOfProgram(program), slices.ContainsFunc(args, installer) || c.Piped != nil && strings.Contains(c.Script.Inst.Text(), "get-pip.py")
	}
	return "", false
}
