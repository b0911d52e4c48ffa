package github

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"

	api "github.com/google/go-github/v60/github"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// A view is a repository that is read by trees and blobs.
type view struct {
	forge.Failure
	forge  *Forge
	of     forge.Repository
	branch string // the base

	mu      sync.Mutex
	in      map[git.Hash]forge.Repository // which repository has a commit, if it is not of
	trees   map[git.Hash][]git.Entry      // by what was asked for
	pulls   map[forge.Head][]forge.Pull   // that Ahead got
	settled git.Commit
	blobs   int             // that were asked for
	clone   *git.Repository // in the place of more blobs, nil if there is none
}

// Read looks at a branch by one call for its whole tree.
func (f *Forge) Read(ctx context.Context, of forge.Repository, branch string) (forge.Copy, git.Hash, error) {
	c := &view{forge: f, of: of, branch: branch, in: map[git.Hash]forge.Repository{}, trees: map[git.Hash][]git.Entry{}, pulls: map[forge.Head][]forge.Pull{}}
	// For the name of a branch GitHub answers with the commit; Settle sees to it.
	entries, at, err := c.tree(ctx, of, escaped(branch))
	if err != nil {
		return nil, "", err
	}
	c.trees[at] = entries
	return c, at, nil
}

// escaped is a branch as it stands in an address.
func escaped(branch string) string {
	segments := strings.Split(branch, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// tree gets a whole tree, and the name that GitHub has for it.
func (c *view) tree(ctx context.Context, of forge.Repository, name string) ([]git.Entry, git.Hash, error) {
	owner, repo, _ := strings.Cut(of.Name, "/")
	tree, _, err := c.forge.client.Git.GetTree(ctx, owner, repo, name, true)
	switch code := status(err); {
	case code == http.StatusNotFound, code == http.StatusConflict: // 409: the repository is empty
		return nil, "", fmt.Errorf("%s: %s: %w", of.Name, name, git.ErrNoBranch)
	case err != nil:
		return nil, "", failed("read the tree of "+of.Name, err)
	case tree.GetTruncated():
		return nil, "", fmt.Errorf("%s: %w", of.Name, forge.ErrTooLarge)
	}
	entries := make([]git.Entry, len(tree.Entries))
	for i, e := range tree.Entries {
		entries[i] = git.Entry{Path: e.GetPath(), Mode: e.GetMode(), Hash: git.Hash(e.GetSHA()), Size: int64(e.GetSize())}
	}
	return entries, git.Hash(tree.GetSHA()), nil
}

func (c *view) Files(ctx context.Context, at git.Hash) (fs.FS, error) {
	entries, err := c.entries(ctx, at)
	if err != nil {
		return nil, err
	}
	return git.Listing(entries, func(hash git.Hash) ([]byte, error) {
		if err := c.Err(); err != nil {
			return nil, err
		}
		text, err := c.blob(ctx, c.repositoryOf(at), hash)
		if err == nil && git.BlobHash(text) != hash {
			err = fmt.Errorf("read a file of %s: the content of %s is another one", c.of.Name, hash)
		}
		if err != nil {
			c.Keep(err)
		}
		return text, err
	})
}

func (c *view) repositoryOf(at git.Hash) forge.Repository {
	c.mu.Lock()
	defer c.mu.Unlock()
	if of, ok := c.in[at]; ok {
		return of
	}
	return c.of
}

func (c *view) entries(ctx context.Context, at git.Hash) ([]git.Entry, error) {
	c.mu.Lock()
	entries, known := c.trees[at]
	c.mu.Unlock()
	if known {
		return entries, nil
	}
	entries, _, err := c.tree(ctx, c.repositoryOf(at), string(at))
	if errors.Is(err, git.ErrNoBranch) {
		return nil, fmt.Errorf("%s: %s: %w", c.of.Name, at, git.ErrNoCommit)
	}
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trees[at] = entries
	return entries, nil
}

// Many files are read faster, and without spending the API's limit, from a clone,
// as long as that is small.
const (
	manyBlobs     = 20
	smallEnough   = 32 << 20 // bytes of files
	blobCacheName = "blob "
)

func (c *view) blob(ctx context.Context, of forge.Repository, hash git.Hash) ([]byte, error) {
	cache := c.forge.cache
	if text, ok := cache.Get(ctx, blobCacheName+string(hash)); ok {
		return text, nil
	}
	if clone := c.cloned(ctx); clone != nil {
		if text, err := clone.Blob(hash); err == nil {
			return text, nil
		}
	}
	owner, name, _ := strings.Cut(of.Name, "/")
	blob, _, err := c.forge.client.Git.GetBlob(ctx, owner, name, string(hash))
	if err != nil {
		return nil, failed("read a file of "+of.Name, err)
	}
	text := []byte(blob.GetContent())
	if blob.GetEncoding() == "base64" {
		if text, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(blob.GetContent(), "\n", "")); err != nil {
			return nil, fmt.Errorf("read a file of %s: %w", of.Name, err)
		}
	}
	cache.Put(ctx, blobCacheName+string(hash), text)
	return text, nil
}

// cloned gives a clone once many files were read, nil before, and where it would be
// large or cannot be made.
func (c *view) cloned(ctx context.Context) *git.Repository {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.blobs++
	if c.blobs != manyBlobs {
		return c.clone
	}
	var total int64
	for _, entries := range c.trees {
		for _, e := range entries {
			total += e.Size
		}
	}
	if total > smallEnough {
		return nil
	}
	if clone, _, err := git.Clone(ctx, c.of.Remote, c.branch); err == nil {
		c.clone = clone
	}
	return c.clone
}

func (c *view) Settle(ctx context.Context, at git.Hash) (git.Commit, error) {
	found, err := c.head(ctx, c.of, c.branch)
	if err != nil {
		return found, err
	}
	if found.Hash != at && found.Tree != at {
		return found, fmt.Errorf("%s: %s: %w", c.of.Name, c.branch, git.ErrMoved)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settled, c.trees[found.Hash] = found, c.trees[at]
	return found, nil
}

func (c *view) Fetch(ctx context.Context, from forge.Repository, branch string, _ int) (git.Commit, error) {
	found, err := c.head(ctx, from, branch)
	if err != nil {
		return found, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in[found.Hash] = from
	return found, nil
}

// head gives the newest commit of a branch.
func (c *view) head(ctx context.Context, of forge.Repository, branch string) (git.Commit, error) {
	req, err := c.forge.client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/branches/%s", of.Name, url.PathEscape(branch)), nil)
	if err != nil {
		return git.Commit{}, err
	}
	var found api.Branch
	_, err = c.forge.client.Do(ctx, req, &found)
	if status(err) == http.StatusNotFound {
		return git.Commit{}, fmt.Errorf("%s: %s: %w", of.Name, branch, git.ErrNoBranch)
	}
	if err != nil {
		return git.Commit{}, failed(fmt.Sprintf("look at the branch %s of %s", branch, of.Name), err)
	}
	return commit(found.GetCommit()), nil
}

func commit(c *api.RepositoryCommit) git.Commit {
	said := c.GetCommit()
	found := git.Commit{
		Hash: git.Hash(c.GetSHA()), Tree: git.Hash(said.GetTree().GetSHA()), Message: said.GetMessage(),
		When:      said.GetCommitter().GetDate().Time,
		Author:    git.Identity{Name: said.GetAuthor().GetName(), Email: said.GetAuthor().GetEmail()},
		Committer: git.Identity{Name: said.GetCommitter().GetName(), Email: said.GetCommitter().GetEmail()},
	}
	for _, p := range c.Parents {
		found.Parents = append(found.Parents, git.Hash(p.GetSHA()))
	}
	return found
}

// Series gives the commits by comparing.
func (c *view) Series(ctx context.Context, head, base git.Hash, limit int) ([]git.Commit, error) {
	of := c.repositoryOf(head)
	owner, name, _ := strings.Cut(of.Name, "/")
	compared, _, err := c.forge.client.Repositories.CompareCommits(ctx, owner, name, string(base), string(head), &api.ListOptions{PerPage: page})
	if status(err) == http.StatusNotFound {
		return nil, fmt.Errorf("%s to %s: %w", head, base, git.ErrNotPlain)
	}
	if err != nil {
		return nil, failed("compare commits of "+of.Name, err)
	}
	byHash := map[git.Hash]git.Commit{}
	for _, said := range compared.Commits {
		one := commit(said)
		byHash[one.Hash] = one
	}
	return git.Follow(head, base, limit, func(at git.Hash) (git.Commit, error) {
		one, ok := byHash[at]
		if !ok {
			return one, git.ErrNoCommit
		}
		return one, nil
	})
}

var _ forge.Copy = (*view)(nil)

var errUnsettled = errors.New("the base branch was not settled")
