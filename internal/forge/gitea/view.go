package gitea

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	api "code.gitea.io/sdk/gitea"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// A view is a repository that is read by the API, and cloned once that is not enough:
// for many files, and to write, since the API makes no commit on another one than
// that of a branch.
type view struct {
	forge.Failure
	forge  *Forge
	of     forge.Repository
	branch string
	at     git.Hash // where the branch was found

	mu      sync.Mutex
	entries []git.Entry // of at, nil before they were asked for
	blobs   int         // that were asked for
	clone   *forge.Clone
}

const (
	manyBlobs     = 20     // what needs more is cloned
	manyEntries   = 20_000 // a tree that has more is cloned
	treePage      = 1000
	blobCacheName = "blob "
)

// Read looks where a branch is.
func (f *Forge) Read(ctx context.Context, of forge.Repository, branch string) (forge.Copy, git.Hash, error) {
	api, err := f.in(ctx)
	if err != nil {
		return nil, "", err
	}
	owner, name, _ := strings.Cut(of.Name, "/")
	found, res, err := api.GetRepoBranch(owner, name, branch)
	switch {
	case status(res) == http.StatusNotFound, err == nil && found.Commit == nil:
		return nil, "", fmt.Errorf("%s: %s: %w", of.Name, branch, git.ErrNoBranch)
	case err != nil:
		return nil, "", failed(fmt.Sprintf("look at the branch %s of %s", branch, of.Name), res, err)
	}
	at := git.Hash(found.Commit.ID)
	return &view{forge: f, of: of, branch: branch, at: at}, at, nil
}

// Bot is none: commits are as they are asked for.
func (f *Forge) Bot(context.Context, forge.Repository) (string, error) { return "", nil }

func (c *view) Files(ctx context.Context, at git.Hash) (fs.FS, error) {
	c.mu.Lock()
	clone := c.clone
	c.mu.Unlock()
	if clone == nil && at == c.at {
		entries, err := c.tree(ctx)
		if err != nil {
			return nil, err
		}
		if entries != nil {
			return git.Listing(entries, func(hash git.Hash) ([]byte, error) {
				text, err := c.blob(ctx, hash)
				if err != nil {
					c.Keep(err)
				}
				return text, err
			})
		}
	}
	cloned, err := c.cloned(ctx)
	if err != nil {
		return nil, err
	}
	return cloned.Files(ctx, at)
}

// tree gets the whole tree, nil if it is too large.
func (c *view) tree(ctx context.Context) ([]git.Entry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries != nil {
		return c.entries, nil
	}
	client, err := c.forge.in(ctx)
	if err != nil {
		return nil, err
	}
	owner, name, _ := strings.Cut(c.of.Name, "/")
	entries := []git.Entry{}
	for page, more := 1, true; more; page++ {
		tree, res, err := client.GetTrees(owner, name, api.ListTreeOptions{
			ListOptions: api.ListOptions{Page: page, PageSize: treePage}, Ref: string(c.at), Recursive: true,
		})
		switch {
		case err != nil:
			return nil, failed("read the tree of "+c.of.Name, res, err)
		case tree.TotalCount > manyEntries:
			return nil, nil
		}
		for _, e := range tree.Entries {
			entries = append(entries, git.Entry{Path: e.Path, Mode: e.Mode, Hash: git.Hash(e.SHA), Size: e.Size})
		}
		more = tree.Truncated && len(tree.Entries) > 0
	}
	c.entries = entries
	return entries, nil
}

// blob gets a file. One that the server does not give whole is got from a clone.
func (c *view) blob(ctx context.Context, hash git.Hash) ([]byte, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	if text, known := c.forge.cache.Get(ctx, blobCacheName+string(hash)); known {
		return text, nil
	}
	c.mu.Lock()
	c.blobs++
	many := c.blobs > manyBlobs
	c.mu.Unlock()
	if !many {
		client, err := c.forge.in(ctx)
		if err != nil {
			return nil, err
		}
		owner, name, _ := strings.Cut(c.of.Name, "/")
		found, res, err := client.GetBlob(owner, name, string(hash))
		if err != nil {
			return nil, failed("read a file of "+c.of.Name, res, err)
		}
		if text, err := base64.StdEncoding.DecodeString(found.Content); err == nil && git.BlobHash(text) == hash {
			c.forge.cache.Put(ctx, blobCacheName+string(hash), text)
			return text, nil
		}
	}
	clone, err := c.cloned(ctx)
	if err != nil {
		return nil, err
	}
	text, err := clone.Blob(hash)
	if err == nil {
		c.forge.cache.Put(ctx, blobCacheName+string(hash), text)
	}
	return text, err
}

// cloned clones, once. The error wraps git.ErrMoved if the branch is not where it was
// found any more.
func (c *view) cloned(ctx context.Context) (forge.Clone, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.clone != nil {
		return *c.clone, nil
	}
	clone, at, err := forge.NewClone(ctx, c.of, c.branch)
	if err != nil {
		return clone, err
	}
	if at != c.at {
		return clone, fmt.Errorf("%s: %s: %w", c.of.Name, c.branch, git.ErrMoved)
	}
	c.clone = &clone
	return clone, nil
}

// Ahead gets nothing: such a server has no limits to save.
func (c *view) Ahead(context.Context, git.Hash, forge.Likely) error { return nil }

func (c *view) Pulls(forge.Head) ([]forge.Pull, bool) { return nil, false }

func (c *view) Settle(ctx context.Context, at git.Hash) (git.Commit, error) {
	clone, err := c.cloned(ctx)
	if err != nil {
		return git.Commit{}, err
	}
	return clone.Settle(ctx, at)
}

func (c *view) Fetch(ctx context.Context, from forge.Repository, branch string, depth int) (git.Commit, error) {
	clone, err := c.cloned(ctx)
	if err != nil {
		return git.Commit{}, err
	}
	return clone.Fetch(ctx, from, branch, depth)
}

func (c *view) Series(ctx context.Context, head, base git.Hash, limit int) ([]git.Commit, error) {
	clone, err := c.cloned(ctx)
	if err != nil {
		return nil, err
	}
	return clone.Series(ctx, head, base, limit)
}

func (c *view) Advance(ctx context.Context, to forge.Repository, branch string, from git.Hash, drafts []git.Draft) (git.Hash, error) {
	clone, err := c.cloned(ctx)
	if err != nil {
		return "", err
	}
	return clone.Advance(ctx, to, branch, from, drafts)
}

var (
	_ forge.Reader = (*Forge)(nil)
	_ forge.Copy   = (*view)(nil)
)
