package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// An Issue is one of the stand-in.
type Issue struct {
	Number      int // beside those of the pull requests
	Author      string
	Title, Body string
	Closed      bool
	Comments    []Comment
}

// A Comment is one below an issue or a pull request.
type Comment struct {
	Author, Body string
	ID           int // of one below a pull request
}

// firstIssue keeps the numbers of issues away from those of pull requests.
const firstIssue = 1001

func (s *Server) issue(r *Repository, i *Issue) map[string]any {
	state := "open"
	if i.Closed {
		state = "closed"
	}
	return map[string]any{
		"number": i.Number, "title": i.Title, "body": i.Body, "state": state, "user": account(i.Author),
		"html_url": fmt.Sprintf("%s/%s/issues/%d", s.URL, r.Name, i.Number),
	}
}

func account(login string) map[string]any { return map[string]any{"login": login} }

func (s *Server) openIssue(r *Repository, c *call) (int, any) {
	var asked struct{ Title, Body string }
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return http.StatusUnprocessableEntity, problem(err.Error())
	}
	i := &Issue{Number: firstIssue + len(r.Issues), Author: c.who.login, Title: asked.Title, Body: asked.Body}
	r.Issues = append(r.Issues, i)
	return http.StatusCreated, s.issue(r, i)
}

// listIssues has pull requests among the issues, as GitHub does.
func (s *Server) listIssues(r *Repository, c *call) (int, any) {
	query := c.input.Request.URL.Query()
	all := []any{}
	for _, i := range slices.Backward(r.Issues) {
		if creator := query.Get("creator"); creator != "" && !strings.EqualFold(creator, i.Author) {
			continue
		}
		if state := query.Get("state"); state != "all" && i.Closed != (state == "closed") {
			continue
		}
		all = append(all, s.issue(r, i))
	}
	for _, p := range r.Pulls {
		address := s.URL + "/pulls"
		all = append(all, map[string]any{
			"number": p.Number, "title": p.Title, "body": p.Body, "state": p.State, "user": account(s.Login),
			"pull_request": map[string]any{"url": address, "html_url": address, "diff_url": address, "patch_url": address},
		})
	}
	return http.StatusOK, s.page(c.w, c, all)
}

// asked gives the issue that a call is about, nil if there is none.
func (r *Repository) asked(c *call) *Issue {
	n, err := strconv.Atoi(c.input.PathParams["issue_number"])
	if err != nil || n < firstIssue || n >= firstIssue+len(r.Issues) {
		return nil
	}
	return r.Issues[n-firstIssue]
}

func (s *Server) editIssue(r *Repository, c *call) (int, any) {
	i := r.asked(c)
	asked := map[string]string{}
	if err := json.Unmarshal(c.body, &asked); err != nil || i == nil {
		return http.StatusNotFound, problem("Not Found")
	}
	if body, ok := asked["body"]; ok {
		i.Body = body
	}
	if state, ok := asked["state"]; ok {
		i.Closed = state == "closed"
	}
	return http.StatusOK, s.issue(r, i)
}

func (s *Server) listComments(r *Repository, c *call) (int, any) {
	all := []any{}
	if i := r.asked(c); i != nil {
		for n, said := range i.Comments {
			all = append(all, map[string]any{"id": n + 1, "body": said.Body, "user": account(said.Author)})
		}
		return http.StatusOK, s.page(c.w, c, all)
	}
	p := numbered(r, c)
	if p == nil {
		return http.StatusNotFound, problem("Not Found")
	}
	for _, said := range p.Comments {
		kind := "User"
		if strings.HasSuffix(said.Author, "[bot]") {
			kind = "Bot"
		}
		all = append(all, map[string]any{"id": said.ID, "body": said.Body, "user": map[string]any{"login": said.Author, "type": kind}})
	}
	return http.StatusOK, s.page(c.w, c, all)
}

// permission answers what a user may do. The description of the API lacks the call,
// so it is not held to that.
func (s *Server) permission(w http.ResponseWriter, r *http.Request) bool {
	name, user, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/repos/"), "/collaborators/")
	user, isPermission := strings.CutSuffix(user, "/permission")
	if !ok || !isPermission {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	repo := s.named(name)
	if repo == nil || repo.Gone {
		Answer(http.StatusNotFound, "Not Found")(w, r, nil)
		return true
	}
	may := "read"
	if slices.Contains(repo.Writers, user) {
		may = "write"
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"permission":%q,"role_name":%q,"user":null}`, may, may)
	return true
}
