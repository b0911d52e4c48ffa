package reconcile

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// A Reconciler works for campaigns. It may be used from several goroutines.
type Reconciler struct {
	Store  *store.Store
	Fixers []fix.Fixer // in the order of fix.Order
	// Connect gives the forge at an address. It is called often.
	Connect func(address string) (Connection, error)
	Ceiling spec.Ceiling
	Prover  campaign.Prover // of campaigns that verify; nil: those fail
	Author  git.Identity
	Who     string    // asked for what is done, where the campaign does not say
	Via     string    // this process, in the audit log
	Version string    // of drydock: another one looks at everything again
	Room    *git.Room // of the clones of all steps; nil is without end

	mu      sync.Mutex
	specs   map[string]*spec.Campaign // by their texts
	commons commons
}

// A Connection is a forge as one identity sees it.
type Connection struct {
	Forge    forge.Forge
	Identity string // of the budget, "" where there is none
}

// Lasting is how long a claim lasts without being renewed.
const Lasting = 30 * time.Second

// Failures are tried again after a time that doubles up to a bound.
const (
	firstRetry = time.Minute
	lastRetry  = 6 * time.Hour
)

// Step takes one step with the changeset of a claim, and stores what came of it.
// The error is an *meter.OverBudget, after which the claim still holds and the step
// is to be taken again; or it is about the database or the context.
func (r *Reconciler) Step(ctx context.Context, claim store.Claim) error {
	row, err := r.Store.Claimed(ctx, claim)
	if errors.Is(err, store.ErrClaimed) || errors.Is(err, store.ErrNotFound) {
		return nil // another process has it
	}
	if err != nil {
		return err
	}
	stored, err := r.Store.Row(ctx, claim.Campaign)
	if err != nil {
		return err
	}
	ctx, leave := r.Room.Enter(ctx)
	defer leave()
	s := &step{r: r, row: row, stage: stored.Stage, who: cmp.Or(stored.Who, r.Who)}
	if s.campaign, err = r.spec(stored); err == nil {
		s.recipe = r.recipe(stored)
		err = s.take(ctx)
	}
	var over *meter.OverBudget
	var held *Held
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &over):
		if err := r.Store.Renew(ctx, claim, r.Via, over.Wait+Lasting); err != nil {
			return err
		}
		return over
	case errors.As(err, &held):
		s.row.Reason, s.row.Error, s.row.Due = held.Why, "", held.Until
	case err != nil:
		s.fail(err)
	default:
		s.row.Error, s.row.Attempts, s.row.Wish = s.trouble, 0, store.Wish{}
	}
	s.look.Changeset = s.row
	err = r.Store.Save(ctx, s.look)
	if errors.Is(err, store.ErrClaimed) || errors.Is(err, store.ErrNotFound) {
		return nil // what another process saw is newer
	}
	return err
}

// fail keeps the cause of a failure. A pull request that is open stays so.
func (s *step) fail(err error) {
	s.row.Error = err.Error()
	s.row.Attempts++
	if s.row.State != store.Opened {
		s.row.State = store.Failed
	}
	wait := lastRetry
	if n := s.row.Attempts - 1; n < 10 {
		wait = min(firstRetry<<n, lastRetry)
	}
	s.row.Due = s.r.Store.Now().Add(wait)
}

// spec reads the text of a campaign, once.
func (r *Reconciler) spec(c store.Campaign) (*spec.Campaign, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.specs[c.Spec]; known != nil {
		return known, nil
	}
	names := make([]string, len(r.Fixers))
	for i, f := range r.Fixers {
		names[i] = f.Name
	}
	parsed, err := spec.Parse(c.Path, []byte(c.Spec), names)
	if err != nil {
		return nil, err
	}
	under := parsed.Under(r.Ceiling, names)
	if r.specs == nil {
		r.specs = map[string]*spec.Campaign{}
	}
	r.specs[c.Spec] = &under
	return &under, nil
}

// recipe names what a look goes by beside the repository.
func (r *Reconciler) recipe(c store.Campaign) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%v", r.Version, c.Spec, r.Ceiling))
	return hex.EncodeToString(sum[:8])
}
