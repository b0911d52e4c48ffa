package numericuser

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
)

// pinUser gives the command that makes an account the ID that its tool would
// choose otherwise, and its group too where that has none.
//
//	useradd -m app     =>  groupadd -g 1001 app && useradd -u 1001 -g app -m app
//	useradd -U app     =>  useradd -u 1001 -U app
//	adduser -D app     =>  adduser -u 1001 -D app      (BusyBox)
//	adduser --system x =>  adduser --uid 1001 --system x
//
// useradd makes a group of the user's name only where /etc/login.defs says so;
// the other tools always do, with the user's ID.
func (c *change) pinUser(a accounts.Account, known *accounts.Known) (id, reason string) {
	cmd := a.By
	if cmd == nil {
		return "", fmt.Sprintf("the ID of %s is not known", a.Name.Text)
	}
	if cmd.File != "" {
		return "", fmt.Sprintf("%s makes the account %s without an ID", cmd.File, a.Name.Text)
	}
	n, reason := c.newID(cmd)
	if reason != "" {
		return "", reason
	}
	id = strconv.Itoa(n)
	flags := []string{c.flag(cmd, "-u", "--uid", id)}
	if g, ok := known.GroupNamed(a.Group); ok && g.By != nil && g.By.File == "" && g.By.Kind == accounts.AddGroup && !g.GID.IsGiven() && g.Unsure == "" {
		c.pinGroup(g.By, n)
	}
	if c.makesGroupByDefault(cmd, known) && c.insertGroupadd(cmd, id) {
		flags = append(flags, c.flag(cmd, "-g", "--gid", cmd.Operand.Raw))
	}
	c.insert(cmd, flags...)
	c.pins = append(c.pins, pin{cmd, id})
	return id, ""
}

// pinGroup gives the command that makes a group an ID, the user's if it is free.
func (c *change) pinGroup(cmd *accounts.Command, user int) (gid string) {
	for _, p := range c.pins {
		if p.cmd == cmd {
			return p.id
		}
	}
	gid = strconv.Itoa(c.newGroupID(cmd, user))
	c.insert(cmd, c.flag(cmd, "-g", "--gid", gid))
	c.pins = append(c.pins, pin{cmd, gid})
	return gid
}

// insert puts options behind the name of a command's tool.
func (c *change) insert(cmd *accounts.Command, flags ...string) {
	options := strings.Join(flags, " ")
	if cmd.Shell.Script.Form == shell.Exec {
		for _, w := range strings.Fields(options) { // each a string of its own
			c.edits = append(c.edits, cmd.Shell.InsertWord(cmd.Program, w)...)
		}
	} else {
		c.edits = append(c.edits, cmd.Shell.InsertAhead(cmd.Program+1, flags...)...)
	}
	c.changes = append(c.changes,
		fix.Change{Kind: fix.DropCommand, Subject: cmd.Shell.Text()},
		fix.Change{Kind: fix.AddCommand, Subject: cmd.Shell.TextWith(cmd.Program, options)})
}

// A pin is an ID that a command is given.
type pin struct {
	cmd *accounts.Command
	id  string
}

// flag is an option in the style of the command's author.
func (c *change) flag(cmd *accounts.Command, short, long, value string) string {
	return c.style(cmd, short, long) + " " + value
}

func (c *change) style(cmd *accounts.Command, short, long string) string {
	if cmd.Tool == accounts.Debian || cmd.Tool == accounts.Ambiguous || cmd.LongOptions() {
		return long
	}
	return short
}

// makesGroupByDefault reports whether useradd makes a group only by the setting
// of its distribution. Where one of the name exists, the setting is another: else
// useradd would fail.
func (c *change) makesGroupByDefault(cmd *accounts.Command, known *accounts.Known) bool {
	exists := slices.ContainsFunc(known.Groups, func(g accounts.Group) bool { return g.By != cmd && g.Name.Same(cmd.Name) })
	return !exists && cmd.Tool == accounts.Shadow && !cmd.Group.IsGiven() && !cmd.OwnGroup && !cmd.NoGroup &&
		known.Family.Distro != facts.Unknown && known.Family.Distro != facts.SUSE
}

// insertGroupadd puts a groupadd in front of a useradd. It reports false where
// the script has no place for it.
func (c *change) insertGroupadd(cmd *accounts.Command, id string) bool {
	script := cmd.Shell.Script
	step := script.StepOf(cmd.Shell)
	if step < 0 || script.Steps[step].Command() != cmd.Shell || cmd.MayNotRun() {
		return false
	}
	var words []string
	for _, w := range cmd.Shell.Words[:cmd.Program] {
		words = append(words, w.Raw) // sudo
	}
	words = append(words, "groupadd")
	if cmd.System {
		words = append(words, c.style(cmd, "-r", "--system"))
	}
	groupadd := strings.Join(append(words, c.flag(cmd, "-g", "--gid", id), cmd.Operand.Raw), " ")
	edits, ok := script.InsertBefore(step, groupadd)
	if !ok {
		return false
	}
	c.edits = append(c.edits, edits...)
	c.changes = append(c.changes, fix.Change{Kind: fix.AddCommand, Subject: groupadd})
	return true
}
