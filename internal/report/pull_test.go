package report

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/internal/fix"
)

var fixers = []fix.Fixer{
	{Name: "clean", Doc: fix.Doc{Title: "Clean up", Why: "Because it\nis fat.\n\nMore."}},
	{Name: "user", Doc: fix.Doc{Title: "Run as a numeric user", Why: "The cluster asks."}},
}

func applied(fixer, message string, notes ...string) Outcome {
	return Outcome{Fixer: fixer, Status: Applied, Line: 3, Message: message, Notes: notes}
}

func TestTitle(t *testing.T) {
	one := Pull{Fixers: fixers, Files: []File{{Outcomes: []Outcome{applied("user", "run as 1001")}}}}
	if got := one.Title(); got != "Dockerfile: run as a numeric user" {
		t.Error(got)
	}
	two := Pull{Fixers: fixers, Files: []File{{Outcomes: []Outcome{applied("user", "m"), applied("clean", "m")}}}}
	if got := two.Title(); got != "Dockerfile: clean up and run as a numeric user" {
		t.Error(got)
	}
}

func TestTextOfAPull(t *testing.T) {
	p := Pull{Fixers: fixers, Files: []File{
		{Path: "api/Dockerfile", Outcomes: []Outcome{
			applied("clean", "drop the lists", "curl stays"),
			{Fixer: "user", Status: "declined", Line: 7, Reason: "the user comes from $APP"},
		}},
		{Path: "Dockerfile", Outcomes: []Outcome{{Fixer: "clean", Status: "declined", Line: 1, Reason: "why not"}}},
		{Path: "b/Dockerfile", Status: Failed, Error: &Error{Line: 2, Column: 1, Message: "unknown instruction: RUNN"}},
	}}
	text := p.Text()
	for _, want := range []string{
		"### Clean up\n\nBecause it is fat.\n\n- api/Dockerfile, line 3: drop the lists\n  - curl stays\n",
		"### How it was checked\n", "The image was not built",
		"(3)</summary>\n\n- Dockerfile, line 1: clean: why not\n- api/Dockerfile, line 7: user: the user comes from \\$APP\n- b/Dockerfile, line 2: it cannot be read: unknown instruction: RUNN\n",
		"it will not come back",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Run as a numeric user") {
		t.Error("tells of a fixer that did nothing")
	}
}

func TestTextsOfTheRepositoryAreHarmless(t *testing.T) {
	for _, hostile := range []string{
		"@octocat", "fixes #1", "closes GH-12", "resolves https://github.com/a/b/issues/1", "[x](javascript:1)", "<img src=x>",
		"`code`", "**bold**", "a\n## heading", "</details>", "www.example.com", "&#64;you", "$\\alert$",
	} {
		p := Pull{Fixers: fixers, Files: []File{{Path: hostile, Outcomes: []Outcome{applied("clean", hostile, hostile)}}}}
		text := strings.ReplaceAll(p.Text(), "https://github.com/drydock-dev/drydock", "")
		text, _, _ = strings.Cut(text, "### How it was checked")
		_, text, _ = strings.Cut(text, "is fat.\n\n")
		for _, bad := range []string{"@", "#1", "GH-", "://", "](", "<", "\n#", "**", "`c", "www.", "&#64;you"} {
			if strings.Contains(strings.ReplaceAll(text, "\\`", ""), bad) {
				t.Errorf("%q leaves %q: %s", hostile, bad, text)
			}
		}
	}
}

func TestTextOfAPullIsShortEnough(t *testing.T) {
	long := File{Path: strings.Repeat("ä", 300)}
	for i := range 2000 {
		long.Outcomes = append(long.Outcomes, applied("clean", fmt.Sprintf("message %d", i)), Outcome{Fixer: "user", Status: "declined", Reason: "no"})
	}
	for _, p := range []Pull{
		{Fixers: fixers, Files: []File{long}},
		{Fixers: fixers, Files: []File{{Outcomes: []Outcome{applied("user", "m")}}, {Path: long.Path, Outcomes: long.Outcomes[1:2]}}},
		{Fixers: fixers, Files: []File{{Outcomes: append(long.Outcomes[:300], applied("user", "last"))}}},
	} {
		text := p.Text()
		if n := utf8.RuneCountInString(text); n > MaxPullText {
			t.Errorf("%d characters", n)
		}
		if !strings.HasSuffix(text, "from the repository.\n") || !strings.Contains(text, "How it was checked") {
			t.Error("the end is cut off")
		}
	}
}
