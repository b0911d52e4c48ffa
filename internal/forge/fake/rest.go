package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/git/gittest"
)

func (s *Server) rest(w http.ResponseWriter, r *http.Request) {
	if f := s.fault(r); f != nil {
		f.Do(w, r, s.operate)
		return
	}
	s.operate(w, r)
}

// operate answers a call that fits the description.
func (s *Server) operate(w http.ResponseWriter, r *http.Request) {
	c, err := read(r)
	if err != nil {
		s.t.Errorf("stand-in: %v", err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	authorization := r.Header.Get("Authorization")
	known := authorization == "Bearer "+s.Token
	if authorization != "" && !known {
		s.say(w, c, http.StatusUnauthorized, problem("Bad credentials"))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	route := c.input.Route.Method + " " + strings.ReplaceAll(c.input.Route.Path, anySegments, "")
	if route == "GET /user" {
		s.say(w, c, http.StatusOK, map[string]any{"login": s.Login})
		return
	}
	if owner, ok := lists[route]; ok {
		status, said := s.listRepositories(w, c, owner(s, c))
		s.say(w, c, status, said)
		return
	}
	repo := s.repositories[c.input.PathParams["owner"]+"/"+c.input.PathParams["repo"]]
	if repo != nil && repo.MovedTo != "" {
		moved := prefix + strings.Replace(r.URL.Path, "/repos/"+repo.Name, "/repos/"+repo.MovedTo, 1)
		http.Redirect(w, r, moved, http.StatusMovedPermanently)
		return
	}
	if repo != nil && repo.looks > 0 {
		repo.looks--
		repo = nil
	}
	writes := r.Method != http.MethodGet
	if repo == nil || repo.Gone || writes && !known {
		s.say(w, c, http.StatusNotFound, problem("Not Found"))
		return
	}
	operation, ok := operations[route]
	if !ok {
		s.t.Errorf("the stand-in cannot do %s", route)
		http.Error(w, route, http.StatusNotImplemented)
		return
	}
	status, said := operation(s, repo, c)
	s.say(w, c, status, said)
}

func (s *Server) say(w http.ResponseWriter, c *call, status int, said any) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	text, err := c.answer(status, said)
	if err != nil {
		s.t.Errorf("stand-in: %v", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(text)
}

func problem(message string) map[string]any {
	return map[string]any{"message": message, "documentation_url": "https://docs.github.com/rest"}
}

var operations = map[string]func(*Server, *Repository, *call) (int, any){
	"GET /repos/{owner}/{repo}":                                          (*Server).getRepository,
	"GET /repos/{owner}/{repo}/branches/{branch}":                        (*Server).getBranch,
	"POST /repos/{owner}/{repo}/forks":                                   (*Server).fork,
	"POST /repos/{owner}/{repo}/merge-upstream":                          (*Server).mergeUpstream,
	"GET /repos/{owner}/{repo}/pulls":                                    (*Server).listPulls,
	"POST /repos/{owner}/{repo}/pulls":                                   (*Server).openPull,
	"GET /repos/{owner}/{repo}/pulls/{pull_number}":                      (*Server).getPull,
	"PATCH /repos/{owner}/{repo}/pulls/{pull_number}":                    (*Server).editPull,
	"POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers": (*Server).askForReview,
	"POST /repos/{owner}/{repo}/issues/{issue_number}/labels":            (*Server).label,
	"POST /repos/{owner}/{repo}/issues/{issue_number}/assignees":         (*Server).assign,
	"POST /repos/{owner}/{repo}/issues/{issue_number}/comments":          (*Server).comment,
	"POST /repos/{owner}/{repo}/issues":                                  (*Server).openIssue,
	"GET /repos/{owner}/{repo}/git/ref/{ref}":                            (*Server).getRef,
	"DELETE /repos/{owner}/{repo}/git/refs/{ref}":                        (*Server).deleteRef,
}

func (s *Server) getRepository(r *Repository, _ *call) (int, any) {
	return http.StatusOK, s.repository(r)
}

func (s *Server) repository(r *Repository) map[string]any {
	owner, name, _ := strings.Cut(r.Name, "/")
	size := 1
	if r.Empty {
		size = 0
	}
	return map[string]any{
		"name": name, "full_name": r.Name, "owner": map[string]any{"login": owner}, "default_branch": r.DefaultBranch,
		"archived": r.Archived, "fork": r.Fork, "language": orNull(r.Language), "topics": append([]string{}, r.Topics...), "size": size, "clone_url": s.URL + "/git/" + r.Name + ".git", "allow_merge_commit": true,
		"permissions": map[string]any{"pull": true, "push": !r.ReadOnly, "admin": false, "maintain": false, "triage": false},
	}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (s *Server) getBranch(r *Repository, c *call) (int, any) {
	if r.Empty || c.input.PathParams["branch"] != r.DefaultBranch {
		return http.StatusNotFound, problem("Branch not found")
	}
	return http.StatusOK, map[string]any{"name": r.DefaultBranch}
}

func (s *Server) fork(r *Repository, _ *call) (int, any) {
	_, name, _ := strings.Cut(r.Name, "/")
	forked := s.Login + "/" + name
	if s.repositories[forked] == nil {
		dir := strings.Replace(r.Dir, r.Name, forked, 1)
		gittest.Run(s.t, s.dir, "clone", "-q", "--bare", r.Dir, dir)
		gittest.Run(s.t, dir, "config", "http.receivepack", "true")
		s.repositories[forked] = &Repository{Name: forked, Dir: dir, DefaultBranch: r.DefaultBranch, looks: s.ForkAppearsAfter}
	}
	return http.StatusAccepted, s.repository(s.repositories[forked])
}

func (s *Server) mergeUpstream(r *Repository, c *call) (int, any) {
	var asked struct{ Branch string }
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return http.StatusUnprocessableEntity, nil
	}
	gittest.Run(s.t, r.Dir, "fetch", "-q", "origin", asked.Branch+":"+asked.Branch)
	return http.StatusOK, map[string]any{"merge_type": "fast-forward"}
}

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
	return http.StatusOK, s.pull(r, p)
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
	if err := json.Unmarshal(c.body, &asked); err != nil || p == nil {
		return http.StatusNotFound, problem("Not Found")
	}
	p.Comments = append(p.Comments, asked.Body)
	return http.StatusCreated, map[string]any{"id": len(p.Comments), "body": asked.Body}
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

// graphQL knows one mutation.
func (s *Server) graphQL(w http.ResponseWriter, r *http.Request) {
	if f := s.fault(r); f != nil {
		f.Do(w, r, s.mutate)
		return
	}
	s.mutate(w, r)
}

func (s *Server) mutate(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Query     string
		Variables struct{ ID, Method string }
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || !strings.Contains(asked.Query, "enablePullRequestAutoMerge") {
		http.Error(w, "unknown query", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.auto = append(s.auto, asked.Variables.ID+" "+asked.Variables.Method)
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"data":{"enablePullRequestAutoMerge":{"clientMutationId":null}}}`)
}
