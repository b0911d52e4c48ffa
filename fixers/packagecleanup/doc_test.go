package packagecleanup_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/fixers/packagecleanup"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
)

func TestDoc(t *testing.T) {
	doc := packagecleanup.Fixer.Doc
	got, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: doc.Before}, []fix.Fixer{packagecleanup.Fixer})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(doc.After, got.Text); d != "" {
		t.Errorf("the page's After (-want +got):\n%s", d)
	}
}
