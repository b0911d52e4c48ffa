package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// A role is how a command is compared.
type role uint8

const (
	plain   role = iota // by its text
	opaque              // by its text, as the whole RUN that cannot be read
	install             // by its packages, see packages
	update              // not at all: see lists
	cleanup             // not at all: it removes what its RUN's package manager left
)

// A command is a simple command of a RUN.
type command struct {
	run      *run
	shell    *shell.Command // nil if opaque
	role     role
	text     string // as the shell gets it, blanks single
	way      string // how it is run: what of its script matters to it
	inv      pkgmgr.Invocation
	packages []packageItem // of an install; see items
	ranked   listRank      // of an install: whether there are package lists for it
}

func (r *run) readCommands() {
	r.uses = readUses(r.script)
	if r.script.Opaque != "" {
		text := r.inst.Args.Text
		for _, h := range r.inst.Heredocs {
			text += "\n" + r.inst.File().Slice(h.Body)
		}
		r.commands = []*command{{run: r, role: opaque, text: words(text), way: text}}
		return
	}
	under := ""
	for i, step := range r.script.Steps {
		way := r.fatality(i)
		if step.Command() == nil {
			way += r.script.Shape(step, r.uses.isCleanup)
		}
		if r.script.Form == shell.Exec {
			way += "exec"
		}
		if len(step.Commands) == 0 { // [[ ... ]], ((...)), an empty function
			r.commands = append(r.commands, &command{run: r, text: way, way: under})
		}
		for _, c := range step.Commands {
			cmd := &command{run: r, shell: c, text: words(c.Text()), way: way + under}
			cmd.classify(c, r.uses)
			r.commands = append(r.commands, cmd)
			if changesShell(c) {
				under += "\x00" + cmd.text
			}
		}
	}
}

// changesShell reports whether what follows a command in its script depends on it.
// "set -eux" does not count: see fatality.
func changesShell(c *shell.Command) bool {
	switch {
	case !c.ChangesShell():
		return false
	case c.Name() != "set":
		return true
	}
	for _, w := range c.Words[1:] {
		if strings.Trim(w.Value, "-evux") != "" {
			return true
		}
	}
	return false
}

// fatality says whether the RUN fails if step i does.
func (r *run) fatality(i int) string {
	for next := i + 1; next < len(r.script.Steps); next++ {
		switch r.script.Steps[next].Op {
		case shell.And:
		case shell.Or:
			return "may fail"
		default:
			// Under -e the shell ends where the last command of a list fails.
			if next == i+1 && (r.state.errExit && r.script.Form != shell.Exec || r.script.EndsOnError(i)) {
				return ""
			}
			return "may fail"
		}
	}
	return ""
}

// uses are what the commands of a script do with package managers.
type uses struct {
	of       map[*shell.Command]pkgmgr.Invocation
	managers []*pkgmgr.Manager // that do more than to clean up
}

func readUses(script *shell.Script) uses {
	u := uses{}
	for _, c := range script.Commands {
		inv, ok := pkgmgr.Recognise(c)
		if !ok {
			continue
		}
		if u.of == nil {
			u.of = make(map[*shell.Command]pkgmgr.Invocation, len(script.Commands))
		}
		u.of[c] = inv
		if inv.Action != pkgmgr.Clean && !slices.Contains(u.managers, inv.Manager) {
			u.managers = append(u.managers, inv.Manager)
		}
	}
	return u
}

func (c *command) classify(cmd *shell.Command, uses uses) {
	if inv, ok := uses.of[cmd]; ok {
		c.inv = inv
		switch inv.Action {
		case pkgmgr.Install:
			c.role = install
		case pkgmgr.Update:
			c.role = update
		}
	}
	if uses.isCleanup(cmd) {
		c.role = cleanup
	}
}

