package github

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	api "github.com/google/go-github/v60/github"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// Advance makes commits of trees, and moves the branch last: what is cut off before
// leaves nothing that anybody sees.
func (c *view) Advance(ctx context.Context, to forge.Repository, branch string, from git.Hash, drafts []git.Draft) (git.Hash, error) {
	c.mu.Lock()
	at := c.settled
	c.mu.Unlock()
	if at.Hash == "" {
		return "", errUnsettled
	}
	bot, err := c.forge.Bot(ctx, to)
	if err != nil {
		return "", err
	}
	known, err := c.entries(ctx, at.Hash)
	if err != nil {
		return "", err
	}
	modes := map[string]string{}
	for _, e := range known {
		modes[e.Path] = e.Mode
	}
	for _, d := range drafts {
		next, err := c.make(ctx, to, at, d, modes, bot)
		if err != nil {
			return "", err
		}
		at = next
	}
	return at.Hash, c.move(ctx, to, git.Move{Branch: branch, From: from, To: at.Hash})
}

// make makes one commit. modes are those of the tree below it.
func (c *view) make(ctx context.Context, to forge.Repository, on git.Commit, d git.Draft, modes map[string]string, bot string) (git.Commit, error) {
	owner, name, _ := strings.Cut(to.Name, "/")
	tree := &api.Tree{SHA: api.String(string(on.Tree))}
	if d.Keeps == "" || len(d.Files) > 0 {
		var err error
		if tree, err = c.treeOf(ctx, to, on, d, modes); err != nil {
			return git.Commit{}, err
		}
	}
	asked := &api.Commit{Message: &d.Message, Tree: tree, Parents: []*api.Commit{{SHA: api.String(string(on.Hash))}}}
	if d.Keeps != "" {
		asked.Parents = append(asked.Parents, &api.Commit{SHA: api.String(string(d.Keeps))})
	}
	if bot == "" {
		asked.Author, asked.Committer = signature(d.Author, d), signature(d.Committer, d)
	}
	made, _, err := c.forge.client.Git.CreateCommit(ctx, owner, name, asked, nil)
	if err != nil {
		return git.Commit{}, refused("write a commit to "+to.Name, err)
	}
	if v := made.GetVerification(); bot != "" && !v.GetVerified() && !c.forge.unverified {
		return git.Commit{}, fmt.Errorf("write a commit to %s: GitHub did not sign it: %s", to.Name, v.GetReason())
	}
	return git.Commit{Hash: git.Hash(made.GetSHA()), Tree: git.Hash(tree.GetSHA())}, nil
}

// treeOf writes the tree of a draft. The error wraps git.ErrNothingChanged.
func (c *view) treeOf(ctx context.Context, to forge.Repository, on git.Commit, d git.Draft, modes map[string]string) (*api.Tree, error) {
	owner, name, _ := strings.Cut(to.Name, "/")
	var entries []*api.TreeEntry
	for _, file := range d.Files {
		mode, err := modeOf(file.Path, modes)
		if err != nil {
			return nil, err
		}
		e := &api.TreeEntry{Path: api.String(file.Path), Mode: &mode, Type: api.String("blob"), Content: api.String(file.Text)}
		if !utf8.ValidString(file.Text) { // JSON holds nothing else
			encoded := base64.StdEncoding.EncodeToString([]byte(file.Text))
			blob, _, err := c.forge.client.Git.CreateBlob(ctx, owner, name, &api.Blob{Content: &encoded, Encoding: api.String("base64")})
			if err != nil {
				return nil, refused("write a file to "+to.Name, err)
			}
			e.Content, e.SHA = nil, blob.SHA
		}
		entries = append(entries, e)
		modes[file.Path] = mode
	}
	tree, _, err := c.forge.client.Git.CreateTree(ctx, owner, name, string(on.Tree), entries)
	if err != nil {
		return nil, refused("write a tree to "+to.Name, err)
	}
	if git.Hash(tree.GetSHA()) == on.Tree {
		return nil, git.ErrNothingChanged
	}
	return tree, nil
}

func signature(who git.Identity, d git.Draft) *api.CommitAuthor {
	return &api.CommitAuthor{Name: &who.Name, Email: &who.Email, Date: &api.Timestamp{Time: d.When.UTC()}}
}

