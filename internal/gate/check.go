package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// workers is the number of cores that the numbers are promised on.
const workers = 2

// patience is how long one file may take. The slowest honest one takes a tenth
// of a second.
const patience = 30 * time.Second

// A breach is a hard number missed by one file.
type breach struct {
	What   string // the kind, the same for all of its kind
	Detail string
}

// A verdict is what the engine made of a sample, and what is wrong with that.
type verdict struct {
	sample
	result   engine.Result
	refused  error
	breaches []breach
	took     time.Duration
}

func (v verdict) changed() bool { return v.result.Text != v.Text }

// checkAll runs the fixers over the samples: for each setting the verdicts in the order
// of the samples.
func checkAll(samples []sample, settings []setting, fixers []fix.Fixer) [][]verdict {
	all := make([][]verdict, len(settings))
	for n := range all {
		all[n] = make([]verdict, len(samples))
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				known := readings{}
				for n, setting := range settings {
					all[n][i] = check(samples[i], setting, fixers, known)
				}
			}
		})
	}
	for i := range samples {
		next <- i
	}
	close(next)
	wg.Wait()
	return all
}

// A reading is a text as the gate reads it, by BuildKit's parser and not by drydock's.
type reading struct {
	text    string
	ast     *parser.Node
	refused error // by BuildKit

	counted   bool // the rest is there; see count
	inventory inventory
	opaque    bag
}

// count takes stock of what must not get lost, once.
func (r *reading) count() {
	if !r.counted {
		r.inventory, r.opaque, r.counted = takeInventory(r.text, r.ast), opaque(r.text), true
	}
}

// readings are those of a sample and of what became of it, by their texts: settings
// have most of them in common.
type readings map[string]*reading

func (known readings) of(text string) *reading {
	if known[text] == nil {
		ast, err := buildkitAccepts(text)
		known[text] = &reading{text: text, ast: ast, refused: err}
	}
	return known[text]
}

// check rewrites one sample, and the result again, and compares.
func check(s sample, setting setting, fixers []fix.Fixer, known readings) (v verdict) {
	v.sample = s
	v.result.Text = s.Text
	hang := time.AfterFunc(patience, func() {
		fmt.Fprintf(os.Stderr, "%s: still at it after %v\n", s.Path, patience)
		os.Exit(1)
	})
	defer hang.Stop()
	defer func() {
		if p := recover(); p != nil {
			v.result = engine.Result{Text: s.Text}
			v.breaches = append(v.breaches, breach{"crash", fmt.Sprintf("%v\n%s", p, ownFrames(debug.Stack()))})
		}
	}()
	if got := reassembled(s.Text); got != s.Text {
		v.breaches = append(v.breaches, breach{"parse does not give the bytes back", ""})
	}
	began := time.Now()
	v.result, v.refused = engine.Run(context.Background(), setting.input(s.Text), fixers)
	v.took = time.Since(began)
	before := known.of(s.Text)
	if (v.refused != nil) == (before.refused == nil) {
		v.breaches = append(v.breaches, breach{"accepted by one of BuildKit and drydock only", fmt.Sprintf("drydock: %v; BuildKit: %v", v.refused, before.refused)})
	}
	for _, o := range v.result.Outcomes {
		if o.Status == engine.Quarantined && strings.Contains(o.Reason, "undo each other") {
			v.breaches = append(v.breaches, breach{"oscillation", o.Reason})
			break
		}
	}
	if v.refused != nil || before.refused != nil || !v.changed() {
		return v
	}
	after := known.of(v.result.Text)
	if after.refused != nil {
		v.breaches = append(v.breaches, breach{"BuildKit rejects the output", after.refused.Error()})
		return v
	}
	before.count()
	after.count()
	v.breaches = append(v.breaches, newlyOpaque(before.opaque, after.opaque)...)
	var changes []fix.Change
	for _, o := range v.result.Outcomes {
		if o.Status == engine.Applied {
			changes = append(changes, o.Changes...)
		}
	}
	v.breaches = append(v.breaches, losses(before.inventory, after.inventory, changes)...)
	again, err := engine.Run(context.Background(), setting.input(v.result.Text), fixers)
	if err != nil || again.Text != v.result.Text {
		v.breaches = append(v.breaches, breach{"a second run changes the file", fmt.Sprint(applied(again), err)})
	}
	return v
}

// applied are the messages of what was applied.
func applied(r engine.Result) []string {
	var messages []string
	for _, o := range r.Outcomes {
		if o.Status == engine.Applied {
			messages = append(messages, o.Fixer+": "+o.Message)
		}
	}
	return messages
}

// reassembled is the file as its lines give it back.
func reassembled(text string) string {
	f := syntax.Parse(source.New("Dockerfile", text))
	var b strings.Builder
	for _, l := range f.Lines {
		b.WriteString(f.Slice(l.Span))
	}
	return b.String()
}

func buildkitAccepts(text string) (*parser.Node, error) {
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	if _, _, err = instructions.Parse(result.AST, linter.New(&linter.Config{})); err != nil {
		return nil, err
	}
	return result.AST, nil
}

// newlyOpaque says which commands the shell's parser reads before and cannot read
// after, by those that it cannot.
func newlyOpaque(before, after bag) []breach {
	var out []breach
	for _, reason := range after.missing(before, func(string) bool { return false }) {
		out = append(out, breach{"the shell's parser rejects the output", reason})
	}
	return out
}

// opaque counts the commands of a file that cannot be read, by reason.
func opaque(text string) bag {
	reasons := bag{}
	for _, s := range build.New(syntax.Parse(source.New("Dockerfile", text)), build.Options{}).Stages {
		for _, inst := range s.Instructions {
			if inst.Trigger != nil {
				inst = inst.Trigger
			}
			if !slices.Contains([]string{"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"}, inst.Name) {
				continue
			}
			if script := s.Script(inst); script.Opaque != "" {
				reasons[script.Opaque]++
			}
		}
	}
	return reasons
}

// ownFrames are the lines of a stack that stand in this module, the first few.
func ownFrames(stack []byte) string {
	var lines []string
	for line := range strings.Lines(string(stack)) {
		if strings.HasPrefix(line, "\t") && strings.Contains(line, "drydock") || strings.Contains(line, "/internal/") || strings.Contains(line, "/fixers/") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines[:min(len(lines), 14)], "\n")
}
