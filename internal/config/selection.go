package config

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/fix"
)

// A Selection is what whoever runs drydock chooses, over what a configuration
// says. The zero value leaves all to the configuration.
type Selection struct {
	Only []string // replaces what a configuration selects, unless it is nil
	Skip []string // is added to what it skips
	// Within narrows what is selected, whoever selects it; nil does not.
	Within []string
	Safe   *bool // nil: as it says
}

// Of gives the fixers to run under a configuration, in their order, and the least
// safe fix to apply.
func (s Selection) Of(c *Config, fixers []fix.Fixer) ([]fix.Fixer, fix.Safety) {
	only, skip := c.Only, slices.Concat(c.Skip, s.Skip)
	if s.Only != nil {
		only, skip = s.Only, s.Skip
	}
	var chosen []fix.Fixer
	for _, f := range fixers {
		if (only == nil || slices.Contains(only, f.Name)) && !slices.Contains(skip, f.Name) && (s.Within == nil || slices.Contains(s.Within, f.Name)) {
			chosen = append(chosen, f)
		}
	}
	safe := c.Safe
	if s.Safe != nil {
		safe = *s.Safe
	}
	if safe {
		return chosen, fix.Safe
	}
	return chosen, fix.ShowOnly
}
