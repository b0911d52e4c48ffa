package serve

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// An action is what an operator does with a campaign, or with all.
type action struct {
	Name, Title, Ask, Button string
	Dangerous                bool
	Reason                   bool // it asks for one
	forAll                   bool // it is also for all campaigns at once
	do                       func(ctx context.Context, s *store.Store, who, campaign, reason string) error
}

var actions = []action{
	{
		Name: "start", Title: "Start", Button: "Start the campaign",
		Ask: "Workers will open and tend pull requests, within the campaign's limits and windows.",
		do: func(ctx context.Context, s *store.Store, who, campaign, _ string) error {
			return s.Start(ctx, who, campaign)
		},
	},
	{
		Name: "pause", Title: "Pause", Button: "Pause", Reason: true, forAll: true,
		Ask: "Nothing is written to the forge until somebody resumes: no pull request is opened, changed or closed.",
		do: func(ctx context.Context, s *store.Store, who, campaign, reason string) error {
			return s.Pause(ctx, who, campaign, reason)
		},
	},
	{
		Name: "resume", Title: "Resume", Button: "Resume", forAll: true,
		Ask: "Work goes on where it was held back.",
		do: func(ctx context.Context, s *store.Store, who, campaign, _ string) error {
			return s.Resume(ctx, who, campaign)
		},
	},
	{
		Name: "rescan", Title: "Look again", Button: "Look at all repositories again",
		Ask: "Every repository is looked at again, and what still needs each fixer is counted anew.",
		do: func(ctx context.Context, s *store.Store, who, campaign, _ string) error {
			_, err := s.LookAgainAtAll(ctx, who, campaign)
			return err
		},
	},
	{
		Name: "close", Title: "Close", Button: "Close all its pull requests", Dangerous: true,
		Ask: "The campaign ends, and its open pull requests are closed with a comment that says so. One that somebody else has committed to stays open.",
		do: func(ctx context.Context, s *store.Store, who, campaign, _ string) error {
			return s.End(ctx, who, campaign)
		},
	},
}

// actionOf finds the action of a request; nil if there is none.
func actionOf(r *http.Request) *action {
	for _, a := range actions {
		if a.Name == r.PathValue("action") && (r.PathValue("campaign") != "" || a.forAll) {
			return &a
		}
	}
	return nil
}

type confirmView struct {
	action
	Campaign  string // store.AllCampaigns for all
	Open      int
	Back, Own string
}

func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request) {
	a := actionOf(r)
	if a == nil {
		s.fail(w, r, http.StatusNotFound, "There is no such action.")
		return
	}
	view := confirmView{action: *a, Campaign: r.PathValue("campaign"), Back: back(r.PathValue("campaign")), Own: r.URL.EscapedPath()}
	if view.Campaign != store.AllCampaigns {
		c, err := s.Store.Campaign(r.Context(), view.Campaign)
		if s.broke(w, r, err) {
			return
		}
		view.Open = c.Counts[store.Opened] + c.Counts[store.Opening]
	}
	s.show(w, r, http.StatusOK, "confirm", a.Title, view)
}

func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	a := actionOf(r)
	if a == nil {
		s.fail(w, r, http.StatusNotFound, "There is no such action.")
		return
	}
	campaign := r.PathValue("campaign")
	if campaign != store.AllCampaigns {
		c, err := s.Store.Campaign(r.Context(), campaign)
		if s.broke(w, r, err) {
			return
		}
		if !(card{Summary: c}).May(a.Name) {
			s.fail(w, r, http.StatusConflict, "The campaign is "+string(c.Stage)+" by now, and this makes no sense any more.")
			return
		}
	}
	if s.broke(w, r, a.do(r.Context(), s.Store, visitorOf(r.Context()).user.Name, campaign, strings.TrimSpace(r.PostFormValue("reason")))) {
		return
	}
	http.Redirect(w, r, back(campaign), http.StatusSeeOther)
}

func back(campaign string) string {
	if campaign == store.AllCampaigns {
		return "/"
	}
	return "/campaigns/" + url.PathEscape(campaign)
}

func (s *Server) retry(w http.ResponseWriter, r *http.Request) {
	campaign, repository := r.PathValue("campaign"), r.PathValue("repository")
	if _, err := s.Store.Changeset(r.Context(), campaign, repository); s.broke(w, r, err) {
		return
	}
	_, err := s.Store.LookAgain(r.Context(), visitorOf(r.Context()).user.Name, campaign, repository)
	if s.broke(w, r, err) {
		return
	}
	to := under(campaign, "changesets", repository)
	if r.PostFormValue("to") == "failures" {
		to = "/failures"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// retryAll tries everything again that failed.
func (s *Server) retryAll(w http.ResponseWriter, r *http.Request) {
	if s.broke(w, r, s.Store.Retry(r.Context(), visitorOf(r.Context()).user.Name)) {
		return
	}
	http.Redirect(w, r, "/failures", http.StatusSeeOther)
}
