package accounts

import (
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// An Account is a user of an image.
type Account struct {
	Name  Value
	UID   Value // not given where the tool that makes the account chooses it
	Group Value // the primary group's name, where it is known by name
	GID   Value // the primary group's ID, where the account itself says it
	Home  string
	By    *Command // the command that makes it; nil for the base image's and for lines of an account file
	// Unsure is why the account may be another than this one, "" if it is not.
	Unsure string
}

// A Group is a group of an image.
type Group struct {
	Name   Value
	GID    Value
	By     *Command // as in Account; for a group that a user's command makes, that one
	Unsure string
}

// Known is what is known of the accounts at a point of a stage.
type Known struct {
	// Ref is the image from outside the file whose accounts these are, "" if a
	// variable hides it.
	Ref    string
	Family facts.Family
	// Complete: the base image's accounts are all known, so that what is not
	// here is not there, but for what Gaps says.
	Complete bool
	Users    []Account // in the order in which they are made
	Groups   []Group
	Commands []*Command // all that was read, in order
	// Packages are what the distribution's package manager installs.
	Packages []string
	// Gaps are what may have made or changed accounts unseen, such as
	// "the file passwd".
	Gaps []string

	files map[string]*file
}

// A file is an account file that is not /etc/passwd or /etc/group itself.
type file struct {
	users   []Account
	groups  []Group
	derived bool // some of the lines of /etc/passwd or /etc/group
}

// User returns the account of that name.
func (k *Known) User(name Value) (Account, bool) {
	for _, a := range slices.Backward(k.Users) {
		if a.Name.Same(name) {
			return a, true
		}
	}
	for _, p := range k.Packages {
		if a, ok := facts.PackageAccount(k.Family.Distro, p, name.Text); ok && len(name.Args) == 0 {
			return ofTable(a), true
		}
	}
	return Account{}, false
}

// ofTable is an account as the tables of facts have it.
func ofTable(a facts.Account) Account {
	return Account{Name: Literal(a.Name), UID: number(a.UID), Group: Literal(a.Group), GID: number(a.GID), Home: a.Home}
}

// GroupNamed returns the group of that name.
func (k *Known) GroupNamed(name Value) (Group, bool) {
	for _, g := range slices.Backward(k.Groups) {
		if g.Name.Same(name) {
			return g, true
		}
	}
	return Group{}, false
}

// At returns what is known of the accounts before an instruction of a stage, nil
// for the end of the stage.
func At(stage *build.Stage, inst *syntax.Instruction) *Known {
	k := ofImage(stage.Bottom().Ref)
	for _, s := range stage.Chain() {
		if k.Family.Distro == facts.Unknown {
			k.Family.Distro = distroByManager(s)
		}
		for _, i := range s.Instructions {
			if s == stage && i == inst {
				return k
			}
			k.apply(s, i)
		}
	}
	return k
}

// ofImage is what the tables know of an image from outside the file.
func ofImage(ref string) *Known {
	k := &Known{Ref: ref, Family: facts.Image(ref), files: map[string]*file{}}
	for _, a := range facts.Accounts(ref) {
		k.Users = append(k.Users, ofTable(a))
		if a.Group != "" {
			k.Groups = append(k.Groups, Group{Name: Literal(a.Group), GID: number(a.GID)})
		}
	}
	if ref != "scratch" && k.Family.Distro != facts.Windows {
		k.Groups = append(k.Groups, Group{Name: Literal("root"), GID: number(0)})
	}
	k.Complete = facts.IsKnownImage(ref) || ref == "scratch"
	return k
}

func number(id int) Value { return Literal(strconv.Itoa(id)) }

// distroByManager tells an image's distribution by the package manager that the
// stage runs.
func distroByManager(s *build.Stage) facts.Distro {
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		for _, c := range s.Script(inst).Commands {
			inv, ok := pkgmgr.Recognise(c)
			if !ok || !inv.Manager.System {
				continue
			}
			switch inv.Manager.Name {
			case "apt-get", "apt":
				return facts.Debian
			case "apk":
				return facts.Alpine
			case "dnf", "yum", "microdnf":
				return facts.RedHat
			case "zypper":
				return facts.SUSE
			case "pacman":
				return facts.Arch
			case "tdnf":
				return facts.Mariner
			}
		}
	}
	return facts.Unknown
}

