package fake

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// A Delivery is what the stand-in would tell a webhook of. It is sent when a test
// says so: late, out of order, twice.
type Delivery struct {
	GUID  string // the same when it is sent again
	Event string // "pull_request", "push", "issue_comment"
	Body  []byte
}

// Deliveries lists what happened so far, in order.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Delivery{}, s.deliveries...)
}

// Send sends a delivery to an address, signed with a secret ("Validating webhook
// deliveries"), and gives the status of the answer.
func (s *Server) Send(d Delivery, to, secret string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, to, bytes.NewReader(d.Body))
	if err != nil {
		s.t.Fatal(err)
	}
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write(d.Body)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-GitHub-Event": d.Event, "X-GitHub-Delivery": d.GUID,
		"X-Hub-Signature-256": "sha256=" + hex.EncodeToString(sum.Sum(nil)), "User-Agent": "GitHub-Hookshot/fake",
	} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	res.Body.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, attempt{d, to, secret, res.StatusCode})
	return res.StatusCode
}

// An attempt is one to deliver a webhook. Its id is its place in the list, from 1.
type attempt struct {
	Delivery
	to, secret string
	status     int
}

// Attempts counts the deliveries that were answered.
func (s *Server) Attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

// listAttempts lists them, newest first.
func (s *Server) listAttempts(c *call) []any {
	before, most := len(s.sent)+1, 30
	for name, n := range map[string]*int{"cursor": &before, "per_page": &most} {
		*n = number(c.input.Request.URL.Query().Get(name), *n)
	}
	all := []any{}
	for id := before - 1; id > 0 && len(all) < most; id-- {
		a := s.sent[id-1]
		all = append(all, map[string]any{"id": id, "guid": a.GUID, "event": a.Event, "status_code": a.status, "delivered_at": s.Now().UTC().Format(time.RFC3339)})
		if len(all) == most && id > 1 {
			c.w.Header().Set("Link", fmt.Sprintf(`<%s%s/app/hook/deliveries?cursor=%d>; rel="next"`, s.URL, prefix, id))
		}
	}
	return all
}

// attemptAgain sends a webhook again, in the background.
func (s *Server) attemptAgain(id int) (int, any) {
	if id < 1 || id > len(s.sent) {
		return http.StatusNotFound, problem("Not Found")
	}
	a := s.sent[id-1]
	go s.Send(a.Delivery, a.to, a.secret)
	return http.StatusAccepted, map[string]any{}
}

// happened keeps a delivery. The lock is held.
func (s *Server) happened(r *Repository, event, by string, body map[string]any) {
	body["repository"], body["sender"] = s.repository(r), map[string]any{"login": by}
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	guid := fmt.Sprintf("00000000-0000-4000-8000-%012x", len(s.deliveries)+1)
	s.deliveries = append(s.deliveries, Delivery{guid, event, text})
}

// ClosePull closes a pull request as somebody, without merging it.
func (s *Server) ClosePull(name string, number int, by string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repositories[name]
	p := r.Pulls[number-1]
	p.State = "closed"
	s.happened(r, "pull_request", by, map[string]any{"action": "closed", "number": number, "pull_request": s.pull(r, p)})
}

// MergePull merges a pull request of a branch that leads on from main.
func (s *Server) MergePull(name string, number int, by string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repositories[name]
	p := r.Pulls[number-1]
	_, branch, _ := strings.Cut(p.Head, ":")
	if _, ok := r.git("", nil, "update-ref", "refs/heads/"+p.Base, "refs/heads/"+branch); !ok {
		s.t.Fatalf("%s cannot be merged", branch)
	}
	p.State, p.Merged = "closed", true
	s.happened(r, "pull_request", by, map[string]any{"action": "closed", "number": number, "pull_request": s.pull(r, p)})
}

// Comment writes below a pull request as somebody, whose association is "OWNER",
// "MEMBER", "NONE" and so on.
func (s *Server) Comment(name string, number int, by, association, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repositories[name]
	p := r.Pulls[number-1]
	id := s.commented(p, by, text)
	s.happened(r, "issue_comment", by, map[string]any{
		"action": "created", "issue": map[string]any{"number": number, "state": p.State, "pull_request": map[string]any{}},
		"comment": map[string]any{"id": id, "body": text, "author_association": association, "user": map[string]any{"login": by, "type": "User"}},
	})
}

// Comments lists what was said below a pull request so far.
func (s *Server) Comments(name string, number int) []Comment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.repositories[name].Pulls[number-1].Comments)
}

// PushTo commits files on a branch as a human.
func (s *Server) PushTo(name, branch string, files map[string]string) (head string) {
	r := s.Repository(name)
	was := r.at("heads/" + branch)
	head = gittest.Push(s.t, r.Dir, branch, "a push", files)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happened(r, "push", "human", map[string]any{"ref": "refs/heads/" + branch, "before": was, "after": head})
	return head
}
