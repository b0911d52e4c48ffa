package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/report"
)

// NewCmdFix makes the command "drydock fix".
func NewCmdFix(f *Factory) *cobra.Command {
	o := &Options{IO: f.Streams, Fixers: f.Fixers, Formats: textOrJSON}
	cmd := &cobra.Command{
		Use:   "fix [PATH...]",
		Short: "Rewrite Dockerfiles in place",
		Long: `Rewrite Dockerfiles in place.

PATH is a Dockerfile, a folder to search (default: the current one), or - for
standard input, whose rewritten text goes to standard output. A file is written
whole or not at all, keeps its mode and owner, and is left alone if someone else
changes it meanwhile.`,
		Example: `  drydock fix
  drydock fix --safe api/Dockerfile
  drydock fix - <Dockerfile >Dockerfile.new`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runFix(cmd.Context(), o) },
	}
	o.addTo(cmd)
	return cmd
}

func runFix(ctx context.Context, o *Options) error {
	if o.fromStdin() && o.Format == "json" {
		return usagef("fix - writes the Dockerfile to standard output; --format json does not go with it")
	}
	p := newPrinter(o, func(p *printer, r result) error {
		if o.fromStdin() {
			if _, err := p.out.WriteString(r.text); err != nil {
				return err
			}
			return p.outcomesAside(r)
		}
		return p.outcomes(r, func(out report.Outcome) bool {
			return o.Verbose || out.Status == report.Applied && !o.Quiet
		})
	})
	return p.sweep(ctx, &sweep{options: o, policies: policies{options: o}, write: replaceAll})
}
