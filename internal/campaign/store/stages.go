package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Start has a campaign open and tend pull requests, and says so in the audit log.
// What may have something to do is due at once. The error wraps ErrNotFound.
func (s *Store) Start(ctx context.Context, who, campaign string) error {
	return s.begin(ctx, who, campaign, "start", Running, Pending, Planned, Opening, Opened, Failed)
}

// End has a campaign close its open pull requests and open none, and says so in the
// audit log. The error wraps ErrNotFound.
func (s *Store) End(ctx context.Context, who, campaign string) error {
	return s.begin(ctx, who, campaign, "close campaign", Closing, Opened, Opening)
}

func (s *Store) begin(ctx context.Context, who, campaign, action string, stage Stage, due ...State) error {
	return s.in(ctx, func(t tx) error {
		var was Stage
		err := t.one("SELECT state FROM campaign WHERE name = ?"+t.dialect.lock, []any{campaign}, &was)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("campaign %s: %w", campaign, ErrNotFound)
		}
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE campaign SET state = ?, who = ? WHERE name = ?", string(stage), who, campaign); err != nil {
			return err
		}
		if was == Ended || was == Closing {
			due = nil // all: nothing was looked at since
		}
		where, args := whereStates(due)
		_, err = t.exec("UPDATE changeset SET due_at = ?, wakes = wakes + 1, attempts = 0 WHERE campaign = ?"+where, append([]any{stamp(s.Now()), campaign}, args...)...)
		if err != nil {
			return err
		}
		return t.audit(Entry{At: s.Now(), Who: who, Campaign: campaign, Action: action})
	})
}

// Retry makes everything due at once whose last attempt failed, and says so in the
// audit log.
func (s *Store) Retry(ctx context.Context, who string) error {
	return s.in(ctx, func(t tx) error {
		n, err := t.exec("UPDATE changeset SET due_at = ?, wakes = wakes + 1, attempts = 0 WHERE error <> ''", stamp(s.Now()))
		if err != nil || n == 0 {
			return err
		}
		return t.audit(Entry{At: s.Now(), Who: who, Action: "look again", Target: fmt.Sprintf("%d that failed", n)})
	})
}

// Finish ends the campaigns that have closed all their pull requests.
func (s *Store) Finish(ctx context.Context) error {
	return s.in(ctx, func(t tx) error {
		_, err := t.exec(`UPDATE campaign SET state = ? WHERE state = ? AND NOT EXISTS
(SELECT 1 FROM changeset WHERE changeset.campaign = campaign.name AND changeset.state IN (?, ?))`, string(Ended), string(Closing), string(Opening), string(Opened))
		return err
	})
}
