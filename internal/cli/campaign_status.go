package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/campaign/overview"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// StatusOptions are those of "drydock campaign status", pause, resume and audit.
type StatusOptions struct {
	CampaignOptions
	Campaign string // "" for all
	All      bool
	Reason   string
}

func newCmdCampaignStatus(f *Factory) *cobra.Command {
	o := &StatusOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "status [NAME]",
		Short: "Tell where campaigns stand",
		Long: `Tell where campaigns stand: all of them, or one with its repositories but those that
need nothing.

The counts are of repositories, by what became of their pull requests. Below them is
what still needs each fixer, what owners have set, how much was left to do when, and
what those wait for that are due.`,
		Example: `  drydock campaign status
  drydock campaign status numeric-users --format json`,
		Args: argsOr(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Campaign = strings.Join(args, "")
			return runStatus(cmd.Context(), o)
		},
	}
	o.addTo(cmd)
	addFormat(cmd, &o.Format, "text", "json")
	return cmd
}

// burndownPoints is how many characters the burndown of a status has.
const burndownPoints = 40

func runStatus(ctx context.Context, o *StatusOptions) error {
	s, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	campaigns, err := s.Campaigns(ctx)
	if err != nil {
		return err
	}
	found := false
	var list []*overview.Overview
	for _, c := range campaigns {
		if o.Campaign != "" && c.Name != o.Campaign {
			continue
		}
		found = true
		all, err := overview.Of(ctx, s, c.Name, overview.Brief)
		if err != nil {
			return err
		}
		if o.Format == "json" {
			list = append(list, all)
			continue
		}
		if err := o.status(ctx, s, all); err != nil {
			return err
		}
	}
	if !found && o.Campaign != "" {
		return orNames(ctx, s, fmt.Errorf("campaign %s: %w", o.Campaign, store.ErrNotFound))
	}
	if o.Format == "json" {
		encoder := json.NewEncoder(o.IO.Out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		return encoder.Encode(map[string]any{"version": overview.Version, "campaigns": list})
	}
	return o.budget(ctx, s)
}

// status prints where one campaign stands, and each repository if it was asked for.
func (o *StatusOptions) status(ctx context.Context, s *store.Store, all *overview.Overview) error {
	printCounts(o.IO.Out, all)
	fmt.Fprintf(o.IO.Out, "  %s on %s", all.Stage, all.Forge)
	if all.Paused != "" {
		fmt.Fprintf(o.IO.Out, ", paused by %s", all.Paused)
	}
	fmt.Fprintln(o.IO.Out)
	if bar := barOf(all.Counts); bar != "" {
		fmt.Fprintf(o.IO.Out, "  %s\n", bar)
	}
	points, err := s.Burndown(ctx, all.Campaign, burndownPoints)
	if err != nil {
		return err
	}
	if len(points) > 0 {
		fmt.Fprintf(o.IO.Out, "  left to do since %s: %s %d\n", points[0].At.Format(time.DateOnly), sparkline(points), points[len(points)-1].Left())
	}
	printSettings(o.IO.Out, all)
	if err := printWaits(ctx, o.IO.Out, s, all); err != nil {
		return err
	}
	unread := 0
	for _, r := range all.Repositories {
		unread += len(r.Unread)
		if o.Campaign == "" || r.State == store.NoneDue || isWaiting(r) {
			continue
		}
		fmt.Fprintln(o.IO.Out, "  "+lineOf(r))
		for _, line := range r.Unread {
			if line != r.Error {
				fmt.Fprintln(o.IO.Out, "    not read: "+line)
			}
		}
	}
	if unread > 0 {
		fmt.Fprintf(o.IO.Out, "  %s could not be read\n", fileCount(unread))
	}
	return nil
}

// sparkline draws what is left, from the lowest block to the highest.
func sparkline(points []store.Point) string {
	most := 1
	for _, p := range points {
		most = max(most, p.Left())
	}
	blocks := []rune(" ▁▂▃▄▅▆▇█")
	var out strings.Builder
	for _, p := range points {
		out.WriteRune(blocks[(p.Left()*(len(blocks)-1)+most-1)/most])
	}
	return out.String()
}

// budget prints what is left of the forges' limits.
func (o *StatusOptions) budget(ctx context.Context, s *store.Store) error {
	levels, err := s.Budget(ctx)
	if err != nil {
		return err
	}
	for _, l := range levels {
		if !l.Blocked.IsZero() && l.Bucket == store.Requests {
			fmt.Fprintf(o.IO.Out, "%s is blocked until %s: %s\n", l.Identity, l.Blocked.Format(time.RFC3339), l.Reason)
		}
		if l.Tokens < l.Burst/2 {
			fmt.Fprintf(o.IO.Out, "%s: %.0f of %.0f %s left\n", l.Identity, l.Tokens, l.Burst, l.Bucket)
		}
	}
	return nil
}

func newCmdCampaignPause(f *Factory) *cobra.Command {
	o := &StatusOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "pause NAME | --all",
		Short: "Hold back every write of a campaign, or of all",
		Args:  argsOr(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.onScope(cmd.Context(), args, func(ctx context.Context, s *store.Store, scope string) error {
				return s.Pause(ctx, who(o.IO.Getenv), scope, o.Reason)
			})
		},
	}
	o.addTo(cmd)
	cmd.Flags().BoolVar(&o.All, "all", false, "all campaigns")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "`why`, for the others who see it")
	return cmd
}

func newCmdCampaignResume(f *Factory) *cobra.Command {
	o := &StatusOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "resume NAME | --all",
		Short: "End a pause; apply or drydock worker goes on",
		Args:  argsOr(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.onScope(cmd.Context(), args, func(ctx context.Context, s *store.Store, scope string) error {
				return s.Resume(ctx, who(o.IO.Getenv), scope)
			})
		},
	}
	o.addTo(cmd)
	cmd.Flags().BoolVar(&o.All, "all", false, "what was paused with --all")
	return cmd
}

// onScope does something with a campaign, or with all.
func (o *StatusOptions) onScope(ctx context.Context, args []string, do func(context.Context, *store.Store, string) error) error {
	if o.All == (len(args) > 0) {
		return usagef("expected the name of a campaign, or --all")
	}
	s, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	scope := store.AllCampaigns
	if !o.All {
		scope = args[0]
	}
	return do(ctx, s, scope)
}

func newCmdCampaignAudit(f *Factory) *cobra.Command {
	o := &StatusOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "audit [NAME]",
		Short: "Print every write, as JSON lines: who, what, which request",
		Args:  argsOr(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := o.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			return s.ExportAudit(cmd.Context(), o.IO.Out, strings.Join(args, ""))
		},
	}
	o.addTo(cmd)
	return cmd
}
