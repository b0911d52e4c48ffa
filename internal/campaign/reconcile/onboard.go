package reconcile

import (
	"context"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/forge"
)

// onboard gives what comes before the first rewrite of a repository without a
// configuration, and else the rewrite.
func (s *step) onboard(ctx context.Context, repository forge.Repository, c *campaign.Changeset) (*campaign.Changeset, error) {
	phase := store.Rewriting
	first := c.Rewriting.Unwanted == "" && len(c.Steps) > 0 && !c.Configured()
	switch s.campaign.Onboarding {
	case spec.OnboardingPull:
		if first {
			phase, s.options.Branch = store.Onboarding, campaign.OnboardingBranch
			c = s.options.Onboard(c)
		}
	case spec.OnboardingIssue:
		if !first {
			break
		}
		var err error
		if s.asked, err = s.options.Asked(ctx, repository); err != nil {
			return nil, err
		}
		if s.asked.Answer != campaign.Yes {
			phase = store.Asking
			c = s.options.Asking(c)
		}
	}
	if phase == store.Rewriting && s.row.Phase != store.Rewriting { // it was merged, or answered
		if err := s.settleQuestion(ctx, repository, c); err != nil {
			return nil, err
		}
		s.row.Pull, s.row.PullURL = 0, ""
		s.options.Branch = s.campaign.Pull.Branch
		if s.row.State == store.Opened || s.row.State == store.Closed {
			s.row.State = store.Planned
		}
	}
	s.row.Phase = phase
	return c, nil
}

// settleQuestion closes the issue of a repository that is not asked any more.
func (s *step) settleQuestion(ctx context.Context, repository forge.Repository, c *campaign.Changeset) error {
	switch {
	case s.row.Phase != store.Asking || s.stage != store.Running:
		return nil
	case s.asked.Answer == campaign.Yes:
		return s.options.Heed(ctx, repository, s.asked)
	case c.Configured():
		return s.closeQuestion(ctx, repository, "Answered by "+config.FileName+".")
	}
	return s.closeQuestion(ctx, repository, "Nothing is left to do here: this needs no answer any more.")
}

// closeQuestion withdraws the issue, unless another campaign waits for its answer.
func (s *step) closeQuestion(ctx context.Context, repository forge.Repository, why string) error {
	others, _, err := s.r.Store.Changesets(ctx, store.Filter{Repository: s.row.Repository, States: []store.State{store.Opened}})
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.Campaign == s.row.Campaign || o.Phase != store.Asking || o.PullURL != s.row.PullURL {
			continue
		}
		if row, err := s.r.Store.Row(ctx, o.Campaign); err != nil || row.Stage == store.Running {
			return err
		}
	}
	q, err := s.options.Asked(ctx, repository)
	if err != nil || q.Answer != campaign.Unanswered {
		return err
	}
	return s.options.Withdraw(ctx, repository, q, why)
}

// withdraw ends a campaign's question.
func (s *step) withdraw(ctx context.Context, repository forge.Repository, reason, why string) error {
	if s.row.State != store.Opened && s.row.State != store.Opening {
		return nil
	}
	if err := s.closeQuestion(ctx, repository, why); err != nil {
		return err
	}
	s.row.State, s.row.Reason = store.Closed, reason
	return nil
}

// ask asks a repository for leave once, and heeds the answer.
func (s *step) ask(ctx context.Context, repository forge.Repository, c *campaign.Changeset) (err error) {
	if c == nil {
		if s.asked, err = s.options.Asked(ctx, repository); err != nil {
			return err
		}
	}
	s.standsAsked()
	if s.asked.Answer == campaign.Unanswered || s.asked.Answer == campaign.No {
		return nil
	}
	if s.stage != store.Running || !s.row.Selected {
		return nil
	}
	if c == nil { // it was answered with yes, or the issue is gone
		if c, err = s.again(ctx, repository); err != nil || c == nil {
			return err
		}
		return s.due(ctx, repository, c)
	}
	if err := s.admit(ctx); err != nil {
		return err
	}
	if s.asked, err = s.options.Ask(ctx, c); err != nil {
		return err
	}
	s.standsAsked()
	s.row.Proposed = s.row.Desired
	return nil
}

// standsAsked takes over where the question stands.
func (s *step) standsAsked() {
	s.row.Pull, s.row.PullURL = s.asked.Number, s.asked.URL
	switch s.asked.Answer {
	case campaign.Unanswered:
		s.row.State, s.row.Reason = store.Opened, string(campaign.Unanswered)
	case campaign.No:
		s.row.State, s.row.Reason = store.Closed, string(campaign.No)
		if s.asked.Who != "" {
			s.row.Reason = s.asked.Who + " said no in the issue"
		}
	default:
		if s.row.State != store.Opening {
			s.row.State, s.row.Reason = store.Planned, ""
		}
	}
}
