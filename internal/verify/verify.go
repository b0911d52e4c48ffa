// Package verify proves a rewrite: it builds a Dockerfile before and after with a
// real builder, starts both images, and compares. What it finds it names.
//
// Invariants:
//   - A finding is a difference to the image as it was. What fails before as well
//     is no finding, and a Dockerfile that does not build as it is proves nothing.
//   - Only what the fixes declared, and what the user accepts, may differ.
//   - Nothing runs without being asked for, and nothing that was started is left.
package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/verify/builder"
	"github.com/drydock-dev/drydock/internal/verify/image"
	"github.com/drydock-dev/drydock/internal/verify/probe"
)

// Options say how to verify.
type Options struct {
	Builder builder.Builder
	Request builder.Request // without the Dockerfile
	Targets []string        // stages that someone builds by --target; see build.Options
	Smoke   string          // a command to run in the started image
	Start   time.Duration   // how long to wait for the ports of a started image; 0 means a minute
	Accept  []Accepted
	// Rebuild measures a rebuild after an edit of the source.
	Rebuild bool
	Cache   *Cache // nil for none
}

// settle is how long a started command is watched at least: one that is going to
// fail does so at once.
const settle = 2 * time.Second

// A Rewrite is what to prove.
type Rewrite struct {
	Before, After string
	// Changes are what the fixes declared to change. ByHand says that a person
	// wrote After and declared nothing: the base, the user and new variables may
	// differ then.
	Changes []fix.Change
	ByHand  bool
}

// A Verifier verifies the rewrites of one Dockerfile. What it saw of a text it
// keeps.
type Verifier struct {
	options Options
	seen    map[string]*observation
	bases   map[string]builder.Base
}

// New makes a verifier.
func New(o Options) *Verifier {
	if o.Start == 0 {
		o.Start = time.Minute
	}
	return &Verifier{options: o, seen: map[string]*observation{}, bases: map[string]builder.Base{}}
}

// An observation is what was seen of one Dockerfile.
type observation struct {
	failure *builder.Failure // it does not build
	image   *image.Image
	probe   *probe.Result
	result  *builder.Result
	// unstarted says why the image was not started, nil if it was.
	unstarted *builder.UnstartedError
}

// Verify builds, starts and compares. The error is about the builder: a Dockerfile
// that does not build is in the report.
func (v *Verifier) Verify(ctx context.Context, r Rewrite) (*Report, error) {
	key := ""
	if v.options.Cache != nil {
		var err error
		if key, err = v.key(ctx, r); err != nil {
			return nil, err
		}
		if key != "" {
			if report := v.options.Cache.read(key); report != nil {
				report.Cached = true
				return report, nil
			}
		}
	}
	report, err := v.verify(ctx, r)
	if err != nil {
		return nil, err
	}
	report.Builder = v.options.Builder.Name()
	if key != "" && report.Failure == nil {
		if err := v.options.Cache.write(key, report); err != nil {
			return nil, err
		}
	}
	return report, nil
}

func (v *Verifier) verify(ctx context.Context, r Rewrite) (*Report, error) {
	before, err := v.observe(ctx, r.Before, nil)
	if err != nil {
		return nil, err
	}
	if before.failure != nil {
		return &Report{Unproven: "it does not build as it is", Failure: newFailure(before.failure)}, nil
	}
	after := before
	if r.After != r.Before {
		if after, err = v.observe(ctx, r.After, before); err != nil {
			return nil, err
		}
	}
	if mayEnd(before) && ends(after) {
		if before, err = v.look(ctx, r.Before, probe.Options{Limit: v.options.Start, Settle: v.options.Start, Smoke: v.options.Smoke}); err != nil {
			return nil, err
		}
	}
	report := &Report{}
	report.Before = v.side(before)
	if after.failure != nil {
		report.Failure = newFailure(after.failure)
		report.Findings = []Finding{{Check: CheckBuild, Subject: after.failure.Step, Message: "it does not build: " + after.failure.Message}}
		return report, nil
	}
	report.After = v.side(after)
	c := &comparison{options: v.options, rewrite: r, before: before, after: after}
	if c.bases, err = v.basesOf(ctx, r); err != nil {
		return nil, err
	}
	report.Findings, report.Removed, report.Added = c.findings(), c.removed, c.added
	if after.unstarted != nil && len(report.Findings) == 0 {
		report.Unproven, report.Unstarted = "it builds, and was not started", true
		report.Failure = &Failure{Message: after.unstarted.Error()}
	}
	if c.unseenFiles && report.Proven() {
		report.Unproven = "it builds and starts, but a lost file would not show"
		report.Failure = &Failure{Message: "this builder does not tell an image's layers, and the base image is another"}
	}
	if v.options.Rebuild && report.Proven() {
		if report.Before.Rebuild, err = v.rebuild(ctx, r.Before); err != nil {
			return nil, err
		}
		if report.After.Rebuild, err = v.rebuild(ctx, r.After); err != nil {
			return nil, err
		}
	}
	return report, nil
}

// observe builds a text and starts the image. first is what was seen of the text
// as it was, nil for that text itself.
func (v *Verifier) observe(ctx context.Context, text string, first *observation) (*observation, error) {
	if known := v.seen[text]; known != nil {
		return known, nil
	}
	options := probe.Options{Limit: v.options.Start, Settle: settle, Smoke: v.options.Smoke}
	if first != nil {
		if ends(first) {
			options.Settle = v.options.Start // it may take longer now
		}
		options.Ports = first.probe.Seen.Listening
		options.Modules = map[string][]string{}
		for _, i := range first.probe.Imports {
			if i.Error == "" {
				options.Modules[i.Language] = append(options.Modules[i.Language], i.Module)
			}
		}
	}
	return v.look(ctx, text, options)
}

// ends reports whether a command ended by itself, and well.
func ends(o *observation) bool {
	return o.failure == nil && o.unstarted == nil && !o.probe.Up && o.probe.ExitCode == 0 && o.probe.Fault == ""
}

// mayEnd reports whether a command that was still up when it was looked at may end by
// itself: nothing shows that it serves.
func mayEnd(o *observation) bool {
	return o.failure == nil && o.unstarted == nil && o.probe.Up && len(o.probe.Seen.Listening) == 0
}

// look builds a text and starts the image, whatever was seen of it.
func (v *Verifier) look(ctx context.Context, text string, options probe.Options) (*observation, error) {
	o := &observation{}
	request := v.options.Request
	request.Dockerfile = text
	result, err := v.options.Builder.Build(ctx, request, func(ctx context.Context, img builder.Image) (err error) {
		o.probe, err = probe.Run(ctx, img, options)
		if errors.As(err, &o.unstarted) {
			o.probe, err = &probe.Result{}, nil
		}
		return err
	})
	if errors.As(err, &o.failure) {
		v.seen[text] = o
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	if o.probe == nil {
		return nil, fmt.Errorf("%s: the image was not started", v.options.Builder.Name())
	}
	o.image, o.result = result.Image, result
	v.seen[text] = o
	return o, nil
}
