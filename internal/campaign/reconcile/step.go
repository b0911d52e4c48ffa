package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/report"
)

// A step is one step with one changeset.
type step struct {
	r          *Reconciler
	campaign   *spec.Campaign
	stage      store.Stage
	who        string // it is done for
	recipe     string
	connection Connection
	options    campaign.Options

	row     store.Changeset
	stands  *forge.Standing   // nil if the forge does not tell
	broken  *config.Error     // what is wrong with the settings of the repository's owner
	look    store.Look        // its long texts and needs, if they were looked at
	asked   campaign.Question // if it was looked for
	trouble string            // that is no failure
}

// take looks at the repository, and then does what is due.
func (s *step) take(ctx context.Context) (err error) {
	now := s.r.Store.Now()
	if s.stage == store.Ended {
		s.row.Due = now.AddDate(1, 0, 0)
		return nil
	}
	if s.campaign.Verify && s.r.Prover == nil {
		return errors.New("nothing can be built here, and the campaign is to verify")
	}
	if s.connection, err = s.r.Connect(s.campaign.Forge); err != nil {
		return err
	}
	ctx, trace := meter.WithTrace(ctx)
	s.options = s.changesets()
	s.options.Plan = s.stage != store.Running
	if s.row.Phase == store.Onboarding {
		s.options.Branch = campaign.OnboardingBranch
	}
	s.options.Gate, s.options.Wrote = s.gate, s.wrote(ctx, trace)

	if err := s.heedOwner(ctx); err != nil {
		return err
	}
	// What waits for its turn costs nothing while it waits.
	if s.stage == store.Running && s.row.State == store.Planned && s.row.Recipe == s.recipe {
		if err := s.admit(ctx); err != nil {
			return err
		}
	}
	repository, err := s.find(ctx)
	if err != nil || repository == nil {
		return err
	}
	s.row.Due = now.Add(s.campaign.Schedule.Every)
	if s.stage == store.Closing && !repository.Archived {
		return s.close(ctx, *repository, "closed by the campaign", "The campaign "+s.campaign.Name+" has ended: this pull request is not needed any more.")
	}
	if err := s.stand(ctx, *repository); err != nil {
		return err
	}
	if err := s.hear(ctx, *repository); err != nil {
		return err
	}
	if done, err := s.grant(ctx, *repository); err != nil || done {
		return err
	}
	return s.tend(ctx, *repository)
}

// tend brings what there is to what there should be.
func (s *step) tend(ctx context.Context, repository forge.Repository) error {
	now := s.r.Store.Now()
	change, err := s.see(ctx, repository)
	if errors.Is(err, git.ErrTooLarge) && s.row.State != store.Opened {
		return s.decline(err.Error())
	}
	if err != nil {
		return err
	}
	s.row.Looked = now
	if repository.Archived { // what it needs is counted
		return s.decline("archived")
	}
	if s.row.Desired == "" {
		err = s.nothingDue(ctx, repository, change)
	} else {
		err = s.due(ctx, repository, change)
	}
	if s.row.State == store.Opened {
		// One that was merged makes room for another.
		s.row.Due = now.Add(min(whileOpen, s.campaign.Schedule.Every))
	}
	if err != nil {
		return err
	}
	return s.merge(ctx, repository)
}

// whileOpen is how often an open pull request is looked at: a part of a query, or
// reads that are free while nothing happens.
const whileOpen = time.Hour

// find looks the repository up, under its new name if it was renamed. It is nil if
// there is nothing to do with it.
func (s *step) find(ctx context.Context) (*forge.Repository, error) {
	found, err := s.connection.Forge.Repository(ctx, s.row.Repository)
	if errors.Is(err, forge.ErrNotFound) {
		return nil, s.decline("the repository is gone, or the credentials do not show it")
	}
	if err != nil {
		return nil, err
	}
	if found.Name != s.row.Repository {
		return nil, s.rename(ctx, found.Name)
	}
	switch {
	case found.DefaultBranch == "":
		return nil, s.decline("empty")
	case !s.r.Ceiling.Allows(found.Name):
		return nil, s.decline("its owner is not one that the operator allows")
	case !s.row.Selected && s.row.Pull == 0:
		return nil, s.decline("no longer selected")
	}
	return &found, nil
}

