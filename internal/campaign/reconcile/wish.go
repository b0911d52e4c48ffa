package reconcile

import (
	"context"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
)

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
