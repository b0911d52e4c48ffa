package serve

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// A card is a campaign and how far it is.
type card struct {
	store.Summary
	Bars  []bar
	Chart *chart
}

// Done and Due count the repositories whose work is done, and all that have some.
func (c card) Done() int { return c.Counts[store.Merged] }
func (c card) Due() int {
	return c.Done() + c.Counts[store.Pending] + c.Counts[store.Planned] + c.Counts[store.Opening] + c.Counts[store.Opened] + c.Counts[store.Failed]
}
func (c card) Percent() int { return 100 * c.Done() / max(c.Due(), 1) }
func (c card) Open() int    { return c.Counts[store.Opened] + c.Counts[store.Opening] }
func (c card) Failed() int  { return c.Counts[store.Failed] }
func (c card) Waiting() int { return c.Counts[store.Planned] }
func (c card) Looking() int { return c.Counts[store.Pending] }

// May reports whether an action makes sense now.
func (c card) May(name string) bool {
	switch name {
	case "start":
		return c.Stage != store.Running
	case "pause":
		return (c.Paused == nil || c.Paused.Scope != c.Name) && c.Stage != store.Ended
	case "resume":
		return c.Paused != nil && c.Paused.Scope == c.Name
	case "rescan":
		return c.Stage == store.Running || c.Stage == store.Planning
	}
	return name == "close" && (c.Stage == store.Running || c.Stage == store.Planning)
}

func (s *Server) card(r *http.Request, c store.Summary) (card, error) {
	points, err := s.Store.Burndown(r.Context(), c.Name, chartPoints)
	return card{Summary: c, Bars: bars(c.Counts), Chart: burndown(points)}, err
}

type campaignsView struct {
	Cards    []card
	Problems []string
}

func (s *Server) campaignsPage(w http.ResponseWriter, r *http.Request) {
	all, err := s.Store.Campaigns(r.Context())
	if s.broke(w, r, err) {
		return
	}
	view := campaignsView{}
	for _, c := range all {
		one, err := s.card(r, c)
		if s.broke(w, r, err) {
			return
		}
		view.Cards = append(view.Cards, one)
	}
	rank := []store.Stage{store.Running, store.Closing, store.Planning, store.Ended}
	slices.SortStableFunc(view.Cards, func(a, b card) int { return cmp.Compare(slices.Index(rank, a.Stage), slices.Index(rank, b.Stage)) })
	if s.Problems != nil {
		view.Problems = s.Problems()
	}
	s.show(w, r, http.StatusOK, "campaigns", "Campaigns", view)
}

// shownSettings bounds the settings that are listed of a campaign.
const shownSettings = 20

// perPage is how many rows a page of a list has.
const perPage = 50

type campaignView struct {
	card
	Needs    []store.Need
	Waits    []store.Wait
	Settings []store.Configured
	Tabs     []tab
	list
}

// A list is a page of changesets.
type list struct {
	State, Search string
	Rows          []store.Changeset
	Total         int
	From, To      int    // of the rows, counted from 1
	Newer, Older  string // links, "" if there is no such page
	In            string // the campaign, "" for all
}

// A tab filters a list by a state.
type tab struct {
	Name, Link string
	Count      int
	Chosen     bool
}

func (s *Server) campaignPage(w http.ResponseWriter, r *http.Request) {
	c, err := s.Store.Campaign(r.Context(), r.PathValue("campaign"))
	if s.broke(w, r, err) {
		return
	}
	view := campaignView{}
	if view.card, err = s.card(r, c); s.broke(w, r, err) {
		return
	}
	if view.Needs, err = s.Store.Needs(r.Context(), c.Name); s.broke(w, r, err) {
		return
	}
	if view.Waits, err = s.Store.Waits(r.Context(), c.Name); s.broke(w, r, err) {
		return
	}
	if view.Settings, err = s.Store.Settings(r.Context(), c.Name); s.broke(w, r, err) {
		return
	}
	view.Settings = view.Settings[:min(len(view.Settings), shownSettings)]
	f := store.Filter{Campaign: c.Name, Repository: r.FormValue("q")}
	state := store.State(r.FormValue("state"))
	if slices.Contains(store.States, state) {
		f.States = []store.State{state}
	}
	if view.list, err = s.list(r, f); s.broke(w, r, err) {
		return
	}
	view.In = c.Name
	view.Tabs = []tab{{"All", linkTo(r.URL, "state", ""), c.Total(), f.States == nil}}
	for _, one := range store.States {
		if c.Counts[one] > 0 || one == state {
			view.Tabs = append(view.Tabs, tab{string(one), linkTo(r.URL, "state", string(one)), c.Counts[one], one == state})
		}
	}
	s.show(w, r, http.StatusOK, "campaign", c.Name, view)
}

// list reads the page of a list that a request asks for.
func (s *Server) list(r *http.Request, f store.Filter) (list, error) {
	f.Limit = perPage
	if from, err := strconv.Atoi(r.FormValue("from")); err == nil && from > 0 && from < 1<<30 {
		f.Offset = from
	}
	rows, total, err := s.Store.Changesets(r.Context(), f)
	l := list{State: r.FormValue("state"), Search: r.FormValue("q"), Rows: rows, Total: total, From: f.Offset + 1, To: f.Offset + len(rows)}
	if f.Offset > 0 {
		l.Newer = linkTo(r.URL, "from", strconv.Itoa(max(f.Offset-perPage, 0)))
	}
	if l.To < total {
		l.Older = linkTo(r.URL, "from", strconv.Itoa(l.To))
	}
	return l, err
}

// linkTo is an address with another value in its query. Only the page of a list is
// left out when its filter changes.
func linkTo(u *url.URL, key, value string) string {
	query := u.Query()
	query.Del("from")
	query.Set(key, value)
	if value == "" || value == "0" {
		query.Del(key)
	}
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: query.Encode()}).String()
}

func (s *Server) failuresPage(w http.ResponseWriter, r *http.Request) {
	l, err := s.list(r, store.Filter{Error: true, Repository: r.FormValue("q")})
	if s.broke(w, r, err) {
		return
	}
	s.show(w, r, http.StatusOK, "failures", "Failures", l)
}

// broke answers if there is an error. What concerns the database is for the log.
func (s *Server) broke(w http.ResponseWriter, r *http.Request, err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, store.ErrNotFound):
		s.fail(w, r, http.StatusNotFound, "There is no such campaign, or it does not select this repository.")
	case r.Context().Err() != nil:
	default:
		s.Logger.Error("the database", "path", r.URL.Path, "cause", err)
		s.fail(w, r, http.StatusInternalServerError, "The database did not answer as it should. The log says more.")
	}
	return true
}