// isCleanup reports whether a command does nothing but remove what one of the
// managers left.
func (u uses) isCleanup(c *shell.Command) bool {
	if inv, ok := u.of[c]; ok {
		return inv.Action == pkgmgr.Clean && slices.Contains(u.managers, inv.Manager)
	}
	if len(u.managers) == 0 || len(c.Redirects) > 0 {
		return false
	}
	name, args := c.Runs()
	if name != "rm" {
		return false
	}
	removes := false
	for _, w := range args {
		if w.IsFlag() {
			continue
		}
		if !isLeaving(w.Value, u.managers) {
			return false
		}
		removes = true
	}
	return removes
}

func isLeaving(name string, managers []*pkgmgr.Manager) bool {
	for _, m := range managers {
		for _, p := range m.Recipe.Paths {
			if liesIn(name, p) {
				return true
			}
		}
	}
	return false
}

// liesIn reports whether name is dir or lies in it. dir may be a pattern, as those of
// pkgmgr.Recipe are; one under ~ is that of root, or of whoever runs the command.
func liesIn(name, dir string) bool {
	if strings.HasPrefix(dir, "~/") {
		for _, home := range []string{"~/", "$HOME/", "${HOME}/"} {
			if rest, ok := strings.CutPrefix(name, home); ok {
				name = "/root/" + rest
			}
		}
		dir = "/root" + dir[1:]
	}
	name = strings.TrimSuffix(name, "/")
	depth := strings.Count(dir, "/")
	parts := strings.Split(name, "/")
	if len(parts) <= depth || slices.Contains(parts, "..") {
		return false
	}
	ok, err := path.Match(dir, strings.Join(parts[:depth+1], "/"))
	return err == nil && ok
}

// commands checks that every command of every RUN is still run, the same way and
// under the same state, and that there is no new one.
func commands(c *comparison) {
	before, after := c.before.byText(), c.after.byText()
	for _, r := range c.before.runs {
		for _, cmd := range r.commands {
			if cmd.role != plain && cmd.role != opaque || c.declared.has(fix.DropCommand, cmd.text) {
				continue
			}
			c.kept(cmd, after)
		}
	}
	count := bag{}
	for key, list := range before {
		count[key] = len(list)
	}
	for _, r := range c.after.runs {
		for _, cmd := range r.commands {
			if cmd.role != plain && cmd.role != opaque || count.take(cmd.text) || c.declared.has(fix.AddCommand, cmd.text) {
				continue
			}
			if cmd.role == opaque {
				c.differs("line %d: RUN cannot be read any more: %s", r.inst.Position().Line, r.script.Opaque)
				continue
			}
			c.differs("the command %q is new", brief(cmd.text))
		}
	}
	count = bag{}
	for key, list := range after {
		count[key] = len(list)
	}
	for _, text := range sorted(before) {
		list := before[text]
		if n := len(list) - count[text]; n > 0 && count[text] > 0 && !c.declared.has(fix.DropCommand, text) {
			c.differs("the command %q runs %d times instead of %d", brief(text), count[text], len(list))
		}
	}
}

// kept checks that one of the commands of the same text after the rewrite does
// what cmd did.
func (c *comparison) kept(cmd *command, after map[string][]*command) {
	if len(after[cmd.text]) == 0 {
		c.differs("the command %q is lost", brief(cmd.text))
		return
	}
	reason := ""
	for _, other := range after[cmd.text] {
		why := c.different(cmd, other)
		if why == "" {
			return
		}
		reason = why
	}
	c.differs("the command %q %s", brief(cmd.text), reason)
}

func (r *Reading) byText() map[string][]*command {
	index := map[string][]*command{}
	for _, run := range r.runs {
		for _, cmd := range run.commands {
			if cmd.role == plain || cmd.role == opaque {
				index[cmd.text] = append(index[cmd.text], cmd)
			}
		}
	}
	return index
}

// different says how one and the same command differs in what it does, or "".
func (c *comparison) different(before, after *command) string {
	if before.way != after.way {
		return "is chained to its script in another way"
	}
	if why := c.otherMounts(before, after); why != "" {
		return why
	}
	return c.otherState(before, after)
}
