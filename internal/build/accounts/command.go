package accounts

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Kind is what a command does to the accounts.
type Kind uint8

const (
	_           Kind = iota
	AddUser          // makes a user, and perhaps its group
	AddGroup         // makes a group
	ChangeUser       // changes a user's name, IDs or groups
	ChangeGroup      // changes a group's name or ID
	DeleteUser
	DeleteGroup
	AddMember // adds a user to a group
)

// Tool is the family of a command.
type Tool uint8

const (
	Shadow    Tool = iota // useradd, groupadd and the like; Red Hat's adduser
	Busybox               // BusyBox's adduser and addgroup
	Debian                // Debian's adduser and addgroup
	Ambiguous             // adduser of an image that is not known, with options that several families read alike
)

// A Command is a command of a RUN that makes, changes or deletes an account.
type Command struct {
	Kind    Kind
	Tool    Tool
	Shell   *shell.Command
	Stage   *build.Stage
	Inst    *syntax.Instruction
	File    string     // context path of the script that holds the command; "" for the Dockerfile itself
	Program int        // index in Shell.Words of the tool
	Operand shell.Word // the name as written

	Name    Value
	UID     Value
	Group   Value // the primary group, by name or number; for a group command its GID
	NewName Value // ChangeUser, ChangeGroup
	Home    Value

	System    bool
	NonUnique bool // the ID may be another account's too
	OwnGroup  bool // a group of the same name is asked for
	NoGroup   bool // no group of the same name is made
	Tolerant  bool // an account that exists already is no error

	outer []*shell.Command // those that run the script, from the RUN inwards
}

// Is reports whether two readings are of one command.
func (c *Command) Is(d *Command) bool {
	return c.Shell == d.Shell || c.File != "" && c.File == d.File && c.Shell.Span == d.Shell.Span
}

// ID is what the command says about the ID: of the user, or of the group.
func (c *Command) ID() Value {
	if c.Kind == AddGroup || c.Kind == ChangeGroup {
		return c.Group
	}
	return c.UID
}

// A reading is one way to understand a command's arguments.
type reading struct {
	tool    Tool
	kind    Kind
	dialect *dialect
}

// readings returns how a tool of that name reads its arguments in an image of a
// distribution; several where the distribution is not known.
func readings(name string, distro facts.Distro) []reading {
	switch name {
	case "useradd":
		return []reading{{Shadow, AddUser, shadowUseradd}}
	case "groupadd":
		return []reading{{Shadow, AddGroup, shadowGroupadd}}
	case "usermod":
		return []reading{{Shadow, ChangeUser, shadowUsermod}}
	case "groupmod":
		return []reading{{Shadow, ChangeGroup, shadowGroupmod}}
	case "userdel", "deluser":
		return []reading{{Shadow, DeleteUser, anyDelete}}
	case "groupdel", "delgroup":
		return []reading{{Shadow, DeleteGroup, anyDelete}}
	case "adduser":
		return among(distro, map[Tool]reading{
			Shadow: {Shadow, AddUser, shadowUseradd}, Busybox: {Busybox, AddUser, busyboxAdduser}, Debian: {Debian, AddUser, debianAdduser},
		})
	case "addgroup":
		return among(distro, map[Tool]reading{
			Busybox: {Busybox, AddGroup, busyboxAddgroup}, Debian: {Debian, AddGroup, debianAdduser},
		})
	}
	return nil
}

// among returns the readings that a distribution's tools allow.
func among(distro facts.Distro, all map[Tool]reading) []reading {
	var tools []Tool
	switch distro {
	case facts.Debian, facts.Ubuntu:
		tools = []Tool{Debian}
	case facts.Alpine, facts.Busybox, facts.Wolfi:
		tools = []Tool{Busybox}
	case facts.RedHat, facts.SUSE, facts.Mariner, facts.Arch:
		tools = []Tool{Shadow}
	default:
		tools = []Tool{Debian, Busybox, Shadow}
	}
	var out []reading
	for _, t := range tools {
		if r, ok := all[t]; ok {
			out = append(out, r)
		}
	}
	return out
}

// read reads a command that is about accounts. It returns false for any other,
// and a nil Command with true for one that cannot be read.
func (s *scope) read(c *shell.Command, distro facts.Distro) (*Command, bool) {
	name, args := c.Runs()
	if i := c.Program(); i > 0 && c.Words[i-1].Value == "busybox" {
		distro = facts.Busybox
	}
	options := readings(name, distro)
	if len(options) == 0 {
		return nil, false
	}
	var understood []*Command
	for _, r := range options {
		if cmd := s.as(r, c, args); cmd != nil {
			understood = append(understood, cmd)
		}
	}
	if len(understood) == 0 {
		return nil, true
	}
	first := understood[0]
	for _, next := range understood[1:] {
		if !first.agrees(next) {
			return nil, true
		}
		first.Tool = Ambiguous
	}
	return first, true
}

// agrees reports whether two readings of a command are about the same account
// with the same IDs.
func (c *Command) agrees(d *Command) bool {
	return c.Kind == d.Kind && c.Name.Text == d.Name.Text && c.UID.Text == d.UID.Text && c.Group.Text == d.Group.Text
}

// as reads a command's arguments in one way, nil if they do not fit.
func (s *scope) as(r reading, c *shell.Command, args []shell.Word) *Command {
	a, ok := r.dialect.read(args)
	if !ok || len(a.operands) == 0 || a.has(elsewhere) {
		return nil
	}
	cmd := &Command{
		Kind: r.kind, Tool: r.tool, Shell: c, Stage: s.stage, Inst: s.inst, File: s.file, Program: c.Program(), outer: s.outer,
		Operand:   a.operands[0],
		Name:      s.value(a.operands[0]),
		UID:       s.optional(a, uid),
		Group:     s.optional(a, gid),
		NewName:   s.optional(a, newName),
		Home:      s.optional(a, home),
		System:    a.flags[system],
		NonUnique: a.flags[nonUnique],
		OwnGroup:  a.flags[ownGroup],
		NoGroup:   a.flags[noOwnGroup],
		Tolerant:  a.flags[force],
	}
	switch {
	case r.tool == Shadow:
		if len(a.operands) > 1 {
			return nil
		}
	case len(a.operands) > 1 && r.tool == Busybox && len(a.values)+len(a.flags) > 0:
		// With options adduser makes the user and reads no second name.
		if r.kind == AddGroup {
			return nil
		}
	case len(a.operands) > 1: // adduser USER GROUP; addgroup USER GROUP
		cmd.Kind = AddMember
		cmd.Group = s.value(a.operands[1])
	case r.tool == Debian:
		cmd.debian()
	}
	return cmd
}

// debian settles what adduser's --group means: with --system the user gets a
// group of its own, else the command is addgroup.
func (c *Command) debian() {
	if c.Kind == AddUser && c.OwnGroup && !c.System {
		c.Kind = AddGroup
	}
	// adduser --system accepts a system user that is there already.
	c.Tolerant = c.System
}

// optional is the value of an option, or nothing.
func (s *scope) optional(a arguments, m meaning) Value {
	w, ok := a.values[m]
	if !ok {
		return Value{}
	}
	return s.value(w)
}

func (a arguments) has(m meaning) bool {
	_, ok := a.values[m]
	return ok
}

// LongOptions reports whether the command's author writes options in words only.
func (c *Command) LongOptions() bool {
	long := false
	for _, w := range c.Shell.Words[c.Program+1:] {
		if !w.IsFlag() {
			continue
		}
		if long = strings.HasPrefix(w.Value, "--"); !long {
			return false
		}
	}
	return long
}
