package report

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/engine"
)

// Outcomes gives what the engine found the form of a report, by line.
func Outcomes(found []engine.Outcome) []Outcome {
	var all []Outcome
	for _, o := range found {
		out := Outcome{
			Fixer: o.Fixer, Status: string(o.Status), Line: o.Position.Line,
			Message: o.Message, Reason: o.Reason, Notes: o.Notes, Also: slices.Clone(o.Others), With: o.With,
		}
		if o.Status != engine.Declined {
			out.Safety = o.Safety.String()
		}
		all = append(all, out)
	}
	slices.SortStableFunc(all, func(a, b Outcome) int { return a.Line - b.Line })
	return all
}
