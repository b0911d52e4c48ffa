package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/campaign/overview"
	"github.com/drydock-dev/drydock/internal/campaign/reconcile"
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// PlanOptions are those of "drydock campaign plan".
type PlanOptions struct {
	CampaignOptions
	File   string
	Report string
	Diff   bool
}

func newCmdCampaignPlan(f *Factory) *cobra.Command {
	o := &PlanOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Tell what a campaign would change, and write nothing to the forge",
		Long: `Tell what a campaign would change, and write nothing to the forge.

A plan that was interrupted goes on where it was. Of a campaign that runs already,
the plan is made aside, as NAME~plan, and the campaign goes on as it was.`,
		Example: `  drydock campaign plan campaign.yaml
  drydock campaign plan campaign.yaml --report plan.html
  drydock campaign plan campaign.yaml --format json >plan.json`,
		Args: argsOr(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.File = args[0]
			return runPlan(cmd.Context(), o)
		},
	}
	o.addWorking(cmd)
	cmd.Flags().StringVar(&o.Report, "report", "", "write a page with all diffs to this `file.html`")
	cmd.Flags().BoolVar(&o.Diff, "diff", false, "print the diffs")
	addFormat(cmd, &o.Format, "text", "json")
	return cmd
}

// planned is what a plan of a campaign that runs is called after it.
const planned = "~plan"

func runPlan(ctx context.Context, o *PlanOptions) error {
	c, text, err := o.read(o.File)
	if err != nil {
		return err
	}
	w, err := o.working(ctx)
	if err != nil {
		return err
	}
	defer w.store.Close()
	name := c.Name
	switch row, err := w.store.Row(ctx, c.Name); {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	case row.Stage != store.Planning:
		name += planned
		fmt.Fprintf(o.IO.Err, "drydock: %s is %s: planned aside, as %s\n", c.Name, row.Stage, name)
	}
	o.note(w, c)
	if err := w.begin(ctx, o.File, name, c, text, store.Planning, store.Pending, store.Failed); err != nil {
		return err
	}
	if err := o.drain(ctx, w, name); err != nil {
		return err
	}
	return o.print(ctx, w.store, name)
}

// begin takes over the text of a campaign and lists what it selects. Changesets in
// these states are looked at again, and all if the text is another.
func (w *works) begin(ctx context.Context, path, name string, c *spec.Campaign, text string, stage store.Stage, again ...store.State) error {
	row, err := w.store.Row(ctx, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && row.Stage != store.Planning && strings.TrimRight(row.Forge, "/") != strings.TrimRight(c.Forge, "/") {
		// Its pull requests are there, and their numbers mean nothing elsewhere.
		return fmt.Errorf("a campaign on %s is called %s: give the one on %s another name, in a file", row.Forge, name, c.Forge)
	}
	if row.Spec != text || row.Stage == store.Ended || row.Stage == store.Closing {
		again = nil // all
	}
	connection, err := w.reconciler.Connect(c.Forge)
	if err != nil {
		return err
	}
	repositories, of, err := reconcile.List(ctx, connection.Forge, c.Select)
	switch {
	case err != nil:
		return err
	case of == 0:
		return fmt.Errorf("%s selects nothing: %s shows no repository there", c.Name, c.Forge)
	case len(repositories) == 0:
		return fmt.Errorf("%s selects nothing: none of %s passes its topics, languages, match, exclude, forks and archived", c.Name, repositoryCount(of))
	}
	if err := w.store.SaveCampaign(ctx, store.Campaign{Name: name, Spec: text, Path: path, Forge: c.Forge, Stage: stage, Who: w.reconciler.Who}); err != nil {
		return err
	}
	if err := w.store.Enlist(ctx, name, repositories); err != nil {
		return err
	}
	_, err = w.store.LookAgainAtAll(ctx, w.reconciler.Who, name, again...)
	return err
}

// print prints a plan.
func (o *PlanOptions) print(ctx context.Context, s *store.Store, name string) error {
	all, err := overview.Of(ctx, s, name, overview.Full)
	if err != nil {
		return err
	}
	if o.Report != "" {
		file, err := os.Create(o.Report)
		if err != nil {
			return err
		}
		if err := errors.Join(all.WriteHTML(file), file.Close()); err != nil {
			return err
		}
	}
	if o.Format == "json" {
		if err := all.WriteJSON(o.IO.Out); err != nil {
			return err
		}
	} else {
		for _, r := range all.Repositories {
			if o.Diff {
				fmt.Fprint(o.IO.Out, o.IO.shown(r.Diff))
			}
			if !o.Quiet && r.State != store.NoneDue {
				fmt.Fprintln(o.aside(), lineOf(r))
			}
		}
		printCounts(o.aside(), all)
		printSettings(o.aside(), all)
		if all.Counts[store.Planned] > 0 && !o.Quiet {
			fmt.Fprintf(o.aside(), "  nothing was written: --diff or --report FILE.html shows what would be, drydock campaign apply %s proposes it\n", o.File)
		}
	}
	return errors.Join(o.unread(all), o.failures(all))
}
