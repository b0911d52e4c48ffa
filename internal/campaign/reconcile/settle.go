package reconcile

import (
	"context"
	"errors"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
)

// nothingDue ends a step in which there is nothing to propose. A pull request that
// is open is not needed any more.
func (s *step) nothingDue(ctx context.Context, repository forge.Repository, c *campaign.Changeset) error {
	if c == nil && (s.row.Pull == 0 || s.row.State != store.Opened) {
		return nil // as it was
	}
	if c != nil && c.Rewriting.Unwanted != "" {
		if err := s.closeIfOpen(ctx, repository, c.Rewriting.Unwanted+" says that this repository takes no pull requests of drydock's."); err != nil {
			return err
		}
		s.row.State, s.row.Reason = store.Declined, c.Rewriting.Unwanted+" takes no pull requests"
		return nil
	}
	if c != nil {
		if unread := c.Rewriting.Unread(); len(unread) > 0 {
			s.row.State, s.row.Reason = store.Failed, ""
			s.trouble = unread[0]
			return nil // what is open may still be needed
		}
	}
	if err := s.closeIfOpen(ctx, repository, "Nothing is left to do here: the base branch has it by now."); err != nil {
		return err
	}
	switch s.row.State {
	case store.Merged, store.Closed:
	case store.Opened: // a stranger's commits are in it
	default:
		s.row.State = store.NoneDue
	}
	return nil
}

// closeIfOpen takes over the state of the pull request, and closes an open one.
func (s *step) closeIfOpen(ctx context.Context, repository forge.Repository, why string) error {
	if s.row.Pull == 0 && s.row.State != store.Opening {
		return nil
	}
	if s.stage != store.Running {
		pulls, err := s.options.Pulls(ctx, repository)
		if err == nil && len(pulls) > 0 {
			s.standsAs(pulls[0])
		}
		return err
	}
	return s.close(ctx, repository, "nothing is left to do", why)
}

// close closes the pull request, if it is open and only drydock's commits are in it.
func (s *step) close(ctx context.Context, repository forge.Repository, reason, why string) error {
	if s.row.Phase == store.Asking {
		return s.withdraw(ctx, repository, reason, why)
	}
	done, err := s.options.Close(ctx, repository, why)
	if err != nil {
		return err
	}
	switch {
	case done.Result == campaign.Foreign:
		s.standsAs(done.Pull)
		s.row.Reason = "not closed: " + string(done.Result)
	case done.Result == campaign.Closed:
		s.standsAs(done.Pull)
		s.row.Reason = reason
		if done.Trouble != nil {
			s.trouble = "closed, but: " + done.Trouble.Error()
		}
	case done.Pull.Number != 0:
		s.standsAs(done.Pull)
	case s.row.State == store.Opening:
		s.row.State = store.Planned
	}
	return nil
}

// standsAs takes over the state of a pull request.
func (s *step) standsAs(p forge.Pull) {
	s.row.Pull, s.row.PullURL = p.Number, p.URL
	switch p.State {
	case forge.Open:
		s.row.State = store.Opened
	case forge.Merged:
		s.row.State, s.row.Reason = store.Merged, ""
	case forge.Closed:
		if s.row.State != store.Closed {
			s.row.State, s.row.Reason = store.Closed, string(campaign.Closed)
		}
	}
}

// due brings the pull request to what it should be.
func (s *step) due(ctx context.Context, repository forge.Repository, c *campaign.Changeset) error {
	if s.row.Phase == store.Asking {
		return s.ask(ctx, repository, c)
	}
	s.options.Resumed = s.row.State == store.Opening
	// Nothing is done for what a person has decided, or what stands already.
	if !s.options.Forks(repository) || s.row.Pull > 0 {
		pulls, err := s.pulls(ctx, repository, c)
		if err != nil {
			return err
		}
		merged := len(pulls) > 0 && pulls[0].State == forge.Merged
		switch {
		case len(pulls) > 0 && !merged:
			s.standsAs(pulls[0])
		case merged && c == nil && s.row.Desired == s.row.Proposed:
			s.standsAs(pulls[0]) // the base branch is about to show it
			return nil
		case s.row.State != store.Opening:
			s.row.State = store.Planned
		}
		if s.row.State == store.Closed {
			return nil
		}
	} else if s.row.State == store.Pending || s.row.State == store.NoneDue {
		s.row.State = store.Planned
	}
	if s.stage != store.Running || !s.row.Selected || s.row.State == store.Opened && c == nil && s.row.Proposed == s.row.Desired {
		return nil
	}
	if err := s.admit(ctx); err != nil {
		return err
	}
	if c == nil {
		change, err := s.again(ctx, repository)
		if err != nil || change == nil {
			return err
		}
		c = change
	}
	done, err := s.options.Apply(ctx, c)
	if err == nil && isInterruption(done.Trouble) {
		// It stays Opening, so that the rest is done when it may be.
		s.row.Pull, s.row.PullURL = done.Pull.Number, done.Pull.URL
		return done.Trouble
	}
	if done.Pull.Number != 0 {
		s.standsAs(done.Pull)
	}
	if err != nil {
		return err
	}
	return s.applied(done)
}

// isInterruption reports whether something was not done only because it may not be
// done now.
func isInterruption(err error) bool {
	return errors.As(err, new(*Held)) || errors.As(err, new(*meter.OverBudget))
}

// pulls lists the pull requests, as they came with the look or where the repository
// was found to stand, else as they are.
func (s *step) pulls(ctx context.Context, repository forge.Repository, c *campaign.Changeset) ([]forge.Pull, error) {
	switch {
	case c != nil:
		return s.options.Planned(ctx, c)
	case s.stands != nil && !s.options.Forks(repository):
		return s.stands.Pulls, nil
	}
	return s.options.Pulls(ctx, repository)
}

// again looks at a repository of which it is known that something is due.
func (s *step) again(ctx context.Context, repository forge.Repository) (*campaign.Changeset, error) {
	s.row.Recipe = "" // so that it is looked at
	c, err := s.see(ctx, repository)
	if err == nil && s.row.Desired == "" {
		return nil, s.nothingDue(ctx, repository, c)
	}
	return c, err
}

// applied takes over what an Apply came to.
func (s *step) applied(done campaign.Done) error {
	s.row.HeadSHA = ""
	switch done.Result {
	case campaign.Opened, campaign.Updated, campaign.Unchanged:
		s.row.HeadSHA = string(done.Head)
		s.row.State, s.row.Reason, s.row.Proposed = store.Opened, "", s.row.Desired
	case campaign.Foreign:
		s.row.Reason, s.row.Proposed = string(campaign.Foreign), s.row.Desired
		if done.Pull.Number == 0 {
			s.row.State = store.Declined
		}
	case campaign.Closed:
		s.row.State, s.row.Reason = store.Closed, string(campaign.Closed)
	case campaign.Nothing:
		s.row.State = store.NoneDue
	default:
		s.row.State, s.row.Reason = store.Declined, string(done.Result)
	}
	if done.Trouble != nil {
		s.trouble = "the pull request stands, but: " + done.Trouble.Error()
	}
	return nil
}
