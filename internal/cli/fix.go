package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/report"
)

// FixOptions are those of "drydock fix".
type FixOptions struct {
	Options
	Proving
	Verify bool
}

// NewCmdFix makes the command "drydock fix".
func NewCmdFix(f *Factory) *cobra.Command {
	o := &FixOptions{Options: Options{IO: f.Streams, Fixers: f.Fixers}}
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
	o.Options.addTo(cmd, "text", "json")
	o.Proving.addAside(cmd, &o.Verify)
	return cmd
}

func runFix(ctx context.Context, o *FixOptions) error {
	if o.fromStdin() && o.Format == "json" {
		return usagef("fix - writes the Dockerfile to standard output; --format json does not go with it")
	}
	p := newPrinter(&o.Options, func(p *printer, r result) error {
		if err := p.takenBack(r); err != nil {
			return err
		}
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
	p.changed, p.hint = "changed", verboseHint
	s := &sweep{options: &o.Options, policies: policies{options: &o.Options}, write: replaceAll}
	if o.Verify {
		if err := o.verifies(ctx, &o.Options, s); err != nil {
			return err
		}
		defer o.close()
	}
	return p.sweep(ctx, s)
}
