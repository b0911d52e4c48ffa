package dependencycopy_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/fixers/dependencycopy"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/fixtest"
	"github.com/drydock-dev/drydock/internal/project"
)

func TestCases(t *testing.T) { fixtest.Run(t, "testdata/*.txtar", dependencycopy.Fixer) }

func TestPage(t *testing.T) {
	page := dependencycopy.Fixer.Doc
	files, err := project.NewContext(fstest.MapFS{"requirements.txt": {Data: []byte("flask\n")}, "app.py": {}}, "")
	if err != nil {
		t.Fatal(err)
	}
	result, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: page.Before, Context: files}, []fix.Fixer{dependencycopy.Fixer})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(page.After, result.Text); d != "" {
		t.Errorf("the page's After (-want +got):\n%s", d)
	}
}