// decline leaves a repository alone until the next look.
func (s *step) decline(why string) error {
	s.row.State, s.row.Reason = store.Declined, why
	s.row.Due = s.r.Store.Now().Add(s.campaign.Schedule.Every)
	return nil
}

// rename gives the changeset the repository's new name, and leaves the rest to the
// next step.
func (s *step) rename(ctx context.Context, to string) error {
	if err := s.r.Store.Rename(ctx, s.row.Campaign, s.row.Repository, to); err != nil {
		return err
	}
	_, err := s.r.Store.LookAgain(ctx, s.r.Via, s.row.Campaign, to)
	return err // the row of the old name is not found when it is saved
}

// see finds out what the repository should get, unless nothing has changed since
// the last look. The changeset is nil then.
func (s *step) see(ctx context.Context, repository forge.Repository) (*campaign.Changeset, error) {
	if s.broken != nil {
		return nil, s.broken
	}
	base, err := s.options.BaseOf(repository)
	if err != nil {
		return nil, err
	}
	if s.stands != nil && s.stands.Is(git.Hash(s.row.BaseSHA)) && s.isSeen(base) {
		return nil, nil
	}
	seen, err := s.options.Glance(ctx, repository)
	if errors.Is(err, git.ErrNoBranch) {
		return nil, fmt.Errorf("there is no branch %s", seen.Base)
	}
	if err != nil {
		return nil, err
	}
	if string(seen.At) == s.row.BaseSHA && s.isSeen(base) {
		return nil, nil
	}
	change, err := s.options.LookOn(ctx, repository, seen)
	if err != nil {
		return nil, err
	}
	if change, err = s.onboard(ctx, repository, change); err != nil {
		return nil, err
	}
	return change, s.describe(change)
}

// isSeen reports whether what the last look found holds for as long as the base branch
// stays.
func (s *step) isSeen(base string) bool {
	return base == s.row.Base && s.recipe == s.row.Recipe && s.row.State != store.Opening && s.row.State != store.Failed
}

// stand asks where a repository stands that was looked at before: of most, nothing has
// happened since.
func (s *step) stand(ctx context.Context, repository forge.Repository) error {
	watcher, ok := s.connection.Forge.(forge.Watcher)
	base, err := s.options.BaseOf(repository)
	if !ok || err != nil || s.row.BaseSHA == "" {
		return nil
	}
	ask := forge.Stance{Branch: base}
	if !s.options.Forks(repository) && s.row.Phase != store.Asking {
		ask.Pulls = forge.Head{Owner: repository.Owner, Branch: s.options.Branch}
	}
	if s.row.State == store.Opened && s.row.Phase != store.Asking {
		ask.Pull = s.row.Pull
	}
	found, known, err := watcher.Stand(ctx, repository, ask)
	if known {
		s.stands = &found
	}
	return err
}

// describe takes over what a look found.
func (s *step) describe(c *campaign.Changeset) error {
	s.row.Base, s.row.BaseSHA, s.row.Branch, s.row.Recipe = c.Base, string(c.At), s.options.Branch, s.recipe
	s.row.Desired, s.row.Title, s.row.Reason = c.Hash(), c.Proposal.Title, ""
	s.row.Dockerfiles, s.row.Files = len(c.Rewriting.Files), len(c.Rewriting.Texts())
	s.row.Settings, s.row.Unread = nil, c.Rewriting.Unread()
	for _, setting := range c.Rewriting.Settings {
		s.row.Settings = append(s.row.Settings, setting.String())
	}
	texts := store.Texts{Body: c.Proposal.Body}
	files := c.Rewriting.Reports()
	s.look.Needs = map[string]int{}
	for i, f := range files {
		texts.Diff += f.Diff
		files[i].Diff = ""
		for _, fixer := range needed(f) {
			s.look.Needs[fixer]++
		}
	}
	if s.row.Phase == store.Onboarding {
		texts.Diff = c.Diff()
	}
	evidence, err := json.Marshal(files)
	texts.Evidence = string(evidence)
	s.look.Texts = &texts
	if c.Rewriting.Unwanted != "" {
		s.row.Desired = ""
	}
	return err
}

// needed names the fixers that a Dockerfile still needs, each once.
func needed(f report.File) []string {
	var all []string
	for _, o := range f.Outcomes {
		if o.Status == report.Applied && !slices.Contains(all, o.Fixer) {
			all = append(all, o.Fixer)
		}
	}
	return all
}
