package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A State is where a changeset stands.
type State string

const (
	Pending  State = "pending"  // not looked at yet
	NoneDue  State = "none due" // nothing to change
	Planned  State = "planned"  // a pull request is due
	Opening  State = "opening"  // one was let pass the caps, and is being opened
	Opened   State = "open"
	Merged   State = "merged"
	Closed   State = "closed"   // by somebody; it does not come back
	Declined State = "declined" // drydock does not touch the repository: Reason says why
	Failed   State = "failed"   // Error says how; it is tried again
)

// States lists all, in the order in which a changeset runs through them.
var States = []State{Pending, NoneDue, Planned, Opening, Opened, Merged, Closed, Declined, Failed}

// A Phase is what the pull request of a changeset proposes. Pull and PullURL are
// those of the issue while it asks.
type Phase string

const (
	Rewriting  Phase = ""           // the rewrite
	Onboarding Phase = "onboarding" // a configuration, before any rewrite
	Asking     Phase = "asking"     // nothing yet: it is an issue that asks for leave
)

// A Changeset is what a campaign is to a repository.
type Changeset struct {
	Campaign     string
	Repository   string // "owner/name"
	Organisation string // the owner
	Selected     bool   // the campaign still selects it
	State        State
	Phase        Phase
	Reason       string // of a state that needs one
	Error        string // of the last attempt
	Attempts     int    // that failed since one did not

	Recipe   string // hash of what the last look went by
	Desired  string // hash of what should be proposed, "" if nothing
	Proposed string // hash of what the pull request holds
	Base     string // the branch to merge into
	BaseSHA  string // its commit that was looked at
	Branch   string // of the pull request
	HeadSHA  string // its commit that drydock made, "" if somebody else has made one

	Pull        int // number of the pull request, 0: none
	PullURL     string
	Title       string
	Dockerfiles int // found
	Files       int // changed

	Settings []string // what the owner and the repository have configured, as "FILE: KEY: VALUE"
	Unread   []string // files that could not be read, as "PATH:LINE:COLUMN: why"
	Heard    int64    // the number of the newest comment below the pull request that was seen

	Looked   time.Time // when a look was last taken
	Due      time.Time // when to look again; zero: not by itself
	Admitted time.Time // when a pull request was let pass the caps
	Changed  time.Time // when State changed

	// Wish is what somebody asked for below the pull request. Save drops it if it is
	// the zero value, unless somebody has asked for something else meanwhile.
	Wish Wish

	// wakes is how often somebody asked for another look before this was read.
	wakes int64
	claim string
	wish  string // as it was read
}

// Texts are the long texts of a changeset.
type Texts struct {
	Diff     string // unified
	Body     string // of the pull request, Markdown
	Evidence string // JSON: a list of report.File, without their diffs
}

// Bounds on what is stored of a repository, in bytes.
const (
	maxDiff   = 4 << 20
	maxText   = 1 << 20
	maxLines  = 16 << 10
	maxReason = 4 << 10
)

const changesetColumns = `campaign, repository, organisation, selected, state, phase, reason, error, attempts, desired, proposed, base, base_sha,
branch, head_sha, pull, pull_url, title, dockerfiles, files, looked_at, due_at, wakes, recipe, claim, admitted_at, changed_at, wish, settings, unread, heard`

func scanChangeset(scan func(...any) error) (c Changeset, err error) {
	var selected, looked, due, admitted, changed int64
	var settings, unread string
	err = scan(&c.Campaign, &c.Repository, &c.Organisation, &selected, &c.State, &c.Phase, &c.Reason, &c.Error, &c.Attempts, &c.Desired, &c.Proposed,
		&c.Base, &c.BaseSHA, &c.Branch, &c.HeadSHA, &c.Pull, &c.PullURL, &c.Title, &c.Dockerfiles, &c.Files, &looked, &due, &c.wakes, &c.Recipe, &c.claim, &admitted, &changed, &c.wish, &settings, &unread, &c.Heard)
	c.Settings, c.Unread = linesOf(settings), linesOf(unread)
	c.Wish = wishOf(c.wish)
	c.Selected, c.Looked, c.Due, c.Admitted, c.Changed = selected == 1, at(looked), at(due), at(admitted), at(changed)
	return c, err
}

