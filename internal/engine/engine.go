// Package engine rewrites one Dockerfile: it runs the fixers, applies what they
// propose, and repeats until nothing is left to do.
//
// Invariants:
//   - A fix is applied whole or not at all, and only if the contract of the file
//     as it came still holds afterwards. One that breaks it is quarantined, with
//     the reason, and the others go on.
//   - The result is a fix point: the fixers propose nothing more for it, so that
//     a second run changes nothing. Fixers that undo each other are named, and
//     the file stays as it was.
//   - The same input gives the same output, whatever the order of files.
package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// maxRounds bounds the rounds of a file. Each applies a fix at least; no file of
// the corpus takes more than six.
const maxRounds = 32

// GCPercent is what programs that rewrite many files do well to collect garbage at: a
// file's is small and short-lived. It saves a tenth of the time that 100 takes, and
// memory stays far below 300 MB on 10,000 files.
const GCPercent = 400

// An Input is one Dockerfile and what is known around it.
type Input struct {
	Name     string // for messages
	Text     string
	Context  *project.Context // nil if the build context is not known
	Build    build.Options
	Settings fix.Settings
	// AtLeast is the least safe fix to apply. The zero value applies what is
	// Review or Safe: a fix that is ShowOnly is never applied.
	AtLeast  fix.Safety
	Evidence *fix.Evidence // nil if nothing was built
	// Images tells the contract of base images beside what package facts knows; nil
	// asks no one.
	Images contract.Images
	// Exclude leaves out fixes that someone has tried and found wanting; nil leaves
	// out none.
	Exclude Exclude
	// Suppressed reports whether the user keeps a fixer from a place, and why.
	Suppressed func(file *syntax.File, fixer string, at source.Span) (reason string, ok bool)

	// Repository is where the Dockerfile lies, at Path, nil if that is not known.
	// Left are the files of it that runs before this one have changed.
	Repository *project.Repository
	Path       string
	Left       map[string]string
}

// Exclude reports whether a fix, by its fixer and its identity, is to be left out,
// and why.
type Exclude func(fixer, id string) (reason string, ok bool)

// Status is what became of a finding.
type Status string

