package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/campaign/overview"
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// ApplyOptions are those of "drydock campaign apply", close and rescan.
type ApplyOptions struct {
	CampaignOptions
	Campaign string // a file, or the name of a campaign that was planned
	Detach   bool
}

func newCmdCampaignApply(f *Factory) *cobra.Command {
	o := &ApplyOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "apply FILE|NAME",
		Short: "Open and tend the pull requests of a campaign",
		Long: `Open and tend the pull requests of a campaign.

It ends when nothing can be done now: what is left waits for a window, a limit or a
retry, and another apply, or drydock worker, goes on. An apply that was cut off is
run again; each repository gets one pull request. --detach leaves all of it to
workers.`,
		Example: `  drydock campaign apply campaign.yaml
  drydock campaign apply numeric-users`,
		Args: argsOr(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Campaign = args[0]
			return runApply(cmd.Context(), o)
		},
	}
	o.addWorking(cmd)
	cmd.Flags().BoolVar(&o.Detach, "detach", false, "only start the campaign, for drydock worker to do")
	addFormat(cmd, &o.Format, "text", "json")
	return cmd
}

func runApply(ctx context.Context, o *ApplyOptions) error {
	w, err := o.working(ctx)
	if err != nil {
		return err
	}
	defer w.store.Close()
	path, c, text, err := o.find(ctx, w)
	if err != nil {
		return err
	}
	again := []store.State{store.Pending, store.Planned, store.Opening, store.Opened, store.Failed}
	o.note(w, c)
	if err := w.begin(ctx, path, c.Name, c, text, store.Running, again...); err != nil {
		return err
	}
	if o.Detach {
		return nil
	}
	return o.finish(ctx, w, c.Name)
}

// find gives the campaign: of a file, or as it was planned.
func (o *ApplyOptions) find(ctx context.Context, w *works) (path string, c *spec.Campaign, text string, err error) {
	if isFile(o.Campaign) {
		c, text, err = o.read(o.Campaign)
		return o.Campaign, c, text, err
	}
	row, err := w.store.Row(ctx, o.Campaign)
	if err != nil {
		return "", nil, "", orNames(ctx, w.store, err)
	}
	c, err = spec.Parse(row.Path, []byte(row.Spec), names(o.Fixers))
	return row.Path, c, row.Spec, err
}

// finish takes steps until nothing is due, and tells where the campaign stands.
func (o *ApplyOptions) finish(ctx context.Context, w *works, name string) error {
	if err := o.drain(ctx, w, name); err != nil {
		return err
	}
	all, err := overview.Of(ctx, w.store, name, overview.Brief)
	if err != nil {
		return err
	}
	if o.Format == "json" {
		if err := all.WriteJSON(o.IO.Out); err != nil {
			return err
		}
		return errors.Join(o.unread(all), o.failures(all))
	}
	for _, r := range all.Repositories {
		if isWaiting(r) {
			continue
		}
		if !o.Quiet && r.State != store.NoneDue {
			fmt.Fprintln(o.IO.Out, lineOf(r))
		}
	}
	printCounts(o.IO.Out, all)
	printSettings(o.IO.Out, all)
	return errors.Join(printWaits(ctx, o.IO.Out, w.store, all), o.unread(all), o.failures(all))
}

func newCmdCampaignClose(f *Factory) *cobra.Command {
	o := &ApplyOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers, Format: "text"}}
	cmd := &cobra.Command{
		Use:   "close NAME",
		Short: "End a campaign, and close its open pull requests",
		Long: `End a campaign, and close its open pull requests, with a comment that says so. A
pull request that somebody else has committed to stays open. A pause or a window
that is shut holds this back as it does every write.`,
		Args: argsOr(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runClose(cmd.Context(), o, args[0])
		},
	}
	o.addWorking(cmd)
	return cmd
}

func runClose(ctx context.Context, o *ApplyOptions, name string) error {
	w, err := o.working(ctx)
	if err != nil {
		return err
	}
	defer w.store.Close()
	if err := w.store.End(ctx, w.reconciler.Who, name); err != nil {
		return err
	}
	if err := o.finish(ctx, w, name); err != nil {
		return err
	}
	return w.store.Finish(ctx)
}

func newCmdCampaignRescan(f *Factory) *cobra.Command {
	o := &ApplyOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "rescan NAME",
		Short: "Look at all repositories again, and count what still needs a fixer",
		Long: `Look at all repositories of a campaign again, and count the Dockerfiles that still
need each fixer: pull requests that are merged or closed do not tell that. New
repositories are found, too. A campaign that runs gets what has become due.`,
		Args: argsOr(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Campaign = args[0]
			return runRescan(cmd.Context(), o)
		},
	}
	o.addWorking(cmd)
	addFormat(cmd, &o.Format, "text", "json")
	return cmd
}

func runRescan(ctx context.Context, o *ApplyOptions) error {
	w, err := o.working(ctx)
	if err != nil {
		return err
	}
	defer w.store.Close()
	row, err := w.store.Row(ctx, o.Campaign)
	if err != nil {
		return orNames(ctx, w.store, err)
	}
	c, err := spec.Parse(row.Path, []byte(row.Spec), names(o.Fixers))
	if err != nil {
		return err
	}
	if err := w.begin(ctx, row.Path, row.Name, c, row.Spec, row.Stage); err != nil {
		return err
	}
	return o.finish(ctx, w, o.Campaign)
}
