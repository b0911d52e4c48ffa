package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// repairUpdate fetches the package lists in a stage that installs without any: its
// image has none, and those of another stage stay there.
//
//	FROM python:3.11-slim              =>  FROM python:3.11-slim
//	RUN apt-get install -y libpq5          RUN apt-get update && apt-get install -y libpq5
//
// Only on images of which the packages are known, which ship no lists; and where
// every command before is one that brings none.
func repairUpdate(p *fix.Pass, s *build.Stage) {
	have, official := facts.Preinstalled(s.Ref)
	if s.Base != nil || !official || s.Image.Distro != facts.Debian || facts.IsArchived(s.Image.Release) {
		return
	}
	for _, e := range commandsOf(s) {
		switch {
		case e.Kind == effects.Opaque || e.Install.Manager != nil && e.Install.Action == pkgmgr.Update:
			return
		case e.Kind != effects.Installs || hasAll(have, e.Install):
			continue
		}
		c := e.Command
		if c.Conditional || c.Subshell || c.Script.Form == shell.Exec || !e.Install.Literal() || hasLocalPackage(e.Install) || e.Install.HasFlag("--update", "-U") || mountsLists(c.Script.Inst) {
			return
		}
		update := e.Install.Command.Words[e.Install.Program].Value + " update"
		p.Apply(c.Script.Inst.Span, "fetch the package lists, which this stage has not", fix.Fix{
			Safety:  fix.Review,
			Edits:   []edit.Edit{edit.Insert(c.Span.Start, update+" && ")},
			Reads:   wholeFile(c.Script.Inst),
			Claims:  []string{"stages"},
			Changes: []fix.Change{{Kind: fix.AddCommand, Subject: update}},
		})
		return
	}
}

// hasAll reports whether an install asks for what the image has.
func hasAll(have []string, inv pkgmgr.Invocation) bool {
	return !slices.ContainsFunc(inv.Packages(), func(w shell.Word) bool { return !slices.Contains(have, pkgmgr.Name(w.Value)) })
}

func hasLocalPackage(inv pkgmgr.Invocation) bool {
	for _, w := range inv.Packages() {
		if strings.Contains(w.Value, "/") {
			return true
		}
	}
	return len(inv.Packages()) == 0
}

// mountsLists reports whether a RUN mounts a cache that may hold the lists.
func mountsLists(inst *syntax.Instruction) bool {
	for _, f := range inst.Flags {
		if f.Name == "mount" && strings.Contains(f.Value, "/var/lib") {
			return true
		}
	}
	return false
}
