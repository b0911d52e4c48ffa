package numericuser

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// defaultID is the ID of an account that needs one: the first above 1000, which
// images and tools take for themselves.
const defaultID = 1001

// ids are the IDs that are not free.
type ids struct {
	users, groups map[int]bool
}

// newID chooses an ID for the user that a command makes, and for the group that
// it may make with it: the configured one; else the one that manifests
// run the image as; else the one that a comment over the command tells; else the one
// that the file gives its files to already; else 1001 or the next one that is free.
func (c *change) newID(cmd *accounts.Command) (id int, reason string) {
	taken := c.takenIDs(cmd)
	free := func(id int) bool {
		return !taken.users[id] && (cmd.Group.IsGiven() || !taken.groups[id])
	}
	if id := c.pass.Settings.UserID; id != 0 {
		if !free(id) {
			return 0, fmt.Sprintf("the configured ID %d is taken", id)
		}
		return id, ""
	}
	if id := demandedID(c.pass, c.stagesOf()...); id != 0 && free(id) {
		return id, ""
	}
	if id := commentedID(cmd); id != 0 && free(id) {
		return id, ""
	}
	if owners := numericOwners(c.pass.Build); len(owners) == 1 && free(owners[0]) {
		return owners[0], ""
	}
	id = defaultID
	for !free(id) {
		id++
	}
	return id, ""
}

// commentedID is the ID that a comment of the RUN says the account gets, 0 without one:
// the author counts on it.
//
//	# Default GID == UID == 1000
func commentedID(cmd *accounts.Command) int {
	if cmd.File != "" || cmd.Inst == nil {
		return 0
	}
	id := 0
	for _, line := range slices.Concat(cmd.Inst.Comments(), cmd.Inst.InnerComments()) {
		words := strings.FieldsFunc(strings.ToLower(cmd.Inst.File().CommentText(line)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if !slices.Contains(words, "uid") {
			continue
		}
		for _, w := range words {
			n, ok := accounts.Literal(w).Number()
			switch {
			case !ok || n < 100 || n == id:
			case id != 0:
				return 0
			default:
				id = n
			}
		}
	}
	return id
}

// newGroupID chooses an ID for a group: that of its user, or the next one that is
// free.
func (c *change) newGroupID(cmd *accounts.Command, user int) int {
	taken := c.takenIDs(cmd)
	for taken.groups[user] {
		user++
	}
	return user
}

// takenIDs are the IDs that other accounts have or may get: those of the base
// image, those that the file gives, and those that the tools choose, from 1000
// on, for accounts made before the command.
func (c *change) takenIDs(cmd *accounts.Command) ids {
	taken := ids{map[int]bool{}, map[int]bool{}}
	for _, stage := range c.pass.Build.Stages {
		for _, other := range accounts.At(c.pass.Context, stage, nil).Commands {
			taken.add(other, cmd)
		}
	}
	known := accounts.At(c.pass.Context, cmd.Stage, nil)
	for _, u := range known.Users {
		if id, ok := u.UID.Number(); ok && u.By == nil {
			taken.users[id], taken.groups[id] = true, true
		}
	}
	for id := defaultID; known.Complete && id < defaultID+100; id++ {
		if !facts.IsFreeID(known.Ref, id) {
			taken.users[id], taken.groups[id] = true, true
		}
	}
	taken.addChosen(known, cmd)
	return taken
}

// add takes the ID that a command gives an account other than cmd's.
func (taken ids) add(other, cmd *accounts.Command) {
	id, ok := other.ID().Number()
	if !ok || other.Shell == cmd.Shell {
		return
	}
	switch other.Kind {
	case accounts.AddUser, accounts.ChangeUser:
		if other.Name.Same(cmd.Name) {
			return
		}
		taken.users[id] = true
		if !other.Group.IsGiven() {
			taken.groups[id] = true
		}
	case accounts.AddGroup, accounts.ChangeGroup:
		taken.groups[id] = true
	}
}

// addChosen takes the IDs that tools may choose for accounts made before cmd.
func (taken ids) addChosen(known *accounts.Known, cmd *accounts.Command) {
	next := 1000
	for _, other := range known.Commands {
		if other.Shell == cmd.Shell {
			return
		}
		if other.ID().IsGiven() || other.System || other.Name.Same(cmd.Name) ||
			other.Kind != accounts.AddUser && other.Kind != accounts.AddGroup {
			continue
		}
		for taken.users[next] || taken.groups[next] {
			next++
		}
		taken.users[next], taken.groups[next] = true, true
	}
}

// numericOwners are the numbers, other than root's, by which the file names the
// owners of files: an author who writes --chown=1000 counts on that ID.
func numericOwners(m *build.Model) []int {
	owners := map[int]bool{}
	add := func(owner string) {
		user, _, _ := strings.Cut(owner, ":")
		if id, ok := accounts.Literal(user).Number(); ok && id >= 100 {
			owners[id] = true
		}
	}
	for _, stage := range m.Stages {
		for _, inst := range stage.Instructions {
			switch inst.Name {
			case "COPY", "ADD":
				add(inst.FlagValue("chown"))
			case "RUN":
				mountOwners(inst, add)
				for _, cmd := range stage.Script(inst).Commands {
					add(chownOwner(cmd))
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(owners))
}

// mountOwners passes on the uid= of the mounts of a RUN.
func mountOwners(inst *syntax.Instruction, add func(string)) {
	for _, f := range inst.Flags {
		for _, option := range strings.Split(f.Value, ",") {
			if id, ok := strings.CutPrefix(option, "uid="); ok && f.Name == "mount" {
				add(id)
			}
		}
	}
}

// chownOwner is the owner that a chown or install gives to files.
func chownOwner(c *shell.Command) string {
	name, args := c.Runs()
	for i, w := range args {
		switch {
		case name == "install" && (w.Value == "-o" || w.Value == "--owner") && i+1 < len(args):
			return args[i+1].Value
		case name == "chown" && !w.IsFlag():
			return w.Value
		}
	}
	return ""
}
