package packagecleanup

// RUN zypper install gcc   =>   RUN zypper install -y gcc && zypper clean --all

import "github.com/drydock-dev/drydock/internal/pkgmgr"

func zypper(l *layer) {
	for _, inv := range l.uses("zypper") {
		if inv.Action == pkgmgr.Install {
			assumeYes(l, inv)
		}
	}
	l.sweepAll("zypper", "clean up behind zypper", func(inv pkgmgr.Invocation) string {
		return inv.Sudo() + program(inv) + " clean --all"
	})
}
