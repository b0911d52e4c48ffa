package dependencycopy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// An install is a command that installs dependencies from manifests.
type install struct {
	program string // as messages name it: "npm ci"
	// ecosystem groups installs of which a later one completes an earlier one.
	ecosystem string
	at        folder            // where its manifests are
	reads     project.Manifests // paths of the context
	// writes are the folders beside the manifests that it fills and that people
	// have on their own disk too: "node_modules".
	writes []string
	// withoutProject: it installs what the project needs, and leaves the project itself
	// to a later one.
	withoutProject bool
	// inTree: it writes below the folder of its manifests.
	inTree bool
	// ahead are commands of which the last installs what needs no source, for an
	// install that reads the source as well; none if there are none. The install
	// stays where it is, and finds its dependencies there already.
	ahead []string
	does  string // what ahead does, where its last command does not say it
	more  string // what ahead does beyond the install
}

// readsSource says why the install cannot move, or "".
func (in install) readsSource() string {
	switch {
	case in.reads.ReadsSource != "":
		return in.program + " reads the source: " + in.reads.ReadsSource
	case len(in.reads.Missing) > 0:
		return in.reads.Missing[0] + " is not in the build context"
	}
	return ""
}

// stepKind says what a step of a RUN needs.
type stepKind uint8

const (
	needsSource stepKind = iota // or may need it
	needsNothing
	isInstall
)

type step struct {
	*shell.Step
	kind    stepKind
	install *install
	dir     string // the image folder that it runs in; "" if unknown
}

// steps is one RUN, read.
type steps struct {
	pass   *fix.Pass
	stage  *build.Stage
	run    *syntax.Instruction
	script *shell.Script
	layout *layout
	list   []step
}

func readSteps(pass *fix.Pass, stage *build.Stage, run *syntax.Instruction) *steps {
	s := &steps{pass: pass, stage: stage, run: run, script: stage.Script(run)}
	if s.script.Opaque != "" {
		return s
	}
	s.layout = layoutBefore(pass.Context, stage, run)
	dir := workdirAt(stage, run)
	for _, st := range s.script.Steps {
		next := step{Step: st, dir: dir}
		cmd := st.Command()
		if cmd != nil {
			if in, ok := s.installOf(cmd, dir); ok {
				next.kind, next.install = isInstall, &in
			}
			dir = s.dirAfter(cmd, dir)
		}
		if next.install == nil && s.independent(st, next.dir) {
			next.kind = needsNothing
		}
		s.list = append(s.list, next)
	}
	return s
}

// dirAfter is the working directory after a command.
func (s *steps) dirAfter(cmd *shell.Command, dir string) string {
	if cmd.Name() != "cd" {
		return dir
	}
	if len(cmd.Words) != 2 {
		return ""
	}
	to, ok := s.expand(cmd.Words[1])
	switch {
	case !ok:
		return ""
	case path.IsAbs(to):
		return path.Clean(to)
	case dir == "":
		return ""
	}
	return path.Join(dir, to)
}

// expand gives a word of the script with the variables that the file sets. A build
// argument is unknown even with a default: a build may name another file.
func (s *steps) expand(w shell.Word) (string, bool) {
	return w.Expand(func(name string) (string, bool) {
		if s.stage.IsArgAt(s.run, name) {
			return "", false
		}
		return s.stage.EnvAt(s.run, name)
	})
}

func (s *steps) installOf(cmd *shell.Command, dir string) (install, bool) {
	c := call{steps: s, cmd: cmd, dir: dir}
	for _, recognise := range ecosystems {
		if in, ok := recognise(c); ok {
			if program := cmd.Words[cmd.Program()]; s.isOfSource(program, dir) {
				in.reads.ReadsSource, in.ahead = "it runs "+program.Raw, nil
			} else if file := s.namesSource(in, cmd, dir); file != "" && (in.readsSource() == "" || len(in.ahead) > 0) {
				in.reads.ReadsSource, in.ahead = file, nil
			}
			return in, true
		}
	}
	return install{}, false
}

// isOfSource reports whether a program is a file of the source: bin/bundle. The
// wrappers of Maven and Gradle are among the manifests.
func (s *steps) isOfSource(program shell.Word, dir string) bool {
	first, _, hasFolder := strings.Cut(strings.TrimPrefix(program.Value, "./"), "/")
	switch base := path.Base(program.Value); {
	case wrappers[base]:
		return false
	case path.IsAbs(program.Value):
		return s.pass.Context != nil && s.touches(program, dir)
	}
	return hasFolder && !slices.Contains(made, first)
}

