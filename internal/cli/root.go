package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/config/strict"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/report"
)

// The exit codes that scripts rely on.
const (
	exitDone     = 0
	exitFindings = 1 // check has findings, or diff --exit-code a diff
	exitFailed   = 2 // a usage error, or a file that was not read, parsed or written
)

// errFindings and errFailed end a command that has said all there is to say.
var (
	errFindings = errors.New("there are findings")
	errFailed   = errors.New("some files failed")
)

// A Factory has what commands are made from.
type Factory struct {
	Streams Streams
	Fixers  []fix.Fixer // in the order of fix.Order
}

// Main runs the process and gives its exit code. An interrupt ends the run after
// the file at hand; a second one ends the process at once.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	streams := System()
	ordered, err := fix.Order(fixers.All())
	if err != nil {
		fmt.Fprintf(streams.Err, "drydock: %v\n", err)
		return exitFailed
	}
	return Run(ctx, &Factory{Streams: streams, Fixers: ordered}, os.Args[1:])
}

// Run runs a command line, without the program's name, and gives the exit code.
func Run(ctx context.Context, f *Factory, args []string) int {
	root := NewCmdRoot(f)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errFailed):
		return exitFailed
	}
	var broken *config.Error
	if errors.As(err, &broken) {
		fmt.Fprintln(f.Streams.Err, report.Visible(broken.Error()))
		return exitFailed
	}
	fmt.Fprintf(f.Streams.Err, "drydock: %s\n", report.Visible(err.Error()))
	var usage *usageError
	if errors.As(err, &usage) || !cmd.HasParent() { // the root fails where a command is unknown
		fmt.Fprintf(f.Streams.Err, "See '%s --help'.\n", cmd.CommandPath())
	}
	return exitFailed
}

// A usageError is a command line that drydock does not understand.
type usageError struct{ error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// NewCmdRoot makes the command "drydock".
func NewCmdRoot(f *Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "drydock",
		Short: "Rewrite Dockerfiles",
		Long: `drydock rewrites Dockerfiles: it cleans up after package managers, lets
dependencies be cached, makes users numeric and splits builds into stages,
and changes no byte that it does not have to.`,
		Example: `  drydock diff             what fix would change below this folder
  drydock fix Dockerfile   rewrite one file
  drydock check -q         exit with 1 if fix would change something`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.SetIn(f.Streams.In)
	cmd.SetOut(f.Streams.Out)
	cmd.SetErr(f.Streams.Err)
	cmd.SetFlagErrorFunc(flagError)
	wrapHelp(cmd, f.Streams)
	cmd.AddCommand(
		NewCmdDiff(f), NewCmdFix(f), NewCmdCheck(f), NewCmdVerify(f), NewCmdPR(f), NewCmdCampaign(f), NewCmdWorker(f), NewCmdServe(f),
		NewCmdExplain(f), NewCmdFixers(f), NewCmdVersion(f), NewCmdAgent(f),
	)
	cmd.Version = release()
	cmd.SetVersionTemplate(version() + "\n")
	cmd.InitDefaultCompletionCmd()
	for _, c := range cmd.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = nil, wantsCommand
		}
	}
	return cmd
}

// flagError makes what is wrong with a flag a usage error. One that is mistyped is
// answered with the nearest.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1 {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if near := strict.Nearest(unknown.GetSpecifiedName(), known); near != "" {
			err = fmt.Errorf("%w: did you mean --%s?", err, near)
		}
	}
	return &usageError{err}
}

// wantsCommand runs a command that only has others below it. Cobra would print help
// and succeed, whatever was asked for.
func wantsCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return usagef("unknown command %q for %q", args[0], cmd.CommandPath())
}

// argsOr makes what check says a usage error.
func argsOr(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{err}
		}
		return nil
	}
}
