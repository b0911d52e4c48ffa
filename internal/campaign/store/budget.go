package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"
)

// A Bucket is a limit that a forge has for an identity.
type Bucket string

const (
	Requests      Bucket = "requests" // the primary limit
	Points        Bucket = "points"   // the secondary one: a read is 1, a write 5
	ContentMinute Bucket = "content a minute"
	ContentHour   Bucket = "content an hour"
	Search        Bucket = "search"
	Writes        Bucket = "writes"

	GraphQL        Bucket = "GraphQL" // its own primary limit
	GraphQLPoints  Bucket = "GraphQL points"
	GraphQLSeconds Bucket = "GraphQL seconds" // that its answers take
)

// A Rate fills a bucket: it holds Burst, and Rate more come back over Per. In any
// time of Per no more than Burst + Rate can be taken, which is what a limit bounds.
type Rate struct {
	Burst, Rate float64
	Per         time.Duration
}

func (r Rate) perSecond() float64 { return r.Rate / r.Per.Seconds() }

// Limits are an identity's buckets. One that is not there bounds nothing.
type Limits map[Bucket]Rate

// GitHub are the limits of a user's token on github.com ("Rate limits for the REST
// API", "Rate limits and query limits for the GraphQL API" and "Best practices for
// using the REST API"), each split into what may come at once and what comes back:
// 5,000 requests an hour, 900 points and 80 contents a minute, 500 contents an hour,
// 30 searches a minute, a write a second; of GraphQL 5,000 points an hour and 2,000 a
// minute, and 60 seconds of its processors a minute, of which GitHub says that they
// are about the time until the answer.
func GitHub() Limits {
	return Limits{
		Requests:      {Burst: 2500, Rate: 2500, Per: time.Hour},
		Points:        {Burst: 80, Rate: 800, Per: time.Minute}, // a scan of thousands goes by the rate; what is on its way is not counted yet
		ContentMinute: {Burst: 20, Rate: 60, Per: time.Minute},
		ContentHour:   {Burst: 100, Rate: 400, Per: time.Hour},
		Search:        {Burst: 5, Rate: 25, Per: time.Minute},
		Writes:        {Burst: 1, Rate: 1, Per: time.Second},

		GraphQL:        {Burst: 2500, Rate: 2500, Per: time.Hour},
		GraphQLPoints:  {Burst: 150, Rate: 1800, Per: time.Minute},
		GraphQLSeconds: {Burst: 8, Rate: 48, Per: time.Minute},
	}
}

// A Cost is what is taken out of each bucket.
type Cost map[Bucket]float64

// What calls cost on GitHub.
var (
	Read          = Cost{Requests: 1, Points: 1}
	Write         = Cost{Requests: 1, Points: 5, Writes: 1}
	CreateContent = Cost{Requests: 1, Points: 5, Writes: 1, ContentMinute: 1, ContentHour: 1}
	SearchRead    = Cost{Requests: 1, Points: 1, Search: 1}
	NotModified   = Cost{Points: 1} // a read that the primary limit does not count

	// The time that an answer takes is settled when it is there.
	Query    = Cost{GraphQL: 1, GraphQLPoints: 1, GraphQLSeconds: 0.2}
	Mutation = Cost{GraphQL: 1, GraphQLPoints: 5, GraphQLSeconds: 0.2, Writes: 1}
)

