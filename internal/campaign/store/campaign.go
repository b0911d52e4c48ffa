package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Stage is what a campaign is about.
type Stage string

const (
	Planning Stage = "planning" // looks, and writes nothing to the forge
	Running  Stage = "running"  // opens and tends pull requests
	Closing  Stage = "closing"  // closes those that are open, and opens none
	Ended    Stage = "ended"    // has closed them
)

// A Campaign is the row of one.
type Campaign struct {
	Name  string
	Spec  string // the text of campaign.yaml
	Path  string // where it was read
	Forge string // its address, without credentials
	Stage Stage
	Who   string // started or ended it last, or gave it its text

	Created time.Time
	Planned time.Time // when the selection was last listed
	Rescan  time.Time // when all repositories are to be looked at again; zero: not at all
}

// A Summary is a campaign and where it stands.
type Summary struct {
	Campaign
	Counts      map[State]int // of changesets
	Dockerfiles int           // in all repositories
	Paused      *Pause        // of the campaign or of all, nil if there is none
}

// Total is the number of changesets.
func (s Summary) Total() int {
	n := 0
	for _, count := range s.Counts {
		n += count
	}
	return n
}

// SaveCampaign makes a campaign, or gives it another text, path, forge, stage or
// time of a rescan. Created stays as it is, and Planned unless it is set.
func (s *Store) SaveCampaign(ctx context.Context, c Campaign) error {
	return s.in(ctx, func(t tx) error {
		_, err := t.exec(`INSERT INTO campaign (name, spec, path, forge, state, who, created_at, planned_at, rescan_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, who = excluded.who, path = excluded.path, forge = excluded.forge, state = excluded.state,
planned_at = CASE WHEN excluded.planned_at > 0 THEN excluded.planned_at ELSE campaign.planned_at END, rescan_at = excluded.rescan_at`,
			c.Name, c.Spec, c.Path, c.Forge, string(c.Stage), c.Who, stamp(s.Now()), stamp(c.Planned), stamp(c.Rescan))
		return err
	})
}

// SetStage changes what a campaign is about. The error wraps ErrNotFound.
func (s *Store) SetStage(ctx context.Context, name string, stage Stage) error {
	return s.in(ctx, func(t tx) error {
		n, err := t.exec("UPDATE campaign SET state = ? WHERE name = ?", string(stage), name)
		if err == nil && n == 0 {
			return fmt.Errorf("campaign %s: %w", name, ErrNotFound)
		}
		return err
	})
}

const campaignColumns = "name, spec, path, forge, state, who, created_at, planned_at, rescan_at"

func scanCampaign(scan func(...any) error) (Summary, error) {
	c := Summary{Counts: map[State]int{}}
	var created, planned, rescan int64
	err := scan(&c.Name, &c.Spec, &c.Path, &c.Forge, &c.Stage, &c.Who, &created, &planned, &rescan)
	c.Created, c.Planned, c.Rescan = at(created), at(planned), at(rescan)
	return c, err
}

// Campaigns lists all campaigns by their names, with where they stand.
func (s *Store) Campaigns(ctx context.Context) ([]Summary, error) {
	all, err := rows(ctx, s, scanCampaign, "SELECT "+campaignColumns+" FROM campaign ORDER BY name")
	if err != nil {
		return nil, err
	}
	byName := map[string]*Summary{}
	for i := range all {
		byName[all[i].Name] = &all[i]
	}
	type count struct {
		campaign       string
		state          State
		n, dockerfiles int
	}
	counts, err := rows(ctx, s, func(scan func(...any) error) (c count, err error) {
		return c, scan(&c.campaign, &c.state, &c.n, &c.dockerfiles)
	}, "SELECT campaign, state, COUNT(*), SUM(dockerfiles) FROM changeset GROUP BY campaign, state")
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		if in := byName[c.campaign]; in != nil {
			in.Counts[c.state] = c.n
			in.Dockerfiles += c.dockerfiles
		}
	}
	pauses, err := s.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	for i, c := range all {
		all[i].Paused = pausedBy(pauses, c.Name)
	}
	return all, nil
}

