package fake

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// rest answers a call of the REST API: with a fault if one is due, and else as it
// should be.
func (s *Server) rest(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	who, known := s.callerOf(r)
	logged := &Request{Method: r.Method, Path: r.URL.Path, At: s.Now(), Identity: who.login + who.owner}
	refusal, retry := s.begin(logged)
	s.log = append(s.log, logged)
	s.tellLimits(w, logged)
	f := s.fault(logged)
	s.mu.Unlock()

	seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		logged.Status = seen.status
	}()
	operate := func(w http.ResponseWriter, r *http.Request) { s.operate(w, r, who) }
	if !known {
		operate = s.refuse
	}
	switch {
	case refusal != "":
		logged.Exceeds = true
		s.limited(seen, refusal, retry)
	case f != nil:
		f.Do(seen, r, operate)
	default:
		time.Sleep(s.CallTime)
		operate(seen, r)
	}
}

// statusWriter keeps the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// described reads a call, and answers it if it does not fit the description.
func (s *Server) described(w http.ResponseWriter, r *http.Request) (c *call, ok bool) {
	c, err := read(r)
	if err != nil {
		s.t.Errorf("stand-in: %v", err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, false
	}
	c.w = w
	return c, true
}

// refuse answers a call of somebody whom the server does not know.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) {
	if c, ok := s.described(w, r); ok {
		s.say(w, c, http.StatusUnauthorized, problem("Bad credentials"))
	}
}

// operate answers a call that fits the description.
func (s *Server) operate(w http.ResponseWriter, r *http.Request, who caller) {
	if s.permission(w, r) {
		return
	}
	c, ok := s.described(w, r)
	if !ok {
		return
	}
	c.who = who
	s.mu.Lock()
	defer s.mu.Unlock()
	route := c.input.Route.Method + " " + strings.ReplaceAll(c.input.Route.Path, anySegments, "")
	status, said, ok := s.asApp(w, c, route)
	if !ok {
		status, said, ok = s.withoutRepository(w, c, route)
	}
	if ok {
		s.say(w, c, status, said)
		return
	}
	repo := s.named(c.input.PathParams["owner"] + "/" + c.input.PathParams["repo"])
	if repo != nil && repo.MovedTo != "" {
		moved := prefix + strings.Replace(r.URL.Path, "/repos/"+repo.Name, "/repos/"+repo.MovedTo, 1)
		status := http.StatusTemporaryRedirect // which keeps the method
		if r.Method == http.MethodGet {
			status = http.StatusMovedPermanently
		}
		http.Redirect(w, r, moved, status)
		return
	}
	if repo != nil && repo.looks > 0 {
		repo.looks--
		repo = nil
	}
	writes := r.Method != http.MethodGet
	hidden := repo != nil && who.owner != "" && !strings.HasPrefix(repo.Name, who.owner+"/")
	if repo == nil || repo.Gone || hidden || writes && who.login == "" {
		s.say(w, c, http.StatusNotFound, problem("Not Found"))
		return
	}
	if writes && repo.Archived {
		s.say(w, c, http.StatusForbidden, problem("Repository was archived so is read-only."))
		return
	}
	if writes && repo.ReadOnly && strings.Contains(route, "/git/") {
		s.say(w, c, http.StatusNotFound, problem("Not Found"))
		return
	}
	operation, ok := operations[route]
	if !ok {
		s.t.Errorf("the stand-in cannot do %s", route)
		http.Error(w, route, http.StatusNotImplemented)
		return
	}
	status, said = operation(s, repo, c)
	s.say(w, c, status, said)
}

// named finds a repository as GitHub does, whatever the case.
func (s *Server) named(name string) *Repository {
	if r := s.repositories[name]; r != nil {
		return r
	}
	for known, r := range s.repositories {
		if strings.EqualFold(known, name) {
			return r
		}
	}
	return nil
}

