package reconcile

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/forge"
)

// List lists the repositories that a campaign selects, in order and each once, and how
// many it chose from.
func List(ctx context.Context, hub forge.Forge, s spec.Selection) (all []string, of int, err error) {
	take := func(r forge.Repository) {
		of++
		if selects(s, r) {
			all = append(all, r.Name)
		}
	}
	var owners []forge.Owner
	for _, name := range s.Organisations {
		owners = append(owners, forge.Owner{Name: name})
	}
	for _, name := range s.Users {
		owners = append(owners, forge.Owner{Name: name, User: true})
	}
	if s.Everything {
		owners = append(owners, forge.Owner{})
	}
	for _, owner := range owners {
		for r, err := range hub.List(ctx, owner) {
			if err != nil {
				return nil, of, err
			}
			take(r)
		}
	}
	for _, name := range s.Repositories {
		r, err := hub.Repository(ctx, name)
		if errors.Is(err, forge.ErrNotFound) {
			r, err = forge.Repository{Name: name}, nil // the step tells of it
		}
		if err != nil {
			return nil, of, err
		}
		take(r)
	}
	slices.Sort(all)
	return slices.Compact(all), of, nil
}

// selects reports whether a repository passes every filter.
func selects(s spec.Selection, r forge.Repository) bool {
	switch {
	case r.Archived && !s.Archived, r.Fork && !s.Forks:
		return false
	case s.Match != nil && !s.Match.MatchString(r.Name):
		return false
	case len(s.Languages) > 0 && !containsFold(s.Languages, r.Language):
		return false
	case len(s.Topics) > 0 && !slices.ContainsFunc(r.Topics, func(t string) bool { return containsFold(s.Topics, t) }):
		return false
	}
	for _, pattern := range s.Exclude {
		if pattern.MatchString(r.Name) {
			return false
		}
	}
	return true
}

func containsFold(all []string, name string) bool {
	return slices.ContainsFunc(all, func(one string) bool { return strings.EqualFold(one, name) })
}
