package fake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (s *Server) pull(r *Repository, p *Pull) map[string]any {
	owner, branch, _ := strings.Cut(p.Head, ":")
	labels := []any{}
	for _, l := range p.Labels {
		labels = append(labels, map[string]any{"name": l})
	}
	said := map[string]any{
		"number": p.Number, "state": p.State, "title": p.Title, "body": p.Body, "draft": p.Draft, "labels": labels,
		"node_id": fmt.Sprintf("PR_%s_%d", r.Name, p.Number), "html_url": fmt.Sprintf("%s/%s/pull/%d", s.URL, r.Name, p.Number),
		"head": map[string]any{"ref": branch, "label": p.Head, "user": map[string]any{"login": owner}, "repo": s.repository(r)},
		"base": map[string]any{"ref": p.Base, "repo": s.repository(r)},
	}
	if p.Merged {
		said["merged_at"] = "2026-01-02T03:04:05Z"
	}
	return said
}

func (s *Server) listPulls(r *Repository, c *call) (int, any) {
	query := c.input.Request.URL.Query()
	all := []any{}
	for _, p := range slices.Backward(r.Pulls) {
		if head := query.Get("head"); head != "" && head != p.Head {
			continue
		}
		if state := query.Get("state"); state != "all" && state != p.State {
			continue
		}
		all = append(all, s.pull(r, p))
	}
	return http.StatusOK, all
}

func (s *Server) openPull(r *Repository, c *call) (int, any) {
	var asked struct {
		Title, Head, Base, Body string
		Draft                   bool
	}
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return http.StatusUnprocessableEntity, problem(err.Error())
	}
	if !strings.Contains(asked.Head, ":") {
		owner, _, _ := strings.Cut(r.Name, "/")
		asked.Head = owner + ":" + asked.Head
	}
	for _, p := range r.Pulls {
		if p.Head == asked.Head && p.State == "open" {
			said := problem("Validation Failed")
			said["errors"] = []any{map[string]any{"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for " + p.Head + "."}}
			return http.StatusUnprocessableEntity, said
		}
	}
	p := &Pull{
		Number: len(r.Pulls) + 1, Head: asked.Head, Base: asked.Base, State: "open",
		Title: asked.Title, Body: asked.Body, Draft: asked.Draft,
	}
	r.Pulls = append(r.Pulls, p)
	return http.StatusCreated, s.pull(r, p)
}

// numbered gives the pull request that a call is about, nil if there is none.
func numbered(r *Repository, c *call) *Pull {
	text := c.input.PathParams["pull_number"] + c.input.PathParams["issue_number"]
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(r.Pulls) {
		return nil
	}
	return r.Pulls[n-1]
}

func (s *Server) getPull(r *Repository, c *call) (int, any) {
	p := numbered(r, c)
	if p == nil {
		return http.StatusNotFound, problem("Not Found")
	}
	said := s.pull(r, p)
	said["head"].(map[string]any)["sha"] = p.commit(r)
	said["mergeable_state"] = cmp.Or(p.Mergeable, "clean")
	return http.StatusOK, said
}

func (s *Server) editPull(r *Repository, c *call) (int, any) {
	p := numbered(r, c)
	asked := map[string]string{}
	if err := json.Unmarshal(c.body, &asked); err != nil || p == nil {
		return http.StatusUnprocessableEntity, problem("Validation Failed")
	}
	for name, field := range map[string]*string{"title": &p.Title, "body": &p.Body, "base": &p.Base, "state": &p.State} {
		if value, ok := asked[name]; ok {
			*field = value
		}
	}
	return http.StatusOK, s.pull(r, p)
}

func (s *Server) label(r *Repository, c *call) (int, any) {
	p := numbered(r, c)
	var asked struct{ Labels []string }
	if err := json.Unmarshal(c.body, &asked); err != nil || p == nil {
		return http.StatusNotFound, problem("Not Found")
	}
	p.Labels = append(p.Labels, asked.Labels...)
	return http.StatusOK, s.pull(r, p)["labels"]
}

func (s *Server) assign(r *Repository, c *call) (int, any) {
	p := numbered(r, c)
	var asked struct{ Assignees []string }
	if err := json.Unmarshal(c.body, &asked); err != nil || p == nil {
		return http.StatusNotFound, problem("Not Found")
	}
	p.Assignees = append(p.Assignees, asked.Assignees...)
	return http.StatusCreated, map[string]any{"number": p.Number}
}

func (s *Server) comment(r *Repository, c *call) (int, any) {
	p := numbered(r, c)
	var asked struct{ Body string }
	if i := r.asked(c); i != nil && json.Unmarshal(c.body, &asked) == nil {
		i.Comments = append(i.Comments, Comment{Author: c.who.login, Body: asked.Body})
		return http.StatusCreated, map[string]any{"id": len(i.Comments), "body": asked.Body}
	}
	if err := json.Unmarshal(c.body, &asked); err != nil || p == nil {
		return http.StatusNotFound, problem("Not Found")
	}
	return http.StatusCreated, map[string]any{"id": s.commented(p, c.who.login, asked.Body), "body": asked.Body}
}

// commented writes below a pull request, under a number that no other comment has.
func (s *Server) commented(p *Pull, by, text string) (id int) {
	s.said++
	p.Comments = append(p.Comments, Comment{by, text, s.said})
	return s.said
}

func (s *Server) askForReview(r *Repository, c *call) (int, any) {
	p := numbered(r, c)
	var asked struct {
		Reviewers []string
		Teams     []string `json:"team_reviewers"`
	}
	if err := json.Unmarshal(c.body, &asked); err != nil || p == nil {
		return http.StatusUnprocessableEntity, problem("Validation Failed")
	}
	for _, user := range asked.Reviewers {
		if slices.Contains(s.Strangers, user) {
			return http.StatusUnprocessableEntity, problem("Reviews may only be requested from collaborators.")
		}
	}
	p.Reviewers = append(p.Reviewers, asked.Reviewers...)
	for _, team := range asked.Teams {
		p.Reviewers = append(p.Reviewers, "@"+team)
	}
	return http.StatusCreated, s.pull(r, p)
}
