package fake

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// A Server is the stand-in. Its fields are set before the first request.
type Server struct {
	URL   string // of the server; repositories are below /git/
	Token string // what a caller has to give to write
	Login string // who the token belongs to
	// ForkAppearsAfter is how many looks at a new fork find nothing yet.
	ForkAppearsAfter int
	// Strangers are users who cannot review.
	Strangers []string
	App       *App   // nil if there is none
	Limits    Limits // what is above is refused
	Now       func() time.Time
	// TreeLimit is how many entries a tree may have, 0 for 100,000.
	TreeLimit int
	// TreesByTree answers for trees with their own names, not with what was asked for.
	TreesByTree  bool
	SignsNothing bool // as a server without a key
	NoUpdateRefs bool // as one that is older than that mutation
	// A call of the REST API takes CallTime; a query of GraphQL takes QueryTime and, for
	// each object, ObjectTime.
	CallTime, QueryTime, ObjectTime time.Duration

	t   testing.TB
	dir string

	mu           sync.Mutex
	repositories map[string]*Repository
	faults       []*Fault
	log          []*Request
	left         int // of the primary limit
	said         int // comments below pull requests
	auto         []string
	tokens       map[string]token
	verified     map[string]bool // commits
	deliveries   []Delivery
	sent         []attempt
}

// A Repository is one of the stand-in.
type Repository struct {
	Name          string // "owner/name"
	Dir           string // of the bare repository
	DefaultBranch string
	Archived      bool
	ReadOnly      bool // for the token
	Empty         bool
	Protected     string // pattern of its branches that take no push by force and stay
	MovedTo       string // its new name, if it was renamed
	Gone          bool   // deleted
	Fork          bool
	Language      string
	Topics        []string
	Pulls         []*Pull
	Issues        []*Issue
	Writers       []string // who may push, beside the token

	looks int // at a fork, until it appears
}

// A Pull is a pull request of the stand-in.
type Pull struct {
	Number      int
	Head, Base  string // head is "owner:branch"
	Title, Body string
	Draft       bool
	State       string // open or closed
	Merged      bool
	Labels      []string
	Reviewers   []string // users, and teams as "@team"
	Assignees   []string
	Comments    []Comment
	// Mergeable is GitHub's mergeable_state, "" for "clean".
	Mergeable string
	// Checks are the conclusions of the check runs of its commit, "" for one that runs;
	// Status is the state of its statuses, "" for none.
	Checks []string
	Status string
}

// prefix is where a GitHub server has its REST API.
const prefix = "/api/v3"

// New starts a stand-in.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{Token: "ghs_secret", Login: "drydock-bot", t: t, dir: t.TempDir(), Now: time.Now,
		repositories: map[string]*Repository{}, tokens: map[string]token{}, verified: map[string]bool{}}
	mux := http.NewServeMux()
	mux.Handle("/git/", http.StripPrefix("/git", gittest.Handler(t, s.dir, s.knows, nil)))
	mux.HandleFunc("POST /api/graphql", s.graphQL)
	mux.Handle(prefix+"/", http.StripPrefix(prefix, http.HandlerFunc(s.rest)))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Add makes a repository with files on its main branch; none make an empty one.
func (s *Server) Add(name string, files map[string]string) *Repository {
	s.t.Helper()
	dir := filepath.Join(s.dir, filepath.FromSlash(name)+".git")
	r := &Repository{Name: name, Dir: dir, DefaultBranch: "main", Empty: len(files) == 0}
	gittest.Bare(s.t, dir, files)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repositories[name] = r
	return r
}

// Copy makes a repository with the files of another, faster than Add.
func (s *Server) Copy(name string, of *Repository) *Repository {
	s.t.Helper()
	dir := filepath.Join(s.dir, filepath.FromSlash(name)+".git")
	if err := os.CopyFS(dir, os.DirFS(of.Dir)); err != nil {
		s.t.Fatal(err)
	}
	r := &Repository{Name: name, Dir: dir, DefaultBranch: of.DefaultBranch}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repositories[name] = r
	return r
}

// Repository gives one by name, nil if there is none.
func (s *Server) Repository(name string) *Repository {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.repositories[name]
}

// Rename gives a repository another name. Calls of the old one are sent there.
func (s *Server) Rename(from, to string) {
	s.t.Helper()
	r := s.Repository(from)
	dir := filepath.Join(s.dir, filepath.FromSlash(to)+".git")
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(r.Dir, dir); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repositories[from] = &Repository{Name: from, MovedTo: to}
	r.Name, r.Dir = to, dir
	for _, p := range r.Pulls {
		_, branch, _ := strings.Cut(p.Head, ":")
		owner, _, _ := strings.Cut(to, "/")
		p.Head = owner + ":" + branch
	}
	s.repositories[to] = r
}

// Requests lists the calls of the API so far, such as "GET /repos/a/b".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []string{}
	for _, r := range s.log {
		all = append(all, r.Method+" "+r.Path)
	}
	return all
}

// Writes lists the calls from the nth on that were to change something.
func (s *Server) Writes(n int) []string {
	all := []string{}
	for _, r := range s.Log()[n:] {
		if !r.IsRead() {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	return all
}

// AutoMerged lists the node IDs that auto-merge was turned on for.
func (s *Server) AutoMerged() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.auto...)
}

// A Fault makes some calls go wrong.
type Fault struct {
	On    string // the call, such as "POST /repos/a/b/pulls", or "QUERY /api/graphql"
	Times int    // how often
	// Do answers in the place of the stand-in, which next is.
	Do func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc)
}

// Break adds a fault.
func (s *Server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Answer is a fault that gives a status, a message and headers, as "Name: value".
func Answer(status int, message string, headers ...string) func(http.ResponseWriter, *http.Request, http.HandlerFunc) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%q}`, message)
	}
}

// With is a fault that adds headers to the answer of the stand-in.
func With(headers ...string) func(http.ResponseWriter, *http.Request, http.HandlerFunc) {
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		next(w, r)
	}
}

// DoneAndLost is a fault that does what was asked for and answers with a 502.
func DoneAndLost(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	next(httptest.NewRecorder(), r)
	http.Error(w, "bad gateway", http.StatusBadGateway)
}

// fault takes the next fault of a call, nil if none is due. The lock is held.
func (s *Server) fault(r *Request) *Fault {
	name := r.Method + " " + r.Path
	for _, f := range s.faults {
		if f.On == name && f.Times > 0 {
			f.Times--
			return f
		}
	}
	return nil
}
