package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/internal/fix"
)

// MaxPullText is the length, in characters, that the text of a pull request keeps
// below. GitHub takes 65,536.
const MaxPullText = 65_000

// A Pull is what the text of a pull request tells of.
type Pull struct {
	Files  []File
	Fixers []fix.Fixer // for their titles and reasons
	// Evidence says how the rewrite was tried, in Markdown; "" if it was not.
	Evidence string
}

// Title is one line for the pull request and its commit.
func (p Pull) Title() string {
	applied := p.applied()
	switch {
	case len(applied) == 1:
		return "Dockerfile: " + lowerFirst(applied[0].Doc.Title)
	case len(applied) == 0:
		return "Dockerfile: nothing to do"
	}
	var titles []string
	for _, f := range applied {
		titles = append(titles, lowerFirst(f.Doc.Title))
	}
	last := len(titles) - 1
	title := "Dockerfile: " + strings.Join(titles[:last], ", ") + " and " + titles[last]
	if len(title) > 72 {
		return fmt.Sprintf("Dockerfile: %s (and %d more)", titles[0], last)
	}
	return title
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// applied are the fixers that changed something, in their order.
func (p Pull) applied() []fix.Fixer {
	var all []fix.Fixer
	for _, f := range p.Fixers {
		if len(p.appliedBy(f.Name)) > 0 {
			all = append(all, f)
		}
	}
	return all
}

// completing are the fixers that carried a fixer's fixes into other files.
func (p Pull) completing(whole fix.Fixer) []fix.Fixer {
	var all []fix.Fixer
	for _, f := range p.Fixers {
		if f.Completes == whole.Name && slices.ContainsFunc(p.appliedBy(whole.Name), func(o located) bool { return slices.Contains(o.With, f.Name) }) {
			all = append(all, f)
		}
	}
	return all
}

// A located is an outcome and the file that it is about.
type located struct {
	path string
	Outcome
}

// appliedBy lists what a fixer did.
func (p Pull) appliedBy(fixer string) []located {
	return slices.DeleteFunc(p.of(fixer), func(o located) bool { return o.Status != Applied })
}

// declinedBy lists what a fixer did not do, each of which says why.
func (p Pull) declinedBy(fixer string) []located {
	return slices.DeleteFunc(p.of(fixer), func(o located) bool { return o.Status == Applied })
}

// of lists a fixer's outcomes.
func (p Pull) of(fixer string) []located {
	var all []located
	for _, f := range p.Files {
		for _, o := range f.Outcomes {
			if o.Fixer == fixer {
				all = append(all, located{f.Path, o})
			}
		}
	}
	return all
}

// Text is the text of the pull request, in GitHub's Markdown: what was done and
// why, how it was checked, what was left alone, and how to be rid of it. What
// comes out of the repository is quoted so that it mentions nobody, refers to no
// issue and forms no markup. It is below 65,000 characters.
func (p Pull) Text() string {
	var head, tail strings.Builder
	head.WriteString("[drydock](https://github.com/drydock-dev/drydock) rewrote what it could prove sound. Every line of the diff belongs to one of these:\n")
	for _, f := range p.applied() {
		fmt.Fprintf(&head, "\n### %s\n\n%s\n\n", f.Doc.Title, firstParagraph(f.Doc.Why))
		for _, with := range p.completing(f) {
			head.WriteString(firstParagraph(with.Doc.Why) + "\n\n")
		}
		writeItems(&head, p.appliedBy(f.Name))
	}
	tail.WriteString("\n### How it was checked\n\n")
	tail.WriteString("Offline, on the finished files: Docker's own parsers take them; CMD, ENTRYPOINT, ENV, packages, copied paths, comments and the order of commands are what they were, but for what is named above; a second run changes nothing.\n")
	if p.Evidence == "" {
		tail.WriteString("The image was not built: please let your CI do that before you merge.\n")
	} else {
		tail.WriteString("\n" + p.Evidence + "\n")
	}
	end := "\n---\nNot wanted? Close this pull request: it will not come back. `# drydock: ignore=FIXER reason` above an instruction keeps a fixer from it, and `skip: [FIXER]` in `.drydock.yaml` from the repository.\n"
	rest := MaxPullText - utf8.RuneCountInString(head.String()+tail.String()+end)
	if rest < 0 {
		return short(head.String(), MaxPullText-utf8.RuneCountInString(tail.String()+end)) + tail.String() + end
	}
	return head.String() + tail.String() + p.declined(rest) + end
}

// declined tells what was left alone, in at most so many characters.
func (p Pull) declined(limit int) string {
	var items []located
	for _, f := range p.Fixers {
		items = append(items, p.declinedBy(f.Name)...)
	}
	for _, f := range p.Files {
		if f.Status == Failed && f.Error != nil {
			items = append(items, located{f.Path, Outcome{Line: f.Error.Line, Reason: "it cannot be read: " + f.Error.Message}})
		}
	}
	if len(items) == 0 {
		return ""
	}
	slices.SortStableFunc(items, func(a, b located) int { return strings.Compare(a.path, b.path) })
	var out strings.Builder
	fmt.Fprintf(&out, "\n<details><summary>What was left alone, and why (%d)</summary>\n\n", len(items))
	writeItems(&out, items)
	const end = "\n</details>\n"
	if limit < len(end) {
		return ""
	}
	return short(out.String(), limit-len(end)) + end
}

func writeItems(out *strings.Builder, items []located) {
	for _, o := range items {
		text := o.Message
		switch {
		case o.Fixer == "":
			text = o.Reason
		case o.Status != Applied:
			text = o.Fixer + ": " + o.Reason
		}
		if len(o.Also) > 0 {
			text += ", with " + strings.Join(o.Also, ", ")
		}
		fmt.Fprintf(out, "- %s, line %d: %s\n", Harmless(o.path), o.Line, Harmless(text))
		for _, note := range o.Notes {
			fmt.Fprintf(out, "  - %s\n", Harmless(note))
		}
	}
}

func firstParagraph(text string) string {
	first, _, _ := strings.Cut(text, "\n\n")
	return strings.Join(strings.Fields(first), " ")
}

// short cuts a text at the end of a line so that it has at most limit characters,
// and says that it did.
func short(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	const more = "- and more; `drydock diff -v` tells all\n"
	var kept strings.Builder
	left := limit - len(more)
	for line := range strings.Lines(text) {
		left -= utf8.RuneCountInString(line)
		if left < 0 {
			break
		}
		kept.WriteString(line)
	}
	return kept.String() + more
}

// Harmless makes a text of the repository harmless in Markdown: no markup, no
// mention, no reference to an issue, no link.
func Harmless(text string) string {
	var out strings.Builder
	for _, r := range OneLine(text) {
		switch {
		case strings.ContainsRune("@#&<>", r):
			fmt.Fprintf(&out, "&#%d;", r)
		case strings.ContainsRune("\\`*_{}[]()!|~$", r):
			out.WriteString("\\" + string(r))
		default:
			out.WriteRune(r)
		}
	}
	return unlinked.Replace(out.String())
}

// unlinked breaks what GitHub makes links of by itself
// (https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls).
var unlinked = strings.NewReplacer("://", ":&#47;&#47;", "www.", "www&#46;", "GH-", "GH&#45;", "gh-", "gh&#45;")
