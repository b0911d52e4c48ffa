package packagecleanup

// RUN conda install numpy   =>   RUN conda install -y numpy && conda clean -afy
//
// The same for mamba and micromamba.

import "github.com/drydock-dev/drydock/internal/pkgmgr"

func conda(l *layer) {
	for _, inv := range l.uses("conda") {
		if inv.Action == pkgmgr.Install && inv.Verb >= 0 && (inv.Command.Words[inv.Verb].Value == "install" || inv.Command.Words[inv.Verb].Value == "create") {
			assumeYes(l, inv)
		}
	}
	l.sweepAll("conda", "clean up behind conda", func(inv pkgmgr.Invocation) string {
		return inv.Sudo() + program(inv) + " clean -afy"
	})
}
