package main

import (
	"fmt"
	"io"
	"math/rand"
	"strings"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/report"
)

// showDiffs prints n files that a fixer has changed, drawn by lot.
func showDiffs(out io.Writer, verdicts []verdict, o options) {
	lot := rand.New(rand.NewSource(o.seed))
	lot.Shuffle(len(verdicts), func(i, k int) { verdicts[i], verdicts[k] = verdicts[k], verdicts[i] })
	for _, v := range verdicts {
		if o.n == 0 {
			return
		}
		if o.show != "all" && !strings.Contains(strings.Join(applied(v.result), "\n"), o.show+": ") || !v.changed() {
			continue
		}
		o.n--
		showFile(out, v)
	}
}

func showFile(out io.Writer, v verdict) {
	fmt.Fprintf(out, "\n==== %s\n", v.Path)
	for _, o := range v.result.Outcomes {
		said := o.Message
		if o.Status != engine.Applied {
			said = o.Reason
		}
		fmt.Fprintf(out, "%s: %s: %s: %s\n", o.Position, o.Fixer, o.Status, said)
		for _, n := range o.Notes {
			fmt.Fprintf(out, "    %s\n", n)
		}
	}
	fmt.Fprint(out, report.Diff(v.Path, v.Text, v.result.Text))
}

// showReasons lists what was not done for a reason.
func showReasons(out io.Writer, verdicts []verdict, o options) {
	for _, v := range verdicts {
		for _, found := range v.result.Outcomes {
			if found.Status == engine.Applied || !strings.Contains(found.Reason, o.reason) {
				continue
			}
			fmt.Fprintf(out, "%s:%s: %s: %s: %s\n", v.Path, found.Position, found.Fixer, found.Status, found.Reason)
		}
	}
}

// showBreaches prints the breaches of a kind, with what was done to the file.
func showBreaches(out io.Writer, verdicts []verdict, o options) {
	for _, v := range verdicts {
		shown := false
		for _, b := range v.breaches {
			if !strings.Contains(b.What, o.what) || o.n == 0 {
				continue
			}
			fmt.Fprintf(out, "\n%s: %s: %s\n", v.Path, b.What, b.Detail)
			shown = true
		}
		if shown {
			o.n--
			showFile(out, v)
		}
	}
}