// modeOf gives the mode that a file keeps or gets. A path through or to what is no
// file is refused.
func modeOf(name string, modes map[string]string) (string, error) {
	if !git.IsPlain(name) {
		return "", fmt.Errorf("%q is no path in a repository", name)
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if mode, known := modes[dir]; known && !(git.Entry{Mode: mode}).IsFolder() {
			return "", &fs.PathError{Op: "write", Path: name, Err: fmt.Errorf("%s is no folder", dir)}
		}
	}
	mode, known := modes[name]
	if !known {
		return "100644", nil
	}
	if !(git.Entry{Mode: mode}).IsRegular() {
		return "", &fs.PathError{Op: "write", Path: name, Err: fmt.Errorf("not a regular file")}
	}
	return mode, nil
}

// updateRefs moves a ref from one commit to another, or not at all. The REST API can
// only move one from wherever it is.
const updateRefs = `mutation($repository: ID!, $update: RefUpdate!) {
  updateRefs(input: {repositoryId: $repository, refUpdates: [$update]}) { clientMutationId }
}`

// move takes a branch to a commit.
func (c *view) move(ctx context.Context, to forge.Repository, m git.Move) error {
	owner, name, _ := strings.Cut(to.Name, "/")
	ref := &api.Reference{Ref: api.String("refs/heads/" + m.Branch), Object: &api.GitObject{SHA: api.String(string(m.To))}}
	if m.From == "" {
		_, _, err := c.forge.client.Git.CreateRef(ctx, owner, name, ref)
		return c.moved(ctx, to, m, err)
	}
	err := c.forge.query(withOwner(ctx, owner), updateRefs, map[string]any{
		"repository": to.ID, "update": map[string]any{"name": *ref.Ref, "beforeOid": m.From, "afterOid": m.To, "force": true},
	}, nil)
	if err == nil {
		return nil
	}
	at, unseen := c.at(ctx, to, m.Branch)
	switch {
	case unseen != nil:
		return refused(fmt.Sprintf("move the branch %s of %s", m.Branch, to.Name), err)
	case at == m.To:
		return nil
	case at != m.From:
		return fmt.Errorf("%s: %s: %w", to.Name, m.Branch, git.ErrMoved)
	}
	// A server may be older than the mutation. The branch was looked at just now.
	_, _, err = c.forge.client.Git.UpdateRef(ctx, owner, name, ref, true)
	moved := c.moved(ctx, to, m, err)
	if moved != nil && !errors.Is(moved, git.ErrMoved) && status(err) == http.StatusUnprocessableEntity {
		return fmt.Errorf("%w: %w", git.ErrForced, moved)
	}
	return moved
}

// moved explains why a branch could not be moved: the answer may have been lost, or
// somebody was faster.
func (c *view) moved(ctx context.Context, to forge.Repository, m git.Move, err error) error {
	if err == nil {
		return nil
	}
	switch at, unseen := c.at(ctx, to, m.Branch); {
	case unseen != nil || at == m.From:
		return refused(fmt.Sprintf("move the branch %s of %s", m.Branch, to.Name), err)
	case at == m.To:
		return nil
	}
	return fmt.Errorf("%s: %s: %w", to.Name, m.Branch, git.ErrMoved)
}

// at gives the commit of a branch, "" if there is none.
func (c *view) at(ctx context.Context, of forge.Repository, branch string) (git.Hash, error) {
	owner, name, _ := strings.Cut(of.Name, "/")
	ref, _, err := c.forge.client.Git.GetRef(ctx, owner, name, "heads/"+branch)
	if status(err) == http.StatusNotFound {
		return "", nil
	}
	if err != nil {
		return "", failed(fmt.Sprintf("look at the branch %s of %s", branch, of.Name), err)
	}
	return git.Hash(ref.GetObject().GetSHA()), nil
}

// refused is failed for writes to a repository.
func refused(what string, err error) error {
	switch code := status(err); code {
	case http.StatusForbidden, http.StatusNotFound:
		return fmt.Errorf("%w: %w", git.ErrRefused, failed(what, err))
	}
	return failed(what, err)
}
