package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// Held says that nothing may be written now.
type Held struct {
	Why   string
	Until time.Time // when it may be worth to ask again
}

func (h *Held) Error() string { return h.Why }

// whilePaused is when a paused campaign is looked at again: to resume one makes it
// due.
const whilePaused = time.Hour

// hold says why nothing may be written now, nil if it may.
func (s *step) hold(ctx context.Context) error {
	// An operator may have changed it since the step began.
	now, store := s.r.Store.Now(), s.r.Store
	pause, err := store.Paused(ctx, s.row.Campaign)
	if err != nil {
		return err
	}
	if pause != nil {
		return &Held{Why: "paused by " + pause.Who, Until: now.Add(whilePaused)}
	}
	if opens := s.campaign.Opens(s.r.Ceiling, now); opens.After(now) {
		return &Held{Why: "outside of the campaign's windows until " + opens.UTC().Format("2006-01-02 15:04 MST"), Until: opens}
	}
	return nil
}

// admit lets the changeset pass the caps.
func (s *step) admit(ctx context.Context) error {
	if err := s.hold(ctx); err != nil {
		return err
	}
	refused, err := s.r.Store.Admit(ctx, s.row.Campaign, s.row.Repository, s.campaign.Limits)
	if err != nil {
		return err
	}
	if refused != nil {
		return &Held{Why: refused.Why, Until: refused.Again}
	}
	if s.row.State != store.Opened {
		s.row.State = store.Opening
	}
	return nil
}

// gate is asked before every write, and tells the audit log.
func (s *step) gate(ctx context.Context, w campaign.Write) error {
	if err := s.hold(ctx); err != nil {
		return err
	}
	stage, err := s.r.Store.Row(ctx, s.row.Campaign)
	if err != nil {
		return err
	}
	if stage.Stage != s.stage || stage.Stage == store.Planning || stage.Stage == store.Ended {
		return &Held{Why: fmt.Sprintf("the campaign is %s", stage.Stage), Until: s.r.Store.Now()}
	}
	return s.record(ctx, w, "begins", "")
}

func (s *step) record(ctx context.Context, w campaign.Write, status, request string) error {
	return s.r.Store.Record(ctx, store.Entry{
		Who: s.who, Via: s.r.Via, Identity: s.connection.Identity, Campaign: s.row.Campaign, Repository: s.row.Repository,
		Action: w.Action, Target: w.Target, Status: status, Request: request,
	})
}

// wrote tells the audit log what came of a write. Where that fails, the entry that
// it begins stands.
func (s *step) wrote(ctx context.Context, trace *meter.Trace) func(context.Context, campaign.Write, error) {
	return func(_ context.Context, w campaign.Write, err error) {
		status := "done"
		if err != nil {
			status = err.Error()
		}
		if err := s.record(context.WithoutCancel(ctx), w, status, trace.Take()); err != nil {
			s.trouble = "the audit log: " + err.Error()
		}
	}
}
