package packagecleanup

// RUN gem install rails   =>   RUN gem install --no-document rails
// RUN bundle install      =>   RUN bundle install && rm -rf /usr/local/bundle/cache
//
// Left alone: the official Ruby images, whose gemrc skips the documents. Declined:
// RubyGems before 2.0, which has no --no-document; bundles that may lie outside
// /usr/local/bundle.

import (
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

func gem(l *layer) {
	uses := l.uses("gem")
	if len(uses) == 0 || isRubyImage(l) || !l.kept() || l.shows([]string{"gemrc", "no-document", "no-ri", "no-rdoc"}) {
		return
	}
	for _, inv := range uses {
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

// moves are what sends a bundle elsewhere, or reads its cache again.
var moves = []string{
	"BUNDLE_PATH", "BUNDLE_DEPLOYMENT", "BUNDLE_APP_CONFIG", "GEM_HOME", "--path", "--deployment", "pristine", "/usr/local/bundle",
	"config path", "config deployment", "set path", "set deployment", "--local path", "--local deployment", "--global path", "--global deployment",
}

func bundler(l *layer) {
	if !isRubyImage(l) || len(l.leaves("bundle")) == 0 || l.shows([]string{"/ruby/*/cache"}) {
		return
	}
	for _, m := range moves {
		if l.shows([]string{m}) {
			l.decline("the bundle may lie outside /usr/local/bundle, or need its cache: the file has " + m)
			return
		}
	}
	l.sweepAll("bundle", "drop the bundle's cache", func(pkgmgr.Invocation) string {
		return "rm -rf /usr/local/bundle/cache"
	})
}

func isRubyImage(l *layer) bool {
	return facts.ParseRef(l.stage.Bottom().Ref).Repository == "ruby"
}
