package verify

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// basesOf gives the images that the final stages of both texts are built on.
func (v *Verifier) basesOf(ctx context.Context, r Rewrite) (bases, error) {
	before, after := v.bottom(r.Before), v.bottom(r.After)
	if err := v.resolve(ctx, before, after); err != nil {
		return bases{}, err
	}
	return bases{v.bases[before], v.bases[after]}, nil
}

// resolve asks the builder about images that are not known yet.
func (v *Verifier) resolve(ctx context.Context, refs ...string) error {
	var unknown []string
	for _, ref := range refs {
		if _, ok := v.bases[ref]; !ok && ref != "" && ref != "scratch" {
			unknown = append(unknown, ref)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	found, err := v.options.Builder.Bases(ctx, v.options.Request, unknown)
	if err != nil {
		return err
	}
	for _, ref := range unknown {
		v.bases[ref] = found[ref] // the zero value for one that was not found
	}
	return nil
}

// bottom is the image below the stage that is built, "" if it is not known.
func (v *Verifier) bottom(text string) string {
	model := v.model(text)
	if len(model.Stages) == 0 {
		return ""
	}
	stage := model.Last()
	for _, s := range model.Stages {
		if s.Name != "" && s.Name == v.options.Request.Target {
			stage = s
		}
	}
	return stage.Bottom().Ref
}

func (v *Verifier) model(text string) *build.Model {
	return build.New(syntax.Parse(source.New("Dockerfile", text)), build.Options{Targets: v.options.Targets})
}

// refs are all images that a text is built on.
func (v *Verifier) refs(text string) []string {
	var all []string
	for _, s := range v.model(text).Stages {
		if s.Base == nil {
			all = append(all, s.Ref)
		}
	}
	return all
}

// rebuild builds a text again with a blank line added to a file of the source.
func (v *Verifier) rebuild(ctx context.Context, text string) (*Timing, error) {
	r := v.options.Request
	r.Dockerfile = text
	r.Edited = sourceFile(r)
	if r.Edited == "" {
		return nil, nil
	}
	// A blank line that no build has seen, which no language minds.
	r.Edit = "\n" + strings.Repeat(" ", 1+rand.IntN(1000)) + "\n"
	result, err := v.options.Builder.Build(ctx, r, nil)
	var failure *builder.Failure
	switch {
	case asFailure(err, &failure):
		return nil, nil // the edit is none that this source takes
	case err != nil:
		return nil, err
	}
	return newTiming(result, r.Edited), nil
}
