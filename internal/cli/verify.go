package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/report"
	"github.com/drydock-dev/drydock/internal/verify"
)

// VerifyOptions are those of "drydock verify".
type VerifyOptions struct {
	Options
	Proving
	Before string
}

// NewCmdVerify makes the command "drydock verify".
func NewCmdVerify(f *Factory) *cobra.Command {
	o := &VerifyOptions{Options: Options{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "verify [PATH...]",
		Short: "Build before and after, start the result, compare",
		Long: `Build a Dockerfile as it is and as fix would rewrite it, start both images, and
compare them. Nothing is written. A fix that makes the image fail is taken back,
named, and the rest is proven again.

What is compared: both build; the image's configuration; files that vanished; the
libraries of every program; whether declared dependencies of Python, Ruby and
Node load; that the command stays up or exits as before, as the image's user, on
the same ports with the same answer to GET /; HEALTHCHECK; files written at
start; size, and what a rebuild after an edit takes. What fails before as well is
no finding. Containers have no network but their own loopback.

The builder is a BuildKit at --builder or BUILDKIT_HOST, else a local BuildKit,
Docker, podman or buildah, in this order. buildah builds and does not start: with it
both images are compared, and nothing is claimed. Results are kept by content.

The exit code is 1 if something was taken back or differs, and 2 if there is no
builder or nothing can be claimed.`,
		Example: `  drydock verify api/Dockerfile
  drydock verify --before Dockerfile.old Dockerfile    # a rewrite by hand
  drydock verify --smoke 'python -m app --check' --accept files:/app/docs/** .`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVerify(cmd.Context(), o) },
	}
	o.Options.addTo(cmd, "text", "json")
	o.Proving.addTo(cmd)
	cmd.Flags().BoolVar(&o.NoRebuild, "no-rebuild", false, "do not measure a rebuild after an edit")
	cmd.Flags().StringVar(&o.Before, "before", "", "PATH is a rewrite of this `file`: run no fixers")
	return cmd
}

func runVerify(ctx context.Context, o *VerifyOptions) error {
	byHand := ""
	if o.Before != "" {
		if len(o.Paths) != 1 {
			return usagef("--before goes with one PATH")
		}
		text, err := os.ReadFile(o.Before)
		if err != nil {
			return err
		}
		byHand = string(text)
	}
	differs := false
	sw := &sweep{options: &o.Options, policies: policies{options: &o.Options}, byHand: byHand, proved: func(proof *verify.Report) {
		differs = differs || !proof.Proven() || len(proof.RolledBack) > 0
	}}
	if err := o.verifies(ctx, &o.Options, sw); err != nil {
		return err
	}
	defer o.close()
	p := newPrinter(&o.Options, func(p *printer, r result) error {
		if r.proof == nil {
			return nil
		}
		verdict := "proven"
		switch {
		case !r.proof.Proven():
			verdict = "not proven"
		case r.Status == report.Unchanged && o.Before == "":
			verdict = "nothing to rewrite; it builds and starts"
		}
		if r.proof.Cached {
			verdict += " (as verified earlier)"
		}
		if _, err := fmt.Fprintf(p.out, "%s: %s\n", report.OneLine(r.Path), verdict); err != nil {
			return err
		}
		if err := verify.WriteTable(p.out, r.proof); err != nil {
			return err
		}
		return p.outcomesAside(r)
	})
	err := p.sweep(ctx, sw)
	if err == nil && differs {
		return errFindings
	}
	return err
}
