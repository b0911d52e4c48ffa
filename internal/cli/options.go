package cli

import (
	"os"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/fix"
)

// Options are what diff, fix and check have in common.
type Options struct {
	IO     Streams
	Fixers []fix.Fixer

	Paths    []string
	Filename string // what standard input is called

	config.Selection
	Config string

	Context   string
	NoContext bool
	Online    bool // registries are asked for the configuration of base images

	Format         string
	Color          string
	Quiet, Verbose bool
	Jobs           int
}

// stdin is the PATH that stands for standard input.
const stdin = "-"

// addTo defines the flags. The first format is the default.
func (o *Options) addTo(cmd *cobra.Command, formats ...string) {
	flags := cmd.Flags()
	flags.SortFlags = false
	addSelection(cmd, &o.Selection, o.Fixers)
	flags.StringVar(&o.Config, "config", "", "read this `file`, not the .drydock.yaml up the tree")
	flags.StringVar(&o.Context, "context", "", "the build context is this `folder` (default: inferred)")
	flags.BoolVar(&o.NoContext, "no-context", false, "no build context is known")
	flags.BoolVar(&o.Online, "online", false, "ask registries for the configuration of base images (default: what drydock knows of them)")
	flags.StringVar(&o.Filename, "filename", "", "the `name` of what - reads from standard input")
	addFormat(cmd, &o.Format, formats...)
	addEnum(cmd, &o.Color, "color", "auto", "`when` to color the output", "auto", "always", "never")
	flags.BoolVarP(&o.Quiet, "quiet", "q", false, "leave out the summary and what is declined")
	flags.BoolVarP(&o.Verbose, "verbose", "v", false, "tell every finding, what is declined, which files are skipped, and why")
	flags.IntVarP(&o.Jobs, "jobs", "j", runtime.GOMAXPROCS(0), "work on this `number` of files at once")

	cmd.PreRunE = func(_ *cobra.Command, args []string) error {
		o.Paths = args
		if len(args) == 0 {
			o.Paths = []string{"."}
		}
		return o.validate()
	}
}

func (o *Options) validate() error {
	if err := validSelection(o.Selection, o.Fixers); err != nil {
		return err
	}
	if o.Quiet && o.Verbose {
		return usagef("--quiet and --verbose exclude each other")
	}
	if o.Context != "" && o.NoContext {
		return usagef("--context and --no-context exclude each other")
	}
	if o.Jobs < 1 {
		return usagef("--jobs takes 1 or more, not %d", o.Jobs)
	}
	if o.Context != "" {
		if info, err := os.Stat(o.Context); err != nil || !info.IsDir() {
			return usagef("--context takes a folder, and %s is none", o.Context)
		}
	}
	if slices.Contains(o.Paths, "") {
		return usagef("a PATH is empty")
	}
	if slices.Contains(o.Paths, stdin) && len(o.Paths) > 1 {
		return usagef("- is read alone, without other PATHs")
	}
	if o.Filename != "" && !o.fromStdin() {
		return usagef("--filename goes with - only")
	}
	return nil
}

// fromStdin reports whether the Dockerfile comes from standard input.
func (o *Options) fromStdin() bool { return o.Paths[0] == stdin }
