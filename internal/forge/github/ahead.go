package github

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// What is got ahead is bounded, so that a query ends within the 10 seconds that
// GitHub gives it ("Rate limits and query limits for the GraphQL API").
const (
	mostAhead        = 60       // files
	mostAheadBytes   = 1 << 20  // of all
	largestAheadFile = 96 << 10 // bytes; GitHub cuts long texts off
	mostPullsAhead   = 20       // of one branch
)

// Ahead gets files and pull requests by a query, which costs less than a call for each.
// A file that it does not give as it is, such as one that is no UTF-8, is left to blob;
// so are all where GraphQL does not answer, or its limit is reached: it is not REST's. Pull requests come along with files, and not alone: to list them is free as
// long as nothing happens.
func (c *view) Ahead(ctx context.Context, at git.Hash, likely forge.Likely) error {
	if c.forge.credentials == nil { // GraphQL is for those who are known
		return nil
	}
	entries, err := c.entries(ctx, at)
	if err != nil {
		return err
	}
	missing := c.missing(ctx, entries, likely.Files)
	if len(missing) == 0 {
		return nil
	}
	owner, name, _ := strings.Cut(c.repositoryOf(at).Name, "/")
	found, err := c.forge.together.ask(ctx, &question{owner: owner, name: name, blobs: missing, from: likely.Pulls})
	if err != nil {
		return err
	}
	for i, hash := range missing {
		var blob struct{ Text *string }
		if json.Unmarshal(found[fmt.Sprintf("f%d", i)], &blob) != nil || blob.Text == nil {
			continue
		}
		if text := []byte(*blob.Text); git.BlobHash(text) == hash {
			c.forge.cache.Put(ctx, blobCacheName+string(hash), text)
		}
	}
	if pulls, all := pullsOf(likely.Pulls, found["pulls"]); all {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.pulls[likely.Pulls] = pulls
	}
	return nil
}

// pullsOf gives the pull requests that a query tells of, and whether those are all.
func pullsOf(from forge.Head, said json.RawMessage) (pulls []forge.Pull, all bool) {
	var list struct {
		Nodes []struct {
			Number              int
			URL, State          string
			BaseRefName         string
			Title, Body         string
			HeadRepositoryOwner *struct{ Login string }
		}
	}
	if said == nil || json.Unmarshal(said, &list) != nil || len(list.Nodes) == mostPullsAhead {
		return nil, false
	}
	pulls = []forge.Pull{}
	for _, p := range list.Nodes {
		if p.HeadRepositoryOwner != nil && strings.EqualFold(p.HeadRepositoryOwner.Login, from.Owner) {
			pulls = append(pulls, forge.Pull{Number: p.Number, URL: p.URL, State: forge.State(strings.ToLower(p.State)), Base: p.BaseRefName, Title: p.Title, Body: p.Body})
		}
	}
	return pulls, true
}

// Pulls gives what Ahead got.
func (c *view) Pulls(from forge.Head) ([]forge.Pull, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pulls, known := c.pulls[from]
	return pulls, known
}

// missing are the files that are not known yet, each content once.
func (c *view) missing(ctx context.Context, entries []git.Entry, names []string) []git.Hash {
	byPath := map[string]git.Entry{}
	for _, e := range entries {
		byPath[e.Path] = e
	}
	var all []git.Hash
	var total int64
	seen := map[git.Hash]bool{}
	for _, name := range names {
		e := byPath[name]
		if !e.IsRegular() || seen[e.Hash] || e.Size > largestAheadFile || total+e.Size > mostAheadBytes {
			continue
		}
		if _, known := c.forge.cache.Get(ctx, blobCacheName+string(e.Hash)); known {
			continue
		}
		seen[e.Hash] = true
		total += e.Size
		if all = append(all, e.Hash); len(all) == mostAhead {
			break
		}
	}
	return all
}
