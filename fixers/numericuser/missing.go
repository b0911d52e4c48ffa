package numericuser

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// make adds the account of a USER that nothing makes, without which the container
// does not start.
//
//	USER app  =>  RUN groupadd -g 1001 app && useradd -u 1001 -g app -m app
//	              USER 1001
//
// Rejected: images that may have the account all the same; names that are used
// before; a place where the build is not root's any more.
func (c *change) make(known *accounts.Known) {
	if !known.Complete || c.name.Text == "" || len(c.name.Args) > 0 || len(known.Gaps) > 0 || c.mayExist(known) {
		c.decline(c.missing(known))
		return
	}
	name := c.name.Text
	_, groupExists := known.GroupNamed(c.name)
	switch {
	case c.group.Text != "" && !c.group.Same(c.name) || groupExists:
		c.decline("no command makes the account " + name + ", and its group is another's")
		return
	case !c.stage.UserAt(c.inst).IsRoot():
		c.decline("no command makes the account " + name + ", and the build is not root's where it is named")
		return
	}
	n, reason := freeID(c.pass.Settings.UserID, known.Ref)
	command, ok := newAccount(known.Family, name, n)
	switch {
	case reason != "":
		c.decline(reason)
		return
	case len(known.Commands) > 0:
		c.decline("no command makes the account " + name + ", and others make other accounts")
		return
	case !ok:
		c.decline("no tool of " + known.Ref + " is known to make the account " + name)
		return
	}
	c.edits = append(c.edits, c.inst.InsertAbove(c.inst.Cased("RUN")+" "+command))
	c.changes = append(c.changes, fix.Change{Kind: fix.AddCommand, Subject: command})
	c.notes = append(c.notes, "nothing makes the account "+name+", so the container could not start")
	id := strconv.Itoa(n)
	if c.group.Text != "" {
		id += ":" + id
	}
	c.apply(id)
}

// missing is why there is no account of the name.
func (c *change) missing(known *accounts.Known) string {
	name := c.name.Text
	_, byDefault := known.User(accounts.Literal(name))
	if len(c.name.Args) > 0 {
		name = fmt.Sprintf("%s (ARG %s)", name, c.name.Args[0])
	}
	switch {
	case c.name.Text == "":
		return c.unset(known)
	case byDefault:
		return fmt.Sprintf("the user is %s by default alone: ARG %s may name another account", c.name.Text, c.name.Args[0])
	case len(known.Gaps) > 0:
		return fmt.Sprintf("the account %s may come from %s", name, known.Gaps[0])
	case known.Replaced != "":
		return fmt.Sprintf("%s, which replaces /etc/passwd, has no account %s", known.Replaced, name)
	case known.Ref == "":
		return fmt.Sprintf("no instruction makes the account %s, and the base image comes from a variable", name)
	case !known.Complete:
		return fmt.Sprintf("no instruction makes the account %s, and the base image %s is not known", name, known.Ref)
	}
	return fmt.Sprintf("no command here makes the account %s: a package or a script does, with an ID of its choice", name)
}

// unset is what becomes of a USER whose variable has no value in the file.
func (c *change) unset(known *accounts.Known) string {
	user := c.name.Variable
	switch declared := c.elsewhere(); {
	case len(c.name.Args) > 0:
		return fmt.Sprintf("the user comes from ARG %s, which the file gives no value", c.name.Args[0])
	case declared != nil:
		return fmt.Sprintf("the user comes from %s, which only another stage sets, in line %d", user, c.pass.CameFrom(declared.Span.Start).Line)
	case known.Ref != "" && !known.Complete:
		return fmt.Sprintf("the user comes from %s, which the file does not set, and the base image %s is not known", user, known.Ref)
	}
	return fmt.Sprintf("the user comes from %s, which the file does not set", user)
}

// elsewhere is the instruction that sets the variable of the name for a stage that
// this one is not made from, nil if there is none.
func (c *change) elsewhere() *syntax.Instruction {
	name := accounts.VariableName(c.name.Variable)
	for _, stage := range c.pass.Build.Stages {
		for _, inst := range stage.Instructions {
			if (inst.Name == "ARG" || inst.Name == "ENV") && slices.ContainsFunc(inst.Pairs(), func(p syntax.Pair) bool { return p.Name == name }) && !slices.Contains(c.stage.Chain(), stage) {
				return inst
			}
		}
	}
	return nil
}

// plainNames are names that authors give their accounts, and no package or image
// does: images with other tags of the same repository are asked besides.
var plainNames = []string{
	"app", "appuser", "app-user", "app_user", "appusr", "application", "webapp", "user", "myuser", "nonroot", "non-root", "nonrootuser",
	"django", "flask", "fastapi", "worker", "service", "runner", "deploy", "deployer", "api", "apiuser", "dev", "developer",
}

// unsettledNames are accounts of distributions that some releases have and others
// do not, so that accountsOf of facts leaves them out.
var unsettledNames = []string{
	"_apt", "gnats", "adm", "operator", "postmaster", "at", "squid", "xfs", "cyrus", "vpopmail", "smmsp", "postgres", "messagebus",
	"dbus", "sshd", "ntp", "polkitd", "utmp", "node",
}

// mayExist reports whether something that is not read for accounts may make the
// account: a package, a script, another version of the base image.
func (c *change) mayExist(known *accounts.Known) bool {
	repository := facts.ParseRef(known.Ref).Repository
	isPlain := slices.Contains(plainNames, c.name.Text)
	if !isPlain && (!slices.Contains(hosts, repository) || slices.Contains(unsettledNames, c.name.Text) || strings.HasPrefix(c.name.Text, "systemd-")) {
		return true
	}
	for _, tag := range []string{"latest", "alpine"} {
		if _, ok := facts.LookupAccount(repository+":"+tag, c.name.Text); ok {
			return true
		}
	}
	for _, stage := range c.stage.Chain() {
		for _, inst := range stage.Instructions {
			if inst == c.inst {
				return false
			}
			owner, _, _ := strings.Cut(inst.FlagValue("chown"), ":")
			if inst.Name == "ONBUILD" || owner == c.name.Text || copiesOverEtc(stage, inst) {
				return true
			}
			if inst.Name != "RUN" {
				continue
			}
			for _, e := range effects.Of(stage, inst) {
				if !isPlain && !makesNoAccount(e.Kind) || e.Kind == effects.Opaque || e.Program == "chown" || e.Program == "su" {
					return true
				}
			}
		}
	}
	return false
}

// makesNoAccount reports whether a command of the kind makes no account of any name.
func makesNoAccount(kind effects.Kind) bool {
	switch kind {
	case effects.Nothing, effects.State, effects.Lists, effects.Depends, effects.Files:
		return true
	}
	return false
}

// copiesOverEtc reports whether a COPY or ADD may bring another /etc/passwd: a whole
// folder goes to the root or to /etc, or it cannot be told where it goes.
func copiesOverEtc(s *build.Stage, inst *syntax.Instruction) bool {
	c, ok := s.CopyOf(inst)
	if !ok {
		return false
	}
	dest := path.Clean(c.Dest)
	mayBeTree := inst.Name == "ADD" || slices.ContainsFunc(c.Sources, mayBeFolder) // ADD unpacks archives
	return c.Dest == "" || dest == "/" && mayBeTree || dest == "/etc"
}

func mayBeFolder(src build.CopySource) bool { return path.Ext(src.Path) == "" || src.IsBroad() }
