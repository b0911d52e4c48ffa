package engine

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
)

// Status is what became of a finding.
type Status string

const (
	Applied     Status = "applied"      // and in the result, as nothing else is
	Declined    Status = "declined"     // the fixer has no fix, and says why
	Deferred    Status = "deferred"     // stood in another fix's way until the rounds ended
	Quarantined Status = "quarantined"  // would have broken the contract
	Suppressed  Status = "suppressed"   // a comment in the file asks for that
	BelowSafety Status = "below-safety" // changes more than the caller allows
)

// An Outcome is a finding and what became of it.
type Outcome struct {
	Fixer    string
	ID       string // of the fix, the same wherever it is made; see Input.Exclude
	Status   Status
	Safety   fix.Safety
	Position source.Position // in the text as it came
	Message  string          // what the fix does
	Reason   string          // why it was not applied
	Notes    []string
	Changes  []fix.Change // what an applied fix declared to change about the image
	Others   []string     // the other files that the fix edits
	With     []string     // the fixers that completed it
}

// A Result is what became of a file.
type Result struct {
	Text     string // the input's text if nothing was applied
	Outcomes []Outcome
	Others   []Other // the other files that were edited, in order of their paths
	// Read are the other files that the result depends on, with their texts as they
	// came.
	Read map[string]string
}

// An Other is a file beside the Dockerfile that fixes edit.
type Other struct {
	Path          string // in the repository
	Before, After string
}

// outcome tells of a finding of the current round in terms of the original.
func (r *run) outcome(f finding) Outcome {
	o := Outcome{
		Fixer: f.fixer, ID: f.id, Status: f.status, Position: r.cameFrom(f.At.Start),
		Message: f.Message, Reason: f.reason,
	}
	if f.Fix != nil {
		o.Safety, o.Notes, o.Changes = f.Fix.Safety, f.Fix.Notes, f.Fix.Changes
		for _, other := range f.Fix.Others {
			o.Others = append(o.Others, other.Path)
		}
	}
	return o
}

// cameFrom is where an offset of the current round's text was in the original.
func (r *run) cameFrom(offset int) source.Position {
	for _, trace := range slices.Backward(r.rounds) {
		offset = trace.Back(offset)
	}
	return r.original.file.Position(offset)
}

func (r *run) result(at *reading) Result {
	for _, f := range at.findings {
		r.outcomes = append(r.outcomes, r.outcome(f))
	}
	return Result{Text: at.file.Text, Outcomes: r.outcomes, Others: r.changed(at), Read: r.came}
}

// abandon gives the file back as it came: the fixers do not come to an end.
func (r *run) abandon(culprits []string) Result {
	reason := "the fixers undo each other: " + strings.Join(culprits, ", ")
	var outcomes []Outcome
	for _, o := range r.outcomes {
		o.Status, o.Reason = Quarantined, reason
		outcomes = append(outcomes, o)
	}
	return Result{Text: r.in.Text, Outcomes: outcomes, Read: r.came}
}

// names are the fixers applied from a round on, each once.
func (r *run) names(since int) []string {
	var names []string
	known := map[string]bool{}
	for _, applied := range r.appliers[since:] {
		for _, n := range applied {
			if !known[n] {
				names = append(names, n)
			}
			known[n] = true
		}
	}
	return names
}
