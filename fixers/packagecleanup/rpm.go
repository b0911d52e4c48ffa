package packagecleanup

// RUN dnf install gcc   =>   RUN dnf install -y gcc && dnf clean all
//
// The same for microdnf, yum and tdnf. They fetch their metadata anew where it is
// missing, so that no later install minds. Declined: commands that are told to use
// nothing but the cache (-C).

import "github.com/drydock-dev/drydock/internal/pkgmgr"

func rpm(l *layer) {
	for _, name := range []string{"dnf", "microdnf", "yum", "tdnf"} {
		uses := l.uses(name)
		if len(uses) == 0 {
			continue
		}
		for _, inv := range uses {
			if inv.Action == pkgmgr.Install && !inv.HasFlag("--downloadonly", "--assumeno") {
				assumeYes(l, inv)
			}
		}
		if l.shows([]string{name + " -C ", "--cacheonly"}) {
			l.decline(name + " is told to use its cache only")
			continue
		}
		l.sweepAll(name, "clean up behind "+name, func(inv pkgmgr.Invocation) string {
			return inv.Sudo() + program(inv) + " clean all"
		})
	}
}

// program is the manager as the author calls it: dnf, /opt/conda/bin/conda.
func program(inv pkgmgr.Invocation) string { return inv.Command.Words[inv.Program].Raw }