func (s *Server) withoutRepository(w http.ResponseWriter, c *call, route string) (status int, said any, known bool) {
	if route == "GET /user" {
		return http.StatusOK, map[string]any{"login": s.Login, "user_view_type": "private"}, true
	}
	owner, ok := lists[route]
	if !ok {
		return 0, nil, false
	}
	status, said = s.listRepositories(w, c, owner(s, c))
	return status, said, true
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
	if r := c.input.Request; r.Method == http.MethodGet && status == http.StatusOK {
		sum := sha256.Sum256(text)
		tag := fmt.Sprintf(`W/"%x"`, sum[:16])
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
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
	"PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge":                (*Server).mergePull,
	"GET /repos/{owner}/{repo}/commits/{ref}/check-runs":                 (*Server).checkRuns,
	"GET /repos/{owner}/{repo}/commits/{ref}/status":                     (*Server).combinedStatus,
	"POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers": (*Server).askForReview,
	"POST /repos/{owner}/{repo}/issues/{issue_number}/labels":            (*Server).label,
	"POST /repos/{owner}/{repo}/issues/{issue_number}/assignees":         (*Server).assign,
	"POST /repos/{owner}/{repo}/issues/{issue_number}/comments":          (*Server).comment,
	"GET /repos/{owner}/{repo}/issues":                                   (*Server).listIssues,
	"POST /repos/{owner}/{repo}/issues":                                  (*Server).openIssue,
	"PATCH /repos/{owner}/{repo}/issues/{issue_number}":                  (*Server).editIssue,
	"GET /repos/{owner}/{repo}/issues/{issue_number}/comments":           (*Server).listComments,
	"GET /repos/{owner}/{repo}/git/ref/{ref}":                            (*Server).getRef,
	"DELETE /repos/{owner}/{repo}/git/refs/{ref}":                        (*Server).deleteRef,
	"POST /repos/{owner}/{repo}/git/refs":                                (*Server).createRef,
	"PATCH /repos/{owner}/{repo}/git/refs/{ref}":                         (*Server).updateRef,
	"GET /repos/{owner}/{repo}/git/trees/{tree_sha}":                     (*Server).getTree,
	"POST /repos/{owner}/{repo}/git/trees":                               (*Server).createTree,
	"GET /repos/{owner}/{repo}/git/blobs/{file_sha}":                     (*Server).getBlob,
	"POST /repos/{owner}/{repo}/git/blobs":                               (*Server).createBlob,
	"POST /repos/{owner}/{repo}/git/commits":                             (*Server).createCommit,
	"GET /repos/{owner}/{repo}/compare/{basehead}":                       (*Server).compare,
}

func (s *Server) getRepository(r *Repository, _ *call) (int, any) {
	said := s.repository(r)
	said["temp_clone_token"] = TempCloneToken
	return http.StatusOK, said
}

// TempCloneToken is what GitHub puts into the description of a private repository.
const TempCloneToken = "AABBCCDDEEFFGGHH"

func (s *Server) repository(r *Repository) map[string]any {
	owner, name, _ := strings.Cut(r.Name, "/")
	size := 1
	if r.Empty {
		size = 0
	}
	return map[string]any{
		"node_id": nodeID(r), "name": name, "full_name": r.Name, "owner": map[string]any{"login": owner}, "default_branch": r.DefaultBranch,
		"archived": r.Archived, "fork": r.Fork, "language": orNull(r.Language), "topics": append([]string{}, r.Topics...), "size": size, "html_url": s.URL + "/" + r.Name, "clone_url": s.URL + "/git/" + r.Name + ".git", "allow_merge_commit": true,
		"permissions": map[string]any{"pull": true, "push": !r.ReadOnly, "admin": false, "maintain": false, "triage": false},
	}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
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

// updateRefs says why a ref is not moved, "" if it is.
func (s *Server) updateRefs(id, ref, from, to string) string {
	for _, r := range s.repositories {
		if nodeID(r) != id {
			continue
		}
		if _, forward := r.git("", nil, "merge-base", "--is-ancestor", from, to); r.protects(ref) && !forward {
			return "Cannot force-push to this protected branch"
		}
		if _, ok := r.git("", nil, "update-ref", ref, to, from); !ok {
			return "Reference cannot be updated: it is not at the expected commit"
		}
		return ""
	}
	return "Could not resolve to a node with the global id"
}

func nodeID(r *Repository) string { return "R_" + r.Name }
