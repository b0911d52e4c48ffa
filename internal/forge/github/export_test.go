package github

import (
	"context"
	"time"
)

// NewAt is New with a clock: now tells the time, and sleep passes it.
func NewAt(o Options, now func() time.Time, sleep func(context.Context, time.Duration) error) (*Forge, error) {
	return newForge(o, clock{now, sleep})
}
