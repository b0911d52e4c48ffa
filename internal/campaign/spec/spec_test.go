package spec

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/config/strict"
)

var fixers = []string{"numeric-user", "package-cleanup"}

const least1 = "name: c\nselect: {users: [ann]}\n"

func TestMistakesHaveTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		"":                                           "1:1: the campaign has no name",
		"name: c\n":                                  "1:1: nothing is selected: select needs organisations, users, repositories or everything",
		"name: C\n":                                  "1:7: a name has the letters a to z, digits and -, at most 100",
		"name: c~plan\n":                             "1:7: a name has",
		least1 + "forg: x\n":                         `3:1: unknown key "forg"`,
		least1 + "name: d\n":                         `3:1: the key "name" is there twice`,
		least1 + "forge: ftp://x\n":                  "3:8: expected github.com, https://host",
		least1 + "forge: https://a@b\n":              "3:8: the address of a forge has no user, query or fragment",
		"select: {match: '('}\n":                     "1:17: error parsing regexp",
		"select: {topics: x}\n":                      `1:18: expected a list, not "x"`,
		"fixers: {only: [nope]}\n":                   `1:17: no fixer is called "nope"`,
		"fixers: {safe: 1}\n":                        "1:16: expected true or false",
		"pull-request: {branch: a..b}\n":             `1:24: "a..b" is no name for a branch`,
		"pull-request: {branch: -x}\n":               `1:24: "-x" is no name for a branch`,
		"pull-request:\n  body: '{{.Nope'\n":         "2:9: template: body:1:",
		"pull-request: {title: \"a\\nb\"}\n":         "1:23: a title is one line",
		"pull-request: {commits: two}\n":             "1:25: expected one or fixer",
		"limits: {per-hour: 0}\n":                    "1:20: expected a number from 1 to 1000000",
		"limits: {per-day: 1}\n":                     `1:10: unknown key "per-day"`,
		"schedule: {every: 1s}\n":                    "1:19: expected a time of 1m to 8784h",
		"schedule: {time-zone: Mars}\n":              "1:23: unknown time zone Mars",
		"schedule: {windows: [{days: [moon]}]}\n":    `1:30: no day is called "moon"`,
		"schedule: {windows: [{from: 9}]}\n":         `1:29: expected a string, not "9"`,
		"schedule: {windows: [{from: \"9:00\"}]}\n":  "1:29: expected a time such as",
		"schedule: {windows: [{from: \"24:01\"}]}\n": "1:29: expected a time such as",
		"schedule: {windows: [{from: \"22:00\", to: \"06:00\"}]}\n": "1:22: a window ends after it begins",
		"a: &a [x]\nb: *a\n": `1:1: unknown key "a"`,
		"name: [\n":          "1:1: did not find expected node content",
	} {
		_, err := Parse("c.yaml", []byte(text), fixers)
		var at *strict.Error
		if !errors.As(err, &at) || !strings.HasPrefix(err.Error(), "c.yaml:"+want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestOnboardingIsAnIssueOrAPullRequest(t *testing.T) {
	for said, want := range map[string]Onboarding{"issue": OnboardingIssue, "pull-request": OnboardingPull, "true": OnboardingPull, "none": NoOnboarding, "false": NoOnboarding} {
		c, err := Parse("c.yaml", []byte("name: c\nselect: {everything: true}\nonboarding: "+said+"\n"), fixers)
		if err != nil || c.Onboarding != want {
			t.Errorf("%s: %+v, %v", said, c, err)
		}
	}
	if _, err := Parse("c.yaml", []byte("name: c\nselect: {everything: true}\nonboarding: letter\n"), fixers); err == nil || !strings.Contains(err.Error(), "c.yaml:3:13") {
		t.Error(err)
	}
}

func TestWhatAFileSays(t *testing.T) {
	c, err := Parse("c.yaml", []byte(`name: users
forge: file:///srv/git
select:
  organisations: [acme]
  match: ^acme/
  exclude: [-legacy$]
  forks: true
fixers: {only: [numeric-user], safe: true}
pull-request: {labels: [docker], reviewers: [ann, acme/ops], codeowners: true, commits: fixer, body: "{{.Body}} more"}
onboarding: true
schedule: {every: 1h, time-zone: Europe/Berlin, windows: [{days: [mon], from: "09:00", to: "17:30"}]}
limits: {open-per-organisation: 3}
`), fixers)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(store.Caps{Open: 200, PerHour: 50, OpenPerOrganisation: 3}, c.Limits); diff != "" {
		t.Error(diff)
	}
	w := c.Schedule.Windows
	if c.Pull.Branch != "drydock/users" || c.Pull.Commits != campaign.CommitPerFixer || c.Pull.Body == nil || !c.Safe || c.Onboarding != OnboardingPull ||
		c.Schedule.Every != time.Hour || w.Zone.String() != "Europe/Berlin" || w.List[0].To != 17*time.Hour+30*time.Minute || !c.Select.Match.MatchString("acme/x") {
		t.Errorf("%+v", c)
	}
}

func TestWindows(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse("c.yaml", []byte(least1+`schedule:
  time-zone: Europe/Berlin
  windows:
  - {days: [mon, tue], from: "09:00", to: "12:00"}
  - {days: [mon], from: "14:00"}
  - {days: [sun], from: "02:30", to: "04:00"}
`), fixers)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ now, want string }{
		{"2026-03-02 08:59", "2026-03-02 09:00"}, // a Monday
		{"2026-03-02 09:00", "2026-03-02 09:00"},
		{"2026-03-02 12:00", "2026-03-02 14:00"},
		{"2026-03-02 23:59", "2026-03-02 23:59"},
		{"2026-03-03 00:00", "2026-03-03 09:00"},
		{"2026-03-03 12:00", "2026-03-08 02:30"},
		{"2026-03-29 01:00", "2026-03-29 03:30"}, // 02:30 is not there on this day: the clocks jump from 02:00 to 03:00
	} {
		now, _ := time.ParseInLocation("2006-01-02 15:04", test.now, berlin)
		if got := c.Schedule.Windows.Opens(now).In(berlin).Format("2006-01-02 15:04"); got != test.want {
			t.Errorf("at %s: %s, want %s", test.now, got, test.want)
		}
	}
}

func TestACeilingOnlyTakesAway(t *testing.T) {
	ceiling, err := ParseCeiling("ceiling.yaml", []byte(`limits: {open: 10, per-hour: 100, all-open: 20}
fixers: {only: [package-cleanup], safe: true}
auto-merge: false
owners: [Acme]
windows: [{days: [tue], from: "10:00", to: "11:00"}]
`), fixers)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse("c.yaml", []byte(least1+"pull-request: {auto-merge: true}\nschedule: {windows: [{days: [mon, tue], from: \"09:00\", to: \"10:30\"}]}\n"), fixers)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Under(ceiling, fixers)
	if diff := cmp.Diff(store.Caps{Open: 10, PerHour: 50, AllOpen: 20}, got.Limits); diff != "" {
		t.Error(diff)
	}
	if !got.Safe || got.Pull.AutoMerge || !cmp.Equal(got.Only, []string{"package-cleanup"}) {
		t.Errorf("%+v", got)
	}
	if !ceiling.Allows("acme/x") || ceiling.Allows("acme2/x") || !(Ceiling{}).Allows("x") {
		t.Error("owners")
	}
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if opens := got.Opens(ceiling, monday); !opens.Equal(time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)) {
		t.Error(opens)
	}
	if _, err := ParseCeiling("ceiling.yaml", []byte("limits: {open: x}\n"), fixers); err == nil || !strings.HasPrefix(err.Error(), "ceiling.yaml:1:16: ") {
		t.Error(err)
	}
	if _, err := ParseCeiling("ceiling.yaml", []byte("fixers: {only: [x]}\n"), fixers); err == nil {
		t.Error("an unknown fixer is taken")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(least1 + "schedule: {windows: [{from: \"09:00\"}]}\nlimits: {open: 1}\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("c.yaml", []byte(text), fixers)
		var at *strict.Error
		if err != nil && (!errors.As(err, &at) || at.Line < 1 || at.Column < 1) {
			t.Errorf("the error %v has no position", err)
		}
		if err == nil {
			c.Schedule.Windows.Opens(time.Now())
		}
	})
}