const (
	Applied     Status = "applied"
	Declined    Status = "declined"
	Deferred    Status = "deferred" // stood in another fix's way until the rounds ended
	Quarantined Status = "quarantined"
	Suppressed  Status = "suppressed"
	BelowSafety Status = "below-safety"
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

// Refused is the error for a file that cannot be rewritten.
type Refused = contract.Refused

// Run rewrites a file. The fixers are in the order of fix.Order. The error is a
// *Refused where Docker does not accept the file, or the context's.
//
// At first the fixers are trusted, and the contract is held against the final text
// alone. Where it is broken, or they come to no end, they begin anew, and every
// batch is held against it.
func Run(ctx context.Context, in Input, fixers []fix.Fixer) (Result, error) {
	src := source.New(in.Name, in.Text)
	if refused := unreadable(src); refused != nil {
		return Result{Text: in.Text}, refused
	}
	file := syntax.Parse(src)
	original := newReading(file, build.New(file, in.Build), in.Images)
	if err := original.contract.Accept(); err != nil {
		return Result{Text: in.Text}, err
	}
	halves := map[string]string{}
	for {
		r := newRun(in, fixers, original, halves)
		result, broken, err := r.trusting(ctx)
		if err == nil && broken {
			r = newRun(in, fixers, original, halves)
			result, err = r.testing(ctx)
		}
		if err != nil {
			return Result{Text: in.Text}, err
		}
		if !r.tellHalves(halves) {
			return result, nil
		}
	}
}

// unreadable says why the bytes of a file are no text.
func unreadable(src *source.File) *Refused {
	for i, c := range src.Text {
		switch {
		case c == 0:
			return refused(src, i, "the file holds a NUL byte")
		case c == '\uFFFD' && !strings.HasPrefix(src.Text[i:], "\uFFFD"):
			return refused(src, i, "the file is not valid UTF-8")
		}
	}
	return nil
}

func refused(src *source.File, offset int, message string) *Refused {
	p := src.Position(offset)
	return &Refused{Line: p.Line, Column: p.Column, Message: message}
}

// A run is the work on one file.
type run struct {
	in         Input
	fixers     []fix.Fixer
	original   *reading
	tests      bool              // every batch is held against the contract
	rounds     [][]edit.Edit     // what each round changed
	appliers   [][]string        // the fixers that each round applied
	changes    []fix.Change      // what all applied fixes declared
	outcomes   []Outcome         // of the applied fixes
	quarantine map[string]string // reasons, by identity of the fix
	seen       map[string]int    // the round that began with a text
	came       map[string]string // the other files that were read, as they came
}

func newRun(in Input, fixers []fix.Fixer, original *reading, quarantine map[string]string) *run {
	return &run{in: in, fixers: fixers, original: original, quarantine: maps.Clone(quarantine), seen: map[string]int{}, came: map[string]string{}}
}

// trusting runs the fixers until they rest, and then holds the contract. It
// reports broken, without a result, where the contract or they do not hold.
func (r *run) trusting(ctx context.Context) (_ Result, broken bool, _ error) {
	end, _, err := r.rest(ctx)
	switch {
	case err != nil:
		return Result{}, false, err
	case end == nil:
		return Result{}, true, nil
	case r.holds(end, r.changes) != nil:
		return Result{}, true, nil
	}
	return r.result(end), false, nil
}

// holds returns the contract's violation, or nil.
func (r *run) holds(at *reading, changes []fix.Change) error {
	if at.file == r.original.file {
		return nil
	}
	return r.original.contract.Permits(at.contract, changes)
}

// testing runs the fixers until they rest, and holds the contract after every
// batch.
func (r *run) testing(ctx context.Context) (Result, error) {
	r.tests = true
	end, culprits, err := r.rest(ctx)
	switch {
	case err != nil:
		return Result{}, err
	case end == nil:
		return r.abandon(culprits), nil
	}
	return r.result(end), nil
}

// rest repeats rounds until nothing is left to apply. It returns the last text, or
// nil and the fixers that undo each other.
func (r *run) rest(ctx context.Context) (end *reading, culprits []string, err error) {
	at := r.original
	for range maxRounds {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		next := r.round(at)
		if next == nil {
			return at, nil, nil
		}
		if since, again := r.seen[next.state()]; again {
			return nil, r.names(since), nil
		}
		at = next
	}
	return nil, r.names(0), nil
}

// A reading is a text and what it means.
type reading struct {
	file     *syntax.File
	model    *build.Model
	contract *contract.Reading
	others   map[string]string // the other files as the fixes so far have left them
	findings []finding
}

func newReading(file *syntax.File, model *build.Model, images contract.Images) *reading {
	return &reading{file: file, model: model, contract: contract.Read(file, model, images)}
}

// A finding is a fixer's finding and its fate in this round.
type finding struct {
	fix.Finding
	fixer  string
	id     string // of its fix
	status Status
	reason string
}

// round runs the fixers and applies one batch. It returns the text after it, or
// nil if there was nothing to apply.
func (r *run) round(at *reading) *reading {
	r.seen[at.state()] = len(r.rounds)
	for {
		waiting := r.look(at)
		batch := choose(at.findings, func(path string) int { return r.length(at, path) })
		for len(batch) > 0 {
			next, err := r.try(at, batch)
			if err == nil {
				r.commit(batch)
				return next
			}
			r.isolate(at, batch, err)
			batch = choose(at.findings, func(path string) int { return r.length(at, path) })
		}
		if !waiting {
			return nil
		}
		// All that some waited for is quarantined now, so that they run next time.
	}
}

// look runs the fixers on a text, and reports whether one was held back because a
// fixer that it comes after still has something to apply.
func (r *run) look(at *reading) (waiting bool) {
	at.findings = nil
	busy := map[string]bool{}
	for _, f := range r.fixers {
		if slices.ContainsFunc(f.After, func(name string) bool { return busy[name] }) {
			busy[f.Name], waiting = true, true
			continue
		}
		f.Run(&fix.Pass{
			File: at.file, Build: at.model, Original: r.original.model, Context: r.in.Context, Settings: r.in.Settings, Evidence: r.in.Evidence,
			Repository: r.in.Repository, Path: r.in.Path,
			Read: func(path string) (string, error) { return r.other(at, path) },
			Report: func(found fix.Finding) {
				judged := r.judge(at, finding{Finding: found, fixer: f.Name})
				busy[f.Name] = busy[f.Name] || judged.status == Deferred
				at.findings = append(at.findings, judged)
			},
		})
	}
	return waiting
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

// try applies a batch.
func (r *run) try(at *reading, batch []*finding) (*reading, error) {
	var edits []edit.Edit
	changes := slices.Clip(r.changes) // a batch that fails leaves nothing behind
	for _, f := range batch {
		edits = append(edits, f.Fix.Edits...)
		changes = append(changes, f.Fix.Changes...)
	}
	text, err := edit.Apply(at.file.Text, edits)
	if err != nil {
		return nil, err
	}
	others, err := r.edited(at, batch)
	if err != nil {
		return nil, err
	}
	next := &reading{file: at.file, model: at.model, contract: at.contract, others: others}
	if text != at.file.Text {
		file := syntax.Parse(source.New(r.in.Name, text))
		next = newReading(file, at.model.Next(file), r.in.Images)
		next.others = others
	}
	if next.state() == at.state() {
		return nil, fmt.Errorf("the fix changes nothing")
	}
	if !r.tests {
		return next, nil
	}
	return next, r.holds(next, changes)
}

// isolate finds the fixes of a failed batch that break the contract, alone or on
// top of those before them, and quarantines them.
func (r *run) isolate(at *reading, batch []*finding, err error) {
	good := make([]*finding, 0, len(batch))
	for _, f := range batch {
		if len(batch) > 1 {
			_, err = r.try(at, append(good, f))
		}
		if err == nil {
			good = append(good, f)
			continue
		}
		f.status, f.reason = Quarantined, err.Error()
		r.quarantine[f.id] = f.reason
	}
}

func (r *run) commit(batch []*finding) {
	var edits []edit.Edit
	var names []string
	for _, f := range batch {
		f.status = Applied
		edits = append(edits, f.Fix.Edits...)
		names = append(names, f.fixer)
		r.changes = append(r.changes, f.Fix.Changes...)
		r.tell(*f)
	}
	r.rounds = append(r.rounds, edits)
	r.appliers = append(r.appliers, names)
}

// outcome tells of a finding of the current round in terms of the original.
func (r *run) outcome(f finding) Outcome {
	offset := f.At.Start
	for i := len(r.rounds) - 1; i >= 0; i-- {
		offset = edit.Back(r.rounds[i], offset)
	}
	o := Outcome{
		Fixer: f.fixer, ID: f.id, Status: f.status, Position: r.original.file.Position(offset),
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

func (r *run) result(at *reading) Result {
	for _, f := range at.findings {
		r.outcomes = append(r.outcomes, r.outcome(f))
	}
	return Result{Text: at.file.Text, Outcomes: r.outcomes, Others: r.changed(at), Read: r.came}
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