func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// textOf is what is stored of lines, each of which stays one.
func textOf(lines []string) string {
	all := make([]string, len(lines))
	for i, line := range lines {
		all[i] = strings.ReplaceAll(line, "\n", " ")
	}
	return bounded(strings.Join(all, "\n"), maxLines)
}

// Changeset gives one. The error wraps ErrNotFound.
func (s *Store) Changeset(ctx context.Context, campaign, repository string) (Changeset, error) {
	all, err := rows(ctx, s, scanChangeset, "SELECT "+changesetColumns+" FROM changeset WHERE campaign = ? AND repository = ?", campaign, repository)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s in campaign %s: %w", repository, campaign, ErrNotFound)
	}
	if err != nil {
		return Changeset{}, err
	}
	return all[0], nil
}

// Texts gives the long texts of a changeset, empty ones if there are none.
func (s *Store) Texts(ctx context.Context, campaign, repository string) (Texts, error) {
	all, err := rows(ctx, s, func(scan func(...any) error) (t Texts, err error) {
		return t, scan(&t.Diff, &t.Body, &t.Evidence)
	}, "SELECT diff, body, evidence FROM changeset_text WHERE campaign = ? AND repository = ?", campaign, repository)
	if err != nil || len(all) == 0 {
		return Texts{}, err
	}
	return all[0], nil
}

// Enlist makes a campaign select these repositories and no others: it adds
// changesets for new ones, due at once, and keeps those of the others, which are no
// longer selected.
func (s *Store) Enlist(ctx context.Context, campaign string, repositories []string) error {
	return s.in(ctx, func(t tx) error {
		if _, err := t.exec("UPDATE changeset SET selected = 0 WHERE campaign = ?", campaign); err != nil {
			return err
		}
		for _, name := range repositories {
			if err := s.enlist(t, campaign, name); err != nil {
				return err
			}
		}
		// One that has just left is looked at once more, for its open pull request.
		_, err := t.exec("UPDATE changeset SET due_at = ? WHERE campaign = ? AND selected = 0 AND state <> ?", stamp(s.Now()), campaign, string(Declined))
		if err != nil {
			return err
		}
		_, err = t.exec("UPDATE campaign SET planned_at = ? WHERE name = ?", stamp(s.Now()), campaign)
		return err
	})
}

func (s *Store) enlist(t tx, campaign, repository string) error {
	n, err := t.exec("UPDATE changeset SET selected = 1 WHERE campaign = ? AND repository = ?", campaign, repository)
	if err != nil || n > 0 {
		return err
	}
	now := stamp(s.Now())
	_, err = t.exec("INSERT INTO changeset ("+changesetColumns+", claimed_by, claimed_until) VALUES (?, ?, ?, 1, ?, '', '', '', 0, '', '', '', '', '', '', 0, '', '', 0, 0, 0, ?, 0, '', '', 0, ?, '', '', '', 0, '', 0)",
		campaign, repository, organisation(repository), string(Pending), now, now)
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO transition (campaign, repository, at, was, is_now, need) VALUES (?, ?, ?, '', ?, 0)", campaign, repository, now, string(Pending))
	return err
}

func organisation(repository string) string {
	if i := strings.LastIndexByte(repository, '/'); i >= 0 {
		return repository[:i]
	}
	return ""
}

