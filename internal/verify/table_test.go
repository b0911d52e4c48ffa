package verify

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/verify/builder"
	"github.com/drydock-dev/drydock/internal/verify/image"
	"github.com/drydock-dev/drydock/internal/verify/probe"
)

// A builder that gives one file system for all layers does not make them one.
func TestLayersThatABuilderDoesNotTellAreNotCounted(t *testing.T) {
	side := func(i *image.Image) *Side {
		i.Layers = []image.Layer{{Size: 5e6}}
		return new(Verifier).side(&observation{image: i, probe: &probe.Result{}, result: &builder.Result{}})
	}
	for name, c := range map[string]struct {
		image *image.Image
		want  string
	}{
		"one layer": {&image.Image{}, "1"},
		"flat":      {&image.Image{Flat: true}, "not known"},
	} {
		for _, row := range rows(side(c.image), &Side{}) {
			if row.Name == "layers" && (row.Before != c.want || row.After != "") {
				t.Errorf("%s: %+v", name, row)
			}
		}
	}
}

func TestATableDoesNotSteerTheTerminal(t *testing.T) {
	var out strings.Builder
	r := &Report{Before: &Side{Size: 1e6, User: "a\x1b[2Jb"}, After: &Side{}, Added: []string{"x\x07"}}
	if err := WriteTable(&out, r); err != nil || strings.ContainsAny(out.String(), "\x1b\x07") || !strings.Contains(out.String(), "ab") {
		t.Errorf("%q, %v", out.String(), err)
	}
}
