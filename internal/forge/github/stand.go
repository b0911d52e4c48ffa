package github

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// Stand asks by a query, together with what others ask. Where GraphQL does not answer,
// or its limit is reached, nothing is known.
func (f *Forge) Stand(ctx context.Context, of forge.Repository, ask forge.Stance) (forge.Standing, bool, error) {
	if f.credentials == nil { // GraphQL is for those who are known
		return forge.Standing{}, false, nil
	}
	owner, name, _ := strings.Cut(of.Name, "/")
	found, err := f.together.ask(ctx, &question{owner: owner, name: name, branch: ask.Branch, from: ask.Pulls, pull: ask.Pull})
	if err != nil {
		return forge.Standing{}, false, err
	}
	var s forge.Standing
	known := true
	if s.At = tipOf(found["tip"]); s.At == nil {
		known = false
	}
	if ask.Pulls.Branch != "" {
		pulls, all := pullsOf(ask.Pulls, found["pulls"])
		s.Pulls, known = pulls, known && all
	}
	if ask.Pull != 0 {
		said, ok := lastSaid(found["said"])
		s.Said, known = said, known && ok
	}
	return s, known, nil
}

// tipOf gives the commit that a branch is at, and its tree; nil if it is not told.
func tipOf(said json.RawMessage) []git.Hash {
	var ref *struct {
		Target *struct {
			OID  git.Hash
			Tree struct{ OID git.Hash }
		}
	}
	if json.Unmarshal(said, &ref) != nil || ref == nil || ref.Target == nil || ref.Target.OID == "" || ref.Target.Tree.OID == "" {
		return nil
	}
	return []git.Hash{ref.Target.OID, ref.Target.Tree.OID}
}

// lastSaid gives the number of the last comment, which stands in its address alone:
// databaseId has not enough digits for it, and older servers lack fullDatabaseId.
func lastSaid(said json.RawMessage) (number int64, ok bool) {
	var pull *struct {
		Comments struct{ Nodes []struct{ URL string } }
	}
	if json.Unmarshal(said, &pull) != nil || pull == nil {
		return 0, false
	}
	for _, c := range pull.Comments.Nodes {
		_, text, _ := strings.Cut(c.URL, "#issuecomment-")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, false
		}
		number = n
	}
	return number, true
}
