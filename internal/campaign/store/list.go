package store

import (
	"context"
	"strings"
)

// A Filter chooses changesets.
type Filter struct {
	Campaign   string  // "" for all
	States     []State // none for all
	Repository string  // a part of the name, in any case
	Error      bool    // only those whose last attempt failed
	Offset     int
	Limit      int // 0 for all
}

// Changesets lists changesets by campaign and repository, and how many there are
// without Offset and Limit.
func (s *Store) Changesets(ctx context.Context, f Filter) (page []Changeset, total int, err error) {
	states, args := whereStates(f.States)
	where := " WHERE 1 = 1" + states
	if f.Campaign != "" {
		where, args = where+" AND campaign = ?", append(args, f.Campaign)
	}
	if f.Repository != "" {
		where, args = where+` AND LOWER(repository) LIKE ? ESCAPE '\'`, append(args, "%"+likeEscapes.Replace(strings.ToLower(f.Repository))+"%")
	}
	if f.Error {
		where += " AND error <> ''"
	}
	if err := s.db.QueryRowContext(ctx, s.dialect.query("SELECT COUNT(*) FROM changeset"+where), args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	statement := "SELECT " + changesetColumns + " FROM changeset" + where + " ORDER BY campaign, repository"
	if f.Limit > 0 {
		statement, args = statement+" LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset)
	}
	page, err = rows(ctx, s, scanChangeset, statement, args...)
	return page, total, err
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

func whereStates(states []State) (where string, args []any) {
	if len(states) == 0 {
		return "", nil
	}
	for _, state := range states {
		args = append(args, string(state))
	}
	return " AND state IN (?" + strings.Repeat(", ?", len(states)-1) + ")", args
}
