package build

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A User is the account that an instruction runs as.
type User struct {
	Inst  *syntax.Instruction // the USER that says so; nil if the base image does
	Name  string              // name or number, variables replaced; "" if unknown
	Group string              // after the colon; "" without one
	Known bool                // false if a variable is not known, or the base image is not
	Args  []string            // the build arguments that the value depends on
}

// IsRoot reports whether the user is known to be root.
func (u User) IsRoot() bool { return u.Known && (u.Name == "root" || u.Name == "0") }

// UserAt returns the account in force at inst.
func (s *Stage) UserAt(inst *syntax.Instruction) User {
	user := s.before(inst).user
	if user == nil {
		return s.baseUser()
	}
	stage := s
	for stage.IndexOf(user) < 0 {
		stage = stage.Base // a USER in force stands in the stage or in one of its bases
	}
	x := stage.Expand(user, user.Args.Text)
	u := User{Inst: user, Known: x.Known, Args: x.Args}
	u.Name, u.Group, _ = strings.Cut(strings.TrimSpace(x.Text), ":")
	return u
}

// baseUser is the account that the stage's image runs as by itself.
func (s *Stage) baseUser() User {
	bottom := s.Bottom()
	if bottom.runsAs == nil {
		account, ok := facts.DefaultUser(bottom.Ref)
		bottom.runsAs = &User{Name: account.Name, Known: ok}
	}
	return *bottom.runsAs
}

// FinalUser is the account that a container of the stage runs as.
func (s *Stage) FinalUser() User { return s.UserAt(nil) }
