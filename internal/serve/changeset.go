package serve

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/report"
)

type changesetView struct {
	store.Changeset
	Forge    string
	Reasons  []reason
	Declined []located // what was left alone, and why
	Files    []diffFile
	Cut      bool // there is more of the diff
	Body     string
	Needs    []store.Need
	Events   []event
	Skipped  []report.File
}

// A reason is a fixer and what it did.
type reason struct {
	Fixer, Title, Why, Safety string
	Items                     []located
}

// A located is an outcome and its file.
type located struct {
	Path string
	report.Outcome
}

// An event is a line of a changeset's history.
type event struct {
	At             time.Time
	State          store.State // "" for a write
	Text, Who, Via string
	Failed         bool
}

// longest is how many lines of a history are shown.
const longest = 40

func (s *Server) changesetPage(w http.ResponseWriter, r *http.Request) {
	name, repository, ctx := r.PathValue("campaign"), r.PathValue("repository"), r.Context()
	c, err := s.Store.Changeset(ctx, name, repository)
	if s.broke(w, r, err) {
		return
	}
	row, err := s.Store.Row(ctx, name)
	if s.broke(w, r, err) {
		return
	}
	texts, err := s.Store.Texts(ctx, name, repository)
	if s.broke(w, r, err) {
		return
	}
	view := changesetView{Changeset: c, Forge: row.Forge, Body: plain(texts.Body)}
	view.Files, view.Cut = parseDiff(texts.Diff)
	var files []report.File
	if texts.Evidence != "" {
		if err := json.Unmarshal([]byte(texts.Evidence), &files); err != nil {
			s.Logger.Error("the evidence of a changeset", "campaign", name, "repository", repository, "cause", err)
		}
	}
	s.explain(&view, files)
	if view.Needs, err = s.Store.NeedsOf(ctx, name, repository); s.broke(w, r, err) {
		return
	}
	if view.Events, err = s.events(r, name, repository); s.broke(w, r, err) {
		return
	}
	s.show(w, r, http.StatusOK, "changeset", repository, view)
}

// shownOutcomes bounds what is listed of a changeset's outcomes.
const shownOutcomes = 300

// explain sorts what the fixers did, and what they left alone.
func (s *Server) explain(view *changesetView, files []report.File) {
	for _, f := range files {
		if f.Error != nil && f.Status != report.Failed { // those are among the unread
			view.Skipped = append(view.Skipped, f)
		}
	}
	left := shownOutcomes
	for _, fixer := range s.Fixers {
		why, _, _ := strings.Cut(fixer.Doc.Why, "\n\n")
		done := reason{Fixer: fixer.Name, Title: fixer.Doc.Title, Why: strings.Join(strings.Fields(why), " ")}
		for _, f := range files {
			for _, o := range f.Outcomes {
				if o.Fixer != fixer.Name || left == 0 {
					continue
				}
				left--
				if o.Status == report.Applied {
					done.Safety = o.Safety
					done.Items = append(done.Items, located{f.Path, o})
				} else {
					view.Declined = append(view.Declined, located{f.Path, o})
				}
			}
		}
		if len(done.Items) > 0 {
			view.Reasons = append(view.Reasons, done)
		}
	}
}

// events merges the changes of state and the writes, newest first.
func (s *Server) events(r *http.Request, campaign, repository string) ([]event, error) {
	changes, err := s.Store.History(r.Context(), campaign, repository, longest)
	if err != nil {
		return nil, err
	}
	writes, err := s.Store.Audit(r.Context(), store.Page{Campaign: campaign, Repository: repository, Limit: longest})
	if err != nil {
		return nil, err
	}
	var all []event
	for len(all) < longest && len(changes)+len(writes) > 0 {
		if len(writes) == 0 || len(changes) > 0 && !changes[0].At.Before(writes[0].At) {
			all = append(all, event{At: changes[0].At, State: changes[0].Now})
			changes = changes[1:]
			continue
		}
		e := writes[0]
		writes = writes[1:]
		if e.Status == "begins" {
			continue // what came of it is another entry
		}
		text := e.Action
		if e.Target != "" {
			text += " " + e.Target
		}
		one := event{At: e.At, Text: text, Who: e.Who, Via: e.Via, Failed: e.Status != "" && e.Status != "done"}
		if one.Failed {
			one.Text += ": " + e.Status
		}
		all = append(all, one)
	}
	return all, nil
}

// diffFile gives the whole diff to take away.
func (s *Server) diffFile(w http.ResponseWriter, r *http.Request) {
	texts, err := s.Store.Texts(r.Context(), r.PathValue("campaign"), r.PathValue("repository"))
	if s.broke(w, r, err) {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="drydock.diff"`)
	_, _ = w.Write([]byte(texts.Diff)) // the visitor has left
}
