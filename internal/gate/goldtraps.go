package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/report"
)

// traps runs the fixers over what "improvements" broke. Three files of each are
// rewritten:
//
//   - before, which is broken: any change leaves the maintainer's repair to do;
//   - after, the repair: a rewrite that takes out a line of the repair, or brings
//     back a line that it took out, undoes it;
//   - original, from before the improvement: a rewrite that writes a line which
//     the repair later took out falls into the trap.
func traps(o options, pairs []pair, list []fix.Fixer, out io.Writer) error {
	n := 0
	var fell, undid, changed int
	var lines []string
	for _, p := range pairs {
		if p.class() != "H" {
			continue
		}
		n++
		broken, repaired := lineSet(p.files["before.Dockerfile"]), lineSet(p.files["after.Dockerfile"])
		var said []string
		for _, name := range []string{"before", "after", "original"} {
			text, there := p.files[name+".Dockerfile"]
			if !there {
				continue
			}
			ours, err := p.rewrite(text, list)
			if err != nil {
				said = append(said, name+" refused: "+err.Error())
				continue
			}
			if ours.after == ours.before {
				continue
			}
			was, is := lineSet(ours.before), lineSet(ours.after)
			added := slices.DeleteFunc(without(is, was), func(line string) bool { return namesStage(line, was) })
			removed := slices.DeleteFunc(without(was, is), func(line string) bool { return grown(line, added) })
			switch {
			case name == "after" && (overlap(removed, without(repaired, broken)) || overlap(added, without(broken, repaired))):
				undid++
				said = append(said, "UNDOES the repair")
			case name == "original" && overlap(added, without(broken, repaired)):
				fell++
				said = append(said, "FALLS into the trap")
			case name == "before":
				changed++
				said = append(said, "changes the broken one")
			default:
				said = append(said, "changes the "+name)
			}
			said = append(said, appliedIn(ours)...)
			if o.show != "" {
				said = append(said, "\n"+report.Diff(p.Path+"/"+name, ours.before, ours.after))
			}
		}
		if len(said) == 0 {
			said = []string{"abstains"}
		}
		lines = append(lines, fmt.Sprintf("  %s (%s: %s): %s", p.Path, p.meta.OfClass, p.meta.WhatBroke, strings.Join(said, "; ")))
	}
	fmt.Fprintf(out, "\nH traps: %d, fell into %d, repairs undone %d, broken files changed otherwise %d\n", n, fell, undid, changed)
	for _, l := range lines {
		fmt.Fprintln(out, l)
	}
	return nil
}

func appliedIn(r rewrite) []string {
	var messages []string
	for _, o := range r.outcomes {
		if o.Status == "applied" {
			messages = append(messages, o.Fixer+" "+o.Message)
		}
	}
	return messages
}

// lineSet are the lines of a text with their blanks single and without marks of
// continuation.
func lineSet(text string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(text) {
		words := strings.Fields(strings.TrimRight(strings.TrimSpace(line), `\ `))
		if len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			set[strings.Trim(strings.Join(words, " "), "& ")] = true
		}
	}
	return set
}

func without(a, b map[string]bool) []string {
	var rest []string
	for line := range a {
		if !b[line] {
			rest = append(rest, line)
		}
	}
	return rest
}

// namesStage reports whether a line is a FROM that was there without a name for its
// stage: no trap, whatever stood below it.
func namesStage(line string, was map[string]bool) bool {
	words := strings.Fields(line)
	return len(words) == 4 && strings.EqualFold(words[0], "FROM") && was[words[0]+" "+words[1]]
}

// grown reports whether one of the lines has every word of line, and more.
func grown(line string, lines []string) bool {
	return slices.ContainsFunc(lines, func(other string) bool {
		words := strings.Fields(other)
		for _, w := range strings.Fields(line) {
			if !slices.Contains(words, w) {
				return false
			}
		}
		return true
	})
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(line string) bool { return slices.Contains(b, line) })
}

// pairDiffs are the two changes, one under the other, for reading.
func pairDiffs(p pair, ours, theirs string) string {
	before := p.files["before.Dockerfile"]
	return "--- drydock's\n" + report.Diff(p.meta.Path, before, ours) + "--- the maintainer's\n" + report.Diff(p.meta.Path, before, theirs)
}
