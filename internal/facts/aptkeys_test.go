package facts

import (
	"strings"
	"testing"
)

func TestLookupAptKey(t *testing.T) {
	for _, test := range []struct {
		id, url string
		signs   bool
	}{
		{"3FA7E0328081BFF6A14DA29AA6A19B38D3D831EF", "https://download.mono-project.com/repo/debian", true},
		{"0xA6A19B38D3D831EF", "https://download.mono-project.com/repo/debian", true},
		{"3FA7 E032 8081 BFF6 A14D  A29A A6A1 9B38 D3D8 31EF", "https://download.mono-project.com/repo/debian", true},
		{"d3d831ef", "https://download.mono-project.com/repo/debian", true},
		{"D3D831EF", "https://download.mono-project.example/repo", false},
		{"EEA14886", "http://ppa.launchpad.net/webupd8team/java/ubuntu", true},
		{"EEA14886", "https://ppa.launchpadcontent.net/webupd8team/java/ubuntu", true},
		{"EEA14886", "http://ppa.launchpad.net/ondrej/php/ubuntu", false},
	} {
		key, ok := LookupAptKey(test.id)
		if !ok || key.Signs(test.url) != test.signs {
			t.Errorf("%s for %s: %v, %v", test.id, test.url, key, ok)
		}
	}
	if _, ok := LookupAptKey("831EF"); ok {
		t.Error("five digits find a key")
	}
	if key, ok := LookupAptKey("648ACFD622F3D138"); !ok || len(key.Sources) > 0 {
		t.Errorf("Debian's key: %v, %v", key, ok)
	}
}

// Keys can be told apart by their last eight digits, and are written alike.
func TestAptKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, key := range aptKeys {
		if len(key.ID) != 16 || strings.Trim(key.ID, "0123456789ABCDEF") != "" {
			t.Errorf("%s is no long ID", key.ID)
			continue
		}
		if seen[key.ID[8:]] {
			t.Errorf("%s ends like another", key.ID)
		}
		seen[key.ID[8:]] = true
		for _, source := range key.Sources {
			if strings.Contains(source, "://") || !strings.Contains(source, "/") {
				t.Errorf("%s: %s", key.ID, source)
			}
		}
	}
}
