package fake

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Limits are those of one identity. The zero value is what GitHub has ("Rate limits
// for the REST API", "Rate limits and query limits for the GraphQL API").
type Limits struct {
	Requests       int // an hour
	Points         int // a minute: a read is 1, a write 5
	ContentMinute  int
	ContentHour    int
	Search         int // a minute
	GraphQL        int // points an hour; all that is known here costs 1
	GraphQLPoints  int // a minute: a query is 1, a mutation 5
	GraphQLSeconds int // a minute, of the time that answers take
}

func (l Limits) or(otherwise Limits) Limits {
	for _, p := range []struct{ at, otherwise *int }{
		{&l.Requests, &otherwise.Requests}, {&l.Points, &otherwise.Points}, {&l.ContentMinute, &otherwise.ContentMinute},
		{&l.ContentHour, &otherwise.ContentHour}, {&l.Search, &otherwise.Search},
		{&l.GraphQL, &otherwise.GraphQL}, {&l.GraphQLPoints, &otherwise.GraphQLPoints}, {&l.GraphQLSeconds, &otherwise.GraphQLSeconds},
	} {
		if *p.at == 0 {
			*p.at = *p.otherwise
		}
	}
	return l
}

var onGitHub = Limits{Requests: 5000, Points: 900, ContentMinute: 80, ContentHour: 500, Search: 30, GraphQL: 5000, GraphQLPoints: 2000, GraphQLSeconds: 60}

// A Request is one that the stand-in was sent.
type Request struct {
	Method, Path string // as "GET", "/repos/a/b"; a query of GraphQL is "QUERY"
	At           time.Time
	Identity     string // who sent it
	Status       int
	Exceeds      bool          // a limit, and so was refused
	Took         time.Duration // to answer GraphQL
}

// IsRead reports whether it writes nothing.
func (r Request) IsRead() bool {
	return r.Method == query || r.Method == http.MethodGet || r.Method == http.MethodHead
}

// IsGraphQL reports whether it counts against the limits of the GraphQL API.
func (r Request) IsGraphQL() bool { return strings.HasSuffix(r.Path, "/graphql") }

// IsFree reports whether the primary limit does not count it. The others do.
func (r Request) IsFree() bool { return r.Status == http.StatusNotModified }

// IsContent reports whether it makes something that notifies people.
func (r Request) IsContent() bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.Path, "/repos/") && !strings.Contains(r.Path, "/git/")
}

func (r Request) String() string { return fmt.Sprintf("%s %s %d", r.Method, r.Path, r.Status) }

// begin counts a request against the limits of its identity, and says how to refuse
// it: "" if it is within them.
func (s *Server) begin(r *Request) (refusal string, retry time.Duration) {
	limits := s.Limits.or(onGitHub)
	var requests, search, points, content, contentHour int
	var took time.Duration
	for i := len(s.log) - 1; i >= 0; i-- {
		old := s.log[i]
		age := r.At.Sub(old.At)
		if age >= time.Hour {
			break
		}
		if old.Identity != r.Identity || old.Exceeds || old.IsGraphQL() != r.IsGraphQL() {
			continue
		}
		if !old.IsFree() {
			requests++
		}
		if old.IsContent() {
			contentHour++
		}
		if age >= time.Minute {
			continue
		}
		points += costOf(*old)
		took += old.Took
		if old.IsContent() {
			content++
		}
		if strings.HasPrefix(old.Path, "/search/") {
			search++
		}
	}
	hourly, minutely := limits.Requests, limits.Points
	if r.IsGraphQL() {
		hourly, minutely = limits.GraphQL, limits.GraphQLPoints
	}
	s.left = max(hourly-requests-1, 0)
	switch {
	case requests >= hourly:
		return "API rate limit exceeded", 0
	case points+costOf(*r) > minutely, took > time.Duration(limits.GraphQLSeconds)*time.Second:
		return "You have exceeded a secondary rate limit", time.Minute
	case r.IsContent() && content >= limits.ContentMinute:
		return "You have exceeded a secondary rate limit for content creation", time.Minute
	case r.IsContent() && contentHour >= limits.ContentHour:
		return "You have exceeded a secondary rate limit for content creation", 10 * time.Minute
	case strings.HasPrefix(r.Path, "/search/") && search >= limits.Search:
		return "API rate limit exceeded for search", time.Minute
	}
	return "", 0
}

func costOf(r Request) int {
	if r.IsRead() {
		return 1
	}
	return 5
}

// limited answers a request above a limit.
func (s *Server) limited(w http.ResponseWriter, message string, retry time.Duration) {
	if retry > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(retry.Seconds())))
	}
	Answer(http.StatusTooManyRequests, message)(w, nil, nil)
}

// tellLimits sets the headers that every answer has.
func (s *Server) tellLimits(w http.ResponseWriter, r *Request) {
	limits := s.Limits.or(onGitHub)
	limit, resource := limits.Requests, "core"
	if r.IsGraphQL() {
		limit, resource = limits.GraphQL, "graphql"
	}
	w.Header().Set("X-RateLimit-Limit", fmt.Sprint(limit))
	w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(s.left))
	w.Header().Set("X-RateLimit-Used", fmt.Sprint(limit-s.left))
	w.Header().Set("X-RateLimit-Reset", fmt.Sprint(s.Now().Add(time.Hour).Unix()))
	w.Header().Set("X-RateLimit-Resource", resource)
	w.Header().Set("X-GitHub-Request-Id", fmt.Sprintf("FAKE:%04X", len(s.log)))
}

// Log lists the requests so far.
func (s *Server) Log() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Request, len(s.log))
	for i, r := range s.log {
		all[i] = *r
	}
	return all
}

// Counts are how many requests there were. Queries are those of GraphQL, which has
// limits of its own.
type Counts struct{ Reads, Queries, Writes, Free, Content, Refused int }

// Count counts the requests of a log.
func Count(log []Request) (c Counts) {
	for _, r := range log {
		switch {
		case r.Exceeds:
			c.Refused++
		case r.IsFree():
			c.Free++
		case r.IsRead() && r.IsGraphQL():
			c.Queries++
		case r.IsRead():
			c.Reads++
		default:
			c.Writes++
		}
		if r.IsContent() && !r.Exceeds {
			c.Content++
		}
	}
	return c
}
