package fake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// git runs git in a repository and gives what it prints; ok is whether it
// succeeded. Every object that the stand-in writes, git itself makes.
func (r *Repository) git(input string, environment []string, args ...string) (out string, ok bool) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = r.Dir, append(gittest.Environment(), environment...), strings.NewReader(input)
	text, err := cmd.Output()
	return strings.TrimSuffix(string(text), "\n"), err == nil
}

// at gives the commit of a ref such as "heads/main", "" if there is none.
func (r *Repository) at(ref string) string {
	branch, ok := strings.CutPrefix(ref, "heads/")
	opened, err := git.Open(r.Dir)
	if !ok || err != nil {
		return ""
	}
	found, err := opened.Branch(branch)
	if err != nil {
		return ""
	}
	return string(found)
}

func (s *Server) getBranch(r *Repository, c *call) (int, any) {
	branch, err := url.PathUnescape(c.input.PathParams["branch"])
	head := r.at("heads/" + branch)
	if err != nil || head == "" {
		return http.StatusNotFound, problem("Branch not found")
	}
	return http.StatusOK, map[string]any{"name": branch, "commit": s.commit(r, head), "protected": r.protects("refs/heads/" + branch)}
}

// commit is one as the API shows it.
func (s *Server) commit(r *Repository, hash string) map[string]any {
	opened, err := git.Open(r.Dir)
	if err != nil {
		s.t.Error(err)
		return nil
	}
	found, err := opened.Commit(git.Hash(hash))
	if err != nil {
		s.t.Error(err)
		return nil
	}
	parents := []any{}
	for _, p := range found.Parents {
		parents = append(parents, map[string]any{"sha": p})
	}
	said := map[string]any{
		"message": found.Message, "tree": map[string]any{"sha": found.Tree},
		"author":       signed(found.Author, found.When),
		"committer":    signed(found.Committer, found.When),
		"verification": s.verification(hash),
	}
	return map[string]any{"sha": hash, "commit": said, "parents": parents}
}

func signed(who git.Identity, at time.Time) map[string]any {
	return map[string]any{"name": who.Name, "email": who.Email, "date": at.UTC().Format(time.RFC3339)}
}

func (s *Server) verification(hash string) map[string]any {
	reason := "unsigned"
	if s.verified[hash] {
		reason = "valid"
	}
	return map[string]any{"verified": s.verified[hash], "reason": reason, "signature": nil, "payload": nil, "verified_at": nil}
}

// protects reports whether a rule of the repository's holds for a branch.
func (r *Repository) protects(ref string) bool {
	matches, err := path.Match(r.Protected, strings.TrimPrefix(ref, "refs/heads/"))
	return err == nil && matches
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

func (s *Server) createRef(r *Repository, c *call) (int, any) {
	var asked struct{ Ref, SHA string }
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return http.StatusUnprocessableEntity, problem(err.Error())
	}
	if r.at(strings.TrimPrefix(asked.Ref, "refs/")) != "" {
		return http.StatusUnprocessableEntity, problem("Reference already exists")
	}
	return r.setRef(http.StatusCreated, asked.Ref, asked.SHA)
}

func (r *Repository) setRef(status int, ref, commit string) (int, any) {
	if _, ok := r.git("", nil, "update-ref", ref, commit); !ok {
		return http.StatusUnprocessableEntity, problem("Object does not exist")
	}
	return status, reference(strings.TrimPrefix(ref, "refs/"), commit)
}

func (s *Server) updateRef(r *Repository, c *call) (int, any) {
	var asked struct {
		SHA   string
		Force bool
	}
	ref := c.input.PathParams["ref"]
	if err := json.Unmarshal(c.body, &asked); err != nil || r.at(ref) == "" {
		return http.StatusUnprocessableEntity, problem("Reference does not exist")
	}
	_, forward := r.git("", nil, "merge-base", "--is-ancestor", r.at(ref), asked.SHA)
	switch {
	case !forward && r.protects("refs/"+ref):
		return http.StatusUnprocessableEntity, problem("Cannot force-push to this protected branch")
	case !forward && !asked.Force:
		return http.StatusUnprocessableEntity, problem("Update is not a fast forward")
	}
	return r.setRef(http.StatusOK, "refs/"+ref, asked.SHA)
}