// Rename follows a repository to its new name. Where the campaign has a changeset of
// the new name already, because it was listed by it, the one that has a pull request
// stays, and that of the new name if both or neither have. A claim of what is renamed
// ends.
func (s *Store) Rename(ctx context.Context, campaign, from, to string) error {
	return s.in(ctx, func(t tx) error {
		var pull, pullThere int
		var selected int
		err := t.one("SELECT pull FROM changeset WHERE campaign = ? AND repository = ?"+t.dialect.lock, []any{campaign, from}, &pull)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // another process was faster
		}
		if err != nil {
			return err
		}
		err = t.one("SELECT pull, selected FROM changeset WHERE campaign = ? AND repository = ?"+t.dialect.lock, []any{campaign, to}, &pullThere, &selected)
		there := err == nil
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		case there && (pull == 0 || pullThere > 0):
			return t.drop(campaign, from)
		case there:
			if err := t.drop(campaign, to); err != nil {
				return err
			}
		}
		for _, table := range []string{"changeset", "changeset_text", "need", "transition"} {
			if _, err := t.exec("UPDATE "+table+" SET repository = ? WHERE campaign = ? AND repository = ?", to, campaign, from); err != nil {
				return err
			}
		}
		_, err = t.exec("UPDATE changeset SET organisation = ?, claim = '', claimed_until = 0 WHERE campaign = ? AND repository = ?", organisation(to), campaign, to)
		if err == nil && there {
			_, err = t.exec("UPDATE changeset SET selected = ? WHERE campaign = ? AND repository = ?", selected, campaign, to)
		}
		return err
	})
}

// drop removes a changeset as if it had never been.
func (t tx) drop(campaign, repository string) error {
	for _, table := range []string{"changeset", "changeset_text", "need", "transition"} {
		if _, err := t.exec("DELETE FROM "+table+" WHERE campaign = ? AND repository = ?", campaign, repository); err != nil {
			return err
		}
	}
	return nil
}

// A Look is what came of looking at a repository.
type Look struct {
	Changeset
	Texts *Texts         // nil: as they were
	Needs map[string]int // Dockerfiles by the fixer that they need; nil: as they were
}

// Save stores what came of a look, and ends the claim that it was taken under. What
// the caps admitted and what the campaign selects stays as it is; if somebody asked
// for another look meanwhile, it is due at once. The error wraps ErrNotFound, or
// ErrClaimed if somebody else has the claim by now.
func (s *Store) Save(ctx context.Context, l Look) error {
	return s.in(ctx, func(t tx) error { return s.save(t, l) })
}

func (s *Store) save(t tx, l Look) error {
	c, key := l.Changeset, []any{l.Campaign, l.Repository}
	var was State
	var claim string
	var wakes, changed int64
	err := t.one("SELECT state, wakes, claim, changed_at FROM changeset WHERE campaign = ? AND repository = ?"+t.dialect.lock, key, &was, &wakes, &claim, &changed)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s in campaign %s: %w", l.Repository, l.Campaign, ErrNotFound)
	}
	if err != nil {
		return err
	}
	if claim != c.claim {
		return fmt.Errorf("%s in campaign %s: %w", l.Repository, l.Campaign, ErrClaimed)
	}
	now := s.Now()
	if wakes != c.wakes {
		c.Due = now
	}
	if c.State != was {
		changed = stamp(now)
	}
	_, err = t.exec(`UPDATE changeset SET state = ?, phase = ?, reason = ?, error = ?, attempts = ?, desired = ?, proposed = ?, base = ?, base_sha = ?,
branch = ?, head_sha = ?, pull = ?, pull_url = ?, title = ?, dockerfiles = ?, files = ?, looked_at = ?, due_at = ?, recipe = ?, changed_at = ?, settings = ?, unread = ?, heard = ?,
wish = CASE WHEN wish = ? THEN ? ELSE wish END, claim = '', claimed_until = 0 WHERE campaign = ? AND repository = ?`,
		string(c.State), string(c.Phase), bounded(c.Reason, maxReason), bounded(c.Error, maxReason), c.Attempts, c.Desired, c.Proposed, c.Base, c.BaseSHA,
		c.Branch, c.HeadSHA, c.Pull, c.PullURL, bounded(c.Title, maxReason), c.Dockerfiles, c.Files, stamp(c.Looked), stamp(c.Due), c.Recipe, changed, textOf(c.Settings), textOf(c.Unread), c.Heard,
		c.wish, c.Wish.text(), c.Campaign, c.Repository)
	if err != nil {
		return err
	}
	if l.Texts != nil {
		_, err = t.exec(`INSERT INTO changeset_text (campaign, repository, diff, body, evidence) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (campaign, repository) DO UPDATE SET diff = excluded.diff, body = excluded.body, evidence = excluded.evidence`,
			c.Campaign, c.Repository, bounded(l.Texts.Diff, maxDiff), bounded(l.Texts.Body, maxText), jsonOrNone(l.Texts.Evidence))
		if err != nil {
			return err
		}
	}
	more, err := t.saveNeeds(l)
	if err != nil {
		return err
	}
	if c.State == was && more == 0 {
		return nil
	}
	_, err = t.exec("INSERT INTO transition (campaign, repository, at, was, is_now, need) VALUES (?, ?, ?, ?, ?, ?)",
		c.Campaign, c.Repository, stamp(now), string(was), string(c.State), more)
	return err
}

