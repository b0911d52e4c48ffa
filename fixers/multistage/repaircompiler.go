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
// A RUN that installs nothing else goes whole. Only between images of one ecosystem,
// where every command of the stage is understood and none of them, nor what the image
// starts, nor the source, calls a compiler. Headers stay: the library comes with them.
func repairCompiler(p *fix.Pass, last *build.Stage) {
	from, copied := soleSource(last)
	if copied == nil || from.IsImage() || last.Base != nil || last.Last("CMD") == nil && last.Last("ENTRYPOINT") == nil {
		return
	}
	prof := runsEcosystem(last)
	if prof == nil || profileOf(from) != prof {
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
			if (slices.Contains(plainCompilers, name) || slices.Contains(prof.buildSystems, name)) && !startsWord(last, name) {
				gone, names = append(gone, i), append(names, name)
			}
		}
		if len(gone) == 0 {
			continue
		}
		if program := compilerInSource(p, last, prof); program != "" {
			p.Decline(c.Script.Inst.Span, "the last stage builds nothing, but the source names %s, which %s brings", program, names[0])
			return
		}
		f := fix.Fix{Safety: fix.Review, Reads: wholeFile(c.Script.Inst), Claims: []string{"stages"}}
		for n, i := range gone {
			f.Changes = append(f.Changes, fix.Change{Kind: fix.DropPackage, Subject: c.Words[i].Value})
			f.Notes = append(f.Notes, "left out: "+names[n]+": the last stage builds nothing")
		}
		var ok bool
		if len(gone) < len(e.Install.Operands) {
			f.Edits, ok = withoutWords(c, gone)
		} else {
			f.Edits, f.Changes, ok = withoutInstall(last, e, f.Changes)
		}
		if ok {
			p.Apply(c.Script.Inst.Span, "leave out "+strings.Join(names, " ")+", since the last stage builds nothing", f)
		}
		return
	}
}

// runsEcosystem is the profile of what a last stage runs: that of its image, or of the
// SDK that its run time stands beside; nil for what is no language's.
func runsEcosystem(last *build.Stage) *profile {
	switch prof := profileOf(last); prof {
	case &python, &ruby, &node, &java:
		return prof
	}
	for _, repository := range []string{"mcr.microsoft.com/dotnet/aspnet", "mcr.microsoft.com/dotnet/runtime"} {
		if facts.ParseRef(last.Ref).Repository == repository {
			return &dotnet
		}
	}
	return nil
}

// compilerInSource is a compiler that a literal of the source starts with, or "".
func compilerInSource(p *fix.Pass, last *build.Stage, prof *profile) string {
	if p.Context == nil {
		return ""
	}
	r, _ := newPlan(p, last, prof).readSources(isTest, ".py", ".rb", ".js", ".ts", ".java", ".kt", ".cs", ".sh")
	for _, literal := range r.literals {
		words := strings.Fields(literal)
		if len(words) > 0 && slices.Contains([]string{"gcc", "g++", "cc", "c++", "clang", "make", "cmake"}, path.Base(words[0])) {
			return words[0]
		}
	}
	return ""
}

// withoutWords takes words out of a command.
func withoutWords(c *shell.Command, words []int) (edits []edit.Edit, ok bool) {
	for _, i := range words {
		removed, ok := c.RemoveWord(i)
		if !ok {
			return nil, false
		}
		edits = append(edits, removed...)
	}
	slices.SortStableFunc(edits, func(a, b edit.Edit) int { return a.Start - b.Start })
	return edits, true
}

// withoutInstall takes out the RUN of an install that is about nothing else.
func withoutInstall(s *build.Stage, install effects.Effect, changes []fix.Change) ([]edit.Edit, []fix.Change, bool) {
	inst := install.Command.Script.Inst
	if len(inst.InnerComments()) > 0 {
		return nil, nil, false
	}
	for _, e := range effects.Of(s, inst) {
		if e.Command != install.Command && e.Kind != effects.Lists && e.Kind != effects.Nothing {
			return nil, nil, false
		}
		changes = append(changes, fix.Change{Kind: fix.DropCommand, Subject: commandText(e)})
	}
	own := inst.OwnComments()
	if len(own) != 1 || inst.File().IsCommentedOut(own[0]) { // more may be about what follows too
		return []edit.Edit{inst.Remove(0)}, changes, true
	}
	changes = append(changes, fix.Change{Kind: fix.DropComment, Subject: inst.File().CommentText(own[0])})
	return []edit.Edit{inst.Remove(1)}, changes, true
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
