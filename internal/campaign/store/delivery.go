package store

import "context"

// A Delivery is a webhook that came in.
type Delivery struct {
	App        string // that the webhook belongs to
	GUID       string // which a redelivery keeps
	Event      string
	Repository string
}

// Deliver records a webhook whose signature holds. first is false if it came
// before, and then there is nothing to do.
func (s *Store) Deliver(ctx context.Context, d Delivery) (first bool, err error) {
	err = s.in(ctx, func(t tx) error {
		n, err := t.exec("INSERT INTO delivery (app, guid, event, repository, received_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (app, guid) DO NOTHING",
			d.App, bounded(d.GUID, 200), bounded(d.Event, 200), bounded(d.Repository, 300), stamp(s.Now()))
		first = n > 0
		return err
	})
	return first, err
}
