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
	if err := r.Read(path, text, r.keys()); err != nil {
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

// keys are those of the document.
func (r *reader) keys() strict.Keys {
	c := r.campaign
	return strict.Keys{
		"name":         func(value *yaml.Node) { c.Name = r.name(value) },
		"forge":        func(value *yaml.Node) { c.Forge = r.forge(value) },
		"select":       func(value *yaml.Node) { r.Mapping(value, r.selection()) },
		"fixers":       func(value *yaml.Node) { r.Mapping(value, r.selected()) },
		"pull-request": func(value *yaml.Node) { r.Mapping(value, r.pull()) },
		"onboarding":   func(value *yaml.Node) { c.Onboarding = r.onboarding(value) },
		"schedule":     func(value *yaml.Node) { r.Mapping(value, r.schedule()) },
		"limits":       func(value *yaml.Node) { r.Mapping(value, r.limits(&c.Limits)) },
		"verify":       func(value *yaml.Node) { c.Verify = r.Bool(value) },
	}
}

func (r *reader) name(value *yaml.Node) string {
	name := r.String(value)
	if len(name) > 100 || !plainName().MatchString(name) {
		r.Fail(value, "a name has the letters a to z, digits and -, at most 100")
	}
	return name
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

func (r *reader) selection() strict.Keys {
	s := &r.campaign.Select
	return strict.Keys{
		"organisations": func(value *yaml.Node) { s.Organisations = r.Strings(value) },
		"users":         func(value *yaml.Node) { s.Users = r.Strings(value) },
		"repositories":  func(value *yaml.Node) { s.Repositories = r.Strings(value) },
		"everything":    func(value *yaml.Node) { s.Everything = r.Bool(value) },
		"topics":        func(value *yaml.Node) { s.Topics = r.Strings(value) },
		"languages":     func(value *yaml.Node) { s.Languages = r.Strings(value) },
		"match":         func(value *yaml.Node) { s.Match = r.pattern(value) },
		"exclude": func(value *yaml.Node) {
			r.Each(value, func(item *yaml.Node) { s.Exclude = append(s.Exclude, r.pattern(item)) })
		},
		"forks":    func(value *yaml.Node) { s.Forks = r.Bool(value) },
		"archived": func(value *yaml.Node) { s.Archived = r.Bool(value) },
	}
}

func (r *reader) pattern(value *yaml.Node) *regexp.Regexp {
	pattern, err := regexp.Compile(r.String(value))
	if err != nil {
		r.Fail(value, "%v", err)
	}
	return pattern
}

func (r *reader) selected() strict.Keys {
	c := r.campaign
	return strict.Keys{
		"only": func(value *yaml.Node) { c.Only = r.Names(value, "fixer", r.fixers) },
		"skip": func(value *yaml.Node) { c.Skip = r.Names(value, "fixer", r.fixers) },
		"safe": func(value *yaml.Node) { c.Safe = r.Bool(value) },
	}
}

func (r *reader) pull() strict.Keys {
	p := &r.campaign.Pull
	return strict.Keys{
		"branch":     func(value *yaml.Node) { p.Branch = r.branch(value) },
		"base":       func(value *yaml.Node) { p.Base = r.branch(value) },
		"title":      func(value *yaml.Node) { p.Title = r.title(value) },
		"body":       func(value *yaml.Node) { p.Body = r.body(value) },
		"labels":     func(value *yaml.Node) { p.Labels = r.Strings(value) },
		"reviewers":  func(value *yaml.Node) { p.Reviewers = r.Strings(value) },
		"assignees":  func(value *yaml.Node) { p.Assignees = r.Strings(value) },
		"codeowners": func(value *yaml.Node) { p.Owners = r.Bool(value) },
		"draft":      func(value *yaml.Node) { p.Draft = r.Bool(value) },
		"auto-merge": func(value *yaml.Node) { p.AutoMerge = r.Bool(value) },
		"commits": func(value *yaml.Node) {
			if r.OneOf(value, "!!str", "one", "fixer") == "fixer" {
				p.Commits = campaign.CommitPerFixer
			}
		},
		"fork": func(value *yaml.Node) { p.Fork = r.Bool(value) },
	}
}

func (r *reader) branch(value *yaml.Node) string {
	name := r.String(value)
	if !isBranch(name) {
		r.Fail(value, "%q is no name for a branch", name)
	}
	return name
}

func (r *reader) title(value *yaml.Node) string {
	title := r.String(value)
	if title == "" || strings.ContainsAny(title, "\n\r") || len(title) > 200 {
		r.Fail(value, "a title is one line of at most 200 bytes")
	}
	return title
}

func (r *reader) body(value *yaml.Node) *template.Template {
	body, err := template.New("body").Parse(r.String(value))
	if err != nil {
		r.Fail(value, "%v", err)
	}
	return body
}

// maxCap bounds a limit: above it, no limit is meant.
const maxCap = 1_000_000

func (r *reader) limits(caps *store.Caps) strict.Keys {
	return strict.Keys{
		"open":                      r.limit(&caps.Open),
		"open-per-organisation":     r.limit(&caps.OpenPerOrganisation),
		"per-hour":                  r.limit(&caps.PerHour),
		"per-hour-per-organisation": r.limit(&caps.PerHourPerOrg),
	}
}

// limit gives what reads a limit.
func (r *reader) limit(to *int) func(value *yaml.Node) {
	return func(value *yaml.Node) { *to = r.Int(value, 1, maxCap) }
}

func (r *reader) schedule() strict.Keys {
	s := &r.campaign.Schedule
	return strict.Keys{
		"every":     func(value *yaml.Node) { s.Every = r.every(value) },
		"time-zone": func(value *yaml.Node) { s.Windows.Zone = r.zone(value) },
		"windows":   func(value *yaml.Node) { s.Windows.List = r.windows(value) },
	}
}

func (r *reader) every(value *yaml.Node) time.Duration {
	every, err := time.ParseDuration(r.String(value))
	if err != nil || every < time.Minute || every > 366*24*time.Hour {
		r.Fail(value, "expected a time of 1m to 8784h")
	}
	return every
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
		r.Mapping(item, strict.Keys{
			"days": func(value *yaml.Node) { w.Days = r.days(value) },
			"from": func(value *yaml.Node) { w.From = r.clock(value) },
			"to":   func(value *yaml.Node) { w.To = r.clock(value) },
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
