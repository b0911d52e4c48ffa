package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// resolvedShare is the share of named users that must get a number.
const resolvedShare = 0.95

// users counts the literal named users at the end of a file whose account the
// file makes, or whose base image is known to have, and how many get a number;
// and holds each number against one that the file or the table says in so many
// words.
func users(o options, list []fix.Fixer, out io.Writer) error {
	samples, err := readCorpus(o.corpus)
	if err != nil {
		return err
	}
	known, resolved := 0, 0
	var wrong []string
	var left tallies
	for _, s := range keep(samples, o.match) {
		before := model(s.Text)
		if len(before.Stages) == 0 {
			continue
		}
		user := before.Last().FinalUser()
		if user.Inst == nil || !isLiteralName(user.Inst.Args.Text) {
			continue
		}
		name, _, _ := strings.Cut(user.Inst.Args.Text, ":")
		account, inBase := facts.LookupAccount(before.Last().Bottom().Ref, name)
		text := lastChain(before)
		made := makesAccount(text, name)
		if name == "root" || !made && !inBase {
			continue
		}
		result, err := engine.Run(context.Background(), settings[0].input(s.Text), list)
		if err != nil {
			continue
		}
		known++
		got := model(result.Text).Last().FinalUser()
		if !isNumber(got.Name) && !isIDVariable(text, name, got.Inst.Args.Text) {
			left.add(rewrite{outcomes: result.Outcomes}.reasons("numeric-user", folded), s.Path)
			continue
		}
		resolved++
		ids := explicitIDs(text, name)
		switch {
		case strings.Contains(text, "usermod"): // gives the account another ID
			ids = nil
		case !made:
			ids = []string{fmt.Sprint(account.UID)}
		}
		if len(ids) > 0 && !slices.Contains(ids, got.Name) {
			wrong = append(wrong, fmt.Sprintf("%s: %s is %s, the file says %v", s.Path, name, got.Name, ids))
		}
	}
	share := float64(resolved) / float64(max(known, 1))
	fmt.Fprintf(out, "named users whose account is known: %d, resolved %d (%.1f%%, aim %.0f%%), wrong %d\n",
		known, resolved, 100*share, 100*resolvedShare, len(wrong))
	left.print(out, "left", 40)
	for _, w := range wrong {
		fmt.Fprintln(out, "  WRONG", w)
	}
	if len(wrong) > 0 || share < resolvedShare {
		return errMissed
	}
	return nil
}

// lastChain is the text of the last stage and its bases.
func lastChain(m *build.Model) string {
	var b strings.Builder
	for _, s := range m.Last().Chain() {
		for _, inst := range s.Instructions {
			b.WriteString(inst.Text() + "\n")
		}
	}
	return b.String()
}

func isLiteralName(text string) bool {
	return text != "" && !strings.ContainsAny(text, "$ \t#\\\"'") && strings.Trim(text[:1], "0123456789") != ""
}

// makesAccount reports whether a useradd or adduser in the text names the account.
func makesAccount(text, name string) bool { return len(accountCommands(text, name)) > 0 }

func explicitID(text, name string) bool { return len(explicitIDs(text, name)) > 0 }

// accountCommands are the commands of a file, of whatever instruction, that make
// an account of that name.
func accountCommands(text, name string) [][]string {
	var found [][]string
	for _, words := range commands(joinedLines(text)) {
		for i, w := range words {
			if base := path.Base(w); base == "useradd" || base == "adduser" {
				if slices.Contains(words[i+1:], name) {
					found = append(found, words[i+1:])
				}
				break
			}
		}
	}
	return found
}

// explicitIDs are the numbers behind -u or --uid in the commands that make the
// account.
func explicitIDs(text, name string) []string {
	var ids []string
	for _, words := range accountCommands(text, name) {
		for i, w := range words {
			if value, ok := strings.CutPrefix(w, "--uid="); ok && isNumber(value) {
				ids = append(ids, value)
			}
			if i+1 < len(words) && (w == "--uid" || strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") && strings.HasSuffix(w, "u")) && isNumber(words[i+1]) {
				ids = append(ids, words[i+1])
			}
			if value, ok := strings.CutPrefix(w, "-u"); ok && isNumber(value) {
				ids = append(ids, value)
			}
		}
	}
	return ids
}

// isIDVariable reports whether a user is the variable behind -u or --uid in a
// command that makes the account: a number in every build that succeeds, since the
// command fails on anything else.
func isIDVariable(text, name, user string) bool {
	user, _, _ = strings.Cut(user, ":")
	for _, words := range accountCommands(text, name) {
		for i, w := range words {
			if i > 0 && strings.HasPrefix(words[i-1], "-") && strings.HasSuffix(words[i-1], "u") || i > 0 && words[i-1] == "--uid" {
				if strings.HasPrefix(user, "$") && strings.Trim(w, `"${}`) == strings.Trim(user, `"${}`) {
					return true
				}
			}
		}
	}
	return false
}

// joinedLines drops comment lines and joins the lines that a backslash continues.
func joinedLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "#") {
			continue
		}
		if rest, ok := strings.CutSuffix(trimmed, `\`); ok {
			b.WriteString(rest + " ")
			continue
		}
		b.WriteString(trimmed + "\n")
	}
	return b.String()
}