// Campaign gives one. The error wraps ErrNotFound.
func (s *Store) Campaign(ctx context.Context, name string) (Summary, error) {
	all, err := s.Campaigns(ctx)
	if err != nil {
		return Summary{}, err
	}
	for _, c := range all {
		if c.Name == name {
			return c, nil
		}
	}
	return Summary{}, fmt.Errorf("campaign %s: %w", name, ErrNotFound)
}

// Row gives a campaign without where it stands. The error wraps ErrNotFound.
func (s *Store) Row(ctx context.Context, name string) (Campaign, error) {
	all, err := rows(ctx, s, scanCampaign, "SELECT "+campaignColumns+" FROM campaign WHERE name = ?", name)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("campaign %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return Campaign{}, err
	}
	return all[0].Campaign, nil
}

// Rows lists all campaigns by their names, without where they stand.
func (s *Store) Rows(ctx context.Context) ([]Campaign, error) {
	return rows(ctx, s, func(scan func(...any) error) (Campaign, error) {
		c, err := scanCampaign(scan)
		return c.Campaign, err
	}, "SELECT "+campaignColumns+" FROM campaign ORDER BY name")
}

// AllCampaigns is the scope of a pause of everything.
const AllCampaigns = ""

// A Pause keeps everything of its scope from writing to a forge.
type Pause struct {
	Scope  string // a campaign, or AllCampaigns
	Who    string
	Since  time.Time
	Reason string
}

// Pauses lists what is paused.
func (s *Store) Pauses(ctx context.Context) ([]Pause, error) {
	return rows(ctx, s, func(scan func(...any) error) (p Pause, err error) {
		var since int64
		err = scan(&p.Scope, &p.Who, &since, &p.Reason)
		p.Since = at(since)
		return p, err
	}, "SELECT scope, who, at, reason FROM pause ORDER BY scope")
}

func pausedBy(pauses []Pause, campaign string) *Pause {
	for _, p := range pauses {
		if p.Scope == AllCampaigns || p.Scope == campaign {
			return &p
		}
	}
	return nil
}

// Paused gives the pause that a campaign is under, nil if there is none.
func (s *Store) Paused(ctx context.Context, campaign string) (*Pause, error) {
	pauses, err := s.Pauses(ctx)
	return pausedBy(pauses, campaign), err
}

// Pause pauses a scope, and says so in the audit log. One that is paused already
// keeps its first pause.
func (s *Store) Pause(ctx context.Context, who, scope, reason string) error {
	return s.in(ctx, func(t tx) error {
		if err := t.campaignIsThere(scope); err != nil {
			return err
		}
		n, err := t.exec("INSERT INTO pause (scope, who, at, reason) VALUES (?, ?, ?, ?) ON CONFLICT (scope) DO NOTHING",
			scope, who, stamp(s.Now()), bounded(reason, maxReason))
		if err != nil || n == 0 {
			return err
		}
		return t.audit(Entry{At: s.Now(), Who: who, Campaign: scope, Action: "pause", Target: reason})
	})
}

// Resume ends the pause of a scope, and makes all of it due.
func (s *Store) Resume(ctx context.Context, who, scope string) error {
	return s.in(ctx, func(t tx) error {
		if err := t.campaignIsThere(scope); err != nil {
			return err
		}
		n, err := t.exec("DELETE FROM pause WHERE scope = ?", scope)
		if err != nil || n == 0 {
			return err
		}
		_, err = t.exec("UPDATE changeset SET due_at = ?, wakes = wakes + 1 WHERE (campaign = ? OR ? = '') AND due_at > 0", stamp(s.Now()), scope, scope)
		if err != nil {
			return err
		}
		return t.audit(Entry{At: s.Now(), Who: who, Campaign: scope, Action: "resume"})
	})
}

func (t tx) campaignIsThere(name string) error {
	if name == AllCampaigns {
		return nil
	}
	var found string
	err := t.one("SELECT name FROM campaign WHERE name = ?", []any{name}, &found)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("campaign %s: %w", name, ErrNotFound)
	}
	return err
}
