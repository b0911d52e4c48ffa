package multistage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
)

// needsOfGems adds what gems that are compiled on the full image may link of it: the
// libraries of those that are known to, and every library that a gem can link where
// the bundle holds gems of which nothing is known. A lockfile does not tell which gems
// have an extension.
//
//	RUN bundle install # of pq_mini  =>  RUN bundle install
//	                                     ...
//	                                     RUN apt-get install -y ... libcurl4 libmariadb3 libpq5 ...
func (pl *plan) needsOfGems(names []string) (declined string) {
	if pl.profile.name != "Ruby" {
		return ""
	}
	full, _ := facts.Preinstalled(pl.stage.Ref)
	var unknown []string
	for _, name := range names {
		need, known := facts.RubyNeed(name)
		switch {
		case strings.HasSuffix(name, precompiled), slices.Contains(names, name+precompiled), slices.Contains(unknown, name), !known && facts.IsPlainGem(name):
		case !known:
			unknown = append(unknown, name)
		case need.When == facts.WhenBuilt:
			there := slices.DeleteFunc(slices.Clone(need.Dev), func(dev string) bool { return !slices.Contains(full, dev) })
			if why := pl.requireLibraries(there, name); why != "" {
				return why
			}
		}
	}
	if len(unknown) == 0 {
		return ""
	}
	slices.Sort(unknown)
	by := "perhaps " + unknown[0]
	if more := len(unknown) - 1; more > 0 {
		by += fmt.Sprintf(" or one of %d gems more", more)
	}
	return pl.requireLibraries(facts.AnyGemNeeds, by)
}

// precompiled stands behind the name of a gem that comes with its extension built.
const precompiled = "-binary"
