// Package pkgmgr knows package managers: which command of theirs does what, which
// of its words are packages, and what it leaves behind.
//
// Invariants: everything about a manager stands in its row of a table; the code
// reads the tables. A command that a table does not account for is not
// recognised, rather than half understood.
package pkgmgr

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// Action is what an invocation of a manager does.
type Action uint8

const (
	Other   Action = iota // anything that neither installs nor refreshes nor cleans
	Install               // installs packages
	Update                // refreshes the package lists
	Upgrade               // upgrades what is installed
	Remove                // removes packages
	Clean                 // removes caches or lists
)

// An Invocation is a command that runs a package manager.
type Invocation struct {
	Manager  *Manager
	Action   Action
	Command  *shell.Command
	Verb     int   // index in Command.Words of the word that names the action; -1 without one
	Flags    []int // indices in Command.Words of the options, values of options not included
	Operands []int // indices in Command.Words of what the action is done to: packages, files, folders
	Program  int   // index in Command.Words of the manager itself: past sudo, env and the like
}

// HasFlag reports whether an option is given, alone or as one letter of a
// cluster: HasFlag("-y", "--yes").
func (inv Invocation) HasFlag(names ...string) bool {
	for _, i := range inv.Flags {
		value := inv.Command.Words[i].Value
		head, _, _ := strings.Cut(value, "=")
		for _, name := range names {
			if head == name || inv.Manager.isCluster(value, name) {
				return true
			}
		}
	}
	return false
}

// SkipsCache reports whether an option keeps the install from leaving a cache.
func (inv Invocation) SkipsCache() bool {
	return slices.ContainsFunc(inv.Flags, func(i int) bool {
		return inv.Manager.Recipe.SkipsCache(inv.Command.Words[i].Value)
	})
}

// isCluster reports whether an option such as -yq holds the letter of a short
// option such as -y; in -tbuster-security, -t has a value.
func (m *Manager) isCluster(value, name string) bool {
	if len(name) != 2 || name[0] != '-' || name[1] == '-' || strings.Contains(value, "=") {
		return false
	}
	return strings.Contains(m.letters(value), name[1:])
}

// letters are the short options of a cluster, up to the first that has a value:
// "qr" of -qr and of -qrfile.
func (m *Manager) letters(value string) string {
	if len(value) < 3 || value[0] != '-' || value[1] == '-' {
		return ""
	}
	for i := 1; i < len(value); i++ {
		if slices.Contains(m.ValueFlags, "-"+value[i:i+1]) {
			return value[1 : i+1]
		}
	}
	return value[1:]
}

// Packages returns the operands of an install as words.
func (inv Invocation) Packages() []shell.Word {
	words := make([]shell.Word, len(inv.Operands))
	for i, n := range inv.Operands {
		words[i] = inv.Command.Words[n]
	}
	return words
}

// Literal reports whether every word of the invocation is literal.
func (inv Invocation) Literal() bool {
	for _, w := range inv.Command.Words {
		if !w.Literal {
			return false
		}
	}
	return true
}

// Name is a package's name without its version: pkg=1.2, pkg@edge, pkg~1.2,
// pkg:amd64, 'pkg>=1.2', pkg[extra]==1.
func Name(operand string) string {
	if i := strings.IndexAny(operand[min(1, len(operand)):], "=<>~@![:"); i >= 0 {
		return operand[:i+1]
	}
	return operand
}

// TakesValue reports whether word i is an option whose value is the next word.
func (inv Invocation) TakesValue(i int) bool {
	return inv.Manager.takesValue(inv.Command.Words[i].Value)
}

// Sudo is "sudo " if the author runs the command by sudo, else "".
func (inv Invocation) Sudo() string {
	if inv.Program > 0 && inv.Command.Words[0].Value == "sudo" {
		return "sudo "
	}
	return ""
}
