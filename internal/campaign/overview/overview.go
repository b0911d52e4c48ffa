// Package overview tells where a campaign stands: as JSON, and as a page of HTML
// that needs nothing else.
package overview

import (
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// Version is that of the JSON form. Fields may be added under it.
const Version = 1

// An Overview is a campaign and all its repositories.
type Overview struct {
	Version  int                 `json:"version"`
	Campaign string              `json:"campaign"`
	Forge    string              `json:"forge"`
	Stage    store.Stage         `json:"stage"`
	Paused   string              `json:"paused,omitempty"` // by whom and why
	At       time.Time           `json:"at"`
	Counts   map[store.State]int `json:"counts"`
	// Dockerfiles that were found, and those that still need each fixer.
	Dockerfiles int    `json:"dockerfiles"`
	Needs       []Need `json:"needs"`
	// Settings are what owners and repositories have configured.
	Settings     []Setting    `json:"settings"`
	Repositories []Repository `json:"repositories"`
}

// A Setting is what a file of an owner or of repositories says, and of how many
// repositories it is true.
type Setting struct {
	Setting      string `json:"setting"` // as "FILE: KEY: VALUE"
	Repositories int    `json:"repositories"`
	Repository   string `json:"repository"` // one of those
}

// A Need is how many Dockerfiles still need a fixer.
type Need struct {
	Fixer        string `json:"fixer"`
	Dockerfiles  int    `json:"dockerfiles"`
	Repositories int    `json:"repositories"`
}

// A Repository is where one stands.
type Repository struct {
	Name        string          `json:"repository"`
	State       store.State     `json:"state"`
	Reason      string          `json:"reason,omitempty"`
	Error       string          `json:"error,omitempty"`
	Unread      []string        `json:"unread,omitempty"`   // files, as "PATH:LINE:COLUMN: why"
	Settings    []string        `json:"settings,omitempty"` // as "FILE: KEY: VALUE"
	Base        string          `json:"base,omitempty"`
	Commit      string          `json:"commit,omitempty"`
	Pull        string          `json:"pull,omitempty"` // its address
	Title       string          `json:"title,omitempty"`
	Dockerfiles int             `json:"dockerfiles"`
	Changed     int             `json:"changed"`
	Diff        string          `json:"diff,omitempty"`
	Body        string          `json:"body,omitempty"`
	Files       json.RawMessage `json:"files,omitempty"` // report.File, without their diffs
}

// Of reads the overview of a campaign; full adds diffs, texts and files.
func Of(ctx context.Context, s *store.Store, campaign string, full Detail) (*Overview, error) {
	c, err := s.Campaign(ctx, campaign)
	if err != nil {
		return nil, err
	}
	o := &Overview{
		Version: Version, Campaign: c.Name, Forge: c.Forge, Stage: c.Stage, At: s.Now().UTC(),
		Counts: c.Counts, Dockerfiles: c.Dockerfiles, Needs: []Need{}, Settings: []Setting{}, Repositories: []Repository{},
	}
	if c.Paused != nil {
		o.Paused = strings.TrimSuffix(c.Paused.Who+": "+c.Paused.Reason, ": ")
	}
	needs, err := s.Needs(ctx, campaign)
	if err != nil {
		return nil, err
	}
	for _, n := range needs {
		o.Needs = append(o.Needs, Need(n))
	}
	settings, err := s.Settings(ctx, campaign)
	if err != nil {
		return nil, err
	}
	for _, one := range settings {
		o.Settings = append(o.Settings, Setting(one))
	}
	all, _, err := s.Changesets(ctx, store.Filter{Campaign: campaign})
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		r := Repository{
			Name: c.Repository, State: c.State, Reason: c.Reason, Error: c.Error, Base: c.Base, Commit: c.BaseSHA,
			Pull: c.PullURL, Title: c.Title, Dockerfiles: c.Dockerfiles, Changed: c.Files, Unread: c.Unread, Settings: c.Settings,
		}
		if full == Full {
			texts, err := s.Texts(ctx, campaign, c.Repository)
			if err != nil {
				return nil, err
			}
			r.Diff, r.Body, r.Files = texts.Diff, texts.Body, json.RawMessage(texts.Evidence)
		}
		o.Repositories = append(o.Repositories, r)
	}
	return o, nil
}

// Detail says how much of each repository is told.
type Detail uint8

const (
	Brief Detail = iota
	Full         // with its diff, the text of its pull request and its outcomes
)

// WriteJSON writes the JSON form.
func (o *Overview) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(o)
}

//go:embed page.html
var page string

// parsed is made when it is first used: most runs of drydock write no page.
var parsed = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"lines": func(diff string) []line {
			var all []line
			for text := range strings.Lines(diff) {
				all = append(all, line{Text: strings.TrimSuffix(text, "\n"), Kind: kindOf(text)})
			}
			return all
		},
		"states": func() []store.State { return store.States },
	}).Parse(page))
})

// A line of a diff.
type line struct{ Text, Kind string }

func kindOf(text string) string {
	switch {
	case strings.HasPrefix(text, "+++"), strings.HasPrefix(text, "---"), strings.HasPrefix(text, "@@"):
		return "at"
	case strings.HasPrefix(text, "+"):
		return "add"
	case strings.HasPrefix(text, "-"):
		return "del"
	}
	return ""
}

// WriteHTML writes the page.
func (o *Overview) WriteHTML(w io.Writer) error { return parsed().Execute(w, o) }
