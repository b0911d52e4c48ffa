package github

import (
	"context"
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
)

// Ahead gets files by one query, which costs less than a call for each. What it does
// not give as it is, such as a file that is no UTF-8, is left to blob.
func (c *view) Ahead(ctx context.Context, at git.Hash, names []string) error {
	if c.forge.credentials == nil { // GraphQL is for those who are known
		return nil
	}
	entries, err := c.entries(ctx, at)
	if err != nil {
		return err
	}
	missing := c.missing(ctx, entries, names)
	if len(missing) == 0 {
		return nil
	}
	texts, err := c.forge.texts(ctx, c.repositoryOf(at), missing)
	if err != nil {
		return err
	}
	for hash, text := range texts {
		if git.BlobHash([]byte(text)) == hash {
			c.forge.cache.Put(ctx, blobCacheName+string(hash), []byte(text))
		}
	}
	return nil
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

// texts gets blobs by one query. None without an error says that this server does
// not answer it.
func (f *Forge) texts(ctx context.Context, of forge.Repository, hashes []git.Hash) (map[git.Hash]string, error) {
	owner, name, _ := strings.Cut(of.Name, "/")
	var query strings.Builder
	query.WriteString("query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {\n")
	for i, hash := range hashes {
		fmt.Fprintf(&query, "f%d: object(oid: %q) { ...text }\n", i, hash)
	}
	query.WriteString("} }\nfragment text on Blob { text }")
	var found struct {
		Repository map[string]*struct{ Text *string }
	}
	ctx = forge.Reading(withOwner(ctx, owner))
	err := f.query(ctx, query.String(), map[string]any{"owner": owner, "name": name}, &found)
	if err != nil && (status(err) != 0 || errors.As(err, new(graphQLError))) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("read files of "+of.Name, err)
	}
	texts := map[git.Hash]string{}
	for i, hash := range hashes {
		if got := found.Repository[fmt.Sprintf("f%d", i)]; got != nil && got.Text != nil {
			texts[hash] = *got.Text
		}
	}
	return texts, nil
}
