package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/config/strict"
)

// maxSize is the size in bytes above which a file is not read.
const maxSize = 1 << 20

// Parse reads a campaign.yaml. fixers are the names that it may use; path stands in
// errors, each of which is a *strict.Error.
func Parse(path string, text []byte, fixers []string) (*Campaign, error) {
	c := &Campaign{Forge: "github.com", Schedule: Schedule{Every: defaultEvery}, Limits: store.Caps{PerHour: defaultPerHour, Open: defaultOpen}}
	r := reader{fixers: fixers, campaign: c}
	if len(text) > maxSize {
		return nil, &strict.Error{Path: path, Line: 1, Column: 1, Message: "larger than 1 MiB"}
	}
	if err := r.Read(path, text, r.key); err != nil {
		return nil, err
	}
	missing := func(what string) error {
		return &strict.Error{Path: path, Line: 1, Column: 1, Message: what}
	}
	s := c.Select
	switch {
	case c.Name == "":
		return nil, missing("the campaign has no name")
	case len(s.Organisations)+len(s.Users)+len(s.Repositories) == 0 && !s.Everything:
		return nil, missing("nothing is selected: select needs organisations, users, repositories or everything")
	}
	if c.Pull.Branch == "" {
		c.Pull.Branch = "drydock/" + c.Name
	}
	return c, nil
}

// A reader reads nodes into a Campaign.
type reader struct {
	strict.Reader
	fixers   []string
	campaign *Campaign
}

// Patterns are compiled when they are first used: most runs of drydock read no
// campaign.
var (
	plainName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`) })
	// A branch that git takes (git-check-ref-format), and no shell or URL minds.
	branchName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*$`)
	})
)

// isBranch reports whether git takes a name for a branch.
func isBranch(name string) bool {
	return branchName().MatchString(name) && !strings.Contains(name, "..") && !strings.HasSuffix(name, ".lock") && !strings.HasSuffix(name, ".") && len(name) <= 200
}

func (r *reader) key(key string, value *yaml.Node) bool {
	c := r.campaign
	switch key {
	case "name":
		if c.Name = r.String(value); len(c.Name) > 100 || !plainName().MatchString(c.Name) {
			r.Fail(value, "a name has the letters a to z, digits and -, at most 100")
		}
	case "forge":
		c.Forge = r.forge(value)
	case "select":
		r.Mapping(value, r.selection)
	case "fixers":
		r.Mapping(value, r.fixer)
	case "pull-request":
		r.Mapping(value, r.pull)
	case "onboarding":
		c.Onboarding = r.onboarding(value)
	case "schedule":
		r.Mapping(value, r.schedule)
	case "limits":
		r.Mapping(value, func(key string, value *yaml.Node) bool { return r.limit(&c.Limits, key, value) })
	case "verify":
		c.Verify = r.Bool(value)
	default:
		return false
	}
	return true
}

func (r *reader) forge(value *yaml.Node) string {
	address := r.String(value)
	scheme, rest, ok := strings.Cut(address, "://")
	switch {
	case address == "github.com":
	case !ok || rest == "" || scheme != "https" && scheme != "http" && scheme != "file" && scheme != "gitea+https" && scheme != "gitea+http":
		r.Fail(value, "expected github.com, https://host, gitea+https://host or file:///folder")
	case strings.ContainsAny(address, "@?#"):
		r.Fail(value, "the address of a forge has no user, query or fragment")
	}
	return address
}

func (r *reader) onboarding(value *yaml.Node) Onboarding {
	if value.Tag == "!!bool" {
		if r.Bool(value) {
			return OnboardingPull
		}
		return NoOnboarding
	}
	switch chosen := r.OneOf(value, "!!str", "issue", "pull-request", "none"); chosen {
	case "none":
		return NoOnboarding
	default:
		return Onboarding(chosen)
	}
}

func (r *reader) selection(key string, value *yaml.Node) bool {
	s := &r.campaign.Select
	switch key {
	case "organisations":
		s.Organisations = r.Strings(value)
	case "users":
		s.Users = r.Strings(value)
	case "repositories":
		s.Repositories = r.Strings(value)
	case "everything":
		s.Everything = r.Bool(value)
	case "topics":
		s.Topics = r.Strings(value)
	case "languages":
		s.Languages = r.Strings(value)
	case "match":
		s.Match = r.pattern(value)
	case "exclude":
		r.Each(value, func(item *yaml.Node) { s.Exclude = append(s.Exclude, r.pattern(item)) })
	case "forks":
		s.Forks = r.Bool(value)
	case "archived":
		s.Archived = r.Bool(value)
	default:
		return false
	}
	return true
}

