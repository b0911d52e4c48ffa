package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// maxRounds bounds the rounds of a file. Each applies a fix at least; no file of
// the corpus takes more than six.
const maxRounds = 32

// A run is the work on one file.
type run struct {
	in         Input
	fixers     []fix.Fixer
	original   *reading
	tests      bool              // every batch is held against the contract
	rounds     []edit.Trace      // of what each round changed
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

// holds returns the contract's violation, or nil.
func (r *run) holds(at *reading, changes []fix.Change) error {
	if at.file == r.original.file {
		return nil
	}
	return r.original.contract.Permits(at.contract, changes)
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

func newReading(file *syntax.File, model *build.Model, in Input) *reading {
	return &reading{file: file, model: model, contract: contract.Read(file, model, in.Images, in.Accepted)}
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
	running := ""
	pass := &fix.Pass{
		File: at.file, Build: at.model, Original: r.original.model, Context: r.in.Context, Settings: r.in.Settings, Evidence: r.in.Evidence,
		Repository: r.in.Repository, Path: r.in.Path, CameFrom: r.cameFrom,
		Read: func(path string) (string, error) { return r.other(at, path) },
		Report: func(found fix.Finding) {
			judged := r.judge(at, finding{Finding: found, fixer: running})
			busy[running] = busy[running] || judged.status == Deferred
			at.findings = append(at.findings, judged)
		},
	}
	for _, f := range r.fixers {
		if slices.ContainsFunc(f.After, func(name string) bool { return busy[name] }) {
			busy[f.Name], waiting = true, true
			continue
		}
		running = f.Name
		f.Run(pass)
	}
	return waiting
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
		next = newReading(file, at.model.Next(file), r.in)
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
	r.rounds = append(r.rounds, edit.TraceOf(edits))
	r.appliers = append(r.appliers, names)
}
