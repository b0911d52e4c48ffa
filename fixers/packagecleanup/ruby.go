package packagecleanup

// RUN gem install rails   =>   RUN gem install --no-document rails
// RUN bundle install      =>   RUN bundle install && rm -rf /usr/local/bundle/cache
//
// Left alone: the official Ruby images, whose gemrc skips the documents; bundles
// outside /usr/local/bundle. Declined: RubyGems before 2.0, which has no
// --no-document.

import (
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

func gem(l *layer) {
	if isRubyImage(l) || !l.kept() || l.shows([]string{"gemrc", "no-document", "no-ri", "no-rdoc"}) {
		return
	}
	for _, inv := range l.uses("gem") {
		if inv.Action != pkgmgr.Install || inv.HasFlag("-N", "--no-document", "--document", "--no-ri", "--no-rdoc") {
			continue
		}
		switch l.stage.Image.Release {
		case "wheezy", "12.04", "14.04", "5", "6":
			l.decline("the RubyGems of " + l.stage.Image.Release + " may have no --no-document")
			return
		}
		l.addFlagBehindVerb("install gems without documents", inv, "--no-document")
	}
}

func bundler(l *layer) {
	if !isRubyImage(l) || l.shows([]string{"BUNDLE_PATH", "GEM_HOME", "--path", "--deployment", "bundle config", "pristine", "/usr/local/bundle"}) {
		return
	}
	l.sweepAll("bundle", "drop the bundle's cache", func(pkgmgr.Invocation) string {
		return "rm -rf /usr/local/bundle/cache"
	})
}

func isRubyImage(l *layer) bool {
	return facts.ParseRef(l.stage.Bottom().Ref).Repository == "ruby"
}
