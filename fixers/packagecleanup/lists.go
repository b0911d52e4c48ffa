package packagecleanup

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// dropLists removes the package lists behind the last command that reads them.
func dropLists(l *layer, uses []pkgmgr.Invocation) {
	last := -1
	for i, inv := range uses {
		if inv.Action == pkgmgr.Install || inv.Action == pkgmgr.Upgrade {
			last = i
		}
	}
	if last < 0 {
		if l.updates() && l.kept() && !cleansLists(l.last(), -1) && !covered(l.last(), aptLists) {
			l.decline(whyUpdate(l))
		}
		return
	}
	inv := uses[last]
	r := l.blockOf(inv)
	switch {
	case covered(r, aptLists) || !l.kept() || cleansLists(l.last(), at(l.last(), inv)):
		return
	case !l.updates():
		if l.updated > 0 {
			l.decline(fmt.Sprintf("the package lists lie in the layer of line %d", l.updated))
		}
		return
	}
	if reason := l.reader(l.last()); reason != "" {
		l.decline(reason)
		return
	}
	if l.sweep(r, inv, "drop the package lists", inv.Sudo()+"rm -rf /var/lib/apt/lists/*") {
		l.swept = true
		dropLater(l)
	}
}

func whyUpdate(l *layer) string {
	if reason := l.reader(l.last()); reason != "" {
		return reason
	}
	return "nothing installs from the lists that it fetches"
}

// listsAfter is the line of the update whose lists lie in a layer once this one is
// done, 0 without one.
func (l *layer) listsAfter() int {
	line := l.updated
	for _, r := range l.runs {
		if r.onBuild() {
			continue
		}
		for _, inv := range r.uses {
			if inv.Manager == aptManager && inv.Action == pkgmgr.Update {
				line = r.line()
			}
		}
		if cleansLists(r, -1) || l.swept {
			line = 0
		}
	}
	return line
}

func (l *layer) blockOf(inv pkgmgr.Invocation) *block {
	for _, r := range l.runs {
		if r.script == inv.Command.Script {
			return r
		}
	}
	return l.last()
}

// at is the index of the command in the script of r, -1 if it stands in another.
func at(r *block, inv pkgmgr.Invocation) int {
	for i, c := range r.script.Commands {
		if c == inv.Command {
			return i
		}
	}
	return -1
}

// cleansLists reports whether a command of the RUN behind the one at index from
// removes the lists.
func cleansLists(r *block, from int) bool {
	for _, c := range r.script.Commands[from+1:] {
		inv, ok := pkgmgr.Recognise(c)
		if ok && inv.Manager.Name == "apt-get" && inv.Verb >= 0 && strings.HasPrefix(c.Words[inv.Verb].Value, "dist") && inv.Action == pkgmgr.Clean || removes(c, aptLists) {
			return true
		}
	}
	return false
}

// reader says what reads the lists that a RUN leaves: what comes after it in its
// stage and in the stages built on that, up to the next update; "" for nothing.
func (l *layer) reader(r *block) string {
	s, inst := l.stage, r.inst
	if r.onBuild() {
		inst = r.inst.Parent
	}
	for _, i := range s.Instructions {
		if t := i.Trigger; t != nil && t != r.inst {
			if reason, _ := reads(s, t); reason != "" {
				return reason
			}
		}
	}
	return readerIn(s, s.Instructions[s.IndexOf(inst)+1:])
}

func readerIn(s *build.Stage, rest []*syntax.Instruction) string {
	for _, inst := range rest {
		reason, updated := reads(s, inst)
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
		if reason := readerIn(next, next.Instructions); reason != "" {
			return reason
		}
	}
	return ""
}

// listReaders are programs that install through apt without an update, or read
// the lists themselves.
//
// Not here: playwright install-deps, add-apt-repository and the set-up scripts of
// vendors, which update first.
var listReaders = map[string]bool{
	"rosdep": true, "mk-build-deps": true, "tasksel": true, "gdebi": true, "apt-cache": true, "apt-fast": true, "wajig": true,
	"ansible-playbook": true, "puppet": true, "chef-solo": true, "chef-client": true, "salt-call": true,
}

// reads says whether an instruction reads the lists that an earlier one left, and
// whether it fetches new ones.
func reads(s *build.Stage, inst *syntax.Instruction) (reason string, updated bool) {
	switch inst.Name {
	case "RUN", "CMD", "ENTRYPOINT":
	default:
		return "", false
	}
	line := inst.Position().Line
	script := s.Script(inst)
	if script.Opaque != "" && strings.Contains(inst.Text(), "apt") {
		return fmt.Sprintf("line %d may install from these lists: %s", line, script.Opaque), false
	}
	for _, c := range script.Commands {
		name, _ := c.Runs()
		inv, ok := pkgmgr.Recognise(c)
		switch {
		case listReaders[name]:
			return fmt.Sprintf("%s in line %d reads these lists", name, line), false
		case !ok && (mentionsApt(c) || c.Name() == "" && strings.Contains(c.Script.Inst.Text(), "apt-get install") && len(c.Words) > 0 && strings.Contains(c.Words[0].Value, "APT")):
			return fmt.Sprintf("line %d installs from these lists", line), false
		case !ok || inv.Manager.Name != "apt-get":
		case inv.Action == pkgmgr.Update && !c.Conditional:
			return "", true
		case inv.Action == pkgmgr.Install || inv.Action == pkgmgr.Upgrade || inv.Action == pkgmgr.Other:
			return fmt.Sprintf("line %d installs from these lists", line), false
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

// dropLater removes the RUN behind the layer that did nothing but remove the lists,
// which now finds none.
func dropLater(l *layer) {
	instructions := l.stage.Instructions
	start := l.stage.IndexOf(l.last().inst)
	for _, inst := range instructions[start+1:] {
		r := l.block(l.stage, inst)
		if r == nil || r.onBuild() {
			continue
		}
		if len(r.uses) > 0 || r.script.Opaque != "" {
			return
		}
		c := r.script.Only()
		if c == nil || c.Name() != "rm" || !removes(c, aptLists) {
			continue
		}
		for _, w := range c.Words[1:] {
			if !w.IsFlag() && !isUnder(w.Value, aptLists) {
				return
			}
		}
		l.edit("drop the clean-up of line "+fmt.Sprint(r.line()), inst.Remove())
		l.change(fix.DropCommand, l.File.Slice(c.Span))
		return
	}
}
