package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
)

// A Rewriter rewrites a Dockerfile without the fixes that exclude names.
type Rewriter func(ctx context.Context, exclude engine.Exclude) (engine.Result, error)

// Prove rewrites, verifies, and takes back what fails: fixes are transactions, so
// the applied ones are bisected, the first that makes the rewrite fail is left
// out, and the rest is rewritten and proven again, until it holds or nothing is
// left. The report is that of the result, with the fixes that were taken back.
func (v *Verifier) Prove(ctx context.Context, text string, rewrite Rewriter) (engine.Result, *Report, error) {
	p := &proof{verifier: v, text: text, rewrite: rewrite, out: map[string]string{}, fixers: map[string]string{}}
	result, err := rewrite(ctx, p.excluded)
	if err != nil {
		return result, nil, err
	}
	for {
		report, err := v.Verify(ctx, Rewrite{Before: text, After: result.Text, Changes: changes(result)})
		if err != nil {
			return result, nil, err
		}
		if report.Proven() || report.Unproven != "" || result.Text == text {
			final := *report
			final.RolledBack = p.back
			return result, &final, nil
		}
		if result, err = p.takeBack(ctx, result, report); err != nil {
			return result, nil, err
		}
	}
}

// A proof is the work on one rewrite.
type proof struct {
	verifier *Verifier
	text     string
	rewrite  Rewriter
	out      map[string]string // reasons, by identity of the fix
	fixers   map[string]string // reasons, by fixer of which nothing is applied any more
	back     []RolledBack
}

func (p *proof) excluded(fixer, id string) (string, bool) {
	if reason, ok := p.fixers[fixer]; ok {
		return reason, true
	}
	reason, ok := p.out[id]
	return reason, ok
}

// takeBack finds the fix that makes a rewrite fail and rewrites without it.
func (p *proof) takeBack(ctx context.Context, failed engine.Result, report *Report) (engine.Result, error) {
	applied := applied(failed)
	// The first good fixes hold, the first bad ones fail.
	good, bad := 0, len(applied)
	for bad-good > 1 {
		middle := (good + bad) / 2
		part, err := p.rewrite(ctx, p.only(applied[:middle]))
		if err != nil {
			return part, err
		}
		r, err := p.verifier.Verify(ctx, Rewrite{Before: p.text, After: part.Text, Changes: changes(part)})
		if err != nil {
			return part, err
		}
		if r.holds() {
			good = middle
		} else {
			bad, report = middle, r
		}
	}
	culprit := applied[bad-1]
	reason := "it does not hold when built"
	if len(report.Findings) > 0 {
		reason += ": " + report.Findings[0].String()
	}
	back := RolledBack{Fixer: culprit.Fixer, Line: culprit.Position.Line, Message: culprit.Message, Reason: reason, Findings: report.Findings}
	switch {
	case report.Failure != nil:
		back.Lines = report.Failure.Lines
	case report.After != nil && report.After.Output != "":
		lines := strings.Split(report.After.Output, "\n")
		back.Lines = lines[max(0, len(lines)-10):]
	}
	p.back = append(p.back, back)
	p.out[culprit.ID] = reason
	next, err := p.rewrite(ctx, p.excluded)
	if err == nil && next.Text == failed.Text {
		// The fix came back in another form.
		p.fixers[culprit.Fixer] = reason
		next, err = p.rewrite(ctx, p.excluded)
	}
	if err == nil && next.Text == failed.Text {
		return next, fmt.Errorf("%s cannot be taken back", culprit.Fixer)
	}
	return next, err
}

// only excludes all but some fixes.
func (p *proof) only(kept []engine.Outcome) engine.Exclude {
	ids := map[string]bool{}
	for _, o := range kept {
		ids[o.ID] = true
	}
	return func(_, id string) (string, bool) { return "not looked at yet", !ids[id] }
}

// applied are the outcomes of the fixes that are in a result, in their order.
func applied(r engine.Result) []engine.Outcome {
	var all []engine.Outcome
	for _, o := range r.Outcomes {
		if o.Status == engine.Applied {
			all = append(all, o)
		}
	}
	return all
}

// changes are what the applied fixes declared.
func changes(r engine.Result) []fix.Change {
	var all []fix.Change
	for _, o := range applied(r) {
		all = append(all, o.Changes...)
	}
	return all
}
