package multistage

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// buildNames are what authors call the stage that builds for the last one. A stage of
// another name that nothing takes from may be an image of its own: dev, test, debug.
var buildNames = []string{"build", "builder", "build-env", "build-stage", "builder-base", "build-deps", "deps", "dependencies", "install", "installer", "python-deps", "venv", "bundle", "bundler", "gems", "modules", "packages", "requirements", "wheels"}

// unusedBuild is the build stage that a last stage forgets altogether, since it copies
// from none, and the instruction of the last stage in front of which its files belong:
//
//	FROM python:3.11 AS builder
//	RUN pip install -r requirements.txt
//	FROM python:3.11-slim
//	COPY . .
//
// It is nil where more than one stage could be meant, or none.
func unusedBuild(last *build.Stage) (from *build.Stage, first *syntax.Instruction) {
	for _, s := range last.Model().Stages {
		switch {
		case slices.Contains(last.Chain(), s):
			continue
		case from != nil || !s.IsImage() || !slices.Contains(buildNames, s.Name):
			return nil, nil
		}
		from = s
	}
	if from == nil {
		return nil, nil
	}
	for _, inst := range last.Instructions {
		c, ok := last.CopyOf(inst)
		if ok && c.From != "" {
			return nil, nil
		}
		if ok && first == nil {
			first = inst
		}
	}
	return from, first
}

// declareStage declares that the last image is now made with what a stage runs and copies.
func (l *ledger) declareStage(from *build.Stage) {
	l.note("nothing was taken from stage %s before", stageName(from))
	l.declare(fix.ChangeBase, from.Bottom().Ref)
	for _, s := range from.Chain() {
		for _, e := range commandsOf(s) {
			l.declare(fix.AddCommand, commandText(e))
		}
		for _, inst := range s.Instructions {
			c, _ := s.CopyOf(inst)
			for _, src := range c.Sources {
				l.declare(fix.AddCopy, src.Word.Text)
			}
		}
	}
}
