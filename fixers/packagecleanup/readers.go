package packagecleanup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// reader says what reads the lists that a RUN leaves: what comes after it in its
// stage and in the stages built on that, up to the next update; "" for nothing.
func (l *layer) reader(r *block) string {
	s, inst := l.stage, r.inst
	if r.onBuild() {
		inst = r.inst.Parent
	}
	for _, i := range s.Instructions {
		if t := i.Trigger; t != nil && t != r.inst {
			if reason, _ := l.reads(s, t); reason != "" {
				return reason
			}
		}
	}
	return l.readerIn(s, s.Instructions[s.IndexOf(inst)+1:])
}

func (f *file) readerIn(s *build.Stage, rest []*syntax.Instruction) string {
	for _, inst := range rest {
		reason, updated := f.reads(s, inst)
		if reason != "" {
			return reason
		}
		if updated {
			return ""
		}
	}
	for _, next := range s.Model().Stages[s.Index+1:] {
		if next.Base != s {
			continue
		}
		if reason := f.readerIn(next, next.Instructions); reason != "" {
			return reason
		}
	}
	return ""
}

// lastReader is the last command of a RUN that reads the lists which it fetched: an
// install, or one behind it.
func (l *layer) lastReader(r *block, install pkgmgr.Invocation) *shell.Command {
	last := install.Command
	for _, c := range r.script.Commands[at(r, install)+1:] {
		if reason, _ := l.readsBy(l.stage, r.inst, c); reason != "" {
			last = c
		}
	}
	return last
}

// listReaders are programs that install through apt without an update, or read
// the lists themselves.
//
// Not here: playwright install-deps, add-apt-repository and the set-up scripts of
// vendors, which update first.
var listReaders = map[string]bool{
	"rosdep": true, "mk-build-deps": true, "tasksel": true, "gdebi": true, "apt-cache": true, "apt-fast": true, "wajig": true, "opam": true, "unattended-upgrade": true, "unattended-upgrades": true,
	"ansible": true, "ansible-playbook": true, "puppet": true, "chef-solo": true, "chef-client": true, "salt-call": true,
}

// reads says whether an instruction reads the lists that an earlier one left, and
// whether it fetches new ones.
func (f *file) reads(s *build.Stage, inst *syntax.Instruction) (reason string, updated bool) {
	switch inst.Name {
	case "RUN", "CMD", "ENTRYPOINT":
	default:
		return "", false
	}
	script := s.Script(inst)
	if script.Opaque != "" && strings.Contains(inst.Text(), "apt") {
		return fmt.Sprintf("line %d may install from these lists: %s", f.lineOf(inst), script.Opaque), false
	}
	for _, c := range script.Commands {
		if reason, updated = f.readsLeft(s, inst, c); reason != "" || updated {
			return reason, updated
		}
	}
	return "", false
}

// readsLeft says the same of one command. One behind an update that runs whenever it
// does reads no lists that another RUN left.
func (f *file) readsLeft(s *build.Stage, inst *syntax.Instruction, c *shell.Command) (reason string, updated bool) {
	reason, updated = f.readsBy(s, inst, c)
	if reason != "" && slices.ContainsFunc(c.Step.Commands, func(other *shell.Command) bool { return f.updatesFor(other, c) }) {
		return "", false
	}
	return reason, updated
}

// branches are the words of a shell that end a branch or begin another.
var branches = []string{"fi", "else", "elif", "esac", "done", "do", "||", ";;", "}", ")", "&"}

// updatesFor reports whether a command of the same step is an update in the branch
// that leads to c: if x; then apt-get update && apt-get install y; fi.
func (f *file) updatesFor(update, c *shell.Command) bool {
	inv, ok := pkgmgr.Recognise(update)
	if !ok || inv.Manager != aptManager || inv.Action != pkgmgr.Update || update.Span.End > c.Span.Start {
		return false
	}
	between := f.File.Slice(source.Span{Start: update.Span.End, End: c.Span.Start})
	for _, sign := range []string{";;", ";", ")"} {
		between = strings.ReplaceAll(between, sign, " "+sign+" ")
	}
	return !slices.ContainsFunc(strings.Fields(between), func(word string) bool { return slices.Contains(branches, word) })
}

// readsBy says what a command reads of the lists that are there when it runs, and
// whether it fetches new ones.
func (f *file) readsBy(s *build.Stage, inst *syntax.Instruction, c *shell.Command) (reason string, updated bool) {
	name, _ := c.Runs()
	inv, ok := pkgmgr.Recognise(c)
	switch {
	case listReaders[name]:
		return fmt.Sprintf("%s in line %d reads these lists", name, f.lineOf(inst)), false
	case !ok && (mentionsApt(c) || c.Name() == "" && strings.Contains(c.Script.Inst.Text(), "apt-get install") && len(c.Words) > 0 && strings.Contains(c.Words[0].Value, "APT")):
		return fmt.Sprintf("line %d installs from these lists", f.lineOf(inst)), false
	case !ok:
		return f.readsByScript(s, inst, c)
	case inv.Manager.Name != "apt-get":
	case inv.Action == pkgmgr.Update && !c.Conditional:
		return "", true
	case inv.Action == pkgmgr.Install || inv.Action == pkgmgr.Upgrade || inv.Action == pkgmgr.Other:
		return fmt.Sprintf("line %d installs from these lists", f.lineOf(inst)), false
	}
	return "", false
}

// readsByScript says the same of a script of the build context, if the command runs
// one. A script that updates under a condition counts as one that does neither.
func (f *file) readsByScript(s *build.Stage, inst *syntax.Instruction, c *shell.Command) (reason string, updated bool) {
	script, ok := f.scriptOf(s, inst, c)
	if !ok || !strings.Contains(script.Text, "apt") {
		return "", false
	}
	for _, c := range origin.Script(script.Text).Commands {
		inv, ok := pkgmgr.Recognise(c)
		program, _ := c.Runs()
		switch {
		case ok && inv.Manager == aptManager && inv.Action == pkgmgr.Update:
			return "", !c.Conditional
		case listReaders[program], !ok && mentionsApt(c), ok && inv.Manager == aptManager && slices.Contains([]pkgmgr.Action{pkgmgr.Install, pkgmgr.Upgrade, pkgmgr.Other}, inv.Action):
			return fmt.Sprintf("%s, which line %d runs, installs from these lists", script.Path, f.lineOf(inst)), false
		}
	}
	return "", false
}

// mentionsApt reports whether a command hands an install by apt to another one:
// xargs apt-get install, sh -c "apt-get install x".
func mentionsApt(c *shell.Command) bool {
	switch c.Name() {
	case "echo", "printf", "":
		return false
	}
	text := ""
	for _, w := range c.Words {
		text += " " + w.Value
	}
	install := strings.Contains(text, "apt-get") || strings.Contains(text, "apt install") || strings.Contains(text, "apt -y install")
	return install && strings.Contains(text, "install") && !strings.Contains(text, "update")
}

// scriptOf is the script of the build context that a command runs.
func (f *file) scriptOf(s *build.Stage, inst *syntax.Instruction, c *shell.Command) (project.Script, bool) {
	name := origin.ScriptOf(c)
	if name == "" || f.Context == nil {
		return project.Script{}, false
	}
	script, ok := f.Context.Script(origin.Program(f.Context, s, inst, s.WorkdirAt(inst), name))
	return script, ok && script.Shell()
}