func (s *Server) deleteRef(r *Repository, c *call) (int, any) {
	ref := c.input.PathParams["ref"]
	if r.at(ref) == "" {
		return http.StatusUnprocessableEntity, problem("Reference does not exist")
	}
	if r.protects("refs/" + ref) {
		return http.StatusUnprocessableEntity, problem("Cannot delete this protected branch")
	}
	if _, ok := r.git("", nil, "update-ref", "-d", "refs/"+ref); !ok {
		return http.StatusConflict, problem("Conflict")
	}
	return http.StatusNoContent, nil
}

// getTree answers, as GitHub does, with the name that was asked for: for a branch
// that of its commit.
func (s *Server) getTree(r *Repository, c *call) (int, any) {
	if r.Empty {
		return http.StatusConflict, problem("Git Repository is empty.")
	}
	name, err := url.PathUnescape(c.input.PathParams["tree_sha"])
	if at := r.at("heads/" + name); at != "" {
		name = at
	}
	opened, openErr := git.Open(r.Dir)
	if err != nil || openErr != nil {
		return http.StatusNotFound, problem("Not Found")
	}
	listed, err := opened.Entries(git.Hash(name))
	if err != nil {
		return http.StatusNotFound, problem("Not Found")
	}
	if s.TreesByTree {
		found, _ := opened.Commit(git.Hash(name))
		name = string(found.Tree)
	}
	if s.TreeLimit > 0 && len(listed) > s.TreeLimit {
		return http.StatusOK, map[string]any{"sha": name, "truncated": true, "tree": entries(listed[:s.TreeLimit])}
	}
	return http.StatusOK, map[string]any{"sha": name, "truncated": false, "tree": entries(listed)}
}

func entries(listed []git.Entry) []any {
	all := []any{}
	for _, e := range listed {
		said := map[string]any{"path": e.Path, "mode": e.Mode, "sha": e.Hash, "type": "blob"}
		switch {
		case e.IsFolder():
			said["type"] = "tree"
		case e.Mode == "160000":
			said["type"] = "commit"
		default:
			said["size"] = e.Size
		}
		all = append(all, said)
	}
	return all
}

func (s *Server) getBlob(r *Repository, c *call) (int, any) {
	opened, err := git.Open(r.Dir)
	if err != nil {
		return http.StatusNotFound, problem("Not Found")
	}
	text, err := opened.Blob(git.Hash(c.input.PathParams["file_sha"]))
	if err != nil {
		return http.StatusNotFound, problem("Not Found")
	}
	return http.StatusOK, map[string]any{
		"sha": c.input.PathParams["file_sha"], "size": len(text), "encoding": "base64", "content": wrapped(base64.StdEncoding.EncodeToString(text)),
	}
}

// wrapped breaks lines as GitHub does.
func wrapped(text string) string {
	var out strings.Builder
	for len(text) > 60 {
		out.WriteString(text[:60] + "\n")
		text = text[60:]
	}
	return out.String() + text + "\n"
}

func (s *Server) createBlob(r *Repository, c *call) (int, any) {
	var asked struct{ Content, Encoding string }
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return http.StatusUnprocessableEntity, problem(err.Error())
	}
	text := asked.Content
	if asked.Encoding == "base64" {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return http.StatusUnprocessableEntity, problem("content is not valid Base64")
		}
		text = string(decoded)
	}
	hash, _ := r.git(text, nil, "hash-object", "-w", "--stdin")
	return http.StatusCreated, map[string]any{"sha": hash, "url": "https://example.com/"}
}

