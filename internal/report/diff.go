package report

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// contextLines stand unchanged around every hunk, as in "git diff".
const contextLines = 3

// Diff gives the unified diff from before to after of the file at path, which is
// relative and has slashes; "" if they are equal. There is no "diff --git" line:
// without it, git apply takes the path relative to the current folder, as patch
// does, and not to the root of the repository.
func Diff(path, before, after string) string {
	if before == after {
		return ""
	}
	a, b := strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")
	a, b = withoutEmptyLast(a), withoutEmptyLast(b)
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", label("a/"+path), label("b/"+path))
	changes := lineChanges(a, b)
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].Start-changes[n-1].End <= 2*contextLines {
			n++
		}
		writeHunk(&out, a, b, changes[:n])
		changes = changes[n:]
	}
	return out.String()
}

// withoutEmptyLast drops what SplitAfter gives behind the last line end.
func withoutEmptyLast(lines []string) []string {
	if lines[len(lines)-1] == "" {
		return lines[:len(lines)-1]
	}
	return lines
}

// lineChanges gives the parts of a that parts of b replace, in order.
// lcs.DiffLines gives up on what is more than about 50 changed lines away from
// both ends and calls all between one change; so each change is compared again
// for as long as that finds lines in common. The cost stays near linear.
func lineChanges(a, b []string) []lcs.Diff {
	var changes []lcs.Diff
	pending := []lcs.Diff{{Start: 0, End: len(a), ReplStart: 0, ReplEnd: len(b)}}
	for len(pending) > 0 {
		whole := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		parts := lcs.DiffLines(a[whole.Start:whole.End], b[whole.ReplStart:whole.ReplEnd])
		for i := len(parts) - 1; i >= 0; i-- {
			part := lcs.Diff{
				Start: whole.Start + parts[i].Start, End: whole.Start + parts[i].End,
				ReplStart: whole.ReplStart + parts[i].ReplStart, ReplEnd: whole.ReplStart + parts[i].ReplEnd,
			}
			if part == whole {
				changes = append(changes, whole)
			} else {
				pending = append(pending, part)
			}
		}
	}
	return changes
}

// writeHunk writes changes that share their context.
func writeHunk(out *strings.Builder, a, b []string, changes []lcs.Diff) {
	first, last := changes[0], changes[len(changes)-1]
	lead := min(first.Start, contextLines)
	tail := min(len(a)-last.End, contextLines)
	fmt.Fprintf(out, "@@ -%s +%s @@\n",
		hunkRange(first.Start-lead, last.End+tail), hunkRange(first.ReplStart-lead, last.ReplEnd+tail))
	at := first.Start - lead
	for _, c := range changes {
		writeLines(out, ' ', a[at:c.Start])
		writeLines(out, '-', a[c.Start:c.End])
		writeLines(out, '+', b[c.ReplStart:c.ReplEnd])
		at = c.End
	}
	writeLines(out, ' ', a[at:at+tail])
}

// hunkRange is the lines [start, end), counted from 0, as a hunk header has them:
// an empty range names the line before it, and a length of 1 is left out.
func hunkRange(start, end int) string {
	switch end - start {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprintf("%d", start+1)
	}
	return fmt.Sprintf("%d,%d", start+1, end-start)
}

func writeLines(out *strings.Builder, mark byte, lines []string) {
	for _, line := range lines {
		out.WriteByte(mark)
		out.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// label writes a path as git does in a diff: in quotes where it holds a quote, a
// backslash or a control character, and with a tab behind a path with a space,
// which tells patch where the path ends.
func label(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		return quote(path)
	}
	if strings.Contains(path, " ") {
		return path + "\t"
	}
	return path
}

// quote is quote_c_style of git's quote.c with core.quotePath off.
func quote(path string) string {
	const letters = "abtnvfr" // from \a, which is 7, to \r
	var out strings.Builder
	out.WriteByte('"')
	for _, c := range []byte(path) {
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case '\a' <= c && c <= '\r':
			out.WriteByte('\\')
			out.WriteByte(letters[c-'\a'])
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&out, `\%03o`, c)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}
