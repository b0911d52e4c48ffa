package engine

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A finding is a fixer's finding and its fate in this round.
type finding struct {
	fix.Finding
	fixer  string
	id     string // of its fix
	status Status
	reason string
}

// judge sets the status that a finding has before batches are chosen.
func (r *run) judge(at *reading, f finding) finding {
	f.id = f.identity(at.file.Text)
	if reason, ok := r.suppressed(at.file, f); ok {
		f.status, f.reason = Suppressed, reason
		return f
	}
	reason, bad := r.quarantine[f.id]
	if !bad && f.Fix != nil && r.in.Exclude != nil {
		reason, bad = r.in.Exclude(f.fixer, f.id)
	}
	switch {
	case f.Fix == nil:
		f.status, f.reason = Declined, f.Finding.Declined
	case bad:
		f.status, f.reason = Quarantined, reason
	case f.Fix.Safety < max(fix.Review, r.in.AtLeast):
		f.status, f.reason = BelowSafety, "it is "+f.Fix.Safety.String()
	default:
		f.status = Deferred
	}
	return f
}

// suppressed reports whether the user keeps the fixer from where the finding is
// or from a place that its fix would write.
func (r *run) suppressed(file *syntax.File, f finding) (reason string, ok bool) {
	if r.in.Suppressed == nil {
		return "", false
	}
	places := []source.Span{f.At}
	if f.Fix != nil {
		for _, e := range f.Fix.Edits {
			places = append(places, e.Span)
		}
	}
	for _, place := range places {
		if reason, ok := r.in.Suppressed(file, f.fixer, place); ok {
			return reason, true
		}
	}
	return "", false
}

// identity tells a fix from others, wherever it has moved to.
func (f finding) identity(text string) string {
	var b strings.Builder
	b.WriteString(f.fixer)
	if f.Fix == nil {
		return b.String()
	}
	for _, e := range f.Fix.Edits {
		if e.Start < 0 || e.End < e.Start || e.End > len(text) {
			continue
		}
		fmt.Fprintf(&b, "\x00%s\x00%s", text[e.Start:e.End], e.New)
	}
	for _, other := range f.Fix.Others {
		fmt.Fprintf(&b, "\x00%s", other.Path)
		for _, e := range other.Edits {
			fmt.Fprintf(&b, "\x00%s", e.New)
		}
	}
	return b.String()
}