func (s *Server) createTree(r *Repository, c *call) (int, any) {
	var asked struct {
		BaseTree string `json:"base_tree"`
		Tree     []struct {
			Path, Mode string
			SHA        *string
			Content    *string
		}
	}
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return http.StatusUnprocessableEntity, problem(err.Error())
	}
	index, err := os.CreateTemp(s.dir, "index")
	if err != nil {
		s.t.Error(err)
		return http.StatusConflict, problem(err.Error())
	}
	index.Close()
	os.Remove(index.Name())
	defer os.Remove(index.Name())
	with := []string{"GIT_INDEX_FILE=" + index.Name()}
	if asked.BaseTree != "" {
		if _, ok := r.git("", with, "read-tree", asked.BaseTree); !ok {
			return http.StatusUnprocessableEntity, problem("base_tree is no tree")
		}
	}
	lines := ""
	for _, e := range asked.Tree {
		hash := ""
		switch {
		case e.SHA != nil:
			hash = *e.SHA
		case e.Content != nil:
			hash, _ = r.git(*e.Content, nil, "hash-object", "-w", "--stdin")
		}
		lines += fmt.Sprintf("%s %s\t%s\n", e.Mode, hash, e.Path)
	}
	if _, ok := r.git(lines, with, "update-index", "--add", "--replace", "--index-info"); !ok {
		return http.StatusUnprocessableEntity, problem("tree entries are malformed")
	}
	hash, ok := r.git("", with, "write-tree")
	if !ok {
		return http.StatusUnprocessableEntity, problem("tree.sha is no tree")
	}
	return http.StatusCreated, map[string]any{"sha": hash, "tree": []any{}, "truncated": false}
}

func (s *Server) createCommit(r *Repository, c *call) (int, any) {
	type person struct{ Name, Email, Date string }
	var asked struct {
		Message, Tree     string
		Parents           []string
		Author, Committer *person
	}
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return http.StatusUnprocessableEntity, problem(err.Error())
	}
	verified := c.who.app != nil && asked.Author == nil && asked.Committer == nil && !s.SignsNothing
	if asked.Author == nil {
		now := strconv.FormatInt(s.Now().Unix(), 10) + " +0000"
		asked.Author = &person{c.who.login, "1+" + c.who.login + "@users.noreply.github.com", now}
		asked.Committer = &person{"GitHub", "noreply@github.com", now}
	}
	if asked.Committer == nil {
		asked.Committer = asked.Author
	}
	args := []string{"commit-tree", asked.Tree, "-F", "-"}
	for _, p := range asked.Parents {
		args = append(args, "-p", p)
	}
	hash, ok := r.git(asked.Message, []string{
		"GIT_AUTHOR_NAME=" + asked.Author.Name, "GIT_AUTHOR_EMAIL=" + asked.Author.Email, "GIT_AUTHOR_DATE=" + asked.Author.Date,
		"GIT_COMMITTER_NAME=" + asked.Committer.Name, "GIT_COMMITTER_EMAIL=" + asked.Committer.Email, "GIT_COMMITTER_DATE=" + asked.Committer.Date,
	}, args...)
	if !ok {
		return http.StatusUnprocessableEntity, problem("Tree SHA does not exist")
	}
	if verified {
		s.verified[hash] = true
	}
	made := s.commit(r, hash)
	said := made["commit"].(map[string]any)
	said["sha"], said["parents"] = hash, made["parents"]
	return http.StatusCreated, said
}

func (s *Server) compare(r *Repository, c *call) (int, any) {
	basehead, err := url.PathUnescape(c.input.PathParams["basehead"])
	base, head, ok := strings.Cut(basehead, "...")
	if err != nil || !ok {
		return http.StatusNotFound, problem("Not Found")
	}
	for _, end := range []string{base, head} {
		if _, ok := r.git("", nil, "cat-file", "-e", end+"^{commit}"); !ok {
			return http.StatusNotFound, problem("Not Found")
		}
	}
	list, _ := r.git("", nil, "rev-list", "--reverse", base+".."+head)
	commits := []any{}
	for _, hash := range strings.Fields(list) {
		commits = append(commits, s.commit(r, hash))
	}
	behind, _ := r.git("", nil, "rev-list", "--count", head+".."+base)
	return http.StatusOK, map[string]any{
		"commits": commits, "ahead_by": len(commits), "total_commits": len(commits), "behind_by": number(behind, 0), "status": "ahead",
		"base_commit": s.commit(r, base), "merge_base_commit": s.commit(r, base),
	}
}
