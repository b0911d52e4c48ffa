package fake

import (
	"encoding/json"
	"net/http"
	"strings"
)

// commit is the newest one of a pull request's branch, in the repository itself.
func (p *Pull) commit(r *Repository) string {
	_, branch, _ := strings.Cut(p.Head, ":")
	return r.at("heads/" + branch)
}

// mergePull merges a pull request whose base has not moved.
func (s *Server) mergePull(r *Repository, c *call) (int, any) {
	p := numbered(r, c)
	var asked struct{ SHA string }
	if err := json.Unmarshal(c.body, &asked); err != nil || p == nil {
		return http.StatusNotFound, problem("Not Found")
	}
	switch {
	case asked.SHA != p.commit(r):
		return http.StatusConflict, problem("Head branch was modified. Review and try the merge again.")
	case p.State != "open" || p.Mergeable != "":
		return http.StatusMethodNotAllowed, problem("Pull Request is not mergeable")
	}
	if _, ok := r.git("", nil, "update-ref", "refs/heads/"+p.Base, asked.SHA); !ok {
		return http.StatusMethodNotAllowed, problem("Pull Request is not mergeable")
	}
	p.State, p.Merged = "closed", true
	return http.StatusOK, map[string]any{"sha": asked.SHA, "merged": true, "message": "Pull Request successfully merged"}
}

// checked gives the pull request whose newest commit a call is about, nil if there is
// none.
func checked(r *Repository, c *call) *Pull {
	for _, p := range r.Pulls {
		if p.commit(r) == c.input.PathParams["ref"] {
			return p
		}
	}
	return nil
}

func (s *Server) checkRuns(r *Repository, c *call) (int, any) {
	all := []any{}
	if p := checked(r, c); p != nil {
		for _, conclusion := range p.Checks {
			run := map[string]any{"name": "build", "status": "completed", "conclusion": conclusion}
			if conclusion == "" {
				run["status"], run["conclusion"] = "in_progress", nil
			}
			all = append(all, run)
		}
	}
	return http.StatusOK, map[string]any{"total_count": len(all), "check_runs": all}
}

// combinedStatus is pending where there is none, as GitHub's is.
func (s *Server) combinedStatus(r *Repository, c *call) (int, any) {
	said := map[string]any{"state": "pending", "total_count": 0, "statuses": []any{}}
	if p := checked(r, c); p != nil && p.Status != "" {
		said["state"], said["total_count"] = p.Status, 1
	}
	return http.StatusOK, said
}
