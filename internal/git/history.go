package git

import (
	"errors"
	"fmt"
)

// ErrNotPlain says that a commit does not lead to another by commits with one
// parent each.
var ErrNotPlain = errors.New("no plain commits lead there")

// Series gives the commits from head back to base, head first and without base,
// along first parents. The first commit on base may keep another one in its history.
// The error wraps ErrNotPlain for a head that does not lead there within limit
// commits.
func (r *Repository) Series(head, base Hash, limit int) ([]Commit, error) {
	return Follow(head, base, limit, r.Commit)
}

// Follow is Series for commits that are looked up by commit.
func Follow(head, base Hash, limit int, commit func(Hash) (Commit, error)) ([]Commit, error) {
	var all []Commit
	for at := head; at != base; {
		c, err := commit(at)
		if err != nil && !errors.Is(err, ErrNoCommit) {
			return nil, err
		}
		plain := len(c.Parents) == 1 || len(c.Parents) == 2 && c.Parents[0] == base
		if err != nil || !plain || len(all) == limit {
			return nil, fmt.Errorf("%s to %s: %w", head, base, ErrNotPlain)
		}
		all = append(all, c)
		at = c.Parents[0]
	}
	return all, nil
}
