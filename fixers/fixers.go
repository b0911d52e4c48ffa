// Package fixers lists the fixers that drydock has.
package fixers

import (
	"github.com/drydock-dev/drydock/fixers/aptkeyring"
	"github.com/drydock-dev/drydock/fixers/dependencycopy"
	"github.com/drydock-dev/drydock/fixers/kubernetesuser"
	"github.com/drydock-dev/drydock/fixers/multistage"
	"github.com/drydock-dev/drydock/fixers/numericuser"
	"github.com/drydock-dev/drydock/fixers/packagecleanup"
	"github.com/drydock-dev/drydock/internal/fix"
)

// All returns the fixers, in the order in which people read about them. Which one
// waits for which is said by their After: an apt-key that nothing can tell the
// effect of becomes a keyring first, then the stages are made, and the others work
// on each stage as it then is.
func All() []fix.Fixer {
	return []fix.Fixer{
		multistage.Fixer,
		dependencycopy.Fixer,
		aptkeyring.Fixer,
		packagecleanup.Fixer,
		numericuser.Fixer,
		kubernetesuser.Fixer,
	}
}
