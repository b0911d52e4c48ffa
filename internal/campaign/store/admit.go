package store

import (
	"context"
	"fmt"
	"time"
)

// Caps bound the pull requests that campaigns open. A 0 bounds nothing.
type Caps struct {
	Open                int // of the campaign, at a time
	OpenPerOrganisation int
	PerHour             int // opened by the campaign
	PerHourPerOrg       int

	// These bound all campaigns together: the operator's ceiling.
	AllOpen    int
	AllPerHour int
}

// A Refusal says why no pull request may be opened now, and when it may be worth
// to ask again.
type Refusal struct {
	Why   string
	Again time.Time
}

// askAgain is when to ask again where only a pull request that ends makes room.
const askAgain = 10 * time.Minute

// Admit lets a changeset pass the caps, and makes it Opening, or says why not. One
// that is Opening or open already passes: it is counted. Everybody asks one after
// the other, so the caps hold for all machines together.
func (s *Store) Admit(ctx context.Context, campaign, repository string, caps Caps) (refused *Refusal, err error) {
	err = s.in(ctx, func(t tx) error {
		var turn string
		if err := t.one("SELECT name FROM turn WHERE name = 'admit'"+t.dialect.lock, nil, &turn); err != nil {
			return err
		}
		var state State
		if err := t.one("SELECT state FROM changeset WHERE campaign = ? AND repository = ?", []any{campaign, repository}, &state); err != nil {
			return fmt.Errorf("%s in campaign %s: %w", repository, campaign, err)
		}
		if state == Opening || state == Opened {
			return nil
		}
		if refused, err = s.refuse(t, campaign, organisation(repository), caps); err != nil || refused != nil {
			return err
		}
		now := stamp(s.Now())
		if _, err := t.exec("UPDATE changeset SET state = ?, admitted_at = ?, changed_at = ? WHERE campaign = ? AND repository = ?",
			string(Opening), now, now, campaign, repository); err != nil {
			return err
		}
		_, err := t.exec("INSERT INTO transition (campaign, repository, at, was, is_now, need) VALUES (?, ?, ?, ?, ?, 0)", campaign, repository, now, string(state), string(Opening))
		return err
	})
	return refused, err
}

func (s *Store) refuse(t tx, campaign, organisation string, caps Caps) (*Refusal, error) {
	for _, c := range []struct {
		cap     int
		perHour bool
		what    string
		where   string
		args    []any
	}{
		{caps.Open, false, "open pull requests of the campaign", " AND campaign = ?", []any{campaign}},
		{caps.OpenPerOrganisation, false, "open pull requests in " + organisation, " AND campaign = ? AND organisation = ?", []any{campaign, organisation}},
		{caps.AllOpen, false, "open pull requests of all campaigns", "", nil},
		{caps.PerHour, true, "pull requests an hour", " AND campaign = ?", []any{campaign}},
		{caps.PerHourPerOrg, true, "pull requests an hour in " + organisation, " AND campaign = ? AND organisation = ?", []any{campaign, organisation}},
		{caps.AllPerHour, true, "pull requests an hour of all campaigns", "", nil},
	} {
		if c.cap == 0 {
			continue
		}
		statement, first := "SELECT COUNT(*), 0 FROM changeset WHERE state IN (?, ?)", []any{string(Opening), string(Opened)}
		if c.perHour {
			statement, first = "SELECT COUNT(*), COALESCE(MIN(admitted_at), 0) FROM changeset WHERE admitted_at > ?", []any{stamp(s.Now().Add(-time.Hour))}
		}
		var n int
		var oldest int64
		if err := t.one(statement+c.where, append(first, c.args...), &n, &oldest); err != nil {
			return nil, err
		}
		if n < c.cap {
			continue
		}
		again := s.Now().Add(askAgain)
		if c.perHour {
			again = at(oldest).Add(time.Hour)
		}
		return &Refusal{Why: fmt.Sprintf("the limit of %d %s is reached", c.cap, c.what), Again: again}, nil
	}
	return nil, nil
}
