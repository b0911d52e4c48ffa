package engine

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/fix"
)

// tell keeps the outcome of an applied fix. One that completes another is told as
// a part of that one.
func (r *run) tell(f finding) {
	o := r.outcome(f)
	whole := r.completedBy(o)
	if whole == nil {
		r.outcomes = append(r.outcomes, o)
		return
	}
	whole.Safety = min(whole.Safety, o.Safety)
	whole.Notes = append(slices.Clone(whole.Notes), o.Notes...)
	whole.Changes = append(slices.Clone(whole.Changes), o.Changes...)
	whole.Others = append(whole.Others, o.Others...)
	if !slices.Contains(whole.With, o.Fixer) {
		whole.With = append(whole.With, o.Fixer)
	}
}

// completedBy returns the outcome of the applied fix that another completes: the
// one at its place, or else the last. It is nil if there is none.
func (r *run) completedBy(o Outcome) *Outcome {
	i := slices.IndexFunc(r.fixers, func(f fix.Fixer) bool { return f.Name == o.Fixer })
	if i < 0 || r.fixers[i].Completes == "" {
		return nil
	}
	var last *Outcome
	for n := range r.outcomes {
		whole := &r.outcomes[n]
		if whole.Status != Applied || whole.Fixer != r.fixers[i].Completes {
			continue
		}
		if whole.Position.Line == o.Position.Line {
			return whole
		}
		last = whole
	}
	return last
}

// tellHalves adds the applied fixes whose completion could not be made, with the
// reason, by identity. It reports whether there are any.
func (r *run) tellHalves(halves map[string]string) bool {
	found := false
	for _, o := range r.outcomes {
		reason, failed := r.quarantine[o.ID]
		if o.Status != Quarantined || !failed {
			continue
		}
		if whole := r.completedBy(o); whole != nil {
			halves[whole.ID] = o.Fixer + " cannot complete it: " + reason
			found = true
		}
	}
	return found
}
