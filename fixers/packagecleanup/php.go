package packagecleanup

// RUN composer install   =>   RUN composer install && composer clear-cache
//
// Left alone: a cache that a mount or COMPOSER_CACHE_DIR takes care of.

import "github.com/drydock-dev/drydock/internal/pkgmgr"

func composer(l *layer) {
	if l.shows([]string{"COMPOSER_CACHE_DIR", "--no-cache"}) {
		return
	}
	for _, inv := range l.uses("composer") {
		if inv.Command.Conditional && l.kept() {
			l.decline("the install by composer stands under a condition")
			return
		}
	}
	l.sweepAll("composer", "clear composer's cache", func(inv pkgmgr.Invocation) string {
		return inv.Sudo() + program(inv) + " clear-cache"
	})
}
