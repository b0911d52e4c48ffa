package multistage

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
)

// tools are programs that slim images lack and files forget, with the packages
// that bring them: by always, or by recommended only together with what it
// recommends. Source: packages.debian.org.
var tools = []struct {
	program, install string
	by, recommended  []string
}{
	{"unzip", "unzip", []string{"unzip"}, []string{"zip"}},
	{"gpg", "gnupg", []string{"gnupg", "gnupg2", "gpg", "software-properties-common"}, []string{"build-essential", "dpkg-dev"}},
}

// repairTools installs the tools that a build stage runs and has not:
//
//	RUN apt-get install -y curl        =>  RUN apt-get install -y curl unzip
//	RUN curl -o x.zip ... && unzip x.zip   RUN curl -o x.zip ... && unzip x.zip
//
// Only on images that are known to lack them, and into an install that stands
// before; a stage whose installs cannot all be read may have them.
func repairTools(p *fix.Pass, s *build.Stage) {
	base, known := facts.Preinstalled(s.Ref)
	if s.Base != nil || !known {
		return
	}
	var before []pkgmgr.Invocation
	var done []string
	for _, e := range commandsOf(s) {
		switch {
		case e.Kind == effects.Opaque && e.Program != "apt-key":
			return
		case e.Kind == effects.Installs && !e.Install.Literal():
			return
		case e.Kind == effects.Installs:
			before = append(before, e.Install)
			continue
		}
		for _, t := range tools {
			if e.Program != t.program || slices.Contains(base, t.install) || slices.Contains(done, t.install) ||
				brings(before, t.by, t.recommended) {
				continue
			}
			done = append(done, t.install)
			installTool(p, s, e, before, t.install)
		}
	}
}

// brings reports whether one of the installs brings a tool.
func brings(installs []pkgmgr.Invocation, by, recommended []string) bool {
	for _, inv := range installs {
		recommends := !inv.HasFlag("--no-install-recommends")
		for _, w := range inv.Packages() {
			name := pkgmgr.Name(w.Value)
			if slices.Contains(by, name) || recommends && slices.Contains(recommended, name) {
				return true
			}
		}
	}
	return false
}

func installTool(p *fix.Pass, s *build.Stage, e effects.Effect, before []pkgmgr.Invocation, pkg string) {
	i := len(before) - 1
	for ; i >= 0; i-- {
		cmd := before[i].Command
		if len(before[i].Operands) > 0 && !cmd.Conditional && !cmd.Subshell && cmd.Script.Form != shell.Exec && !installsDriver(before[i]) {
			break
		}
	}
	at := e.Command.Script.Inst
	if i < 0 {
		p.Decline(at.Span, "%s lacks %s, and no install before could take in %s", s.Ref, e.Program, pkg)
		return
	}
	inv := before[i]
	p.Apply(at.Span, "install "+pkg+", which the build runs and "+s.Ref+" lacks", fix.Fix{
		Safety:  fix.Review,
		Edits:   append([]edit.Edit{}, inv.Command.InsertAmong(inv.Operands, inv.Operands[len(inv.Operands)-1], pkg)...),
		Reads:   []source.Span{inv.Command.Script.Inst.Span, at.Span},
		Changes: []fix.Change{{Kind: fix.AddPackage, Subject: pkg}},
		Notes:   []string{"added: " + pkg},
	})
}

func installsDriver(inv pkgmgr.Invocation) bool {
	return slices.ContainsFunc(inv.Packages(), func(w shell.Word) bool {
		_, ok := facts.DriverOfPackage(pkgmgr.Name(w.Value))
		return ok
	})
}
