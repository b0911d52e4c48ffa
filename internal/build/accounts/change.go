package accounts

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/facts"
)

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
