package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
)

func main() {
	engine.TuneForSweep() // as the program itself
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	corpus  string // the folder with dockerfiles.tar.gz
	setting string // names of settings, with commas between; "" for all
	only    string // names of fixers
	match   string // part of the path of a sample
	show    string // the fixer to show diffs of
	reason  string // part of a reason to list files for
	what    string // part of a kind of breach to show in full
	profile string // a file for a CPU profile
	n       int
	seed    int64
}

// errMissed says that a number was missed; what, has been printed.
var errMissed = errors.New("a hard number is missed")

func run(args []string, out io.Writer) error {
	mode := "corpus"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		mode, args = args[0], args[1:]
	}
	var o options
	flags := flag.NewFlagSet("gate "+mode, flag.ContinueOnError)
	flags.StringVar(&o.corpus, "corpus", "../shared/corpus", "the folder that holds dockerfiles.tar.gz and gold.tar.gz")
	flags.StringVar(&o.setting, "setting", "", "the settings to run: plain, context, cache-mount; all if empty")
	flags.StringVar(&o.only, "only", "", "the fixers to run; all if empty")
	flags.StringVar(&o.match, "match", "", "take only files with this in their path")
	flags.StringVar(&o.show, "show", "", "print diffs of this fixer, drawn by lot")
	flags.StringVar(&o.reason, "reason", "", "list what was declined or quarantined with this in the reason")
	flags.StringVar(&o.what, "breach", "", "list the breaches with this in their name in full, with diffs")
	flags.StringVar(&o.profile, "profile", "", "write a CPU profile")
	flags.IntVar(&o.n, "n", 20, "how many to show")
	flags.Int64Var(&o.seed, "seed", 1, "the seed of the lot")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	list, err := o.fixers()
	if err != nil {
		return err
	}
	switch mode {
	case "corpus":
		return corpus(o, list, out)
	case "gold":
		return gold(o, list, out)
	case "apps":
		return apps(o, list, out)
	case "speed":
		return speed(o, list, out)
	case "users":
		return users(o, list, out)
	case "kubernetes":
		return kubernetes(o, list, out)
	}
	return fmt.Errorf("unknown mode %q", mode)
}

// fixers are the chosen ones, in the order in which the engine wants them.
func (o options) fixers() ([]fix.Fixer, error) {
	var chosen []fix.Fixer
	for _, f := range fixers.All() {
		if o.only == "" || slices.Contains(strings.Split(o.only, ","), f.Name) {
			chosen = append(chosen, f)
		}
	}
	return fix.Order(chosen)
}

// settings are the chosen ones.
func (o options) settings() []setting {
	var chosen []setting
	for _, s := range settings {
		if o.setting == "" || slices.Contains(strings.Split(o.setting, ","), s.Name) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// corpus runs the fixers over every Dockerfile and holds the hard numbers.
func corpus(o options, list []fix.Fixer, out io.Writer) error {
	samples, err := readCorpus(o.corpus)
	if err != nil {
		return err
	}
	samples = keep(samples, o.match)
	missed := false
	chosen := o.settings()
	for n, verdicts := range checkAll(samples, chosen, list) {
		switch {
		case o.show != "":
			showDiffs(out, verdicts, o)
		case o.reason != "":
			showReasons(out, verdicts, o)
		case o.what != "":
			showBreaches(out, verdicts, o)
		default:
			fmt.Fprintf(out, "\n## %s\n", chosen[n].Title)
			printTable(out, verdicts, list)
			missed = printBreaches(out, verdicts) || missed
		}
	}
	if missed {
		return errMissed
	}
	return nil
}
