package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
)

// topReasons is how many reasons of a fixer the table shows.
const topReasons = 12

// printTable prints what became of the findings of every fixer.
func printTable(out io.Writer, verdicts []verdict, list []fix.Fixer) {
	changed, refused, took := 0, 0, time.Duration(0)
	slowest := verdict{}
	for _, v := range verdicts {
		if v.changed() {
			changed++
		}
		if v.refused != nil {
			refused++
		}
		took += v.took
		if v.took > slowest.took {
			slowest = v
		}
	}
	fmt.Fprintf(out, "%d files, %d changed, %d refused by Docker; %.2f ms a file, slowest %s %v\n",
		len(verdicts), changed, refused, took.Seconds()*1000/float64(max(len(verdicts), 1)), slowest.Path, slowest.took.Round(time.Millisecond))
	for _, f := range list {
		printFixer(out, verdicts, f.Name)
	}
}

// A tally counts findings, with the first file of each kind.
type tally struct {
	text  string
	n     int
	first string
}

func printFixer(out io.Writer, verdicts []verdict, fixer string) {
	count := map[engine.Status]int{}
	files := 0
	var declined, quarantined, applied tallies
	for _, v := range verdicts {
		here := 0
		for _, o := range v.result.Outcomes {
			if o.Fixer != fixer {
				continue
			}
			count[o.Status]++
			switch o.Status {
			case engine.Applied:
				here = 1
				applied.add(folded(o.Message), v.Path)
			case engine.Declined:
				declined.add(folded(o.Reason), v.Path)
			case engine.Quarantined, engine.Deferred:
				quarantined.add(string(o.Status)+": "+folded(o.Reason), v.Path)
			}
		}
		files += here
	}
	fmt.Fprintf(out, "\n%s: applied %d in %d files, declined %d, quarantined %d, deferred %d\n",
		fixer, count[engine.Applied], files, count[engine.Declined], count[engine.Quarantined], count[engine.Deferred])
	applied.print(out, "applied", topReasons)
	declined.print(out, "declined", topReasons)
	quarantined.print(out, "left", 1000)
}

type tallies []tally

func (t *tallies) add(text, path string) {
	for i := range *t {
		if (*t)[i].text == text {
			(*t)[i].n++
			return
		}
	}
	*t = append(*t, tally{text, 1, path})
}

func (t tallies) print(out io.Writer, title string, n int) {
	slices.SortStableFunc(t, func(a, b tally) int { return cmp.Compare(b.n, a.n) })
	for i, x := range t {
		if i == n {
			rest := 0
			for _, y := range t[n:] {
				rest += y.n
			}
			fmt.Fprintf(out, "  %-9s %6d  %d other kinds\n", title, rest, len(t)-n)
			return
		}
		fmt.Fprintf(out, "  %-9s %6d  %s  (%s)\n", title, x.n, x.text, x.first)
	}
}

// folded leaves out of a reason what differs from file to file: what is quoted,
// what holds a digit or a sign, what follows a colon, and what a broken contract
// names before it says how.
func folded(reason string) string {
	var clauses []string
	for clause := range strings.SplitSeq(reason, "; ") {
		if clause = foldedClause(clause); !slices.Contains(clauses, clause) {
			clauses = append(clauses, clause)
		}
	}
	return strings.Join(clauses, "; ")
}

func foldedClause(clause string) string {
	head, tail, hasTail := strings.Cut(clause, ": ")
	var words []string
	for _, w := range strings.Fields(unquoted(head)) {
		bare := strings.Trim(w, ",;()")
		if strings.ContainsAny(bare, "0123456789$/._\"'`=<>[]{}*@:…") || strings.HasPrefix(bare, "-") || isUpper(bare) {
			w = "…"
		}
		if n := len(words); n == 0 || w != "…" || words[n-1] != w {
			words = append(words, w)
		}
	}
	for _, name := range []string{"account", "of", "image", "makes"} { // what stands behind is a name
		if i := slices.Index(words, name); i >= 0 && i+1 < len(words) && !slices.Contains(fillers, words[i+1]) {
			words[i+1] = "…"
		}
	}
	text := strings.Join(words, " ")
	if hasTail && tail != "" {
		text += ": …"
	}
	return text
}

// fillers are words behind which a name may stand and which are none.
var fillers = []string{"the", "a", "an", "is", "of", "its", "in", "that", "and", "are", "account", "image"}

// unquoted puts … in place of what stands between double quotes.
func unquoted(text string) string {
	parts := strings.Split(strings.ReplaceAll(text, `\"`, ""), `"`)
	for i := 1; i < len(parts); i += 2 {
		parts[i] = " … "
	}
	return strings.Join(parts, "")
}

// isUpper reports whether a word is the name of a variable, and none of an
// instruction.
func isUpper(word string) bool {
	instruction := slices.Contains([]string{"USER", "ARG", "ENV", "RUN", "COPY", "ADD", "CMD", "FROM", "ENTRYPOINT", "WORKDIR", "SHELL", "ONBUILD", "VOLUME"}, word)
	return len(word) > 1 && strings.ToUpper(word) == word && !instruction
}

// printBreaches prints the hard numbers, and reports whether one is missed.
func printBreaches(out io.Writer, verdicts []verdict) bool {
	var kinds tallies
	for _, v := range verdicts {
		seen := map[string]bool{}
		for _, b := range v.breaches {
			if !seen[b.What] {
				kinds.add(b.What, v.Path)
			}
			seen[b.What] = true
		}
	}
	fmt.Fprintln(out)
	if len(kinds) == 0 {
		fmt.Fprintln(out, "the hard numbers are all 0")
		return false
	}
	kinds.print(out, "MISSED", len(kinds))
	return true
}
