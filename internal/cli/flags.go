package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/config/strict"
	"github.com/drydock-dev/drydock/internal/fix"
)

// An enum is the value of a flag that takes one of a few words.
type enum struct {
	value *string
	of    []string
}

func (e enum) String() string { return *e.value }
func (e enum) Type() string   { return "string" }

func (e enum) Set(word string) error {
	if !slices.Contains(e.of, word) {
		return fmt.Errorf("expected %s", orList(e.of))
	}
	*e.value = word
	return nil
}

// addEnum defines a flag that takes one of the words, which its usage ends with.
func addEnum(cmd *cobra.Command, value *string, name, standard, usage string, of ...string) {
	*value = standard
	cmd.Flags().Var(enum{value, of}, name, usage+": "+orList(of))
	complete(cmd, name, of)
}

// A grace is the value of a flag that takes a time to wait. None is refused: that is
// what a second interrupt is for.
type grace time.Duration

func (g *grace) String() string { return time.Duration(*g).String() }
func (g *grace) Type() string   { return "duration" }

func (g *grace) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return errors.New("expected a time such as 30s")
	}
	*g = grace(d)
	return nil
}

// addFormat defines the flag for the format of the output; the first one is the
// default.
func addFormat(cmd *cobra.Command, value *string, formats ...string) {
	addEnum(cmd, value, "format", formats[0], "the `format` of the output", formats...)
}

// addSelection defines the flags that choose fixers.
func addSelection(cmd *cobra.Command, s *config.Selection, fixers []fix.Fixer) {
	flags := cmd.Flags()
	flags.StringSliceVar(&s.Only, "only", nil, "run only these `fixers`, whatever the configuration says")
	flags.StringSliceVar(&s.Skip, "skip", nil, "do not run these `fixers`")
	flags.BoolFunc("safe", "apply only fixes that keep the image's contract exactly", func(text string) error {
		safe, err := strconv.ParseBool(text)
		s.Safe = &safe
		return err
	})
	complete(cmd, "only", names(fixers))
	complete(cmd, "skip", names(fixers))
}

// complete lets a shell complete the words that a flag takes.
func complete(cmd *cobra.Command, name string, words []string) {
	// The error is about a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// knownFixers refuses names that no fixer has.
func knownFixers(chosen []string, fixers []fix.Fixer) error {
	for _, name := range chosen {
		if !slices.Contains(names(fixers), name) {
			return usagef("no fixer is called %q%s", name, strict.Choices(name, names(fixers)))
		}
	}
	return nil
}

// validSelection refuses names that no fixer has, and a choice that leaves none: it
// would find nothing, and tell a script that all is well.
func validSelection(s config.Selection, fixers []fix.Fixer) error {
	if err := knownFixers(slices.Concat(s.Only, s.Skip), fixers); err != nil {
		return err
	}
	if chosen, _ := s.Of(&config.Config{}, fixers); len(chosen) == 0 {
		return usagef("--only and --skip leave no fixer to run; there are %s", strings.Join(names(fixers), ", "))
	}
	return nil
}

func names(fixers []fix.Fixer) []string {
	all := make([]string, len(fixers))
	for i, f := range fixers {
		all[i] = f.Name
	}
	return all
}

// orList writes "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
