package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// A Key names a changeset.
type Key struct{ Campaign, Repository string }

// ErrClaimed says that somebody else works on a changeset.
var ErrClaimed = errors.New("somebody else works on it")

// A Claim is a changeset that one process has to itself until the claim ends.
type Claim struct {
	Key
	ID string
}

// ClaimDue claims changesets that are due and that nobody works on, the longest due
// first, of a campaign or of AllCampaigns, until the process called by has limit
// claims. A claim ends after a time, so that the work of a process that died is
// taken up; Renew keeps one.
func (s *Store) ClaimDue(ctx context.Context, campaign, by string, limit int, lasting time.Duration) ([]Claim, error) {
	var claims []Claim
	err := s.in(ctx, func(t tx) error {
		var has int
		if err := t.one("SELECT COUNT(*) FROM changeset WHERE claimed_by = ? AND claimed_until > ?", []any{by, stamp(s.Now())}, &has); err != nil {
			return err
		}
		if has >= limit {
			return nil
		}
		now, skip := stamp(s.Now()), t.dialect.lock
		if skip != "" {
			skip += " SKIP LOCKED"
		}
		found, err := t.QueryContext(ctx, t.dialect.query("SELECT campaign, repository FROM changeset WHERE due_at > 0 AND due_at <= ? AND claimed_until <= ? AND (campaign = ? OR ? = '') ORDER BY due_at, campaign, repository LIMIT ?"+skip),
			now, now, campaign, campaign, limit-has)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			c := Claim{ID: rand.Text()}
			if err := found.Scan(&c.Campaign, &c.Repository); err != nil {
				return err
			}
			claims = append(claims, c)
		}
		if err := errors.Join(found.Err(), found.Close()); err != nil {
			return err
		}
		for _, c := range claims {
			_, err := t.exec("UPDATE changeset SET claim = ?, claimed_by = ?, claimed_until = ? WHERE campaign = ? AND repository = ?", c.ID, by, stamp(s.Now().Add(lasting)), c.Campaign, c.Repository)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return claims, err
}

// Claimed gives the changeset of a claim. The error wraps ErrClaimed if the claim
// has ended, and ErrNotFound.
func (s *Store) Claimed(ctx context.Context, c Claim) (Changeset, error) {
	found, err := s.Changeset(ctx, c.Campaign, c.Repository)
	if err == nil && found.claim != c.ID {
		err = fmt.Errorf("%s in campaign %s: %w", c.Repository, c.Campaign, ErrClaimed)
	}
	return found, err
}

// Renew makes a claim last so long from now, and the process called by its owner:
// who works under a claim need not be who made it.
func (s *Store) Renew(ctx context.Context, c Claim, by string, lasting time.Duration) error {
	return s.in(ctx, func(t tx) error {
		_, err := t.exec("UPDATE changeset SET claimed_until = ?, claimed_by = ? WHERE claim = ? AND campaign = ? AND repository = ?",
			stamp(s.Now().Add(lasting)), by, c.ID, c.Campaign, c.Repository)
		return err
	})
}

// Busy is the number of changesets of a campaign that somebody works on.
func (s *Store) Busy(ctx context.Context, campaign string) (n int, err error) {
	err = s.db.QueryRowContext(ctx, s.dialect.query("SELECT COUNT(*) FROM changeset WHERE claimed_until > ? AND (campaign = ? OR ? = '')"), stamp(s.Now()), campaign, campaign).Scan(&n)
	return n, err
}

// Release ends the claims of processes that are dead, so that nobody waits for
// them. dead is asked for each process that has one.
func (s *Store) Release(ctx context.Context, dead func(by string) bool) error {
	all, err := rows(ctx, s, func(scan func(...any) error) (by string, err error) { return by, scan(&by) },
		"SELECT DISTINCT claimed_by FROM changeset WHERE claimed_until > 0")
	if err != nil {
		return err
	}
	return s.in(ctx, func(t tx) error {
		for _, by := range all {
			if !dead(by) {
				continue
			}
			if _, err := t.exec("UPDATE changeset SET claim = '', claimed_until = 0 WHERE claimed_by = ?", by); err != nil {
				return err
			}
		}
		return nil
	})
}

// NextDue is when the next changeset of a campaign is to be looked at; zero: none.
func (s *Store) NextDue(ctx context.Context, campaign string) (time.Time, error) {
	var next int64
	err := s.db.QueryRowContext(ctx, s.dialect.query("SELECT COALESCE(MIN(due_at), 0) FROM changeset WHERE due_at > 0 AND (campaign = ? OR ? = '')"), campaign, campaign).Scan(&next)
	return at(next), err
}

// ClaimListing lets one process list the selection of a campaign that was last
// listed before a time. It reports whether that is the caller.
func (s *Store) ClaimListing(ctx context.Context, campaign string, before time.Time) (mine bool, err error) {
	err = s.in(ctx, func(t tx) error {
		n, err := t.exec("UPDATE campaign SET planned_at = ? WHERE name = ? AND planned_at < ?", stamp(s.Now()), campaign, stamp(before))
		mine = n > 0
		return err
	})
	return mine, err
}
