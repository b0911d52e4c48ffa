package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// WakeOwner makes the changesets of an owner's repositories due because something has
// happened to the settings that the owner has for all of them, at a forge: at once, or
// a pause after they were last looked at, so that an owner who pushes again and again
// costs no more.
func (s *Store) WakeOwner(ctx context.Context, campaign, forge, owner string, pause time.Duration) error {
	return s.in(ctx, func(t tx) error {
		_, err := t.exec("INSERT INTO owner (forge, name, told) VALUES (?, ?, 1) ON CONFLICT (forge, name) DO UPDATE SET told = owner.told + 1", forge, strings.ToLower(owner))
		if err != nil {
			return err
		}
		mine := []any{campaign, strings.ToLower(owner)}
		// Where a step is being taken, it may have read what was said before.
		if _, err := t.exec("UPDATE changeset SET wakes = wakes + 1 WHERE campaign = ? AND LOWER(organisation) = ?", mine...); err != nil {
			return err
		}
		now, after := stamp(s.Now()), pause.Milliseconds()
		if _, err := t.exec("UPDATE changeset SET due_at = looked_at + ? WHERE looked_at + ? > ? AND (due_at = 0 OR due_at > looked_at + ?) AND campaign = ? AND LOWER(organisation) = ?",
			append([]any{after, after, now, after}, mine...)...); err != nil {
			return err
		}
		_, err = t.exec("UPDATE changeset SET due_at = ? WHERE looked_at + ? <= ? AND (due_at = 0 OR due_at > ?) AND campaign = ? AND LOWER(organisation) = ?",
			append([]any{now, after, now, now}, mine...)...)
		return err
	})
}

// Told is how often something happened to an owner's settings, as far as drydock was
// told.
func (s *Store) Told(ctx context.Context, forge, owner string) (n int64, err error) {
	row := s.db.QueryRowContext(ctx, s.dialect.query("SELECT told FROM owner WHERE forge = ? AND name = ?"), forge, strings.ToLower(owner))
	if err := row.Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	return n, nil
}
