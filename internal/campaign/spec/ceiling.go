package spec

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/config/strict"
)

// A Ceiling is what an operator lets campaigns do at most. The zero value takes
// nothing away.
type Ceiling struct {
	Limits      store.Caps // limits: of each campaign, and with all-open and all-per-hour of all
	Only        []string   // fixers: {only}; nil is all
	Safe        bool       // fixers: {safe}; only safe fixes
	NoAutoMerge bool       // auto-merge: false
	Verify      bool       // verify: true; every campaign does
	Owners      []string   // owners: only repositories of these
	Unlimited   bool       // budget: github; or none, for a server of one's own without rate limits
	Windows     Windows    // windows, time-zone: nothing is written outside, whatever a campaign says
}

// ParseCeiling reads the file of an operator, as Parse does a campaign's.
func ParseCeiling(path string, text []byte, fixers []string) (Ceiling, error) {
	var c Ceiling
	var r reader
	limits := r.limits(&c.Limits)
	limits["all-open"], limits["all-per-hour"] = r.limit(&c.Limits.AllOpen), r.limit(&c.Limits.AllPerHour)
	err := r.Read(path, text, strict.Keys{
		"limits": func(value *yaml.Node) { r.Mapping(value, limits) },
		"fixers": func(value *yaml.Node) {
			r.Mapping(value, strict.Keys{
				"only": func(value *yaml.Node) { c.Only = r.Names(value, "fixer", fixers) },
				"safe": func(value *yaml.Node) { c.Safe = r.Bool(value) },
			})
		},
		"auto-merge": func(value *yaml.Node) { c.NoAutoMerge = !r.Bool(value) },
		"verify":     func(value *yaml.Node) { c.Verify = r.Bool(value) },
		"budget":     func(value *yaml.Node) { c.Unlimited = r.OneOf(value, "!!str", "github", "none") == "none" },
		"owners":     func(value *yaml.Node) { c.Owners = r.Strings(value) },
		"time-zone":  func(value *yaml.Node) { c.Windows.Zone = r.zone(value) },
		"windows":    func(value *yaml.Node) { c.Windows.List = r.windows(value) },
	})
	if err != nil {
		return Ceiling{}, err
	}
	return c, nil
}

// Under gives the campaign as far as a ceiling lets it go. fixers are the names of
// all.
func (c Campaign) Under(ceiling Ceiling, fixers []string) Campaign {
	c.Limits = store.Caps{
		Open: least(c.Limits.Open, ceiling.Limits.Open), OpenPerOrganisation: least(c.Limits.OpenPerOrganisation, ceiling.Limits.OpenPerOrganisation),
		PerHour: least(c.Limits.PerHour, ceiling.Limits.PerHour), PerHourPerOrg: least(c.Limits.PerHourPerOrg, ceiling.Limits.PerHourPerOrg),
		AllOpen: ceiling.Limits.AllOpen, AllPerHour: ceiling.Limits.AllPerHour,
	}
	if ceiling.Only != nil {
		only := []string{}
		for _, name := range fixers {
			if slices.Contains(ceiling.Only, name) && (c.Only == nil || slices.Contains(c.Only, name)) {
				only = append(only, name)
			}
		}
		c.Only = only
	}
	c.Safe = c.Safe || ceiling.Safe
	c.Verify = c.Verify || ceiling.Verify
	c.Pull.AutoMerge = c.Pull.AutoMerge && !ceiling.NoAutoMerge
	return c
}

// least gives the smaller of two bounds, of which 0 is none.
func least(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Allows reports whether the ceiling lets campaigns touch a repository.
func (c Ceiling) Allows(repository string) bool {
	owner, _, _ := strings.Cut(repository, "/")
	return len(c.Owners) == 0 || slices.ContainsFunc(c.Owners, func(o string) bool { return strings.EqualFold(o, owner) })
}

// Opens is the next time, from now on, at which both the campaign and the ceiling
// let something be written.
func (c Campaign) Opens(ceiling Ceiling, now time.Time) time.Time {
	next := now
	for range 16 { // each turn passes at least one end of a window
		later := ceiling.Windows.Opens(c.Schedule.Windows.Opens(next))
		if later.Equal(next) {
			return next
		}
		next = later
	}
	return next
}
