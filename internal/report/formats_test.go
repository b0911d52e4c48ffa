package report

import (
	"encoding/json"
	"strings"
	"testing"
)

// written gives what a format makes of files.
func written(t *testing.T, format string, files ...File) string {
	t.Helper()
	var out strings.Builder
	w := Formats[format](&out, Tool{Version: "1", Rules: []Rule{{"clean", "Clean up", "It is fat."}}})
	var s Summary
	for _, f := range files {
		s.Add(f)
		if err := w.File(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var (
	good = File{Path: "a b/Dockerfile", Status: Changed, Outcomes: []Outcome{
		{Fixer: "clean", Status: Applied, Line: 3, Message: "drop, 100%"},
		{Fixer: "user", Status: "declined", Line: 7, Reason: "the user comes from $APP"},
	}}
	bad = File{Path: "x:y,z", Status: Failed, Error: &Error{Line: 2, Column: 5, Message: "no\ngood"}}
)

func TestAnnotations(t *testing.T) {
	want := "::warning file=a b/Dockerfile,line=3,title=drydock%3A clean::drop, 100%25\n" +
		"::error file=x%3Ay%2Cz,line=2,title=drydock::no%0Agood\n"
	if got := written(t, "github", good, bad); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestOtherFiles holds that each format names the other files of a fix.
func TestOtherFiles(t *testing.T) {
	both := File{Path: "Dockerfile", Status: Changed, Outcomes: []Outcome{{Fixer: "user", Status: Applied, Line: 3, Message: "run as 1001", Also: []string{"deploy/web.yaml"}}}}
	for _, format := range []string{"github", "gitlab", "markdown", "sarif"} {
		if got := written(t, format, both); !strings.Contains(got, "run as 1001, with deploy/web.yaml") {
			t.Errorf("%s:\n%s", format, got)
		}
	}
}

func TestCodeQuality(t *testing.T) {
	var issues []codeIssue
	if err := json.Unmarshal([]byte(written(t, "gitlab", good, good, bad)), &issues); err != nil {
		t.Fatal(err)
	}
	if len(issues) != 3 || issues[0].Description != "drop, 100%" || issues[0].Location.Lines.Begin != 3 || issues[2].Severity != "blocker" {
		t.Errorf("%+v", issues)
	}
	moved := good
	moved.Outcomes = []Outcome{{Fixer: "clean", Status: Applied, Line: 30, Message: "drop, 100%"}, {Fixer: "clean", Status: Applied, Line: 31, Message: "drop, 100%"}}
	var after []codeIssue
	if err := json.Unmarshal([]byte(written(t, "gitlab", moved)), &after); err != nil {
		t.Fatal(err)
	}
	if after[0].Fingerprint != issues[0].Fingerprint || after[0].Fingerprint == after[1].Fingerprint {
		t.Errorf("a finding is told apart by its line: %+v", after)
	}
	if got := written(t, "gitlab"); got != "[]\n" {
		t.Errorf("nothing found: %q", got)
	}
}

func TestMarkdown(t *testing.T) {
	want := "| place | fixer | finding |\n|---|---|---|\n" +
		"| a b/Dockerfile:3 | clean | drop, 100% |\n" +
		"| a b/Dockerfile:7 | user | declined: the user comes from \\$APP |\n" +
		"| x:y,z:2 | **failed** | no?good |\n\n" +
		"2 files, 1 to change, 1 failed; 1 fix \\(clean 1\\), 1 declined \\(user 1\\)\n"
	if got := written(t, "markdown", good, bad); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestSARIF(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal([]byte(written(t, "sarif", good, bad)), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || run.Tool.Driver.Rules[0].ID != "clean" || len(run.Results) != 2 {
		t.Fatalf("%+v", log)
	}
	first, second := run.Results[0], run.Results[1]
	if at := first.Locations[0].Physical; at.Artifact.URI != "a%20b/Dockerfile" || at.Region.StartLine != 3 || first.Level != "warning" || second.Level != "note" {
		t.Errorf("%+v, %+v", first, second)
	}
	if run.Invocations[0].Successful || run.Invocations[0].Notifications[0].Message.Text != "no\ngood" {
		t.Errorf("%+v", run.Invocations)
	}
	if got := written(t, "sarif"); !strings.Contains(got, `"results": []`) || !strings.Contains(got, `"executionSuccessful": true`) {
		t.Error(got)
	}
}