func TestNotes(t *testing.T) {
	names := []string{"a", "b", "c"}
	windows := "schedule: {windows: [{days: [mon], from: \"09:00\", to: \"10:00\"}]}\n"
	for _, c := range []struct {
		campaign, ceiling string
		want              []string
	}{
		{"", "", nil},
		{"pull-request: {auto-merge: true}\n", "", []string{"auto-merge: drydock merges what has passed its checks"}},
		{"pull-request: {auto-merge: true}\n" + windows, "", []string{"auto-merge: drydock merges what has passed its checks, within the windows"}},
		{"pull-request: {auto-merge: true}\n", "windows: [{days: [mon], from: \"09:00\", to: \"10:00\"}]\n", []string{"auto-merge: drydock merges what has passed its checks, within the windows"}},
		{"pull-request: {auto-merge: true}\n" + windows, "auto-merge: false\n", []string{"auto-merge is off: the operator's ceiling does not allow it"}},
		{"", "verify: true\nfixers: {only: [b], safe: true}\n", []string{"the operator's ceiling leaves out a, c", "the operator's ceiling takes safe fixes only", "the operator's ceiling has every rewrite built first"}},
		{"fixers: {only: [b]}\n", "fixers: {only: [b, c]}\n", nil},
		{"forge: file:///srv\npull-request: {auto-merge: true, fork: true}\n", "", []string{"auto-merge does nothing: nothing is checked in a folder of repositories", "fork fails: repositories in a folder are not forked"}},
		{"forge: file:///srv\npull-request: {auto-merge: true}\n", "auto-merge: false\n", []string{"auto-merge is off: the operator's ceiling does not allow it"}},
	} {
		parsed, err := Parse("c.yaml", []byte("name: c\nselect: {everything: true}\n"+c.campaign), names)
		if err != nil {
			t.Fatal(err)
		}
		ceiling, err := ParseCeiling("ceiling.yaml", []byte(c.ceiling), names)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed.Notes(ceiling, names); !slices.Equal(got, c.want) {
			t.Errorf("%s%s: %q", c.campaign, c.ceiling, got)
		}
	}
}
