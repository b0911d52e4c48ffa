package main

import (
	"maps"
	"slices"
	"strings"
)

// The rule for gems. Debian packages the gem foo_bar as ruby-foo-bar, and what its
// code links, opens or calls is among what that depends on. A gem is plain where its
// package depends, in every release that has it, on Ruby, other gems and the base
// image alone.

// gemRows has one row for each plain gem, as Debian writes its name.
func gemRows(indices []*index) []string {
	plain := map[string]bool{}
	for _, x := range indices {
		for name, p := range x.packages {
			if gem, ok := strings.CutPrefix(name, "ruby-"); ok {
				before, seen := plain[gem]
				plain[gem] = x.isPlainGem(p) && (before || !seen)
			}
		}
	}
	rows := []string{"#gem\tplain"}
	for _, gem := range slices.Sorted(maps.Keys(plain)) {
		if plain[gem] {
			rows = append(rows, gem+"\t1")
		}
	}
	return rows
}

func (x *index) isPlainGem(p *debPackage) bool {
	return !slices.ContainsFunc(p.depends, func(d dependency) bool {
		ofRuby := strings.HasPrefix(d.name, "ruby") || strings.HasPrefix(d.name, "libruby") || strings.HasPrefix(d.name, "rails")
		return !ofRuby && !d.isAlternative && !x.base[d.name] && !slices.Contains([]string{"rake", "bundler", "racc", "libjs-jquery", "publicsuffix"}, d.name)
	})
}
