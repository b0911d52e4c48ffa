package verify_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/verify"
)

// astray is a fixer that breaks what no offline check sees: it sends the notes to
// a place where no folder can be made, and declares that.
var astray = fix.Fixer{Name: "astray", Doc: fix.Doc{Title: "Keep notes elsewhere"}, Run: func(p *fix.Pass) {
	const was = "NOTES_DATA=/var/lib/notes"
	if at := strings.Index(p.File.Text, was); at >= 0 {
		p.Apply(p.File.Instructions[0].Span, "keep notes elsewhere", fix.Fix{
			Safety:  fix.Review,
			Edits:   []edit.Edit{edit.Replace(source.Span{Start: at, End: at + len(was)}, "NOTES_DATA=/proc/nowhere")},
			Changes: []fix.Change{{Kind: fix.ChangeEnv, Subject: "NOTES_DATA"}},
		})
	}
}}

// A fix that fails is found among the others, taken back and named, with what the
// program said; the others stay and are proven.
func TestLabTakesBackWhatFails(t *testing.T) {
	dir := labDir(t)
	b := connect(t)
	app := filepath.Join(apps, "python-notes", "app")
	text := read(t, filepath.Join(app, "Dockerfile"))
	c, err := project.NewContext(os.DirFS(app), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	ordered, err := fix.Order(slices.Insert(fixers.All(), 1, astray))
	if err != nil {
		t.Fatal(err)
	}
	v := verify.New(options(t, b, dir, "python-notes", ""))
	done, report, err := v.Prove(t.Context(), text, func(ctx context.Context, exclude engine.Exclude) (engine.Result, error) {
		return engine.Run(ctx, engine.Input{Name: "Dockerfile", Text: text, Context: c, Exclude: exclude}, ordered)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Proven() || len(report.RolledBack) != 1 || report.RolledBack[0].Fixer != "astray" {
		t.Fatalf("%+v\n%s", report.RolledBack, findings(report))
	}
	back := report.RolledBack[0]
	if said := strings.Join(back.Lines, "\n"); !strings.Contains(said, "/proc/nowhere/starts") {
		t.Errorf("it is not said why: %s\n%s", back.Reason, said)
	}
	if strings.Contains(done.Text, "/proc/nowhere") || !strings.Contains(done.Text, "AS build") || !strings.Contains(done.Text, "USER 1001") {
		t.Errorf("%s", done.Text)
	}
	if !slices.ContainsFunc(done.Outcomes, func(o engine.Outcome) bool { return o.Fixer == "astray" && o.Status == engine.Quarantined }) {
		t.Error("the outcomes do not tell")
	}
}

// The image tells which packages the dependencies load, and no more.
func TestLabReadsEvidence(t *testing.T) {
	dir := labDir(t)
	v := verify.New(options(t, connect(t), dir, "python-pgmini", ""))
	e, err := v.Evidence(t.Context(), read(t, filepath.Join(apps, "python-pgmini", "app", "Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(e.Packages, []string{"libpq5"}) {
		t.Errorf("%v", e.Packages)
	}
}

// What does not build as it is proves nothing.
func TestLabClaimsNothingOfWhatDoesNotBuild(t *testing.T) {
	dir := labDir(t)
	v := verify.New(options(t, connect(t), dir, "python-notes", ""))
	report, err := v.Verify(t.Context(), verify.Rewrite{Before: "FROM python:3.11\nRUN echo \"\x1b[31mno\" && false\n", After: "FROM python:3.11\n"})
	if err != nil {
		t.Fatal(err)
	}
	if report.Proven() || report.Unproven == "" || report.Failure == nil || strings.Join(report.Failure.Lines, "\n") != "no" {
		t.Errorf("%+v", report.Failure)
	}
}

// The builder never sees what .dockerignore leaves out, not even if it asks.
func TestLabKeepsIgnoredFilesBack(t *testing.T) {
	dir := labDir(t)
	context := t.TempDir()
	for name, text := range map[string]string{"kept": "kept\n", "secret": "secret\n"} {
		if err := os.WriteFile(filepath.Join(context, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o := options(t, connect(t), dir, "python-notes", "")
	o.Request.Context, o.Request.Ignore = context, []string{"secret"}
	text := "FROM debian:bookworm-slim\nCOPY . /context/\nRUN test -f /context/kept && test ! -e /context/secret\nCMD [\"true\"]\n"
	report, err := verify.New(o).Verify(t.Context(), verify.Rewrite{Before: text, After: text})
	if err != nil || !report.Proven() {
		t.Errorf("%v\n%+v", err, report)
	}
}
