package cli

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// Prose is as wide as the terminal, within these bounds, and usualWidth where there
// is none.
const (
	narrowest  = 30
	usualWidth = 80
	widest     = 100
	unbroken   = math.MaxInt // for what others lay out
)

// columns is how wide prose on Out is, in characters.
func (s Streams) columns() int {
	if !s.OutTerminal || s.OutWidth == nil {
		return usualWidth
	}
	width := s.OutWidth()
	if width <= 0 {
		return usualWidth
	}
	return min(max(width, narrowest), widest)
}

// wrapped breaks each paragraph of a text anew. Lines but the first of a paragraph
// begin with indent.
func wrapped(text string, width int, indent string) string {
	var paragraphs []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var b strings.Builder
		column := 0
		for i, word := range strings.Fields(paragraph) {
			length := utf8.RuneCountInString(word)
			switch {
			case i == 0:
			case column+1+length > width:
				b.WriteString("\n" + indent)
				column = len(indent)
			default:
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += length
		}
		paragraphs = append(paragraphs, b.String())
	}
	return strings.Join(paragraphs, "\n\n")
}

// wrapHelp makes the help of a command and of those below it fit its terminal.
func wrapHelp(cmd *cobra.Command, s Streams) {
	width := s.columns()
	cmd.SetUsageTemplate(strings.ReplaceAll(cmd.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", width)))
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		text := cmd.Long
		if text == "" {
			text = cmd.Short
		}
		io.WriteString(cmd.OutOrStdout(), wrapped(text, width, "")+"\n\n"+cmd.UsageString())
	})
}
