package packagecleanup

// RUN conda install numpy   =>   RUN conda install -y numpy && conda clean -afy
//
// The same for mamba and micromamba.

import "github.com/drydock-dev/drydock/internal/pkgmgr"

func conda(l *layer) {
	for _, inv := range l.uses("conda") {
		if inv.Action == pkgmgr.Install && asks(inv) {
			assumeYes(l, inv)
		}
	}
	l.sweepAll("conda", "clean up behind conda", func(inv pkgmgr.Invocation) string {
		return inv.Sudo() + program(inv) + " clean -afy"
	})
}

// asks reports whether a command asks before it installs, and knows -y. "conda env
// create" does not ask, and knew no -y for long.
func asks(inv pkgmgr.Invocation) bool {
	if inv.Verb < 1 || inv.Command.Words[inv.Verb-1].Value == "env" {
		return false
	}
	verb := inv.Command.Words[inv.Verb].Value
	return verb == "install" || verb == "create"
}
