package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// DiffOptions are those of "drydock diff".
type DiffOptions struct {
	Options
	Proving
	ExitCode, Verify bool
}

// NewCmdDiff makes the command "drydock diff".
func NewCmdDiff(f *Factory) *cobra.Command {
	o := &DiffOptions{Options: Options{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "diff [PATH...]",
		Short: "Print the unified diff of what fix would do",
		Long: `Print the unified diff of what fix would do; nothing is written.

PATH is a Dockerfile, a folder to search (default: the current one), or - for
standard input. The diff applies with "git apply" and "patch -p1".`,
		Example: `  drydock diff | git apply
  drydock diff -v api/Dockerfile
  drydock diff --exit-code --only package-cleanup`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDiff(cmd.Context(), o) },
	}
	o.Options.addTo(cmd, "text", "json")
	o.Proving.addAside(cmd, &o.Verify)
	cmd.Flags().BoolVar(&o.ExitCode, "exit-code", false, "exit with 1 if there is a diff")
	return cmd
}

func runDiff(ctx context.Context, o *DiffOptions) error {
	p := newPrinter(&o.Options, func(p *printer, r result) error {
		if err := p.diff(r.Diff); err != nil {
			return err
		}
		if err := p.takenBack(r); err != nil {
			return err
		}
		return p.outcomesAside(r)
	})
	p.hint = verboseHint
	s := &sweep{options: &o.Options, policies: policies{options: &o.Options}}
	if o.Verify {
		if err := o.verifies(ctx, &o.Options, s); err != nil {
			return err
		}
		defer o.close()
	}
	if err := p.sweep(ctx, s); err != nil {
		return err
	}
	if o.ExitCode && p.summary.Changed > 0 {
		return errFindings
	}
	return nil
}
