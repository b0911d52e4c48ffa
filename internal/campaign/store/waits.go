package store

import (
	"context"
	"time"
)

// A Wait is why repositories whose pull requests are due have none yet.
type Wait struct {
	Why          string
	Repositories int
	Until        time.Time // when the first of them is looked at again
}

// mostWaits bounds the reasons that are told.
const mostWaits = 5

// Waits tells why repositories of a campaign wait for their turn, the most first.
func (s *Store) Waits(ctx context.Context, campaign string) ([]Wait, error) {
	return rows(ctx, s, func(scan func(...any) error) (w Wait, err error) {
		var until int64
		err = scan(&w.Why, &w.Repositories, &until)
		w.Until = at(until)
		return w, err
	}, "SELECT reason, COUNT(*), MIN(due_at) FROM changeset WHERE campaign = ? AND state = ? AND reason <> '' GROUP BY reason ORDER BY COUNT(*) DESC, reason LIMIT ?", campaign, string(Planned), mostWaits)
}
