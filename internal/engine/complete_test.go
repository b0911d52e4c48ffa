package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// TestAFixAndItsCompletion: what completes a fix is told as a part of it, and where
// it cannot be made, neither is.
func TestAFixAndItsCompletion(t *testing.T) {
	whole := fix.Fixer{Name: "whole", Run: func(p *fix.Pass) {
		if strings.Contains(p.File.Text, "USER app") {
			p.Apply(p.File.Instructions[1].Span, "run as 1", fix.Fix{
				Safety: fix.Safe, Edits: []edit.Edit{edit.Replace(spanOf(p.File.Text, "app"), "1")}, Notes: []string{"one"},
				Changes: []fix.Change{{Kind: fix.ChangeUser, Subject: "1"}},
			})
		}
	}}
	completing := func(spans ...string) fix.Fixer {
		return fix.Fixer{Name: "rest", After: []string{"whole"}, Completes: "whole", Run: func(p *fix.Pass) {
			text, err := p.Read("k8s/app.yaml")
			if err != nil || !strings.Contains(text, "app") || strings.Contains(p.File.Text, "USER app") {
				return
			}
			f := fix.Fix{Safety: fix.Review, Notes: []string{"two"}, Others: []fix.FileEdits{{Path: "k8s/app.yaml"}}}
			for _, s := range spans {
				f.Others[0].Edits = append(f.Others[0].Edits, edit.Replace(spanOf(text, s), "1"))
			}
			p.Apply(p.File.Instructions[1].Span, "run as 1 where it is deployed", f)
		}}
	}
	run := func(fixers ...fix.Fixer) engine.Result {
		t.Helper()
		in := engine.Input{Text: dockerfile, Path: "Dockerfile", Repository: project.NewRepository(fstest.MapFS{
			"Dockerfile": {Data: []byte(dockerfile)}, "k8s/app.yaml": {Data: []byte(manifest)},
		})}
		result, err := engine.Run(context.Background(), in, fixers)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}

	both := run(whole, completing("app"))
	if len(both.Outcomes) != 1 || !strings.Contains(both.Text, "USER 1") || len(both.Others) != 1 {
		t.Fatalf("%q %+v", both.Text, both.Outcomes)
	}
	o := both.Outcomes[0]
	if o.Fixer != "whole" || o.Safety != fix.Review || strings.Join(o.With, " ") != "rest" || strings.Join(o.Notes, " ") != "one two" || strings.Join(o.Others, " ") != "k8s/app.yaml" {
		t.Errorf("%+v", o)
	}

	// The completion's edits overlap: it cannot be made.
	neither := run(whole, completing("app", "app"))
	if neither.Text != dockerfile || len(neither.Others) != 0 {
		t.Errorf("%q %+v", neither.Text, neither.Others)
	}
	if o := neither.Outcomes[0]; o.Fixer != "whole" || o.Status != engine.Quarantined || !strings.HasPrefix(o.Reason, "rest cannot complete it: ") {
		t.Errorf("%+v", neither.Outcomes)
	}

	alone := run(completing("app"))
	if len(alone.Outcomes) != 0 {
		t.Errorf("%+v", alone.Outcomes)
	}
}
