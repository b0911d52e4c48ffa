package verify

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
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
	return bases{v.bases[before], v.bases[after], before != "" && before == after}, nil
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
	return read(v.withArgs(text), v.options.Targets)
}

func read(text string, targets []string) *build.Model {
	return build.New(syntax.Parse(source.New("Dockerfile", text)), build.Options{Targets: targets})
}

// withArgs gives the text in which the ARGs before the first FROM have the values
// that the user passes, as the images after FROM do in the build.
func (v *Verifier) withArgs(text string) string {
	var out strings.Builder
	done := 0
	for _, inst := range read(text, nil).Args {
		for _, w := range inst.Words() {
			name, _, _ := strings.Cut(w.Text, "=")
			value, ok := v.options.Request.Args[name]
			if !ok {
				continue
			}
			// After the ARG itself: ARGs below it may use it.
			fmt.Fprintf(&out, "%s\nARG %s=%s", text[done:inst.Span.End], name, quote(value))
			done = inst.Span.End
		}
	}
	return out.String() + text[done:]
}

// quote makes a value one word of a Dockerfile that means itself.
func quote(value string) string { return "'" + strings.ReplaceAll(value, "'", `'"'"'`) + "'" }

// images are all images that a text is built on or takes files from, sorted. known
// is false if one of them is named by what only the build knows.
func (v *Verifier) images(text string) (refs []string, known bool) {
	known = true
	add := func(ref string) {
		switch {
		case ref == "":
			known = false
		case ref != "scratch":
			refs = append(refs, ref)
		}
	}
	model := v.model(text)
	for _, s := range model.Stages {
		if s.Base == nil {
			add(s.Ref)
		}
		for _, inst := range s.Instructions {
			for _, from := range takesFrom(inst) {
				x := s.Expand(inst, from)
				switch {
				case !x.Known:
					add("")
				case model.StageBy(x.Text, s.Index) == nil:
					add(x.Text)
				}
			}
		}
	}
	slices.Sort(refs)
	return slices.Compact(refs), known
}

// takesFrom are the stages and images, as written, whose files an instruction
// copies or mounts.
func takesFrom(inst *syntax.Instruction) []string {
	var all []string
	for _, f := range inst.Flags {
		switch f.Name {
		case "from":
			all = append(all, f.Value)
		case "mount":
			for option := range strings.SplitSeq(f.Value, ",") {
				if value, ok := strings.CutPrefix(option, "from="); ok {
					all = append(all, value)
				}
			}
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
