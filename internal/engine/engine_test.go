package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// replacing is a fixer that puts new in place of the argument of every
// instruction whose argument is old.
func replacing(name, old, new string, with fix.Fix) fix.Fixer {
	return fix.Fixer{Name: name, Doc: fix.Doc{Title: name}, Run: func(p *fix.Pass) {
		for _, inst := range p.File.Instructions {
			if inst.Args.Text != old {
				continue
			}
			f := with
			f.Edits = []edit.Edit{edit.Replace(inst.Args.Span(0, len(old)), new)}
			p.Apply(inst.Span, old+" becomes "+new, f)
		}
	}}
}

var (
	review   = fix.Fix{Safety: fix.Review, Changes: []fix.Change{{Kind: fix.ChangeUser, Subject: "1"}, {Kind: fix.ChangeUser, Subject: "2"}, {Kind: fix.ChangeUser, Subject: "app"}}}
	declines = fix.Fixer{Name: "declines", Doc: fix.Doc{Title: "d"}, Run: func(p *fix.Pass) {
		for _, inst := range p.File.Instructions {
			if inst.Name == "CMD" {
				p.Decline(inst.Span, "the command is %s", inst.Args.Text)
			}
		}
	}}
)

const dockerfile = "FROM alpine\nUSER app\nCMD x\n"

func run(t *testing.T, in engine.Input, fixers ...fix.Fixer) (string, string) {
	t.Helper()
	if in.Text == "" {
		in.Text = dockerfile
	}
	result, err := engine.Run(context.Background(), in, fixers)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, o := range result.Outcomes {
		fmt.Fprintf(&b, "%s %s %s %s%s\n", o.Position, o.Fixer, o.Status, o.Message, o.Reason)
	}
	return result.Text, b.String()
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}

func TestRunsToTheFixPoint(t *testing.T) {
	text, outcomes := run(t, engine.Input{},
		replacing("second", "1", "2", review), replacing("first", "app", "1", review), declines)
	expect(t, "text", text, "FROM alpine\nUSER 2\nCMD x\n")
	expect(t, "outcomes", outcomes, "2:1 first applied app becomes 1\n2:1 second applied 1 becomes 2\n3:1 declines declined the command is x\n")
}

func TestPositionsAreThoseOfTheOriginal(t *testing.T) {
	top := fix.Fixer{Name: "top", Doc: fix.Doc{Title: "t"}, Run: func(p *fix.Pass) {
		if !strings.HasPrefix(p.File.Text, "# ") {
			p.Apply(source.Span{}, "add lines", fix.Fix{Safety: fix.Safe, Edits: []edit.Edit{edit.Insert(0, "# a\n# b\n")}})
		}
	}}
	_, outcomes := run(t, engine.Input{}, top, declines)
	expect(t, "outcomes", outcomes, "1:1 top applied add lines\n3:1 declines declined the command is x\n")
}

func TestOscillationIsNamedAndLeavesTheFile(t *testing.T) {
	text, outcomes := run(t, engine.Input{},
		replacing("there", "app", "1", review), replacing("back", "1", "app", review))
	expect(t, "text", text, dockerfile)
	expect(t, "outcomes", outcomes,
		"2:1 there quarantined app becomes 1the fixers undo each other: there, back\n"+
			"2:1 back quarantined 1 becomes appthe fixers undo each other: there, back\n")
}

func TestWhatDockerRefusesIsQuarantinedAlone(t *testing.T) {
	broken := replacing("broken", "x", `["x"] [`, fix.Fix{Safety: fix.Safe})
	broken.Run = func(p *fix.Pass) {
		for _, inst := range p.File.Instructions {
			if inst.Name == "CMD" {
				p.Apply(inst.Span, "break", fix.Fix{Safety: fix.Safe, Edits: []edit.Edit{edit.Replace(inst.Keyword, "CMDX")}})
			}
		}
	}
	text, outcomes := run(t, engine.Input{}, broken, replacing("good", "app", "1", review))
	expect(t, "text", text, "FROM alpine\nUSER 1\nCMD x\n")
	lines := strings.SplitN(outcomes, "\n", 2)
	expect(t, "first", lines[0], "2:1 good applied app becomes 1")
	if !strings.HasPrefix(lines[1], "3:1 broken quarantined breakthe result is refused: ") {
		t.Errorf("outcomes:\n%s", outcomes)
	}
}

