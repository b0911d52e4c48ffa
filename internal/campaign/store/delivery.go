package store

import (
	"context"
	"time"
)

// A Delivery is a webhook that came in.
type Delivery struct {
	App        string // that the webhook belongs to
	GUID       string // which a redelivery keeps
	Event      string
	Repository string
	Payload    string // what is to be done about it; "" if nothing is
}

// Deliver records a webhook whose signature holds. first is false if it came
// before, and then there is nothing to do.
func (s *Store) Deliver(ctx context.Context, d Delivery) (first bool, err error) {
	err = s.in(ctx, func(t tx) (err error) {
		first, err = t.deliver(d, s.Now())
		return err
	})
	return first, err
}

func (t tx) deliver(d Delivery, now time.Time) (first bool, err error) {
	done := stamp(now)
	if d.Payload != "" {
		done = 0
	}
	n, err := t.exec("INSERT INTO delivery (app, guid, event, repository, received_at, payload, done_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app, guid) DO NOTHING",
		d.App, bounded(d.GUID, 200), bounded(d.Event, 200), bounded(d.Repository, 300), stamp(now), bounded(d.Payload, maxReason), done)
	return n > 0, err
}

// TakeDeliveries gives deliveries whose payload is still to be done, oldest first,
// and keeps them from others for a time. One that was taken so often without being
// done is left.
func (s *Store) TakeDeliveries(ctx context.Context, limit, tries int, lasting time.Duration) (all []Delivery, err error) {
	err = s.in(ctx, func(t tx) error {
		now, lock := s.Now(), t.dialect.lock
		if lock != "" {
			lock += " SKIP LOCKED"
		}
		found, err := t.QueryContext(ctx, t.dialect.query("SELECT app, guid, event, repository, payload FROM delivery WHERE done_at = 0 AND taken_until <= ? AND tries < ? ORDER BY received_at LIMIT ?"+lock), stamp(now), tries, limit)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var d Delivery
			if err := found.Scan(&d.App, &d.GUID, &d.Event, &d.Repository, &d.Payload); err != nil {
				return err
			}
			all = append(all, d)
		}
		if err := found.Err(); err != nil {
			return err
		}
		found.Close()
		for _, d := range all {
			if _, err := t.exec("UPDATE delivery SET taken_until = ?, tries = tries + 1 WHERE app = ? AND guid = ?", stamp(now.Add(lasting)), d.App, d.GUID); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// Delivered says that a delivery was done.
func (s *Store) Delivered(ctx context.Context, d Delivery) error {
	return s.in(ctx, func(t tx) error {
		_, err := t.exec("UPDATE delivery SET done_at = ? WHERE app = ? AND guid = ?", stamp(s.Now()), d.App, d.GUID)
		return err
	})
}

// Waiting is the number of deliveries that were not followed yet, those that were
// given up included.
func (s *Store) Waiting(ctx context.Context) (n int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM delivery WHERE done_at = 0").Scan(&n)
	return n, err
}

// Forget drops the deliveries that were done before a time. GitHub redelivers for
// three days.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	return s.in(ctx, func(t tx) error {
		_, err := t.exec("DELETE FROM delivery WHERE done_at > 0 AND received_at < ? AND event <> ?", stamp(before), commentEvent)
		return err
	})
}

// commentEvent marks the comments that were heeded: they are kept.
const commentEvent = "comment"

// Wake makes changesets of a repository due at once because something has happened
// there: those that merge into one of the branches or propose one of them or, with
// none given, all.
func (s *Store) Wake(ctx context.Context, repository string, branches ...string) error {
	return s.in(ctx, func(t tx) error {
		statement, now := "UPDATE changeset SET due_at = ?, wakes = wakes + 1 WHERE repository = ?", stamp(s.Now())
		if len(branches) == 0 {
			_, err := t.exec(statement, now, repository)
			return err
		}
		for _, branch := range branches {
			// One that was not looked at has no base yet, and is due anyway.
			if _, err := t.exec(statement+" AND (base = ? OR branch = ?)", now, repository, branch, branch); err != nil {
				return err
			}
		}
		return nil
	})
}

// Relist has the selections of running campaigns listed again.
func (s *Store) Relist(ctx context.Context) error {
	return s.in(ctx, func(t tx) error {
		_, err := t.exec("UPDATE campaign SET planned_at = 0 WHERE state = ?", string(Running))
		return err
	})
}