// apply makes what an instruction does to the accounts.
func (k *Known) apply(s *build.Stage, inst *syntax.Instruction) {
	switch inst.Name {
	case "COPY", "ADD":
		k.copy(s, inst)
	case "RUN":
		k.run(s, inst)
	}
}

func (k *Known) run(s *build.Stage, inst *syntax.Instruction) {
	script := s.Script(inst)
	if script.Opaque != "" {
		k.Gaps = append(k.Gaps, script.Opaque)
		return
	}
	sc := &scope{stage: s, inst: inst}
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
		k.install(c)
		k.gap(c)
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
		name, _ := c.Runs()
		k.Gaps = append(k.Gaps, name)
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
	return c.Shell.Conditional || c.Shell.Subshell || c.MayFail()
}

// MayFail reports whether the build goes on if the command fails.
func (c *Command) MayFail() bool {
	script := c.Shell.Script
	at := script.StepOf(c.Shell)
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

func (k *Known) addUser(cmd *Command) {
	a := Account{Name: cmd.Name, UID: cmd.UID, Home: cmd.Home.Text, By: cmd}
	old, exists := k.User(cmd.Name)
	switch {
	case exists && old.By == nil:
		return // the command fails, or its guard keeps it from running
	case exists && !old.UID.Same(a.UID):
		a.Unsure = "two commands make the account " + cmd.Name.Text + " with different IDs"
	case !exists && !k.Complete && (cmd.MayNotRun() || cmd.Tolerant):
		a.Unsure = "the base image " + k.image() + " may have the account " + cmd.Name.Text + " already"
	}
	switch {
	case cmd.Group.IsNumber():
		a.GID = cmd.Group
	case cmd.Group.IsGiven():
		a.Group = cmd.Group
	case k.makesGroup(cmd):
		a.Group = cmd.Name
		k.addGroup(Group{Name: cmd.Name, GID: a.UID, By: cmd, Unsure: a.Unsure})
	case cmd.Tool == Busybox:
		a.Group = Literal("nogroup")
	case cmd.Tool == Debian:
		a.Group, a.GID = Literal("nogroup"), number(65534)
	}
	k.Users = append(k.Users, a)
}

// makesGroup reports whether a command that makes a user makes its group too.
func (k *Known) makesGroup(cmd *Command) bool {
	switch cmd.Tool {
	case Busybox:
		return !cmd.System
	case Debian:
		return cmd.OwnGroup || !cmd.System
	}
	return cmd.OwnGroup || !cmd.NoGroup && k.Family.Distro != facts.SUSE
}

func (k *Known) addGroup(g Group) {
	old, exists := k.GroupNamed(g.Name)
	switch {
	case exists && old.By == nil:
		return
	case exists && !old.GID.Same(g.GID):
		g.Unsure = "two commands make the group " + g.Name.Text + " with different IDs"
	case !exists && !k.Complete && (g.By.MayNotRun() || g.By.Tolerant) && g.Unsure == "":
		g.Unsure = "the base image " + k.image() + " may have the group " + g.Name.Text + " already"
	}
	k.Groups = append(k.Groups, g)
}

func (k *Known) image() string {
	if k.Ref == "" {
		return "is not known and"
	}
	return k.Ref
}

func (k *Known) changeUser(cmd *Command) {
	i := slices.IndexFunc(k.Users, func(a Account) bool { return a.Name.Same(cmd.Name) })
	if i < 0 {
		if !cmd.UID.IsGiven() {
			return
		}
		k.Users = append(k.Users, Account{Name: cmd.Name})
		i = len(k.Users) - 1
	}
	a := &k.Users[i]
	if cmd.UID.IsGiven() && !cmd.UID.Same(a.UID) {
		a.UID, a.By = cmd.UID, nil
		if cmd.MayNotRun() {
			a.Unsure = "a usermod that may not run changes the ID of " + cmd.Name.Text
		}
	}
	switch {
	case cmd.Group.IsNumber():
		a.GID, a.Group = cmd.Group, Value{}
	case cmd.Group.IsGiven():
		a.Group, a.GID = cmd.Group, Value{}
	}
	if cmd.NewName.IsGiven() {
		a.Name = cmd.NewName
	}
	if cmd.Home.IsGiven() {
		a.Home = cmd.Home.Text
	}
}

func (k *Known) changeGroup(cmd *Command) {
	i := slices.IndexFunc(k.Groups, func(g Group) bool { return g.Name.Same(cmd.Name) })
	if i < 0 {
		if !cmd.Group.IsGiven() {
			return
		}
		k.Groups = append(k.Groups, Group{Name: cmd.Name})
		i = len(k.Groups) - 1
	}
	g := &k.Groups[i]
	if cmd.Group.IsGiven() && !cmd.Group.Same(g.GID) {
		g.GID, g.By = cmd.Group, nil
		if cmd.MayNotRun() {
			g.Unsure = "a groupmod that may not run changes the ID of " + cmd.Name.Text
		}
	}
	if cmd.NewName.IsGiven() {
		g.Name = cmd.NewName
	}
}

// write makes what a command writes into an account file.
func (k *Known) write(w written) {
	f := &file{derived: w.derived}
	for _, line := range w.lines {
		if a, ok := passwdLine(line); ok && !isGroupFile(w.path) {
			f.users = append(f.users, a)
		}
		if g, ok := groupLine(line); ok && isGroupFile(w.path) {
			f.groups = append(f.groups, g)
		}
	}
	switch w.path {
	case "/etc/passwd":
		if !w.appends {
			k.Users = nil
		}
		k.Users = append(k.Users, f.users...)
	case "/etc/group":
		if !w.appends {
			k.Groups = nil
		}
		k.Groups = append(k.Groups, f.groups...)
	default:
		if old := k.files[w.path]; old != nil && w.appends {
			f.users, f.groups, f.derived = append(old.users, f.users...), append(old.groups, f.groups...), old.derived || f.derived
		}
		k.files[w.path] = f
		return
	}
	if w.derived || len(w.lines) == 0 {
		k.Gaps = append(k.Gaps, "a command that writes "+w.path)
	}
}

// copy takes over the account files that a COPY brings from another stage, as an
// image from scratch gets them.
func (k *Known) copy(s *build.Stage, inst *syntax.Instruction) {
	c, ok := s.CopyOf(inst)
	if !ok {
		return
	}
	for _, src := range c.Sources {
		target := c.Dest
		if strings.HasSuffix(target, "/") {
			target += src.Path[strings.LastIndexByte(src.Path, '/')+1:]
		}
		switch {
		case target != "/etc/passwd" && target != "/etc/group":
		case c.Stage != nil:
			k.take(target, At(c.Stage, nil), src.Path)
		case c.From != "":
			k.take(target, ofImage(c.From), src.Path)
		default:
			k.forget(target)
			k.Gaps = append(k.Gaps, "the file "+src.Path)
		}
	}
}

// take replaces an account file by one of another stage or image.
func (k *Known) take(target string, from *Known, name string) {
	f := from.files[name]
	if name == target || f != nil && f.derived && len(f.users)+len(f.groups) == 0 {
		f = &file{users: from.Users, groups: from.Groups}
	}
	k.forget(target)
	if f == nil {
		k.Gaps = append(k.Gaps, "the file "+name)
		return
	}
	if target == "/etc/passwd" {
		k.Users = slices.Clone(f.users)
		k.Complete = from.Complete
		return
	}
	k.Groups = slices.Clone(f.groups)
}

func (k *Known) forget(target string) {
	if target == "/etc/passwd" {
		k.Users = nil
		return
	}
	k.Groups = nil
}
