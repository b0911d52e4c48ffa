package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
)

// maxDifferences is how many differences a Violation lists: a reader acts on the
// first, and the rest often follow from it.
const maxDifferences = 5

// A Violation is what a rewrite changes without having declared it.
type Violation struct {
	Differences []string // short sentences in lower case, the first few
}

func (v *Violation) Error() string { return strings.Join(v.Differences, "; ") }

// Permits returns nil if after keeps the contract of before, a text that Docker
// accepts, but for the changes; a *Refused if Docker does not accept after; and
// else a *Violation.
func (before *Reading) Permits(after *Reading, changes []fix.Change) error {
	if err := after.Accept(); err != nil {
		return fmt.Errorf("the result is refused: %w", err)
	}
	before.read()
	after.read()
	c := &comparison{before: before, after: after, declared: index(changes), changes: changes, same: map[[2]*variable]bool{}}
	c.onlyRuns = sameImages(before.file, after.file)
	for _, check := range []func(*comparison){
		directives, comments, stages, heredocs, images, commands, order, outcome,
	} {
		check(c)
		if len(c.found) >= maxDifferences {
			break
		}
	}
	if len(c.found) == 0 {
		return nil
	}
	return &Violation{Differences: c.found[:min(len(c.found), maxDifferences)]}
}

// A comparison collects what is different.
type comparison struct {
	before, after *Reading
	declared      declared
	changes       []fix.Change // as declared
	found         []string
	bases         bases                 // of the images that are being compared
	onlyRuns      bool                  // the files differ in the bodies of RUNs alone; see sameImages
	pairs         []int                 // for each stage after, its counterpart before, or -1
	paired        []bool                // for each stage before, whether it has a counterpart
	same          map[[2]*variable]bool // what sameVariables has found
}

func (c *comparison) differs(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// declared is the changes by kind and subject, the subjects' blanks made single.
type declared map[fix.ChangeKind]map[string]bool

func index(changes []fix.Change) declared {
	d := declared{}
	for _, c := range changes {
		if d[c.Kind] == nil {
			d[c.Kind] = map[string]bool{}
		}
		d[c.Kind][words(c.Subject)] = true
		if c.Kind == fix.AddCommand || c.Kind == fix.DropCommand {
			for _, part := range strings.Split(c.Subject, "&&") {
				d[c.Kind][words(part)] = true
			}
		}
	}
	return d
}

// has reports whether a change of the kind names one of the subjects.
func (d declared) has(kind fix.ChangeKind, subjects ...string) bool {
	for _, s := range subjects {
		if d[kind][words(s)] {
			return true
		}
	}
	return false
}

func (d declared) any(kind fix.ChangeKind) bool { return len(d[kind]) > 0 }

// words is text on one line, its blanks made single and its continuation marks
// dropped.
func words(text string) string {
	if !strings.ContainsAny(text, "\t\r\n\\`") && !strings.Contains(text, "  ") {
		return strings.TrimSpace(text)
	}
	var kept []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") && len(kept) > 0 {
			continue
		}
		line = strings.TrimSuffix(strings.TrimSuffix(line, `\`), "`")
		kept = append(kept, strings.Fields(line)...)
	}
	return strings.Join(kept, " ")
}

// brief is text fit for a message.
func brief(text string) string {
	text = words(text)
	if len(text) > 60 {
		text = text[:57] + "..."
	}
	return text
}

// sorted returns the keys in order, so that the same difference always comes first.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// A bag is a multiset of texts.
type bag map[string]int

func (b bag) take(text string) bool {
	if b[text] == 0 {
		return false
	}
	b[text]--
	return true
}
