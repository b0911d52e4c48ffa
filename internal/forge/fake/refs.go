package fake

import (
	"net/http"
	"os/exec"
	"strings"

	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// git runs git in a repository and gives what it prints; ok is whether it
// succeeded.
func (r *Repository) git(input string, args ...string) (out string, ok bool) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = r.Dir, gittest.Environment(), strings.NewReader(input)
	text, err := cmd.Output()
	return strings.TrimSuffix(string(text), "\n"), err == nil
}

// at gives the commit of a ref such as "heads/main", "" if there is none.
func (r *Repository) at(ref string) string {
	commit, _ := r.git("", "rev-parse", "--verify", "--quiet", "refs/"+ref+"^{commit}")
	return commit
}

func (s *Server) getRef(r *Repository, c *call) (int, any) {
	ref := c.input.PathParams["ref"]
	commit := r.at(ref)
	if commit == "" {
		return http.StatusNotFound, problem("Not Found")
	}
	return http.StatusOK, reference(ref, commit)
}

func reference(ref, commit string) map[string]any {
	return map[string]any{"ref": "refs/" + ref, "object": map[string]any{"type": "commit", "sha": commit}}
}

func (s *Server) deleteRef(r *Repository, c *call) (int, any) {
	ref := c.input.PathParams["ref"]
	if r.at(ref) == "" {
		return http.StatusUnprocessableEntity, problem("Reference does not exist")
	}
	if _, ok := r.git("", "update-ref", "-d", "refs/"+ref); !ok {
		return http.StatusConflict, problem("Conflict")
	}
	return http.StatusNoContent, nil
}
