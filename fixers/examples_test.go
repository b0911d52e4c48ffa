package fixers_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/fixtest"
	"github.com/drydock-dev/drydock/internal/project"
)

const examples = "../testdata/examples"

// rewritten runs every fixer over the Dockerfile of an example.
func rewritten(t *testing.T, name, text string) engine.Result {
	t.Helper()
	ordered, err := fix.Order(fixers.All())
	if err != nil {
		t.Fatal(err)
	}
	files, err := project.NewContext(os.DirFS(filepath.Join(examples, name)), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	result, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: text, Context: files}, ordered)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func read(t *testing.T, name, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var update = flag.Lookup("update") // of package fixtest

func TestExamples(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(examples, "*", "Dockerfile"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no examples (%v)", err)
	}
	for _, folder := range folders {
		name := filepath.Base(filepath.Dir(folder))
		t.Run(name, func(t *testing.T) {
			result := rewritten(t, name, read(t, name, "Dockerfile"))
			t.Logf("\n%s", fixtest.Findings(result.Outcomes))
			if update.Value.String() == "true" {
				if err := os.WriteFile(filepath.Join(examples, name, "want.Dockerfile"), []byte(result.Text), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(read(t, name, "want.Dockerfile"), result.Text); d != "" {
				t.Errorf("the rewrite (-want +got):\n%s", d)
			}
			if d := cmp.Diff(result.Text, rewritten(t, name, result.Text).Text); d != "" {
				t.Errorf("a second run changes the file again (-first +second):\n%s", d)
			}
		})
	}
}
