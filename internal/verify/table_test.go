package verify

import (
	"encoding/json"
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

// Of a fix that is taken back everything is told that spoke against it.
func TestWhatSpokeAgainstAFixIsTold(t *testing.T) {
	back := RolledBack{Fixer: "multistage", Reason: "lost a", Findings: []Finding{{CheckFiles, "/a", "/a is lost"}, {CheckStart, "app", "app does not start"}}}
	r := &Report{Before: &Side{}, After: &Side{}, RolledBack: []RolledBack{back}}
	var out strings.Builder
	if err := WriteTable(&out, r); err != nil || strings.Contains(out.String(), "/a is lost") || !strings.Contains(out.String(), "and start: app does not start") {
		t.Errorf("%s, %v", out.String(), err)
	}
	if text, err := json.Marshal(r); err != nil || !strings.Contains(string(text), `"findings":[{"check":"files"`) || !strings.Contains(string(text), `{"check":"start"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestATableDoesNotSteerTheTerminal(t *testing.T) {
	var out strings.Builder
	r := &Report{Before: &Side{Size: 1e6, User: "a\x1b[2Jb"}, After: &Side{}, Added: []string{"x\x07"}}
	if err := WriteTable(&out, r); err != nil || strings.ContainsAny(out.String(), "\x1b\x07") || !strings.Contains(out.String(), "ab") {
		t.Errorf("%q, %v", out.String(), err)
	}
}
