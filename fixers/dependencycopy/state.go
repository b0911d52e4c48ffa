package dependencycopy

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/shell"
)

// A RUN that is cut in two gets a second shell, for which the steps that change the
// first one are run again:
//
//	# RUN cd api && npm ci && npm run build  =>  RUN cd api && npm ci
//	#                                            COPY . .
//	#                                            RUN cd api && npm run build
//
// Not where such a step stands in a condition, or takes what another command prints
// that may do more than look something up.

// changesShell reports whether a command changes the shell that runs it. "set -e"
// does not count, since && ends on errors too.
func changesShell(c *shell.Command) bool { return c.ChangesShell() && c.Name() != "set" }

// runs are the commands among those that change the shell that run others.
var runs = map[string]bool{"eval": true, "exec": true, "trap": true}

// looksUp reports whether a program prints the same each time, and changes nothing.
func looksUp(program string) bool {
	kind, ok := effects.KindOf(program)
	return ok && kind == effects.Nothing || slices.Contains([]string{"arch", "getconf", "hostname", "realpath", "command", "dpkg", "sed"}, program)
}

// whyNotRepeated says why a step that changes the shell cannot be run again in the
// second part of a cut RUN, "" if it can.
func (s *steps) whyNotRepeated(st step) string {
	changes := false
	for _, c := range st.Commands {
		if changesShell(c) {
			changes = true
			if runs[c.Name()] {
				return s.brief(st.Step) + " would run twice"
			}
			if c.Span != st.Span {
				return s.brief(st.Step) + " may set what the rest of the RUN uses"
			}
		}
	}
	for _, c := range st.Commands {
		if name, _ := c.Runs(); changes && c.Subshell && !looksUp(name) {
			return s.brief(st.Step) + " would run twice"
		}
	}
	return ""
}