func (r *reader) pattern(value *yaml.Node) *regexp.Regexp {
	pattern, err := regexp.Compile(r.String(value))
	if err != nil {
		r.Fail(value, "%v", err)
	}
	return pattern
}

func (r *reader) fixer(key string, value *yaml.Node) bool {
	c := r.campaign
	switch key {
	case "only":
		c.Only = r.Names(value, "fixer", r.fixers)
	case "skip":
		c.Skip = r.Names(value, "fixer", r.fixers)
	case "safe":
		c.Safe = r.Bool(value)
	default:
		return false
	}
	return true
}

func (r *reader) pull(key string, value *yaml.Node) bool {
	p := &r.campaign.Pull
	switch key {
	case "branch":
		if p.Branch = r.String(value); !isBranch(p.Branch) {
			r.Fail(value, "%q is no name for a branch", p.Branch)
		}
	case "base":
		if p.Base = r.String(value); !isBranch(p.Base) {
			r.Fail(value, "%q is no name for a branch", p.Base)
		}
	case "title":
		if p.Title = r.String(value); p.Title == "" || strings.ContainsAny(p.Title, "\n\r") || len(p.Title) > 200 {
			r.Fail(value, "a title is one line of at most 200 bytes")
		}
	case "body":
		body, err := template.New("body").Parse(r.String(value))
		if err != nil {
			r.Fail(value, "%v", err)
		}
		p.Body = body
	case "labels":
		p.Labels = r.Strings(value)
	case "reviewers":
		p.Reviewers = r.Strings(value)
	case "assignees":
		p.Assignees = r.Strings(value)
	case "codeowners":
		p.Owners = r.Bool(value)
	case "draft":
		p.Draft = r.Bool(value)
	case "auto-merge":
		p.AutoMerge = r.Bool(value)
	case "commits":
		if r.OneOf(value, "!!str", "one", "fixer") == "fixer" {
			p.Commits = campaign.CommitPerFixer
		}
	case "fork":
		p.Fork = r.Bool(value)
	default:
		return false
	}
	return true
}

// maxCap bounds a limit: above it, no limit is meant.
const maxCap = 1_000_000

func (r *reader) limit(caps *store.Caps, key string, value *yaml.Node) bool {
	to := map[string]*int{
		"open": &caps.Open, "open-per-organisation": &caps.OpenPerOrganisation,
		"per-hour": &caps.PerHour, "per-hour-per-organisation": &caps.PerHourPerOrg,
	}[key]
	if to != nil {
		*to = r.Int(value, 1, maxCap)
	}
	return to != nil
}

func (r *reader) schedule(key string, value *yaml.Node) bool {
	s := &r.campaign.Schedule
	switch key {
	case "every":
		every, err := time.ParseDuration(r.String(value))
		if err != nil || every < time.Minute || every > 366*24*time.Hour {
			r.Fail(value, "expected a time of 1m to 8784h")
		}
		s.Every = every
	case "time-zone":
		s.Windows.Zone = r.zone(value)
	case "windows":
		s.Windows.List = r.windows(value)
	default:
		return false
	}
	return true
}

func (r *reader) zone(value *yaml.Node) *time.Location {
	zone, err := time.LoadLocation(r.String(value))
	if err != nil {
		r.Fail(value, "%v", err)
	}
	return zone
}

func (r *reader) windows(value *yaml.Node) (all []Window) {
	r.Each(value, func(item *yaml.Node) {
		w := Window{Days: [7]bool{true, true, true, true, true, true, true}, To: 24 * time.Hour}
		r.Mapping(item, func(key string, value *yaml.Node) bool {
			switch key {
			case "days":
				w.Days = r.days(value)
			case "from":
				w.From = r.clock(value)
			case "to":
				w.To = r.clock(value)
			default:
				return false
			}
			return true
		})
		if w.To <= w.From {
			r.Fail(item, "a window ends after it begins, on the same day: one over midnight is two")
		}
		all = append(all, w)
	})
	return all
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // as time.Weekday counts

func (r *reader) days(value *yaml.Node) (days [7]bool) {
	for _, name := range r.Names(value, "day", weekdays) {
		if i := slices.Index(weekdays, name); i >= 0 {
			days[i] = true
		}
	}
	if days == [7]bool{} {
		r.Fail(value, "expected some of %s", strings.Join(weekdays, ", "))
	}
	return days
}

func (r *reader) clock(value *yaml.Node) time.Duration {
	var hour, minute int
	text := r.String(value)
	if n, err := fmt.Sscanf(text, "%2d:%2d", &hour, &minute); n != 2 || err != nil || len(text) != 5 || hour < 0 || minute < 0 || minute > 59 || hour*60+minute > 24*60 {
		r.Fail(value, `expected a time such as "09:30"`)
	}
	return time.Duration(hour*60+minute) * time.Minute
}
