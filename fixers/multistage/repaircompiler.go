package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// plainCompilers are packages that bring a compiler and nothing that a program loads
// but what the images of interpreters have.
var plainCompilers = []string{"build-essential", "clang", "cmake", "g++", "gcc"}

// repairCompiler takes compilers out of a last stage that builds nothing, since
// another does.
//
//	FROM python:3.11-slim                       =>  FROM python:3.11-slim
//	RUN apt-get install -y gcc libpq5 ...           RUN apt-get install -y libpq5 ...
//	COPY --from=build /opt/venv /opt/venv           COPY --from=build /opt/venv /opt/venv
//
// Only between images of one interpreter, where every command of the stage is
// understood and none of them, nor what the image starts, calls one, and something
// is left to install. Headers stay: the library comes with them.
func repairCompiler(p *fix.Pass, last *build.Stage) {
	from, copied := soleSource(last)
	if copied == nil || from.IsImage() || last.Base != nil || last.Last("CMD") == nil && last.Last("ENTRYPOINT") == nil {
		return
	}
	prof := profileOf(last)
	if prof != &python && prof != &ruby && prof != &node || profileOf(from) != prof {
		return
	}
	all := commandsOf(last)
	for _, e := range all {
		switch e.Kind {
		case effects.Opaque, effects.Compiles, effects.Depends, effects.Runs:
			return
		}
	}
	for _, e := range all {
		c := e.Command
		if e.Kind != effects.Installs || c.Conditional || c.Script.Form == shell.Exec || !e.Install.Literal() {
			continue
		}
		var gone []int
		var names []string
		for _, i := range e.Install.Operands {
			name := pkgmgr.Name(c.Words[i].Value)
			if slices.Contains(plainCompilers, name) && !startsWord(last, name) {
				gone, names = append(gone, i), append(names, name)
			}
		}
		if len(gone) == 0 || len(gone) == len(e.Install.Operands) {
			continue
		}
		f := fix.Fix{Safety: fix.Review, Reads: wholeFile(c.Script.Inst), Claims: []string{"stages"}}
		for n, i := range gone {
			edits, ok := c.RemoveWord(i)
			if !ok {
				return
			}
			f.Edits = append(f.Edits, edits...)
			f.Changes = append(f.Changes, fix.Change{Kind: fix.DropPackage, Subject: c.Words[i].Value})
			f.Notes = append(f.Notes, "left out: "+names[n]+": the last stage builds nothing")
		}
		slices.SortStableFunc(f.Edits, func(a, b edit.Edit) int { return a.Start - b.Start })
		p.Apply(c.Script.Inst.Span, "leave out "+strings.Join(names, " ")+", since the last stage builds nothing", f)
		return
	}
}

// startsWord reports whether what an image starts names a word.
func startsWord(s *build.Stage, word string) bool {
	for _, name := range []string{"ENTRYPOINT", "CMD", "HEALTHCHECK"} {
		if inst := s.Last(name); inst != nil && strings.Contains(inst.Args.Text, word) {
			return true
		}
	}
	return false
}
