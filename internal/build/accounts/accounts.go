package accounts

import (
	"slices"
	"strconv"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/project"
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
	// Replaced is the file of the context that takes the place of /etc/passwd, "" if
	// none does.
	Replaced string
	// Gaps are what may have made or changed accounts unseen, such as
	// "the file passwd".
	Gaps []string

	context *project.Context
	files   map[string]*file
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
// for the end of the stage. The scripts that it runs and the account files that it
// copies are read from the build context; nil if that is not known.
func At(c *project.Context, stage *build.Stage, inst *syntax.Instruction) *Known {
	k := ofImage(stage.Bottom().Ref)
	k.context = c
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

func number(id int) Value { return Literal(strconv.Itoa(id)) }

// apply makes what an instruction does to the accounts.
func (k *Known) apply(s *build.Stage, inst *syntax.Instruction) {
	switch inst.Name {
	case "COPY", "ADD":
		k.copy(s, inst)
	case "RUN":
		k.run(s, inst)
	}
}