func (s *steps) hasInstall() bool {
	for _, st := range s.list {
		if st.kind == isInstall {
			return true
		}
	}
	return false
}

// A target is the part of a RUN that can do without the source: its first cut
// steps, and then the command ahead if there is one.
type target struct {
	installs []*install
	cut      int
	ahead    *install
}

// target gives the part of the RUN that is to run before the source is copied; nil
// without a reason if the RUN installs nothing from files that a COPY brought.
func (s *steps) target() (*target, string) {
	t := &target{}
	blocked := "" // why the steps from cut on need the source
	for i, st := range s.list {
		if s.readiesWrapper(st) && s.isAhead(i+1) {
			continue // what runs ahead does without
		}
		switch {
		case st.kind == isInstall && st.install.readsSource() != "" && len(t.installs) == 0:
			t.installs = []*install{st.install}
			switch {
			case len(st.install.ahead) == 0:
				return t, st.install.readsSource()
			case blocked != "":
				return t, blocked // it may bring the program itself
			}
			t.ahead = st.install
			return t, s.whyNotCut(t)
		case st.kind == isInstall && blocked != "":
			t.installs = []*install{st.install}
			return t, blocked
		case st.kind == isInstall && st.install.readsSource() == "":
			t.installs = append(t.installs, st.install)
			t.cut = i + 1
		case st.kind == needsNothing:
			if blocked == "" {
				t.cut = i + 1
			}
		case len(t.installs) > 0:
			t.cut = s.beforeMessages(t.cut)
			return t, s.whyNotCut(t)
		case blocked == "":
			blocked = s.brief(st.Step) + " runs before the install and may need the source"
		}
	}
	if len(t.installs) == 0 {
		return nil, ""
	}
	return t, s.whyNotCut(t)
}

// beforeMessages moves a cut before the messages that announce what comes behind it.
func (s *steps) beforeMessages(cut int) int {
	for cut > 0 && s.isMessage(s.list[cut-1]) {
		cut--
	}
	return cut
}

func (s *steps) isMessage(st step) bool {
	cmd := st.Command()
	return cmd != nil && len(cmd.Redirects) == 0 && (cmd.Name() == "echo" || cmd.Name() == "printf")
}

// readiesWrapper reports whether a step does no more than make a build tool of the
// source executable.
func (s *steps) readiesWrapper(st step) bool {
	cmd := st.Command()
	if cmd == nil || len(cmd.Redirects) > 0 {
		return false
	}
	name, args := cmd.Runs()
	return name == "chmod" && len(args) == 2 && args[1].Literal && wrappers[path.Base(args[1].Value)]
}

// isAhead reports whether step i is an install with a command that can go ahead.
func (s *steps) isAhead(i int) bool {
	return i < len(s.list) && s.list[i].install != nil && len(s.list[i].install.ahead) > 0
}

// whyNotCut says why the RUN cannot be cut behind the target's steps, or "".
func (s *steps) whyNotCut(t *target) string {
	if t.cut == len(s.list) {
		return ""
	}
	rest := s.list[t.cut:]
	if t.cut > 0 {
		switch {
		case s.script.Form != shell.Shell || len(s.run.Heredocs) > 0:
			return "the RUN is a heredoc, and " + s.brief(rest[0].Step) + " needs the source"
		case rest[0].Op == shell.Or:
			return s.brief(rest[0].Step) + " runs only if the install fails"
		case rest[0].Op != shell.And && !s.script.EndsOnError(t.cut):
			return s.brief(rest[0].Step) + " runs even if the install fails"
		case s.list[t.cut-1].Background:
			return "the RUN starts a background process"
		}
		for _, st := range s.list[:t.cut] {
			if reason := s.whyNotRepeated(st); reason != "" {
				return reason
			}
		}
	}
	if !s.stage.IsKept() {
		return "" // nobody ships what the steps would have removed
	}
	for _, st := range rest {
		if s.removes(st) {
			return s.brief(st.Step) + " removes what the install leaves behind, after a step that needs the source"
		}
	}
	return ""
}

// brief is the text of a step, fit for a message.
func (s *steps) brief(st *shell.Step) string {
	const most = 60
	text := strings.Join(strings.Fields(strings.ReplaceAll(s.run.File().Slice(st.Span), string(s.run.File().Escape)+"\n", " ")), " ")
	if len(text) > most {
		text = text[:most] + "..."
	}
	return "`" + text + "`"
}
