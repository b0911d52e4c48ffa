// Package contract holds a rewritten Dockerfile against the one before it: does
// the image still do what it did, but for what the fixes declared?
//
// Invariants: nothing is built or fetched, and nothing but the two files is
// looked at, so that the answer is the same everywhere, unless the caller knows
// better what their base images are (Images). A Reading is lazy, since
// most files are never compared, and belongs to one goroutine. What cannot be
// read (a RUN under PowerShell, a variable without value) is compared as written.
// Beside the two texts, the images that BuildKit would make of them are compared
// (outcome.go, graphs.go): the texts tell what a build argument may change, BuildKit
// what a base image adds, what reaches an image, and what it warns of.
// A difference that no rule allows is a violation; an image that the rules cannot
// tell apart may still differ, which is what package verify builds for.
package contract

import (
	"maps"
	"slices"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A Reading is what the contract knows of one text of a Dockerfile.
type Reading struct {
	file     *syntax.File
	model    *build.Model
	images   Images    // nil if nothing is asked
	accepted *Accepted // nil remembers nothing

	comments []string   // text of the comment lines, "" where there is none; see commentTexts
	stages   []*stage   // as model.Stages; see read
	copied   []copyItem // in the order of the file
	runs     []*run     // in the order of the file
	isRead   bool
	builds   map[buildKey]*built
}

// Read prepares a text for the comparison. images tells of base images beside what
// package facts knows; nil asks no one. accepted is what Docker is known to accept.
func Read(file *syntax.File, model *build.Model, images Images, accepted *Accepted) *Reading {
	return &Reading{file: file, model: model, images: images, accepted: accepted}
}

// Accept returns a *Refused if Docker refuses the text.
func (r *Reading) Accept() error { return accept(r.file, r.accepted) }

// A stage is a stage of the file with what the contract compares of it.
type stage struct {
	*build.Stage
	reading *Reading
	runs    []*run     // its own
	copies  []copyItem // its own
	end     *state     // at its end
	lists   lists      // at its end
}

// read walks the file once.
func (r *Reading) read() {
	if r.isRead {
		return
	}
	r.isRead = true
	for _, s := range r.model.Stages {
		st := &stage{Stage: s, reading: r}
		r.stages = append(r.stages, st)
		st.walk()
	}
}

func (r *Reading) stageOf(s *build.Stage) *stage {
	if s == nil {
		return nil
	}
	return r.stages[s.Index]
}

// last is the stage that a build without --target makes.
func (r *Reading) last() *stage { return r.stageOf(r.model.Last()) }

// chain is the stages that s is built on, itself last.
func (s *stage) chain() []*stage {
	var chain []*stage
	for _, b := range s.Chain() {
		chain = append(chain, s.reading.stages[b.Index])
	}
	return chain
}

// isFed reports whether the image of s is made of more than its chain.
func (s *stage) isFed() bool { return len(s.feeds()) > len(s.chain()) }

// feeds is every stage that the image of s is made of: its chain, and what they
// copy or mount from, in the order of the file.
func (s *stage) feeds() []*stage {
	used := map[*stage]bool{}
	var visit func(*stage)
	visit = func(s *stage) {
		if s == nil || used[s] {
			return
		}
		used[s] = true
		visit(s.reading.stageOf(s.Base))
		for _, c := range s.copies {
			visit(s.reading.stageOf(c.Stage))
		}
		for _, r := range s.runs {
			for _, m := range r.mounts {
				visit(s.reading.stageOf(m.from))
			}
		}
	}
	visit(s)
	return slices.SortedFunc(maps.Keys(used), func(a, b *stage) int { return a.Index - b.Index })
}
