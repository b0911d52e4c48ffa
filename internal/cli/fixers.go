package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// NewCmdFixers makes the command "drydock fixers".
func NewCmdFixers(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "fixers",
		Short: "List the fixers",
		Long:  "List the fixers, one a line: name, safety, title.",
		Args:  argsOr(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(f.Streams.Out, 0, 0, 2, ' ', 0)
			for _, fixer := range f.Fixers {
				fmt.Fprintf(table, "%s\t%s\t%s\n", fixer.Name, fixer.Doc.Safety, fixer.Doc.Title)
			}
			return table.Flush()
		},
	}
}
