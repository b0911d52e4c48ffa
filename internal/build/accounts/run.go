package accounts

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

func (k *Known) run(s *build.Stage, inst *syntax.Instruction) {
	script := s.Script(inst)
	if script.Opaque != "" {
		k.Gaps = append(k.Gaps, "a RUN that is not read: "+script.Opaque)
		return
	}
	k.commands(&scope{stage: s, inst: inst, cwd: s.WorkdirAt(inst)}, script)
}

// commands follows the commands of a RUN, or of a script that it runs.
func (k *Known) commands(sc *scope, script *shell.Script) {
	for _, c := range script.Commands {
		sc.assign(c)
		if cmd, ok := sc.read(c, k.Family.Distro); ok {
			k.command(cmd, c)
			continue
		}
		if w, ok := sc.writes(c); ok {
			k.write(w)
			continue
		}
		sc.chdir(c)
		k.install(c)
		k.gap(c)
		k.script(sc, c)
	}
}

// install notes the packages of the distribution that a command installs.
func (k *Known) install(c *shell.Command) {
	inv, ok := pkgmgr.Recognise(c)
	if !ok || !inv.Manager.System || inv.Action != pkgmgr.Install {
		return
	}
	for _, w := range inv.Packages() {
		k.Packages = append(k.Packages, pkgmgr.Name(w.Value))
	}
}

// gap notes a command that may change accounts in a way that is not read.
func (k *Known) gap(c *shell.Command) {
	name, args := c.Runs()
	switch name {
	case "newusers", "vipw", "vigr":
		k.Gaps = append(k.Gaps, name)
	case "sed", "perl", "cp", "mv", "ln", "tar":
		for _, w := range args {
			if w.Value == "/etc/passwd" || w.Value == "/etc/group" {
				k.Gaps = append(k.Gaps, name+" "+w.Value)
			}
		}
	}
}

// command makes what a command does. A nil cmd is one that cannot be read.
func (k *Known) command(cmd *Command, c *shell.Command) {
	if cmd == nil {
		k.Gaps = append(k.Gaps, c.Text()+", which is not understood")
		return
	}
	k.Commands = append(k.Commands, cmd)
	switch cmd.Kind {
	case AddUser:
		k.addUser(cmd)
	case AddGroup:
		k.addGroup(Group{Name: cmd.Name, GID: cmd.Group, By: cmd})
	case ChangeUser:
		k.changeUser(cmd)
	case ChangeGroup:
		k.changeGroup(cmd)
	case DeleteUser:
		k.Users = slices.DeleteFunc(k.Users, func(a Account) bool { return a.Name.Same(cmd.Name) && !c.Conditional })
	case DeleteGroup:
		k.Groups = slices.DeleteFunc(k.Groups, func(g Group) bool { return g.Name.Same(cmd.Name) && !c.Conditional })
	}
}

// MayNotRun reports whether the command can be skipped, or can fail without
// ending the build.
func (c *Command) MayNotRun() bool {
	for _, outer := range append(c.outer, c.Shell) {
		if outer.Conditional || outer.Subshell || mayFail(outer) {
			return true
		}
	}
	return false
}

func mayFail(c *shell.Command) bool {
	script := c.Script
	at := script.StepOf(c)
	if at < 0 || script.EndsOnError(at) {
		return at < 0
	}
	for _, next := range script.Steps[at+1:] {
		if next.Op != shell.And {
			return true
		}
	}
	return false
}
