package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var sample = []File{
	{Path: "Dockerfile", Context: ".", Status: Changed, Diff: "--- a/Dockerfile\n", Outcomes: []Outcome{
		{Fixer: "numeric-user", Status: Applied, Safety: "safe", Line: 7, Message: "Run as 1001"},
		{Fixer: "numeric-user", Status: "declined", Line: 9, Reason: "the user comes from $X && <y>"},
	}},
	{Path: "b/Dockerfile", Status: Failed, Error: &Error{3, 1, "unknown instruction"}},
	{Path: "c.Dockerfile", Status: Skipped, Error: &Error{1, 1, "a template (.j2, Jinja)"}},
	{Path: "d.Dockerfile", Status: Unchanged},
}

func TestJSON(t *testing.T) {
	var out strings.Builder
	j, s := JSON{W: &out}, Summary{}
	for _, f := range sample {
		s.Add(f)
		if err := j.File(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.End(s); err != nil {
		t.Fatal(err)
	}
	const want = `{"version":1,
"files":[
 {"path":"Dockerfile","context":".","status":"changed","outcomes":[{"fixer":"numeric-user","status":"applied","safety":"safe","line":7,"message":"Run as 1001"},{"fixer":"numeric-user","status":"declined","line":9,"reason":"the user comes from $X && <y>"}],"diff":"--- a/Dockerfile\n"},
 {"path":"b/Dockerfile","context":"","status":"failed","error":{"line":3,"column":1,"message":"unknown instruction"},"outcomes":[]},
 {"path":"c.Dockerfile","context":"","status":"skipped","error":{"line":1,"column":1,"message":"a template (.j2, Jinja)"},"outcomes":[]},
 {"path":"d.Dockerfile","context":"","status":"unchanged","outcomes":[]}],
"summary":{"files":4,"changed":1,"failed":1,"skipped":1,"applied":{"numeric-user":1},"declined":{"numeric-user":1}}}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONOfNothingIsJSON(t *testing.T) {
	var out strings.Builder
	j := JSON{W: &out}
	if err := j.End(Summary{}); err != nil || !json.Valid([]byte(out.String())) {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestText(t *testing.T) {
	var out strings.Builder
	var p Palette
	s := Summary{}
	for _, f := range sample {
		s.Add(f)
		for _, o := range f.Outcomes {
			p.WriteOutcome(&out, f.Path, o)
		}
	}
	p.WriteOutcome(&out, "n", Outcome{Fixer: "f", Status: Applied, Line: 2, Message: "split it", Notes: []string{"kept: git", "copied:\n\u202e/opt"}})
	p.WriteOutcome(&out, "e", Outcome{Fixer: "f", Status: "quarantined", Line: 1, Message: "move it", Reason: "CMD changes"})
	p.WriteError(&out, sample[1].Path, *sample[1].Error)
	p.WriteSkipped(&out, "x\n\x1b[2J", "why")
	out.WriteString(s.Text("changed"))
	const want = `Dockerfile:7: numeric-user: Run as 1001
Dockerfile:9: numeric-user: declined: the user comes from $X && <y>
n:2: f: split it
    kept: git
    copied:??/opt
e:1: f: move it: quarantined: CMD changes
b/Dockerfile:3:1: unknown instruction
x??[2J: skipped: why
4 files, 1 changed, 1 skipped, 1 failed; 1 fix (numeric-user 1), 1 declined (numeric-user 1)`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What a repository holds does not steer the terminal, nor read in another order than
// it runs.
func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"a\tb\nc\r\n":          "a\tb\nc\r\n",
		"\x1b[2J\x07\rb\x7f":   "^[[2J^G^Mb<U+007F>",
		"\u009b31m \u202eevil": "<U+009B>31m <U+202E>evil",
		"\x9b31m ü 漢":          "\ufffd31m ü 漢",
	} {
		if got := Visible(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	var out strings.Builder
	if err := Colours.WriteDiff(&out, "+\x1b[2J\n"); err != nil || out.String() != "\x1b[32m+^[[2J\x1b[0m\n" {
		t.Errorf("in colour: %q, %v", out.String(), err)
	}
}

func TestDiffInColour(t *testing.T) {
	var out strings.Builder
	if err := Colours.WriteDiff(&out, Diff("D", "a\r\nb\n", "a\r\nc\n")); err != nil {
		t.Fatal(err)
	}
	const want = "\x1b[1m--- a/D\x1b[0m\n\x1b[1m+++ b/D\x1b[0m\n\x1b[36m@@ -1,2 +1,2 @@\x1b[0m\n a\r\n\x1b[31m-b\x1b[0m\n\x1b[32m+c\x1b[0m\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
