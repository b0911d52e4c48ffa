package cli

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/fix"
)

// Options are what diff, fix and check have in common.
type Options struct {
	IO     Streams
	Fixers []fix.Fixer

	Paths    []string
	Filename string // what standard input is called

	Only, Skip []string
	Safe       *bool // nil: as the configuration says
	Config     string

	Context   string
	NoContext bool
	Online    bool // registries are asked for the configuration of base images

	Formats        []string // that the command has, the default first
	Format         string
	Color          string
	Quiet, Verbose bool
	Jobs           int
}

// stdin is the PATH that stands for standard input.
const stdin = "-"

// addTo defines the flags.
func (o *Options) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&o.Only, "only", nil, "run only these `fixers`, whatever the configuration says")
	flags.StringSliceVar(&o.Skip, "skip", nil, "do not run these `fixers`")
	safe := flags.Bool("safe", false, "apply only fixes that keep the image's contract exactly")
	flags.StringVar(&o.Config, "config", "", "read this `file`, not the .drydock.yaml up the tree")
	flags.StringVar(&o.Context, "context", "", "the build context is this `folder` (default: inferred)")
	flags.BoolVar(&o.NoContext, "no-context", false, "no build context is known")
	flags.BoolVar(&o.Online, "online", false, "ask registries for the configuration of base images (default: what drydock knows of them)")
	flags.StringVar(&o.Filename, "filename", "", "the `name` of what - reads from standard input")
	flags.StringVar(&o.Format, "format", o.Formats[0], "`"+orList(o.Formats)+"`")
	flags.StringVar(&o.Color, "color", "auto", "`auto, always or never`")
	flags.BoolVarP(&o.Quiet, "quiet", "q", false, "leave out the summary and what is declined")
	flags.BoolVarP(&o.Verbose, "verbose", "v", false, "tell every finding, and why each other was declined or a file skipped")
	flags.IntVarP(&o.Jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many files to work on at once")

	cmd.MarkFlagsMutuallyExclusive("context", "no-context")
	cmd.MarkFlagsMutuallyExclusive("quiet", "verbose")
	for _, name := range []string{"only", "skip"} {
		// The error is about a flag that does not exist.
		_ = cmd.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return names(o.Fixers), cobra.ShellCompDirectiveNoFileComp
		})
	}
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		o.Paths = args
		if len(args) == 0 {
			o.Paths = []string{"."}
		}
		if cmd.Flags().Changed("safe") {
			o.Safe = safe
		}
		return o.validate()
	}
}

func (o *Options) validate() error {
	for _, name := range slices.Concat(o.Only, o.Skip) {
		if !slices.Contains(names(o.Fixers), name) {
			return usagef("no fixer is called %q; there are %s", name, strings.Join(names(o.Fixers), ", "))
		}
	}
	if !slices.Contains(o.Formats, o.Format) {
		return usagef("--format takes %s, not %q", orList(o.Formats), o.Format)
	}
	if o.Color != "auto" && o.Color != "always" && o.Color != "never" {
		return usagef("--color takes auto, always or never, not %q", o.Color)
	}
	if o.Jobs < 1 {
		return usagef("--jobs takes 1 or more, not %d", o.Jobs)
	}
	if o.Context != "" {
		if info, err := os.Stat(o.Context); err != nil || !info.IsDir() {
			return usagef("--context takes a folder, and %s is none", o.Context)
		}
	}
	if slices.Contains(o.Paths, stdin) && len(o.Paths) > 1 {
		return usagef("- is read alone, without other PATHs")
	}
	if o.Filename != "" && !o.fromStdin() {
		return usagef("--filename goes with - only")
	}
	return nil
}

// textOrJSON are the formats of most commands.
var textOrJSON = []string{"text", "json"}

// orList writes "a, b or c".
func orList(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// fromStdin reports whether the Dockerfile comes from standard input.
func (o *Options) fromStdin() bool { return o.Paths[0] == stdin }

func names(fixers []fix.Fixer) []string {
	all := make([]string, len(fixers))
	for i, f := range fixers {
		all[i] = f.Name
	}
	return all
}
