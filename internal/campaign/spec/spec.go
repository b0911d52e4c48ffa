package spec

import (
	"regexp"
	"text/template"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// A Campaign is a campaign.yaml. The comments give the keys and what holds without
// them.
type Campaign struct {
	Name       string // name: a to z, 0 to 9 and -
	Forge      string // forge: github.com; an https:// address of a server; file:///folder
	Select     Selection
	Only, Skip []string // fixers: {only, skip}; all
	Safe       bool     // fixers: {safe: false}
	Pull       Pull
	Onboarding Onboarding // onboarding: none
	Schedule   Schedule
	Limits     store.Caps
	Verify     bool // verify: false; build before and after, and take back what fails
}

// Onboarding is what comes before the first rewrite of a repository that has no
// configuration.
type Onboarding string

const (
	NoOnboarding    Onboarding = ""             // none, false
	OnboardingPull  Onboarding = "pull-request" // or true: one that proposes the configuration
	OnboardingIssue Onboarding = "issue"        // one that asks, and is answered in a comment
)

// A Selection says which repositories a campaign is about: those of all that are
// named which pass every filter.
type Selection struct {
	Organisations []string // organisations: all of theirs
	Users         []string // users: all of theirs
	Repositories  []string // repositories: these
	Everything    bool     // everything: false; all that the forge shows

	Topics    []string         // topics: one of them
	Languages []string         // languages: one of them is the main one
	Match     *regexp.Regexp   // match: the full name
	Exclude   []*regexp.Regexp // exclude: none of these match it
	Forks     bool             // forks: false; forks too
	Archived  bool             // archived: false; archived ones too, to count them: nothing is written there
}

// Pull says what pull requests are like.
type Pull struct {
	Branch    string             // branch: drydock/NAME
	Base      string             // base: the repository's own
	Title     string             // title: what is done
	Body      *template.Template // body: a text/template with .Title, .Body and .Files; nil: the usual text
	Labels    []string
	Reviewers []string // users, and teams as organisation/team
	Assignees []string
	Owners    bool             // codeowners: false
	Draft     bool             // draft: false
	AutoMerge bool             // auto-merge: false; merge once all checks have passed and the forge asks for nothing else, within a window
	Commits   campaign.Commits // commits: one
	Fork      bool             // fork: false; push to a fork even where a push is allowed
}

// A Schedule says when a campaign looks and writes.
type Schedule struct {
	Every   time.Duration // every: 24h; look at all repositories again
	Windows Windows       // windows: always; when pull requests are opened, changed and closed
}

// Defaults of what a file does not say.
const (
	defaultEvery   = 24 * time.Hour
	defaultPerHour = 50  // limits: {per-hour}; GitHub takes 500 contents an hour of an identity
	defaultOpen    = 200 // limits: {open}
)
