package store

import (
	"context"
	"encoding/json"
	"io"
	"time"
)

// An Entry of the audit log is one write: to a forge, or what an operator did.
type Entry struct {
	ID         int64     `json:"id"`
	At         time.Time `json:"at"`
	Who        string    `json:"who"`                // the person or account that asked for it
	Via        string    `json:"via,omitempty"`      // the process that did it
	Identity   string    `json:"identity,omitempty"` // whose credentials were used
	Campaign   string    `json:"campaign,omitempty"`
	Repository string    `json:"repository,omitempty"`
	Action     string    `json:"action"`            // "push", "open", "POST /repos/...", "pause"
	Target     string    `json:"target,omitempty"`  // a branch and commit, a pull request, a reason
	Request    string    `json:"request,omitempty"` // the forge's id of the request
	Status     string    `json:"status,omitempty"`  // what came of it
}

// Record adds to the audit log. An At that is zero is now.
func (s *Store) Record(ctx context.Context, e Entry) error {
	if e.At.IsZero() {
		e.At = s.Now()
	}
	return s.in(ctx, func(t tx) error { return t.audit(e) })
}

func (t tx) audit(e Entry) error {
	_, err := t.exec("INSERT INTO audit (at, who, via, identity, campaign, repository, action, target, request, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		stamp(e.At), bounded(e.Who, maxReason), e.Via, e.Identity, e.Campaign, e.Repository, bounded(e.Action, maxReason), bounded(e.Target, maxReason), bounded(e.Request, maxReason), bounded(e.Status, maxReason))
	return err
}

// A Page of the audit log. The zero value is all of it, newest first.
type Page struct {
	Campaign, Repository string // "" for all
	Before               int64  // only entries of a smaller ID; 0 for all
	Limit                int    // 0 for all
}

const auditColumns = "id, at, who, via, identity, campaign, repository, action, target, request, status"

func scanEntry(scan func(...any) error) (e Entry, err error) {
	var when int64
	err = scan(&e.ID, &when, &e.Who, &e.Via, &e.Identity, &e.Campaign, &e.Repository, &e.Action, &e.Target, &e.Request, &e.Status)
	e.At = at(when)
	return e, err
}

// Audit lists entries of the audit log, newest first.
func (s *Store) Audit(ctx context.Context, p Page) ([]Entry, error) {
	statement, args := "SELECT "+auditColumns+" FROM audit WHERE (campaign = ? OR ? = '') AND (repository = ? OR ? = '')", []any{p.Campaign, p.Campaign, p.Repository, p.Repository}
	if p.Before > 0 {
		statement, args = statement+" AND id < ?", append(args, p.Before)
	}
	statement += " ORDER BY id DESC"
	if p.Limit > 0 {
		statement, args = statement+" LIMIT ?", append(args, p.Limit)
	}
	return rows(ctx, s, scanEntry, statement, args...)
}

// exportPage is how many entries an export reads at once.
const exportPage = 1000

// ExportAudit writes the audit log, of one campaign or of all, as JSON lines,
// oldest first.
func (s *Store) ExportAudit(ctx context.Context, w io.Writer, campaign string) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for after := int64(0); ; {
		page, err := rows(ctx, s, scanEntry, "SELECT "+auditColumns+" FROM audit WHERE id > ? AND (campaign = ? OR ? = '') ORDER BY id LIMIT ?", after, campaign, campaign, exportPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, e := range page {
			if err := encoder.Encode(e); err != nil {
				return err
			}
			after = e.ID
		}
	}
}
