package spec

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/campaign/store"
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
	err := r.Read(path, text, func(key string, value *yaml.Node) bool {
		switch key {
		case "limits":
			r.Mapping(value, func(key string, value *yaml.Node) bool {
				switch key {
				case "all-open":
					c.Limits.AllOpen = r.Int(value, 1, maxCap)
				case "all-per-hour":
					c.Limits.AllPerHour = r.Int(value, 1, maxCap)
				default:
					return r.limit(&c.Limits, key, value)
				}
				return true
			})
		case "fixers":
			r.Mapping(value, func(key string, value *yaml.Node) bool {
				switch key {
				case "only":
					c.Only = r.Names(value, "fixer", fixers)
				case "safe":
					c.Safe = r.Bool(value)
				default:
					return false
				}
				return true
			})
		case "auto-merge":
			c.NoAutoMerge = !r.Bool(value)
		case "verify":
			c.Verify = r.Bool(value)
		case "budget":
			c.Unlimited = r.OneOf(value, "!!str", "github", "none") == "none"
		case "owners":
			c.Owners = r.Strings(value)
		case "time-zone":
			c.Windows.Zone = r.zone(value)
		case "windows":
			c.Windows.List = r.windows(value)
		default:
			return false
		}
		return true
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
