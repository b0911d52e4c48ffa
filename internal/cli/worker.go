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
)

// NewCmdWorker makes the command "drydock worker".
func NewCmdWorker(f *Factory) *cobra.Command {
	o := &CampaignOptions{IO: f.Streams, Fixers: f.Fixers}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Work for all campaigns of a database, until it is stopped",
		Long: `Work for all campaigns of a database, until it is stopped.

Any number of workers, on any number of machines, may share a PostgreSQL: they share
the campaigns' caps and the forge's limits as well. A worker that dies is no loss.
On an interrupt, the repositories at hand are finished first.`,
		Example: `  drydock worker --database postgres://drydock@db/drydock`,
		Args:    argsOr(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runWorker(cmd.Context(), o) },
	}
	o.addWorking(cmd)
	return cmd
}

func runWorker(ctx context.Context, o *CampaignOptions) error {
	w, err := o.working(ctx)
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
	return w.queue.Run(ctx, func(ctx context.Context) error { return o.relist(ctx, w) })
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
	repositories, err := reconcile.List(ctx, connection.Forge, c.Select)
	if err != nil {
		return err
	}
	return w.store.Enlist(ctx, name, repositories)
}
