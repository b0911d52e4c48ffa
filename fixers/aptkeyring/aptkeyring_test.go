package aptkeyring_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/fixers/aptkeyring"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/fixtest"
)

func TestCases(t *testing.T) { fixtest.Run(t, "testdata/*.txtar", aptkeyring.Fixer) }

func TestPage(t *testing.T) {
	page := aptkeyring.Fixer.Doc
	result, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: page.Before}, []fix.Fixer{aptkeyring.Fixer})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(page.After, result.Text); d != "" {
		t.Errorf("the page's After (-want +got):\n%s", d)
	}
}
