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
	// Prove rewrites the Dockerfile at path with run, builds and starts it before and after,
	// and takes back the fixes that fail. around is relative to the repository.
	Prove(ctx context.Context, path, text string, around engine.Surroundings, run Run) (Proven, error)
	Close() error
}

// Run rewrites a Dockerfile without the fixes that exclude names.
type Run = func(ctx context.Context, exclude engine.Exclude) (engine.Result, error)

// Proven is what came of building.
type Proven struct {
	engine.Result
	Proof    any    // for report.File
	Evidence string // for the pull request, in Markdown
	Unproven string // why nothing can be claimed, "" if something can
}

// look rewrites the whole of a tree, and proves it if that is asked for.
func (o Options) look(ctx context.Context, tree fs.FS) (Rewriting, error) {
	r := o.rewriter(tree, o.Fixers)
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

// run rewrites one Dockerfile, and proves what it changes. The error is about the
// rewrite, or an *untriedError.
func (r *rewriter) run(ctx context.Context, in engine.Input, around engine.Surroundings, fixers []fix.Fixer) (Proven, error) {
	var fault error
	run := func(ctx context.Context, exclude engine.Exclude) (done engine.Result, err error) {
		in := in
		in.Exclude = exclude
		done, err = engine.Run(ctx, in, fixers)
		fault = err
		return done, err
	}
	done, err := run(ctx, r.takenBack[in.Path])
	if err != nil || r.checkout == nil || done.Text == in.Text {
		return Proven{Result: done}, err
	}
	proven, err := r.checkout.Prove(ctx, in.Path, in.Text, around, run)
	if err != nil && fault == nil {
		err = &untriedError{err}
	}
	return proven, err
}

// An untriedError says that nothing can be said of a repository now: what could not
// be tried is neither proposed nor dropped.
type untriedError struct{ cause error }

func (e *untriedError) Error() string { return "it could not be verified: " + e.cause.Error() }

func (e *untriedError) Unwrap() error { return e.cause }

// takenBack leaves out of other rewritings of the same tree what did not hold in
// this one, by the path of the Dockerfile.
func (r Rewriting) takenBack() map[string]engine.Exclude {
	all := map[string]engine.Exclude{}
	for _, f := range r.Files {
		if reasons := f.Quarantined; len(reasons) > 0 {
			all[f.Path] = func(_, id string) (string, bool) { reason, ok := reasons[id]; return reason, ok }
		}
	}
	return all
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
			out.WriteString(f.Evidence + "\n")
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}