// SetLimits gives an identity its limits, and no others. What it has spent stays
// spent.
func (s *Store) SetLimits(ctx context.Context, identity string, limits Limits) error {
	return s.in(ctx, func(t tx) error {
		if err := t.addIdentity(identity); err != nil {
			return err
		}
		has, err := t.levelsOf(identity)
		if err != nil {
			return err
		}
		for _, l := range has {
			if _, stays := limits[l.Bucket]; stays {
				continue
			}
			if _, err := t.exec("DELETE FROM budget WHERE identity = ? AND bucket = ?", identity, string(l.Bucket)); err != nil {
				return err
			}
		}
		for bucket, rate := range limits {
			if err := s.setLimit(t, identity, bucket, rate); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) setLimit(t tx, identity string, bucket Bucket, rate Rate) error {
	_, err := t.exec(`INSERT INTO budget (identity, bucket, burst, per_second, tokens, filled_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (identity, bucket) DO UPDATE SET burst = excluded.burst, per_second = excluded.per_second`,
		identity, string(bucket), rate.Burst, rate.perSecond(), rate.Burst, stamp(s.Now()))
	return err
}

func (t tx) addIdentity(name string) error {
	_, err := t.exec("INSERT INTO identity (name, blocked_until, reason) VALUES (?, 0, '') ON CONFLICT (name) DO NOTHING", name)
	return err
}

// blockedUntil locks an identity until the end of the transaction.
func (t tx) blockedUntil(identity string) (time.Time, error) {
	var until int64
	err := t.one("SELECT blocked_until FROM identity WHERE name = ?"+t.dialect.lock, []any{identity}, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return at(until), err
}

// A Level is how much is left of a bucket.
type Level struct {
	Identity  string
	Bucket    Bucket
	Tokens    float64
	Burst     float64
	PerSecond float64   // that come back
	Spent     time.Time // until when nothing is left, as the forge says
	Blocked   time.Time // until when the identity does nothing; zero: it is not blocked
	Reason    string    // of that

	filled int64
}

// at gives the level at a later time.
func (l Level) at(now time.Time) Level {
	passed := float64(max(stamp(now)-l.filled, 0)) / 1000
	l.Tokens = min(l.Burst, l.Tokens+passed*l.PerSecond)
	l.filled = max(l.filled, stamp(now))
	return l
}

const levels = `SELECT b.identity, b.bucket, b.tokens, b.burst, b.per_second, b.filled_at, b.spent_until, i.blocked_until, i.reason
FROM budget b JOIN identity i ON i.name = b.identity`

func scanLevel(scan func(...any) error) (l Level, err error) {
	var spent, blocked int64
	err = scan(&l.Identity, &l.Bucket, &l.Tokens, &l.Burst, &l.PerSecond, &l.filled, &spent, &blocked, &l.Reason)
	l.Spent, l.Blocked = at(spent), at(blocked)
	return l, err
}

// Budget tells what is left of each bucket of each identity.
func (s *Store) Budget(ctx context.Context) ([]Level, error) {
	all, err := rows(ctx, s, scanLevel, levels+" ORDER BY b.identity, b.bucket")
	for i, l := range all {
		all[i] = l.at(s.Now())
		if l.Spent.After(s.Now()) {
			all[i].Tokens = 0
		}
		if !l.Blocked.After(s.Now()) {
			all[i].Blocked, all[i].Reason = time.Time{}, ""
		}
	}
	return all, err
}

func (t tx) levelsOf(identity string) ([]Level, error) {
	found, err := t.QueryContext(t.ctx, t.dialect.query(levels+" WHERE b.identity = ?"), identity)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var all []Level
	for found.Next() {
		l, err := scanLevel(found.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, found.Err()
}

// Spend takes a cost out of an identity's buckets. If one of them does not hold
// enough, or the identity is blocked, nothing is taken and wait says how long to
// wait before asking again. All machines spend from the same buckets.
func (s *Store) Spend(ctx context.Context, identity string, cost Cost) (wait time.Duration, err error) {
	err = s.in(ctx, func(t tx) error {
		until, err := t.blockedUntil(identity)
		if err != nil {
			return err
		}
		now := s.Now()
		if until.After(now) {
			wait = until.Sub(now)
			return nil
		}
		all, err := t.levelsOf(identity)
		if err != nil {
			return err
		}
		for i, l := range all {
			all[i] = l.at(now)
			if cost[l.Bucket] == 0 {
				continue // another limit may be in debt
			}
			missing := cost[l.Bucket] - all[i].Tokens
			if cost[l.Bucket] > l.Burst {
				return fmt.Errorf("%s: a cost of %v is more than %s ever holds", identity, cost[l.Bucket], l.Bucket)
			}
			if l.Spent.After(now) {
				wait = max(wait, l.Spent.Sub(now))
			}
			if missing > 0 {
				wait = max(wait, time.Duration(math.Ceil(missing/l.PerSecond*1000))*time.Millisecond)
			}
		}
		if wait > 0 {
			return nil
		}
		for _, l := range all {
			if cost[l.Bucket] == 0 {
				continue
			}
			if err := t.setTokens(l, l.Tokens-cost[l.Bucket]); err != nil {
				return err
			}
		}
		return nil
	})
	return wait, err
}

func (t tx) setTokens(l Level, tokens float64) error {
	_, err := t.exec("UPDATE budget SET tokens = ?, filled_at = ? WHERE identity = ? AND bucket = ?", tokens, l.filled, l.Identity, string(l.Bucket))
	return err
}

// Settle corrects what was spent to what it turned out to be: a read that is answered
// with 304 costs less, a query that takes long costs more, and may leave a bucket in
// debt.
func (s *Store) Settle(ctx context.Context, identity string, spent, cost Cost) error {
	return s.in(ctx, func(t tx) error {
		if _, err := t.blockedUntil(identity); err != nil {
			return err
		}
		all, err := t.levelsOf(identity)
		if err != nil {
			return err
		}
		for _, l := range all {
			if spent[l.Bucket] == cost[l.Bucket] {
				continue
			}
			l = l.at(s.Now())
			if err := t.setTokens(l, min(l.Burst, l.Tokens+spent[l.Bucket]-cost[l.Bucket])); err != nil {
				return err
			}
		}
		return nil
	})
}

// An Observed is what a forge says of a primary limit.
type Observed struct {
	Bucket    Bucket
	Limit     int // an hour; 0 if it does not say
	Remaining int
	Reset     time.Time
}

// Observe takes over what a forge says of a primary limit: how much it is, which
// for an App grows with its repositories, and what is left, if that is less than was
// thought: somebody else uses the identity too. With nothing left the bucket stays empty
// until the reset, and what does not take from it goes on. An identity without that limit
// stays without, and is blocked.
func (s *Store) Observe(ctx context.Context, identity string, o Observed) error {
	bounded := false
	err := s.in(ctx, func(t tx) error {
		if _, err := t.blockedUntil(identity); err != nil {
			return err
		}
		all, err := t.levelsOf(identity)
		if err != nil {
			return err
		}
		for _, l := range all {
			if l.Bucket != o.Bucket {
				continue
			}
			bounded = true
			l = l.at(s.Now())
			if half := float64(o.Limit) / 2; o.Limit > 0 && half != l.Burst {
				rate := Rate{Burst: half, Rate: half, Per: time.Hour}
				if err := s.setLimit(t, identity, o.Bucket, rate); err != nil {
					return err
				}
				l.Tokens += half - l.Burst
			}
			if o.Remaining == 0 {
				if _, err := t.exec("UPDATE budget SET spent_until = ? WHERE identity = ? AND bucket = ?", stamp(o.Reset), identity, string(o.Bucket)); err != nil {
					return err
				}
			}
			return t.setTokens(l, min(l.Tokens, float64(o.Remaining)))
		}
		return nil
	})
	if err != nil || bounded || o.Remaining > 0 || !o.Reset.After(s.Now()) {
		return err
	}
	return s.Block(ctx, identity, o.Reset, "the forge says that nothing is left of the primary limit of "+string(o.Bucket))
}

// Block keeps an identity from doing anything until a time. A block that lasts
// longer stays.
func (s *Store) Block(ctx context.Context, identity string, until time.Time, reason string) error {
	return s.in(ctx, func(t tx) error {
		if err := t.addIdentity(identity); err != nil {
			return err
		}
		_, err := t.exec("UPDATE identity SET blocked_until = ?, reason = ? WHERE name = ? AND blocked_until < ?", stamp(until), bounded(reason, maxReason), identity, stamp(until))
		return err
	})
}
