package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A Palette is the escape sequences around the parts of a text report. The zero
// Palette is no colour.
type Palette struct {
	Bold, Red, Green, Cyan, Dim, Reset string
}

// Colours is the palette for a terminal (ECMA-48, SGR).
var Colours = Palette{
	Bold: "\x1b[1m", Red: "\x1b[31m", Green: "\x1b[32m", Cyan: "\x1b[36m", Dim: "\x1b[2m", Reset: "\x1b[0m",
}

// WriteDiff writes a diff. With colours, it no longer applies, and is Visible.
func (p Palette) WriteDiff(w io.Writer, diff string) error {
	if p == (Palette{}) {
		_, err := io.WriteString(w, diff)
		return err
	}
	var out strings.Builder
	for line := range strings.Lines(Visible(diff)) {
		text := strings.TrimRight(line, "\r\n")
		colour := p.ofDiffLine(text)
		if colour == "" || text == "" {
			out.WriteString(line)
			continue
		}
		out.WriteString(colour + text + p.Reset + line[len(text):])
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// ofDiffLine is the colour that "git diff" gives a line. A removed line that
// begins with "-- " looks like a file header, there as here.
func (p Palette) ofDiffLine(line string) string {
	switch {
	case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		return p.Bold
	case strings.HasPrefix(line, "@@"):
		return p.Cyan
	case strings.HasPrefix(line, "-"):
		return p.Red
	case strings.HasPrefix(line, "+"):
		return p.Green
	}
	return ""
}

// WriteOutcome writes one outcome as a line: "PATH:LINE: fixer: message", with
// "declined: reason" or the like where it is not applied, and its notes below it,
// indented.
func (p Palette) WriteOutcome(w io.Writer, path string, o Outcome) error {
	text := o.Text()
	if o.Status != Applied {
		text = p.Dim + text + p.Reset
	}
	fixers := strings.Join(append([]string{o.Fixer}, o.With...), ", ")
	place := fmt.Sprintf("%s%s:%d:%s %s: ", p.Bold, OneLine(path), o.Line, p.Reset, fixers)
	_, err := fmt.Fprintln(w, place+text)
	for _, note := range o.Notes {
		_, err = fmt.Fprintln(w, "    "+OneLine(note))
	}
	return err
}

// WriteError writes a failure as a line: "PATH:LINE:COL: message".
func (p Palette) WriteError(w io.Writer, path string, e Error) error {
	_, err := fmt.Fprintf(w, "%s%s:%d:%d:%s %s\n", p.Bold, OneLine(path), e.Line, e.Column, p.Reset, OneLine(e.Message))
	return err
}

// WriteSkipped writes that a file was not looked at, and why.
func (p Palette) WriteSkipped(w io.Writer, path, reason string) error {
	_, err := fmt.Fprintf(w, "%s%s:%s skipped: %s\n", p.Bold, OneLine(path), p.Reset, OneLine(reason))
	return err
}

// Text tells the summary in one line, such as
// "5 files, 2 changed, 1 failed; 3 fixes (numeric-user 3), 4 declined". changed says
// what became of files that differ: where nothing is written, they are "to change".
func (s Summary) Text(changed string) string {
	if s.Files == 0 {
		return "no Dockerfile found"
	}
	parts := []string{plural(s.Files, "file", "files"), fmt.Sprintf("%d %s", s.Changed, changed)}
	if s.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", s.Skipped))
	}
	if s.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", s.Failed))
	}
	findings := []string{plural(total(s.Applied), "fix", "fixes") + byFixer(s.Applied)}
	if n := total(s.Declined); n > 0 {
		findings = append(findings, fmt.Sprintf("%d declined", n)+byFixer(s.Declined))
	}
	return strings.Join(parts, ", ") + "; " + strings.Join(findings, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func total(counts map[string]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}

func byFixer(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
