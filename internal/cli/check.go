package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/report"
)

// NewCmdCheck makes the command "drydock check".
func NewCmdCheck(f *Factory) *cobra.Command {
	o := &Options{IO: f.Streams, Fixers: f.Fixers}
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "List the findings",
		Long: `List what fix would do, and what it would not and why. Nothing is written.

PATH is a Dockerfile, a folder to search (default: the current one), or - for
standard input. The exit code is 1 if fix would change something; what is
declined does not count.

Besides text and JSON there are SARIF for code scanning, annotations for GitHub
Actions, GitLab's code quality report, and a table in Markdown.`,
		Example: `  drydock check
  drydock check --format json api | jq .summary
  drydock check --format sarif >drydock.sarif`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), o) },
	}
	o.addTo(cmd, "text", "json", "sarif", "github", "gitlab", "markdown")
	return cmd
}

func runCheck(ctx context.Context, o *Options) error {
	p := newPrinter(o, func(p *printer, r result) error {
		return p.outcomes(r, func(out report.Outcome) bool {
			switch out.Status {
			case report.Applied:
				return true
			case string(engine.Suppressed), string(engine.BelowSafety):
				return o.Verbose
			}
			return !o.Quiet
		})
	})
	if err := p.sweep(ctx, &sweep{options: o, policies: policies{options: o}}); err != nil {
		return err
	}
	if p.summary.Changed > 0 {
		return errFindings
	}
	return nil
}
