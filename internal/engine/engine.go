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
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

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
	// Accepted remembers what Docker accepts from one file to the next; nil remembers it
	// for as long as this one takes.
	Accepted *contract.Accepted
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
	if in.Accepted == nil {
		in.Accepted = &contract.Accepted{}
	}
	file := syntax.Parse(src)
	original := newReading(file, build.New(file, in.Build), in)
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
