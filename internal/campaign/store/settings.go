package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// A Configured is a setting, and where it holds.
type Configured struct {
	Setting      string // as "FILE: KEY: VALUE"
	Repositories int
	Repository   string // one of those
}

// Settings lists what owners and repositories of a campaign have configured, what holds
// in most repositories first.
func (s *Store) Settings(ctx context.Context, campaign string) ([]Configured, error) {
	all, err := rows(ctx, s, func(scan func(...any) error) (c Configured, err error) {
		return c, scan(&c.Setting, &c.Repositories, &c.Repository)
	}, "SELECT settings, COUNT(*), MIN(repository) FROM changeset WHERE campaign = ? AND settings <> '' GROUP BY settings", campaign)
	if err != nil {
		return nil, err
	}
	byLine := map[string]Configured{}
	for _, together := range all {
		for _, line := range linesOf(together.Setting) {
			c := byLine[line]
			if c.Repositories == 0 || together.Repository < c.Repository {
				c.Repository = together.Repository
			}
			c.Setting, c.Repositories = line, c.Repositories+together.Repositories
			byLine[line] = c
		}
	}
	return slices.SortedFunc(maps.Values(byLine), func(a, b Configured) int {
		return cmp.Or(cmp.Compare(b.Repositories, a.Repositories), cmp.Compare(a.Setting, b.Setting))
	}), nil
}
