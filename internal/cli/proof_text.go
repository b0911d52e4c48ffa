package cli

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/report"
	"github.com/drydock-dev/drydock/internal/verify"
	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// proofText tells what building and starting showed, in Markdown for a pull request:
// the same for the same images, so that a second look changes nothing.
func proofText(path string, r *verify.Report) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s was built and started as it was and as proposed. Both build, start alike, and nothing that counts is lost:\n\n", report.Harmless(path))
	out.WriteString("| | before | after |\n|---|---|---|\n")
	for _, row := range r.Rows() {
		if !row.Varies {
			fmt.Fprintf(&out, "| %s | %s | %s |\n", row.Name, cell(row.Before), cell(row.After))
		}
	}
	packages := func(what string, names []string) {
		if len(names) > 0 {
			fmt.Fprintf(&out, "\n<details><summary>System packages %s (%d)</summary>\n\n%s\n\n</details>\n", what, len(names), cell(strings.Join(names, ", ")))
		}
	}
	packages("removed", r.Removed)
	packages("added", r.Added)
	for _, b := range r.RolledBack {
		fmt.Fprintf(&out, "\nLeft out, since it did not hold: line %d, %s, %s: %s\n", b.Line, b.Fixer, cell(b.Message), cell(b.Reason))
	}
	return out.String()
}

// cell is a text of the image's or the builder's for Markdown, of bounded length.
func cell(text string) string {
	const limit = 2000
	text = builder.Clean(text, 4*limit)
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return report.Harmless(text)
}
