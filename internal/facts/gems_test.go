package facts

import (
	"slices"
	"testing"
)

func TestIsPlainGem(t *testing.T) {
	if !slices.IsSorted(plainGems) {
		t.Error("plainGems is not sorted")
	}
	for gem, want := range map[string]bool{
		"rails": true, "faraday-net_http": true, "ruby2_keywords": true, "nio4r": true,
		"statsd-ruby": true, // which Debian has as ruby-statsd
		"pg":          false, "curb": false, "ethon": false, "eventmachine": false, "no-such-gem": false, "": false,
	} {
		if IsPlainGem(gem) != want {
			t.Errorf("%q: %v", gem, !want)
		}
	}
	for _, need := range rubyNeeds {
		if _, plain := slices.BinarySearch(plainGems, need.Name); plain {
			t.Errorf("%s needs something and is plain", need.Name)
		}
	}
}

// Where a library has another name in each release, its package to build with tells.
func TestAnyGemNeedsAreKnownInEveryRelease(t *testing.T) {
	for _, dev := range AnyGemNeeds {
		for _, release := range DebianReleases() {
			if _, known := RuntimePackages(release, dev); !known {
				t.Errorf("%s of %s is not known", dev, release)
			}
		}
	}
}
