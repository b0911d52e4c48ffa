package numericuser

import (
	"fmt"

	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/facts"
)

// defaultID is the ID of an account that needs one: the first above those that
// images and tools take for themselves, which is 1000.
const defaultID = 1001

// newID chooses an ID for the user that a command makes, free as a user's and as
// a group's: the configured one, else 1001 or the next one.
func (c *change) newID(cmd *accounts.Command) (id int, reason string) {
	taken := c.takenIDs(cmd)
	if id := c.pass.Settings.UserID; id != 0 {
		if taken[id] {
			return 0, fmt.Sprintf("the configured ID %d is taken", id)
		}
		return id, ""
	}
	id = defaultID
	for taken[id] {
		id++
	}
	return id, ""
}

// takenIDs are the IDs that other accounts have or may get: those of the base
// image, those that the file gives, and those that the tools choose, from 1000
// on, for accounts made before the command.
func (c *change) takenIDs(cmd *accounts.Command) map[int]bool {
	taken := map[int]bool{}
	for _, stage := range c.pass.Build.Stages {
		for _, other := range accounts.At(stage, nil).Commands {
			if id, ok := other.ID().Number(); ok && !other.Name.Same(cmd.Name) {
				taken[id] = true
			}
		}
	}
	known := accounts.At(cmd.Stage, nil)
	for _, u := range known.Users {
		if id, ok := u.UID.Number(); ok && u.By == nil {
			taken[id] = true
		}
	}
	for id := defaultID; known.Complete && id < defaultID+100; id++ {
		if !facts.IsFreeID(known.Ref, id) {
			taken[id] = true
		}
	}
	next := 1000
	for _, other := range known.Commands {
		if other.Shell == cmd.Shell {
			break
		}
		if other.ID().IsGiven() || other.System || other.Name.Same(cmd.Name) ||
			other.Kind != accounts.AddUser && other.Kind != accounts.AddGroup {
			continue
		}
		for taken[next] {
			next++
		}
		taken[next] = true
		next++
	}
	return taken
}
