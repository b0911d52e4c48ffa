package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
)

// A Follower does what deliveries ask for. All fields are needed.
type Follower struct {
	Store *store.Store
	// Connect gives the forge at a campaign's address.
	Connect func(address string) (forge.Forge, error)
	Logger  *slog.Logger

	redelivered time.Time // when what did not arrive was last asked for
}

const (
	every   = time.Second // that the inbox is looked at
	lasting = time.Minute // that a delivery is kept from others while it is followed
	tries   = 5           // of a delivery that fails
	batch   = 20
	kept    = 7 * 24 * time.Hour // that a delivery is known again

	betweenOwners = 10 * time.Minute // at least, that a repository is looked at again for its owner's settings

	redeliverEvery = 5 * time.Minute
	redeliverFrom  = 24 * time.Hour // before the start; GitHub keeps deliveries for three days
	onTheWay       = time.Hour      // that one is tried for
)

// A redeliverer is a forge that can be asked for webhooks that did not arrive.
type redeliverer interface {
	Redeliver(ctx context.Context, since time.Time) (asked int, err error)
}

// Run follows deliveries until the context ends.
func (f *Follower) Run(ctx context.Context) error {
	var next time.Time
	for {
		if now := f.Store.Now(); now.After(next) {
			next = now.Add(time.Hour)
			if err := f.Store.Forget(ctx, now.Add(-kept)); err != nil && ctx.Err() == nil {
				f.Logger.Error("the inbox of webhooks", "cause", err)
			}
		}
		if f.Store.Now().Sub(f.redelivered) > redeliverEvery {
			f.Redeliver(ctx)
		}
		n, err := f.Once(ctx)
		if err != nil && ctx.Err() == nil {
			f.Logger.Error("the inbox of webhooks", "cause", err)
		}
		if n == batch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}

// Redeliver has the forges of all campaigns send again what did not arrive. What cannot
// be asked for is found at the next look at each repository.
func (f *Follower) Redeliver(ctx context.Context) {
	now := f.Store.Now()
	since := now.Add(-redeliverFrom)
	if !f.redelivered.IsZero() {
		since = f.redelivered.Add(-onTheWay)
	}
	f.redelivered = now
	all, err := f.Store.Campaigns(ctx)
	if err != nil {
		f.Logger.Error("the campaigns", "cause", err)
		return
	}
	asked := map[string]bool{}
	for _, c := range all {
		if asked[c.Forge] {
			continue
		}
		asked[c.Forge] = true
		hub, err := f.Connect(c.Forge)
		if err != nil {
			continue // each of its steps says so
		}
		again, ok := hub.(redeliverer)
		if !ok {
			continue
		}
		n, err := again.Redeliver(ctx, since)
		if err != nil && ctx.Err() == nil {
			f.Logger.Warn("webhooks that did not arrive", "forge", c.Forge, "cause", err)
		}
		if n > 0 {
			f.Logger.Info("webhooks that did not arrive are sent again", "forge", c.Forge, "count", n)
		}
	}
}

// Once follows what is in the inbox now, some at a time. It gives how many those
// were.
func (f *Follower) Once(ctx context.Context) (int, error) {
	all, err := f.Store.TakeDeliveries(ctx, batch, tries, lasting)
	if err != nil {
		return 0, err
	}
	for _, d := range all {
		if err := f.follow(ctx, d); err != nil {
			if ctx.Err() != nil {
				return 0, ctx.Err()
			}
			// It stays, and is tried again.
			f.Logger.Warn("a webhook could not be followed", "guid", d.GUID, "event", d.Event, "repository", d.Repository, "cause", err)
			continue
		}
		if err := f.Store.Delivered(ctx, d); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

func (f *Follower) follow(ctx context.Context, d store.Delivery) error {
	var e Event
	if err := json.Unmarshal([]byte(d.Payload), &e); err != nil {
		return fmt.Errorf("what was stored of it: %w", err)
	}
	switch e.Kind {
	case Listed:
		return f.Store.Relist(ctx)
	case Commented:
		return f.answer(ctx, d.App, e)
	}
	if e.Issue != 0 {
		return f.wakeAsking(ctx, e)
	}
	if e.Was != "" {
		if err := f.wake(ctx, d.App, e, e.Was); err != nil {
			return err
		}
	}
	return f.wake(ctx, d.App, e, e.Repository)
}

// wake has a repository looked at again and, where it is the one that has its owner's
// settings, all of that owner's.
func (f *Follower) wake(ctx context.Context, app string, e Event, repository string) error {
	if err := f.Store.Wake(ctx, repository, e.Branches...); err != nil {
		return err
	}
	if !e.IsOfDefaultBranch() {
		return nil
	}
	all, err := f.Store.Rows(ctx)
	if err != nil {
		return err
	}
	owner := path.Dir(repository)
	for _, c := range all {
		kind, host := forge.At(c.Forge)
		if string(kind) != app || host != e.Host || c.Stage == store.Ended {
			continue
		}
		hub, err := f.Connect(c.Forge)
		if err != nil {
			return err
		}
		if !strings.EqualFold(hub.Common(owner), repository) {
			continue
		}
		if err := f.Store.WakeOwner(ctx, c.Name, forge.Source(c.Forge), owner, betweenOwners); err != nil {
			return err
		}
	}
	return nil
}

// wakeAsking has the changesets looked at again whose question an issue is.
func (f *Follower) wakeAsking(ctx context.Context, e Event) error {
	all, _, err := f.Store.Changesets(ctx, store.Filter{Repository: e.Repository})
	if err != nil {
		return err
	}
	asks := func(c store.Changeset) bool {
		return c.Repository == e.Repository && c.Phase == store.Asking && c.Pull == e.Issue
	}
	if !slices.ContainsFunc(all, asks) {
		return nil // an issue of somebody else
	}
	return f.Store.Wake(ctx, e.Repository)
}

// answer has the changeset whose pull request was commented on do what was asked.
func (f *Follower) answer(ctx context.Context, app string, e Event) error {
	all, _, err := f.Store.Changesets(ctx, store.Filter{Repository: e.Repository})
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(c store.Changeset) bool {
		return c.Repository != e.Repository || c.Phase == store.Asking || c.Pull != e.Pull
	})
	if len(all) == 0 {
		return nil // a pull request of somebody else
	}
	for _, c := range all {
		row, err := f.Store.Row(ctx, c.Campaign)
		if err != nil {
			return err
		}
		// Somebody of the same name may write elsewhere.
		if kind, host := forge.At(row.Forge); string(kind) != app || host != e.Host {
			f.Logger.Info("a comment on another forge than the campaign's", "campaign", c.Campaign, "repository", e.Repository, "host", e.Host)
			continue
		}
		hub, err := f.Connect(row.Forge)
		if err != nil {
			return err
		}
		may, err := hub.MayWrite(ctx, forge.Repository{Name: e.Repository}, e.Author)
		if errors.Is(err, forge.ErrNotFound) {
			may, err = false, nil
		}
		if err != nil {
			return err
		}
		if !may {
			f.Logger.Info("a comment of somebody who may not write", "repository", e.Repository, "author", e.Author)
			continue
		}
		// A GUID is not signed: a comment that is sent again under another is known
		// by its own number, at its forge.
		wish := store.Wish{Want: e.Want, Who: e.Author}
		if err := f.Store.Ask(ctx, forge.Source(row.Forge), e.Comment, store.Key{Campaign: c.Campaign, Repository: c.Repository}, wish); err != nil {
			return err
		}
	}
	return nil
}
