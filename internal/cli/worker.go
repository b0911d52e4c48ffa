package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/campaign/queue"
	"github.com/drydock-dev/drydock/internal/campaign/reconcile"
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/serve"
)

// WorkerOptions are those of "drydock worker".
type WorkerOptions struct {
	CampaignOptions
	Listen string // "": nowhere
}

// NewCmdWorker makes the command "drydock worker".
func NewCmdWorker(f *Factory) *cobra.Command {
	o := &WorkerOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Work for all campaigns of a database, until it is stopped",
		Long: `Work for all campaigns of a database, until it is stopped.

Any number of workers, on any number of machines, may share a PostgreSQL: they share
the campaigns' caps and the forge's limits as well. A worker that dies is no loss.
On an interrupt, the repositories at hand are finished first, for as long as --grace;
a second one ends it at once.

With --listen it answers /healthz as long as it lives, and /readyz when it works:
not while the database's tables are made.`,
		Example: `  drydock worker --database postgres://drydock@db/drydock --listen :8081`,
		Args:    argsOr(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runWorker(cmd.Context(), o) },
	}
	o.addWorking(cmd)
	o.addGrace(cmd)
	cmd.Flags().StringVar(&o.Listen, "listen", "", "the `address` to tell health and readiness at (default: nowhere)")
	return cmd
}

func runWorker(ctx context.Context, o *WorkerOptions) error {
	logger := o.logger()
	waits, open := func(context.Context) error { return nil }, func(*works) {}
	if o.Listen != "" {
		site, err := listen(o.Listen, logger)
		if err != nil {
			return err
		}
		defer site.close()
		waits = site.wait
		open = func(w *works) {
			site.Open(serve.Probe{Store: w.store, Working: w.queue.Working, Logger: logger}.Handler())
		}
	}
	w, err := o.working(ctx)
	if ctx.Err() != nil && err != nil {
		return nil // it was stopped before it could begin
	}
	if err != nil {
		return err
	}
	defer w.store.Close()
	if err := w.store.Release(ctx, queue.IsDead); err != nil {
		return err
	}
	if !o.Quiet {
		fmt.Fprintf(o.IO.Err, "drydock: %s works for %s\n", queue.Process(), w.store.Name())
	}
	open(w)
	return together(ctx, waits, func(ctx context.Context) error {
		return w.queue.Run(ctx, func(ctx context.Context) error { return o.relist(ctx, w) })
	})
}

// relist lists what running campaigns select again, as often as they look at
// everything, and ends those that are closed.
func (o *CampaignOptions) relist(ctx context.Context, w *works) error {
	if err := w.store.Finish(ctx); err != nil {
		return err
	}
	all, err := w.store.Rows(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Stage != store.Running {
			continue
		}
		parsed, err := spec.Parse(c.Path, []byte(c.Spec), names(o.Fixers))
		if err != nil {
			continue // each of its steps says so
		}
		mine, err := w.store.ClaimListing(ctx, c.Name, w.store.Now().Add(-parsed.Schedule.Every))
		if err != nil {
			return err
		}
		if !mine {
			continue
		}
		err = w.list(ctx, c.Name, parsed)
		if err != nil && !errors.Is(err, context.Canceled) {
			fmt.Fprintf(o.IO.Err, "drydock: %s: %v; it is tried again in %v\n", c.Name, err, parsed.Schedule.Every.Round(time.Minute))
		}
	}
	return nil
}

func (w *works) list(ctx context.Context, name string, c *spec.Campaign) error {
	connection, err := w.reconciler.Connect(c.Forge)
	if err != nil {
		return err
	}
	repositories, _, err := reconcile.List(ctx, connection.Forge, c.Select)
	if err != nil {
		return err
	}
	return w.store.Enlist(ctx, name, repositories)
}
