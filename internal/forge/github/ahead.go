package github

import (
	"context"
	"encoding/json"
	"errors"
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

// Ahead gets files and pull requests by one query, which costs less than a call for
// each. A file that it does not give as it is, such as one that is no UTF-8, is left to
// blob. Pull requests come along with files, and not alone: to list them is free as
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
	found, err := c.forge.together(ctx, c.repositoryOf(at), missing, likely.Pulls)
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
	c.told(likely.Pulls, found["pulls"])
	return nil
}

// told takes over what a query says of pull requests.
func (c *view) told(from forge.Head, said json.RawMessage) {
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
		return
	}
	pulls := []forge.Pull{}
	for _, p := range list.Nodes {
		if p.HeadRepositoryOwner != nil && strings.EqualFold(p.HeadRepositoryOwner.Login, from.Owner) {
			pulls = append(pulls, forge.Pull{Number: p.Number, URL: p.URL, State: forge.State(strings.ToLower(p.State)), Base: p.BaseRefName, Title: p.Title, Body: p.Body})
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulls[from] = pulls
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

// together gets blobs, as f0 and so on, and the pull requests from a branch by one
// query. None without an error says that this server does not answer it.
func (f *Forge) together(ctx context.Context, of forge.Repository, blobs []git.Hash, from forge.Head) (map[string]json.RawMessage, error) {
	owner, name, _ := strings.Cut(of.Name, "/")
	variables := map[string]any{"owner": owner, "name": name}
	var query strings.Builder
	query.WriteString("query($owner: String!, $name: String!")
	if from.Branch != "" {
		query.WriteString(", $head: String!")
		variables["head"] = from.Branch
	}
	query.WriteString(") { repository(owner: $owner, name: $name) {\n")
	if from.Branch != "" {
		fmt.Fprintf(&query, "pulls: pullRequests(headRefName: $head, first: %d, orderBy: {field: CREATED_AT, direction: DESC}) {\n", mostPullsAhead)
		query.WriteString("nodes { number url state baseRefName title body headRepositoryOwner { login } } }\n")
	}
	for i, hash := range blobs {
		fmt.Fprintf(&query, "f%d: object(oid: %q) { ...text }\n", i, hash)
	}
	query.WriteString("} }\nfragment text on Blob { text }")
	var found struct{ Repository map[string]json.RawMessage }
	err := f.query(forge.Reading(withOwner(ctx, owner)), query.String(), variables, &found)
	if err != nil && (status(err) != 0 || errors.As(err, new(graphQLError))) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("read files of "+of.Name, err)
	}
	return found.Repository, nil
}
