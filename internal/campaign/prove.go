package campaign

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
)

// A Prover builds what is rewritten before it is proposed.
type Prover interface {
	// Checkout lays the files of a repository out to build from.
	Checkout(ctx context.Context, tree fs.FS) (Checkout, error)
}

// A Checkout is the files of a repository, where a builder reads them.
type Checkout interface {
	// Prove rewrites a Dockerfile with run, builds and starts it before and after,
	// and takes back the fixes that fail. around is relative to the repository.
	Prove(ctx context.Context, text string, around engine.Surroundings, run Run) (Proven, error)
	Close() error
}

// Run rewrites a Dockerfile without the fixes that exclude names.
type Run = func(ctx context.Context, exclude engine.Exclude) (engine.Result, error)

// Proven is what came of building.
type Proven struct {
	engine.Result
	Proof    any    // for report.File
	Evidence string // for people, as plain text
	Unproven string // why nothing can be claimed, "" if something can
}

// look rewrites the whole of a tree, and proves it if that is asked for.
func (o Options) look(ctx context.Context, tree fs.FS) (Rewriting, error) {
	r := newRewriter(tree, o.Fixers, o.Selection)
	if o.Prover != nil {
		checkout, err := o.Prover.Checkout(ctx, tree)
		if err != nil {
			return Rewriting{}, fmt.Errorf("verify: %w", err)
		}
		defer checkout.Close()
		r.checkout = checkout
	}
	return r.all(ctx)
}

// run rewrites one Dockerfile, and proves what it changes.
func (r *rewriter) run(ctx context.Context, in engine.Input, around engine.Surroundings, fixers []fix.Fixer) (Proven, error) {
	run := func(ctx context.Context, exclude engine.Exclude) (engine.Result, error) {
		in := in
		in.Exclude = exclude
		return engine.Run(ctx, in, fixers)
	}
	done, err := run(ctx, nil)
	if err != nil || r.checkout == nil || done.Text == in.Text {
		return Proven{Result: done}, err
	}
	return r.checkout.Prove(ctx, in.Text, around, run)
}

// maxEvidence is how much of the evidence a pull request shows, in bytes.
const maxEvidence = 20_000

// evidence is the Markdown that tells how the changed files were built, "" if none
// was.
func (r Rewriting) evidence() string {
	var out strings.Builder
	for _, f := range r.Changed() {
		if f.Evidence != "" && out.Len()+len(f.Evidence) > maxEvidence {
			fmt.Fprintf(&out, "Others were built and started, too.\n")
			break
		}
		if f.Evidence != "" {
			// What was read off an image cannot end the block.
			fmt.Fprintf(&out, "Built and started, before and after:\n\n```\n%s\n%s```\n", f.Path, strings.ReplaceAll(f.Evidence, "```", "'''"))
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}
