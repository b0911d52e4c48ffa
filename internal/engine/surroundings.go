package engine

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Surroundings are what is known around a Dockerfile. The zero value is nothing.
type Surroundings struct {
	Context *project.Context // nil if none is known
	Dir     string           // of the context, from the root of the repository
	Build   build.Options

	Repository *project.Repository // nil if it is not known
	Path       string              // of the Dockerfile in the repository
}

// Around infers what is known around the Dockerfile at a path of a repository. The
// error is about a context that cannot be read; the rest is valid then, too.
func Around(repository *project.Repository, dockerfile, text string) (Surroundings, error) {
	file := syntax.Parse(source.New(dockerfile, text))
	inferred := repository.Infer(dockerfile, contextSources(file))
	around := Surroundings{Build: build.Options{Targets: inferred.Targets}, Repository: repository, Path: dockerfile}
	if inferred.OpenTarget != "" {
		around.Build.Targets = stageNames(file)
	}
	if inferred.ContextDir == "" {
		return around, nil
	}
	err := around.Take(repository, inferred.ContextDir, dockerfile)
	return around, err
}

// Take makes a folder of a repository the build context. dockerfile is "" if it
// does not lie in the repository.
func (a *Surroundings) Take(repository *project.Repository, dir, dockerfile string) error {
	context, err := repository.Context(dir, dockerfile)
	if err != nil {
		return fmt.Errorf("no build context is known: %w", err)
	}
	a.Context, a.Dir = context, dir
	return nil
}

// contextSources lists the literal sources of COPY and ADD that come from the
// build context.
func contextSources(file *syntax.File) []string {
	var all []string
	for _, inst := range file.Instructions {
		if _, elsewhere := inst.Flag("from"); elsewhere || inst.Name != "COPY" && inst.Name != "ADD" {
			continue
		}
		words := inst.Words()
		for _, word := range words[:max(len(words)-1, 0)] {
			if !strings.ContainsAny(word.Text, "$<") && !strings.Contains(word.Text, ":") {
				all = append(all, word.Text)
			}
		}
	}
	return all
}

// stageNames lists the stages of a file by name.
func stageNames(file *syntax.File) []string {
	var all []string
	for _, stage := range build.New(file, build.Options{}).Stages {
		if stage.Name != "" {
			all = append(all, stage.Name)
		}
	}
	return all
}
