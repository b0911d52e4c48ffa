package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/internal/fix"
)

func under(t *testing.T, common, own string) *Config {
	t.Helper()
	_, fixers := schema(t)
	all, err := ParseCommon("acme/.github/.drydock.yaml", []byte(common), fixers)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseUnder(all, "/.drydock.yaml", []byte(own), fixers)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAnOwnerAndARepositoryOnlyNarrow: neither gives back what the other takes away.
func TestAnOwnerAndARepositoryOnlyNarrow(t *testing.T) {
	const numeric, clean, multi = "numeric-user", "package-cleanup", "multistage"
	for _, test := range []struct {
		common, own string
		want        []string
		safe        bool
	}{
		{"", "", []string{numeric, clean, multi}, false},
		{"skip: [multistage]", "skip: [numeric-user]", []string{clean}, false},
		{"only: [multistage, numeric-user]", "only: [multistage, package-cleanup]", []string{multi}, false},
		{"only: [multistage]", "", []string{multi}, false},
		{"", "only: [multistage]", []string{multi}, false},
		{"only: [multistage]", "only: [numeric-user]", nil, false},
		{"skip: [multistage]", "only: [multistage]", nil, false},
		{"safe: true", "safe: false", []string{numeric, clean, multi}, true},
		{"safe: false", "safe: true", []string{numeric, clean, multi}, true},
	} {
		chosen, least := Selection{}.Of(under(t, test.common, test.own), []fix.Fixer{{Name: numeric}, {Name: clean}, {Name: multi}})
		var got []string
		for _, f := range chosen {
			got = append(got, f.Name)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || (least == fix.Safe) != test.safe {
			t.Errorf("%q, %q: safe %v (-want +got):\n%s", test.common, test.own, least == fix.Safe, diff)
		}
	}
}

func TestAnOwnersExcludesGoByEachRepositorysRoot(t *testing.T) {
	c := under(t, "exclude: [/legacy/]", "exclude: [old.Dockerfile]")
	for name, want := range map[string]bool{"/legacy/Dockerfile": true, "/a/legacy/Dockerfile": false, "/old.Dockerfile": true, "/Dockerfile": false} {
		if c.Excludes(name) != want {
			t.Errorf("Excludes(%s) is not %v", name, want)
		}
	}
}

func TestARepositorysSettingsGoBeforeItsOwners(t *testing.T) {
	c := under(t, "fixers: {package-cleanup: {style: cache-mount}, numeric-user: {add-user: never, uid: 10001}}", "fixers: {package-cleanup: {style: clean-up}, numeric-user: {add-user: when-sound}}")
	if diff := cmp.Diff(fix.Settings{UserID: 10001}, c.Settings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatAnOwnerSaysIsHostile(t *testing.T) {
	_, fixers := schema(t)
	for text, want := range map[string]string{
		"safe: yes":                        "1:7: expected true or false",
		"safe: true\nskip: [nope]\n":       `2:8: no fixer is called "nope"`,
		"contexts: {Dockerfile: .}":        "1:11: contexts names paths of one repository, and this file is for all of an owner's",
		"images: {a: Dockerfile}":          "1:9: images names paths",
		"#" + strings.Repeat("x", maxSize): "1:1: larger than 64 KiB",
		"a: &a [x]\nskip: *a\n":            `1:1: unknown key "a"`,
	} {
		_, err := ParseCommon("acme/.github/.drydock.yaml", []byte(text), fixers)
		if err == nil || !strings.HasPrefix(err.Error(), "acme/.github/.drydock.yaml:"+want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

func TestWhatIsSaidIsOneLineAKey(t *testing.T) {
	_, fixers := schema(t)
	c, err := Parse(FileName, []byte("# why\nskip: # these\n  - multistage # why\n  - numeric-user\nsafe: true\nexclude: [\"a\\x1b[3]\\nb\"]\nfixers:\n  numeric-user: {uid: 10001}\n"), fixers)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"skip: [multistage, numeric-user]", "safe: true", `exclude: ["a\e[3]\nb"]`, "fixers: {numeric-user: {uid: 10001}}"}
	if diff := cmp.Diff(want, c.Said); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	long, err := Parse(FileName, []byte("exclude: ["+strings.Repeat("'ä', ", 2000)+"]"), fixers)
	if err != nil || len(long.Said[0]) > 400 || !strings.HasSuffix(long.Said[0], "...") {
		t.Errorf("%v, %v", long, err)
	}
}
