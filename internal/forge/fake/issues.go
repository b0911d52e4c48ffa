package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// An Issue is one of the stand-in.
type Issue struct{ Title, Body string }

func (s *Server) openIssue(r *Repository, c *call) (int, any) {
	var asked Issue
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return http.StatusUnprocessableEntity, problem(err.Error())
	}
	r.Issues = append(r.Issues, asked)
	n := 1000 + len(r.Issues) // beside the numbers of the pull requests
	return http.StatusCreated, map[string]any{"number": n, "title": asked.Title, "body": asked.Body, "html_url": fmt.Sprintf("%s/%s/issues/%d", s.URL, r.Name, n)}
}
