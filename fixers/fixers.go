// Package fixers lists the fixers that drydock has.
package fixers

import (
	"github.com/drydock-dev/drydock/fixers/dependencycopy"
	"github.com/drydock-dev/drydock/fixers/numericuser"
	"github.com/drydock-dev/drydock/internal/fix"
)

// All returns the fixers, in the order in which people read about them.
func All() []fix.Fixer {
	return []fix.Fixer{
		dependencycopy.Fixer,
		numericuser.Fixer,
	}
}
