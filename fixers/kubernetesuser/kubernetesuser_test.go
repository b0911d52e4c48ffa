package kubernetesuser_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/fixers/kubernetesuser"
	"github.com/drydock-dev/drydock/fixers/numericuser"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/fixtest"
	"github.com/drydock-dev/drydock/internal/project"
)

func TestCases(t *testing.T) { fixtest.Run(t, "testdata/*.txtar", kubernetesuser.Fixer) }

// TestBothUserFixers: the numbers are those that numeric-user has come to.
func TestBothUserFixers(t *testing.T) {
	numeric := numericuser.Fixer
	numeric.After = nil
	fixtest.Run(t, "testdata/with-numeric-user/*.txtar", numeric, kubernetesuser.Fixer)
}

// TestPage holds Before and After, which are a manifest, to what the fixer does.
func TestPage(t *testing.T) {
	doc := kubernetesuser.Fixer.Doc
	const dockerfile = "FROM debian:12\nRUN groupadd -g 1001 app && useradd -u 1001 -g app app\nUSER 1001\n"
	tree := fstest.MapFS{
		"Dockerfile": {Data: []byte(dockerfile)}, "app.yaml": {Data: []byte(doc.Before)},
		"Makefile": {Data: []byte("image:\n\tdocker build -t example.org/inventory:1.4 .\n")},
	}
	result, err := engine.Run(context.Background(), engine.Input{
		Name: "Dockerfile", Text: dockerfile, Repository: project.NewRepository(tree), Path: "Dockerfile",
	}, []fix.Fixer{kubernetesuser.Fixer})
	if err != nil || len(result.Others) != 1 {
		t.Fatal(err, result.Outcomes)
	}
	if d := cmp.Diff(doc.After, result.Others[0].After); d != "" {
		t.Errorf("the page's After (-page +fixer):\n%s", d)
	}
}