// jsonOrNone leaves out a JSON text that would have to be cut.
func jsonOrNone(text string) string {
	if len(text) > maxDiff || bounded(text, maxDiff) != text {
		return "[]"
	}
	return text
}

// saveNeeds stores what Dockerfiles need, and by how much the sum grew.
func (t tx) saveNeeds(l Look) (more int, err error) {
	if l.Needs == nil {
		return 0, nil
	}
	var before int
	if err := t.one("SELECT COALESCE(SUM(dockerfiles), 0) FROM need WHERE campaign = ? AND repository = ?", []any{l.Campaign, l.Repository}, &before); err != nil {
		return 0, err
	}
	if _, err := t.exec("DELETE FROM need WHERE campaign = ? AND repository = ?", l.Campaign, l.Repository); err != nil {
		return 0, err
	}
	after := 0
	for fixer, n := range l.Needs {
		after += n
		if _, err := t.exec("INSERT INTO need (campaign, repository, fixer, dockerfiles) VALUES (?, ?, ?, ?)", l.Campaign, l.Repository, fixer, n); err != nil {
			return 0, err
		}
	}
	return after - before, nil
}

// LookAgain makes changesets of a repository due at once, those of one campaign or
// of AllCampaigns, and says so in the audit log. It gives those that it found.
func (s *Store) LookAgain(ctx context.Context, who, campaign, repository string) ([]Changeset, error) {
	err := s.in(ctx, func(t tx) error {
		n, err := t.exec("UPDATE changeset SET due_at = ?, wakes = wakes + 1, attempts = 0 WHERE repository = ? AND (campaign = ? OR ? = '')",
			stamp(s.Now()), repository, campaign, campaign)
		if err != nil || n == 0 {
			return err
		}
		return t.audit(Entry{At: s.Now(), Who: who, Campaign: campaign, Repository: repository, Action: "look again"})
	})
	if err != nil {
		return nil, err
	}
	return rows(ctx, s, scanChangeset, "SELECT "+changesetColumns+" FROM changeset WHERE repository = ? AND (campaign = ? OR ? = '')", repository, campaign, campaign)
}

// LookAgainAtAll makes all changesets of a campaign due at once, those of some
// states or, with none given, of all.
func (s *Store) LookAgainAtAll(ctx context.Context, who, campaign string, states ...State) (n int, err error) {
	err = s.in(ctx, func(t tx) error {
		where, args := whereStates(states)
		args = append([]any{stamp(s.Now()), campaign}, args...)
		changed, err := t.exec("UPDATE changeset SET due_at = ?, wakes = wakes + 1, attempts = 0 WHERE campaign = ?"+where, args...)
		n = int(changed)
		if err != nil || n == 0 {
			return err
		}
		return t.audit(Entry{At: s.Now(), Who: who, Campaign: campaign, Action: "look again", Target: fmt.Sprintf("%d repositories", n)})
	})
	return n, err
}
