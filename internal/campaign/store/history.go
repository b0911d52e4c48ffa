package store

import (
	"context"
	"maps"
	"time"
)

// A Need is how many Dockerfiles still need a fixer, on the base branches.
type Need struct {
	Fixer        string
	Dockerfiles  int
	Repositories int
}

// Needs tells what is still to be done in a campaign, the most first. The state of
// pull requests says nothing about that.
func (s *Store) Needs(ctx context.Context, campaign string) ([]Need, error) {
	return rows(ctx, s, func(scan func(...any) error) (n Need, err error) {
		return n, scan(&n.Fixer, &n.Dockerfiles, &n.Repositories)
	}, `SELECT fixer, SUM(dockerfiles), COUNT(*) FROM need WHERE campaign = ? AND dockerfiles > 0
GROUP BY fixer ORDER BY 2 DESC, fixer`, campaign)
}

// NeedsOf tells which fixers the Dockerfiles of one repository still need.
func (s *Store) NeedsOf(ctx context.Context, campaign, repository string) ([]Need, error) {
	return rows(ctx, s, func(scan func(...any) error) (n Need, err error) {
		n.Repositories = 1
		return n, scan(&n.Fixer, &n.Dockerfiles)
	}, "SELECT fixer, dockerfiles FROM need WHERE campaign = ? AND repository = ? AND dockerfiles > 0 ORDER BY fixer", campaign, repository)
}

// A Point of a burndown is how a campaign stood at a time.
type Point struct {
	At     time.Time
	Counts map[State]int
	Needed int // Dockerfiles that needed a fixer, each as often as it needs one
}

// Left is the number of changesets whose work is not done.
func (p Point) Left() int {
	return p.Counts[Pending] + p.Counts[Planned] + p.Counts[Opening] + p.Counts[Opened] + p.Counts[Failed]
}

// Burndown tells how a campaign stood at n times, evenly spaced from its first
// change until now. It is empty if there was no change yet.
func (s *Store) Burndown(ctx context.Context, campaign string, n int) ([]Point, error) {
	var first, last int64
	err := s.db.QueryRowContext(ctx, s.dialect.query("SELECT COALESCE(MIN(at), 0), COALESCE(MAX(at), 0) FROM transition WHERE campaign = ?"), campaign).Scan(&first, &last)
	if err != nil || first == 0 || n < 1 {
		return nil, err
	}
	last = max(stamp(s.Now()), last)
	// A step is all changes between two points. The database adds them up: there are
	// several of each repository.
	type step struct {
		to       int // the point
		was, now State
		n, need  int
	}
	gaps, long := int64(max(n-1, 1)), max(last-first, 1)
	to := "((at - ?) * ? + ? - 1) / ?" // rounded up
	if n == 1 {
		gaps = 0
	}
	all, err := rows(ctx, s, func(scan func(...any) error) (t step, err error) {
		return t, scan(&t.to, &t.was, &t.now, &t.n, &t.need)
	}, "SELECT "+to+", was, is_now, COUNT(*), SUM(need) FROM transition WHERE campaign = ? GROUP BY 1, was, is_now ORDER BY 1", first, gaps, long, long, campaign)
	if err != nil {
		return nil, err
	}
	counts, needed := map[State]int{}, 0
	var points []Point
	for i := range n {
		until := last
		if n > 1 {
			until = first + (last-first)*int64(i)/int64(n-1)
		}
		for len(all) > 0 && all[0].to <= i {
			t := all[0]
			all = all[1:]
			if t.was != "" {
				counts[t.was] -= t.n
			}
			counts[t.now] += t.n
			needed += t.need
		}
		points = append(points, Point{At: at(until), Counts: maps.Clone(counts), Needed: needed})
	}
	return points, nil
}

// A Transition is a change of the state of a changeset.
type Transition struct {
	At       time.Time
	Was, Now State // Was is "" at first
}

// History lists the changes of a changeset's state, newest first, at most so many.
func (s *Store) History(ctx context.Context, campaign, repository string, limit int) ([]Transition, error) {
	return rows(ctx, s, func(scan func(...any) error) (t Transition, err error) {
		var when int64
		err = scan(&when, &t.Was, &t.Now)
		t.At = at(when)
		return t, err
	}, "SELECT at, was, is_now FROM transition WHERE campaign = ? AND repository = ? AND was <> is_now ORDER BY at DESC, id DESC LIMIT ?", campaign, repository, limit)
}
