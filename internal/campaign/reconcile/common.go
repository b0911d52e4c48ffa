package reconcile

import (
	"context"
	"errors"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/forge"
)

// commonFor is how long what an owner says for all of their repositories holds without
// being read again, where no webhook tells of a change.
const commonFor = 10 * time.Minute

// commons are what owners say, by the forge and the owner.
type commons struct {
	mu  sync.Mutex
	all map[string]*common
}

// A common is what one owner says. Whoever reads it has the others wait.
type common struct {
	mu     sync.Mutex
	read   time.Time // zero: not yet
	told   int64     // how often something was told to have happened, before that
	config *config.Config
	broken *config.Error
}

func (c *commons) of(forge, owner string) *common {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]*common{}
	}
	key := forge + " " + strings.ToLower(owner)
	if c.all[key] == nil {
		c.all[key] = &common{}
	}
	return c.all[key]
}

// heedOwner takes over what the repository's owner says for all of theirs.
func (s *step) heedOwner(ctx context.Context) error {
	owner := path.Dir(s.row.Repository)
	c := s.r.commons.of(s.campaign.Forge, owner)
	c.mu.Lock()
	defer c.mu.Unlock()
	told, err := s.r.Store.Told(ctx, forge.Source(s.campaign.Forge), owner)
	if err != nil {
		return err
	}
	if now := s.r.Store.Now(); c.read.IsZero() || told != c.told || now.Sub(c.read) >= commonFor {
		found, err := s.options.ReadCommon(ctx, s.row.Repository)
		var broken *config.Error
		if err != nil && !errors.As(err, &broken) {
			return err
		}
		c.read, c.told, c.config, c.broken = now, told, found, broken
	}
	s.options.Common, s.broken = c.config, c.broken
	switch {
	case c.broken != nil:
		s.recipe += " " + c.broken.Path
	case c.config != nil:
		s.recipe += " " + c.config.Sum
	}
	return nil
}
