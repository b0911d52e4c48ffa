package engine_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

const manifest = "user: app\n"

// numbering writes the user's number in the Dockerfile and in a manifest, together.
func numbering(name, path string, with fix.Fix, edits ...edit.Edit) fix.Fixer {
	return fix.Fixer{Name: name, Doc: fix.Doc{Title: name}, Run: func(p *fix.Pass) {
		text, err := p.Read(path)
		at := strings.Index(text, "app")
		if err != nil || at < 0 {
			p.Decline(p.File.Instructions[0].Span, "%s: %v", path, err)
			return
		}
		f := with
		f.Others = []fix.FileEdits{{Path: path, Edits: []edit.Edit{{Span: spanOf(text, "app"), New: "1"}}}}
		f.Edits = edits
		p.Apply(p.File.Instructions[1].Span, "number", f)
	}}
}

func runOthers(t *testing.T, in engine.Input, fixers ...fix.Fixer) (files, outcomes string) {
	t.Helper()
	in.Text = dockerfile
	in.Path = "Dockerfile"
	in.Repository = project.NewRepository(fstest.MapFS{
		"Dockerfile": {Data: []byte(dockerfile)}, "k8s/app.yaml": {Data: []byte(manifest)}, "k8s/two.yaml": {Data: []byte("app app\n")},
	})
	result, err := engine.Run(context.Background(), in, fixers)
	if err != nil {
		t.Fatal(err)
	}
	files = strings.Split(result.Text, "\n")[1] + "\n"
	for _, o := range result.Others {
		files += fmt.Sprintf("%s: %q -> %q\n", o.Path, o.Before, o.After)
	}
	for _, o := range result.Outcomes {
		outcomes += fmt.Sprintf("%s %s %s%s %v\n", o.Fixer, o.Status, o.Message, o.Reason, o.Others)
	}
	outcomes += strings.Join(slices.Sorted(maps.Keys(result.Read)), " ") + "\n"
	return files, outcomes
}

func spanOf(text, part string) (s struct{ Start, End int }) {
	s.Start = strings.Index(text, part)
	s.End = s.Start + len(part)
	return s
}

func TestAFixOverTwoFiles(t *testing.T) {
	user := edit.Replace(spanOf(dockerfile, "app"), "1")
	once := func(f fix.Fixer) fix.Fixer {
		inner := f.Run
		f.Run = func(p *fix.Pass) {
			if strings.Contains(p.File.Text, "USER app") {
				inner(p)
			}
		}
		return f
	}
	for _, c := range []struct {
		name            string
		fixers          []fix.Fixer
		in              engine.Input
		files, outcomes string
	}{
		{
			name:     "is applied to both",
			fixers:   []fix.Fixer{once(numbering("n", "k8s/app.yaml", review, user))},
			files:    "USER 1\nk8s/app.yaml: \"user: app\\n\" -> \"user: 1\\n\"\n",
			outcomes: "n applied number [k8s/app.yaml]\nk8s/app.yaml\n",
		},
		{
			name:     "is applied to neither where the contract is broken",
			fixers:   []fix.Fixer{once(numbering("n", "k8s/app.yaml", fix.Fix{Safety: fix.Safe}, user))},
			files:    "USER app\n",
			outcomes: "n quarantined numberUSER is \"1\" instead of \"app\" [k8s/app.yaml]\nk8s/app.yaml\n",
		},
		{
			name:     "is applied to neither where its edits overlap",
			fixers:   []fix.Fixer{once(numbering("n", "k8s/app.yaml", review, user, edit.Replace(spanOf(dockerfile, "app"), "2")))},
			files:    "USER app\n",
			outcomes: "n quarantined numberedit [17,20) overlaps the one that ends at 20 [k8s/app.yaml]\nk8s/app.yaml\n",
		},
		{
			name:     "edits no Dockerfile as its other file",
			fixers:   []fix.Fixer{once(numbering("n", "Dockerfile", review, user))},
			files:    "USER app\n",
			outcomes: "n quarantined numberDockerfile: a fix edits no other Dockerfile [Dockerfile]\nDockerfile\n",
		},
		{
			name:     "may leave the Dockerfile alone",
			fixers:   []fix.Fixer{numbering("n", "k8s/app.yaml", fix.Fix{Safety: fix.Safe})},
			files:    "USER app\nk8s/app.yaml: \"user: app\\n\" -> \"user: 1\\n\"\n",
			outcomes: "n applied number [k8s/app.yaml]\nn declined k8s/app.yaml: <nil> []\nk8s/app.yaml\n",
		},
		{
			name:     "waits where another edits the same place, and sees what it left",
			fixers:   []fix.Fixer{numbering("a", "k8s/two.yaml", fix.Fix{Safety: fix.Safe}), numbering("b", "k8s/two.yaml", fix.Fix{Safety: fix.Safe})},
			files:    "USER app\nk8s/two.yaml: \"app app\\n\" -> \"1 1\\n\"\n",
			outcomes: "a applied number [k8s/two.yaml]\na applied number [k8s/two.yaml]\na declined k8s/two.yaml: <nil> []\nb declined k8s/two.yaml: <nil> []\nk8s/two.yaml\n",
		},
		{
			name:     "begins from what earlier runs left",
			fixers:   []fix.Fixer{numbering("n", "k8s/app.yaml", fix.Fix{Safety: fix.Safe})},
			in:       engine.Input{Left: map[string]string{"k8s/app.yaml": "left: app\n"}},
			files:    "USER app\nk8s/app.yaml: \"left: app\\n\" -> \"left: 1\\n\"\n",
			outcomes: "n applied number [k8s/app.yaml]\nn declined k8s/app.yaml: <nil> []\nk8s/app.yaml\n",
		},
		{
			name:     "reads nothing outside the repository",
			fixers:   []fix.Fixer{numbering("n", "../etc/passwd", review)},
			files:    "USER app\n",
			outcomes: "n declined ../etc/passwd: read ../etc/passwd: invalid argument []\n\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			files, outcomes := runOthers(t, c.in, c.fixers...)
			expect(t, "files", files, c.files)
			expect(t, "outcomes", outcomes, c.outcomes)
		})
	}
}