func TestEditsThatOverlapAreQuarantined(t *testing.T) {
	twice := fix.Fixer{Name: "twice", Doc: fix.Doc{Title: "t"}, Run: func(p *fix.Pass) {
		s := p.File.Instructions[0].Span
		p.Apply(s, "overlap", fix.Fix{Safety: fix.Safe, Edits: []edit.Edit{edit.Delete(s), edit.Delete(s)}})
		p.Apply(s, "outside", fix.Fix{Safety: fix.Safe, Edits: []edit.Edit{edit.Insert(1<<20, "x")}})
		p.Apply(s, "nothing", fix.Fix{Safety: fix.Safe})
	}}
	text, outcomes := run(t, engine.Input{}, twice)
	expect(t, "text", text, dockerfile)
	if n := strings.Count(outcomes, "quarantined"); n != 3 {
		t.Errorf("outcomes:\n%s", outcomes)
	}
}

func TestAFixIsWhole(t *testing.T) {
	half := fix.Fixer{Name: "half", Doc: fix.Doc{Title: "h"}, Run: func(p *fix.Pass) {
		user, cmd := p.File.Instructions[1], p.File.Instructions[2]
		if user.Args.Text == "app" {
			p.Apply(user.Span, "both", fix.Fix{Safety: fix.Review, Changes: review.Changes, Edits: []edit.Edit{
				edit.Replace(user.Args.Span(0, 3), "1"), edit.Replace(cmd.Keyword, "NOPE"),
			}})
		}
	}}
	text, _ := run(t, engine.Input{}, half)
	expect(t, "text", text, dockerfile)
}

func TestConflictsAreMadeAgain(t *testing.T) {
	for name, loser := range map[string]fix.Fix{
		"claims": {Safety: fix.Review, Changes: review.Changes, Claims: []string{"user"}},
		"reads":  {Safety: fix.Review, Changes: review.Changes, Reads: []source.Span{{Start: 0, End: len(dockerfile)}}},
	} {
		t.Run(name, func(t *testing.T) {
			winner := review
			winner.Claims = []string{"user"}
			text, outcomes := run(t, engine.Input{},
				replacing("winner", "app", "1", winner), replacing("loser", "app", "2", loser))
			expect(t, "text", text, "FROM alpine\nUSER 1\nCMD x\n")
			expect(t, "outcomes", outcomes, "2:1 winner applied app becomes 1\n")
		})
	}
}

func TestADeferredFixKeepsItsPlace(t *testing.T) {
	// second waits for first, and third for second, though first and third
	// have nothing to do with each other.
	fixer := func(name, keyword, done string, reads bool) fix.Fixer {
		return fix.Fixer{Name: name, Doc: fix.Doc{Title: name}, Run: func(p *fix.Pass) {
			for _, inst := range p.File.Instructions {
				if inst.Name != keyword || strings.Contains(p.File.Text, done) {
					continue
				}
				f := fix.Fix{Safety: fix.Safe, Edits: []edit.Edit{edit.Insert(inst.FullLines().Start, done+"\n")}}
				if reads {
					f.Reads = []source.Span{{Start: 0, End: len(p.File.Text)}}
				}
				p.Apply(inst.Span, name, f)
			}
		}}
	}
	_, outcomes := run(t, engine.Input{}, fixer("first", "USER", "# 1", false), fixer("second", "CMD", "# 2", true), fixer("third", "CMD", "# 3", false))
	expect(t, "outcomes", outcomes, "2:1 first applied first\n3:1 second applied second\n3:1 third applied third\n")
}

