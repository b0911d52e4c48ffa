package serve

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// A budget is the limits of one identity.
type budget struct {
	Identity string
	store.Level
	Buckets []bucket
}

// A bucket is one of them.
type bucket struct{ store.Level }

// Low is when little is left, PerMinute what comes back.
func (b bucket) Low() float64       { return b.Burst / 5 }
func (b bucket) PerMinute() float64 { return b.PerSecond * 60 }

func (s *Server) budgetPage(w http.ResponseWriter, r *http.Request) {
	levels, err := s.Store.Budget(r.Context())
	if s.broke(w, r, err) {
		return
	}
	var all []budget
	for _, l := range levels {
		if len(all) == 0 || all[len(all)-1].Identity != l.Identity {
			all = append(all, budget{Identity: l.Identity, Level: l})
		}
		last := &all[len(all)-1]
		last.Buckets = append(last.Buckets, bucket{l})
	}
	s.show(w, r, http.StatusOK, "budget", "Budget", all)
}

type auditView struct {
	Campaign, Repository string
	Campaigns            []string
	Entries              []store.Entry
	Older, Export        string // links, "" if there is no more
	First                bool
}

func (s *Server) auditPage(w http.ResponseWriter, r *http.Request) {
	view := auditView{Campaign: r.FormValue("campaign"), Repository: r.FormValue("repository"), Export: "/audit.jsonl"}
	if view.Campaign != "" {
		view.Export += "?" + url.Values{"campaign": {view.Campaign}}.Encode()
	}
	all, err := s.Store.Campaigns(r.Context())
	if s.broke(w, r, err) {
		return
	}
	for _, c := range all {
		view.Campaigns = append(view.Campaigns, c.Name)
	}
	p := store.Page{Campaign: view.Campaign, Repository: view.Repository, Limit: perPage}
	if before, err := strconv.ParseInt(r.FormValue("before"), 10, 64); err == nil && before > 0 {
		p.Before = before
	}
	view.First = p.Before == 0
	if view.Entries, err = s.Store.Audit(r.Context(), p); s.broke(w, r, err) {
		return
	}
	if n := len(view.Entries); n == perPage {
		view.Older = linkTo(r.URL, "before", strconv.FormatInt(view.Entries[n-1].ID, 10))
	}
	s.show(w, r, http.StatusOK, "audit", "Audit log", view)
}

func (s *Server) auditExport(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Content-Disposition", `attachment; filename="audit.jsonl"`)
	if err := s.Store.ExportAudit(r.Context(), w, r.FormValue("campaign")); err != nil && r.Context().Err() == nil {
		s.Logger.Error("the export of the audit log", "cause", err)
		panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
	}
}
