package store

import (
	"context"
	"time"
)

// EndSession remembers that somebody has logged out of a session of the dashboard,
// on all machines, until the session would have ended by itself.
func (s *Store) EndSession(ctx context.Context, id string, until time.Time) error {
	return s.in(ctx, func(t tx) error {
		if _, err := t.exec("DELETE FROM ended_session WHERE until_at < ?", stamp(s.Now())); err != nil {
			return err
		}
		_, err := t.exec("INSERT INTO ended_session (id, until_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", id, stamp(until))
		return err
	})
}

// SessionEnded reports whether somebody has logged out of a session.
func (s *Store) SessionEnded(ctx context.Context, id string) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, s.dialect.query("SELECT COUNT(*) FROM ended_session WHERE id = ?"), id).Scan(&n)
	return n > 0, err
}
