package reconcile

import (
	"context"
	"errors"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
)

// hear takes over what was asked for below the open pull request since it was last
// heard: a webhook may not have arrived.
func (s *step) hear(ctx context.Context, repository forge.Repository) error {
	if s.stage != store.Running || s.row.State != store.Opened || s.row.Phase == store.Asking {
		return nil
	}
	if s.stands != nil && s.stands.Said <= s.row.Heard {
		return nil
	}
	said, err := s.connection.Forge.Comments(ctx, repository, s.row.Pull)
	if err != nil {
		return err
	}
	heard := s.row.Heard
	for _, remark := range said {
		s.row.Heard = max(s.row.Heard, remark.ID)
		want := store.WantOf(remark.Text)
		if want == "" || remark.ID <= heard || heard < 0 { // nobody knows what was done before
			continue
		}
		may, err := s.connection.Forge.MayWrite(ctx, repository, remark.Author)
		if err != nil && !errors.Is(err, forge.ErrNotFound) {
			return err
		}
		if !may {
			continue
		}
		// The next step grants it: this one is of the row as it was.
		of := store.Key{Campaign: s.row.Campaign, Repository: s.row.Repository}
		if err := s.r.Store.Ask(ctx, forge.Source(s.campaign.Forge), remark.ID, of, store.Wish{Want: want, Who: remark.Author}); err != nil {
			return err
		}
	}
	s.row.Heard = max(s.row.Heard, 0)
	return nil
}

// grant does what somebody asked for below the pull request. It reports whether
// that is all there is to do. A campaign that does not run grants nothing.
func (s *step) grant(ctx context.Context, repository forge.Repository) (done bool, err error) {
	wish := s.row.Wish
	if s.stage != store.Running {
		return false, nil
	}
	switch wish.Want {
	case store.WantRebase:
		s.options.Rebase = true
		s.row.Recipe, s.row.Proposed = "", "" // so that it is looked at, and pushed
	case store.WantIgnore:
		err := s.close(ctx, repository, wish.Who+" asked to be left alone", wish.Who+" asked for it: this pull request does not come back.")
		return true, err
	case store.WantExplain:
		texts, err := s.r.Store.Texts(ctx, s.row.Campaign, s.row.Repository)
		if err != nil {
			return false, err
		}
		if err := s.options.Say(ctx, repository, forge.Pull{Number: s.row.Pull, URL: s.row.PullURL}, texts.Body); err != nil {
			return false, err
		}
		s.row.Wish = store.Wish{} // whatever comes of the rest: it was said
	}
	return false, nil
}