func TestAfterWaitsUntilTheOtherRests(t *testing.T) {
	later := replacing("later", "x", "y", fix.Fix{Safety: fix.Safe, Changes: []fix.Change{{Kind: fix.DropCommand, Subject: "x"}}})
	later.After = []string{"second"}
	_, outcomes := run(t, engine.Input{}, replacing("first", "app", "1", review), replacing("second", "1", "2", review), later)
	// later has nothing to do with USER, and still comes last.
	expect(t, "outcomes", outcomes[:strings.LastIndex(outcomes, "3:1")], "2:1 first applied app becomes 1\n2:1 second applied 1 becomes 2\n")
}

func TestAfterAQuarantinedFixer(t *testing.T) {
	stuck := fix.Fixer{Name: "stuck", Doc: fix.Doc{Title: "s"}, Run: func(p *fix.Pass) {
		p.Apply(p.File.Instructions[0].Span, "break", fix.Fix{Safety: fix.Safe, Edits: []edit.Edit{edit.Insert(0, "NOPE\n")}})
	}}
	next := replacing("next", "app", "1", review)
	next.After = []string{"stuck"}
	text, _ := run(t, engine.Input{}, stuck, next)
	expect(t, "text", text, "FROM alpine\nUSER 1\nCMD x\n")
}

func TestSafety(t *testing.T) {
	show := fix.Fix{}
	text, outcomes := run(t, engine.Input{}, replacing("show", "app", "1", show))
	expect(t, "text", text, dockerfile)
	expect(t, "outcomes", outcomes, "2:1 show below-safety app becomes 1it is show-only\n")
	text, outcomes = run(t, engine.Input{AtLeast: fix.Safe}, replacing("review", "app", "1", review))
	expect(t, "text", text, dockerfile)
	expect(t, "outcomes", outcomes, "2:1 review below-safety app becomes 1it is review\n")
}

func TestSuppressed(t *testing.T) {
	in := engine.Input{Suppressed: func(_ *syntax.File, fixer string, _ source.Span) (string, bool) {
		return "we like it", fixer == "user"
	}}
	text, outcomes := run(t, in, replacing("user", "app", "1", review))
	expect(t, "text", text, dockerfile)
	expect(t, "outcomes", outcomes, "2:1 user suppressed app becomes 1we like it\n")
}

func TestSuppressedWhereAnEditWrites(t *testing.T) {
	user := strings.Index(dockerfile, "app")
	in := engine.Input{Suppressed: func(_ *syntax.File, _ string, at source.Span) (string, bool) {
		return "hands off", at.Start == user
	}}
	_, outcomes := run(t, in, replacing("user", "app", "1", review))
	expect(t, "outcomes", outcomes, "2:1 user suppressed app becomes 1hands off\n")
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "1:1: ",
		"FROM alpine\nRUNN x\n":     "2:1: ",
		"FROM alpine\nRUN a\x00b\n": "2:6: the file holds a NUL byte",
		"FROM alpine\nRUN \xff\n":   "2:5: the file is not valid UTF-8",
	} {
		_, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: text}, nil)
		var refused *engine.Refused
		if !errors.As(err, &refused) || !strings.HasPrefix(refused.Error(), want) {
			t.Errorf("%q: %v, want a refusal at %s", text, err, want)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := engine.Run(ctx, engine.Input{Text: dockerfile}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run ends with %v", err)
	}
}

func TestReasonsNameLinesOfTheOriginal(t *testing.T) {
	top := fix.Fixer{Name: "top", Doc: fix.Doc{Title: "t"}, Run: func(p *fix.Pass) {
		if !strings.HasPrefix(p.File.Text, "# ") {
			p.Apply(source.Span{}, "add lines", fix.Fix{Safety: fix.Safe, Edits: []edit.Edit{edit.Insert(0, "# a\n# b\n")}})
		}
	}}
	names := fix.Fixer{Name: "names", Doc: fix.Doc{Title: "t"}, Run: func(p *fix.Pass) {
		user := p.File.Instructions[1]
		p.Decline(p.File.Instructions[2].Span, "line %d is a user", p.CameFrom(user.Span.Start).Line)
	}}
	_, outcomes := run(t, engine.Input{}, top, names)
	expect(t, "outcomes", outcomes, "1:1 top applied add lines\n3:1 names declined line 2 is a user\n")
}
