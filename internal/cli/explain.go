package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/fix"
)

// ExplainOptions are those of "drydock explain".
type ExplainOptions struct {
	IO     Streams
	Fixers []fix.Fixer
	Fixer  string // "" for all
	Schema bool
}

// NewCmdExplain makes the command "drydock explain".
func NewCmdExplain(f *Factory) *cobra.Command {
	o := &ExplainOptions{IO: f.Streams, Fixers: f.Fixers}
	cmd := &cobra.Command{
		Use:   "explain [FIXER]",
		Short: "Print a fixer's page",
		Long:  "Print a fixer's page: what it does and why, before and after, what it declines, and how safe it is.",
		Example: `  drydock explain numeric-user
  drydock explain --schema >drydock.schema.json`,
		Args:      argsOr(cobra.MaximumNArgs(1)),
		ValidArgs: names(f.Fixers),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.Fixer = args[0]
			}
			return runExplain(o)
		},
	}
	cmd.Flags().BoolVar(&o.Schema, "schema", false, "print the JSON Schema of .drydock.yaml")
	return cmd
}

func runExplain(o *ExplainOptions) error {
	if o.Schema {
		_, err := io.WriteString(o.IO.Out, config.Schema)
		return err
	}
	if o.Fixer != "" {
		if err := knownFixers([]string{o.Fixer}, o.Fixers); err != nil {
			return err
		}
	}
	var pages []string
	for _, f := range o.Fixers {
		if o.Fixer == "" || o.Fixer == f.Name {
			pages = append(pages, page(f, o.IO.columns()))
		}
	}
	_, err := io.WriteString(o.IO.Out, strings.Join(pages, "\n\n"))
	return err
}

// page is the text about a fixer.
func page(f fix.Fixer, width int) string {
	var out strings.Builder
	title := f.Name + ": " + f.Doc.Title
	fmt.Fprintf(&out, "%s\n%s\n\n%s\n", wrapped(title, width, ""), strings.Repeat("=", min(len(title), width)), wrapped("Safety: "+safetyPromise(f.Doc.Safety), width, ""))
	if f.Doc.Why != "" {
		fmt.Fprintf(&out, "\n%s\n", wrapped(f.Doc.Why, width, ""))
	}
	if f.Doc.Before != "" {
		fmt.Fprintf(&out, "\nBefore:\n\n%s\nAfter:\n\n%s", indented(f.Doc.Before), indented(f.Doc.After))
	}
	if len(f.Doc.Refuses) > 0 {
		out.WriteString("\nIt declines:\n\n")
		for _, refused := range f.Doc.Refuses {
			fmt.Fprintf(&out, "%s\n", wrapped("- "+refused, width, "  "))
		}
	}
	return out.String()
}

// safetyPromise tells what a level of safety promises.
func safetyPromise(s fix.Safety) string {
	switch s {
	case fix.Safe:
		return "safe (the image keeps its contract exactly)"
	case fix.Review:
		return "review (the image changes on purpose, as the diff shows; --safe leaves it out)"
	}
	return s.String() + " (never applied)"
}

func indented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimSpace(text) + "\n") {
		if line != "\n" {
			out.WriteString("    ")
		}
		out.WriteString(line)
	}
	return out.String()
}
