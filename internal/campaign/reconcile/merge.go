package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// whileChecked is how often a pull request that is to be merged is looked at: reads
// that are free while nothing happens.
const whileChecked = 10 * time.Minute

// merge merges a pull request of drydock's commits once its checks have passed, where
// the campaign says so. The forge's own auto-merge is no way to do it: that merges
// outside of windows too, and while the campaign is paused.
func (s *step) merge(ctx context.Context, repository forge.Repository) error {
	if !s.merges() {
		return nil
	}
	var held *Held
	if err := s.hold(ctx); errors.As(err, &held) {
		s.row.Reason = held.Why
		s.lookBy(held.Until)
		return nil
	} else if err != nil {
		return err
	}
	waits, err := s.connection.Forge.Waits(ctx, repository, s.row.Pull, git.Hash(s.row.HeadSHA))
	if err != nil {
		return err
	}
	if waits != "" {
		s.row.Reason = "not merged yet: " + waits
		s.lookBy(s.r.Store.Now().Add(whileChecked))
		return nil
	}
	pull := forge.Pull{Number: s.row.Pull, URL: s.row.PullURL}
	if err := s.options.Merge(ctx, repository, pull, git.Hash(s.row.HeadSHA)); err != nil {
		return err
	}
	s.row.State, s.row.Reason = store.Merged, ""
	return nil
}

// merges reports whether the pull request is one that drydock may merge: of a rewrite,
// and of what is wanted now.
func (s *step) merges() bool {
	return s.campaign.Pull.AutoMerge && s.stage == store.Running && s.row.Selected &&
		s.row.State == store.Opened && s.row.Phase == store.Rewriting &&
		s.row.HeadSHA != "" && s.row.Desired != "" && s.row.Proposed == s.row.Desired
}

// lookBy has the next look come at a time at the latest.
func (s *step) lookBy(at time.Time) {
	if at.Before(s.row.Due) {
		s.row.Due = at
	}
}
