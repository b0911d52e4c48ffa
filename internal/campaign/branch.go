package campaign

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/git"
)

// baseTrailer ends the message of every commit that drydock makes, and names the
// commit that its branch begins at.
const baseTrailer = "Drydock-Base: "

// longestSeries bounds the commits of a branch that are looked at.
const longestSeries = 32

// A tip is where the branch is.
type tip struct {
	head    git.Hash
	moved   bool // it was not there before
	foreign bool // it holds commits of somebody else, and was left alone
}

// push brings the branch to where it should be.
func (o Options) push(ctx context.Context, c *Changeset, remote git.Remote) (tip, error) {
	was, err := c.clone.Fetch(ctx, remote, o.Branch, longestSeries+1)
	if err != nil && !errors.Is(err, git.ErrNoBranch) {
		return tip{}, err
	}
	if err == nil {
		series, ours := o.series(c.clone, was)
		if !ours {
			return tip{head: was, foreign: true}, nil
		}
		if same, err := c.stands(was, series); err != nil || same {
			return tip{head: was}, err
		}
	}
	to, err := o.commit(c)
	if err != nil {
		return tip{}, err
	}
	err = o.write(ctx, Write{c.Repository.Name, "push", o.Branch + " " + string(to)}, func() error {
		return c.clone.Push(ctx, remote, git.Move{Branch: o.Branch, From: was, To: to})
	})
	return tip{head: to, moved: true}, err
}

// series gives the commits of a branch that drydock made, newest first, and
// whether those are all.
func (o Options) series(clone *git.Repository, head git.Hash) ([]git.Commit, bool) {
	newest, err := clone.Commit(head)
	if err != nil {
		return nil, false
	}
	_, base, ok := strings.Cut(newest.Message, "\n"+baseTrailer)
	if !ok {
		return nil, false
	}
	series, err := clone.Series(head, git.Hash(strings.TrimSpace(base)), longestSeries)
	if err != nil || len(series) == 0 {
		return nil, false
	}
	for _, commit := range series {
		if commit.Committer != o.Author || !strings.Contains(commit.Message, "\n"+baseTrailer) {
			return nil, false
		}
	}
	return series, true
}

// stands reports whether the branch at head holds what the changeset would bring:
// the same texts, in as many commits, over files that the base still has as they
// were. A base that moved elsewhere is no reason to start everybody's CI again.
func (c *Changeset) stands(head git.Hash, series []git.Commit) (bool, error) {
	if len(series) != len(c.Steps) {
		return false, nil
	}
	has, err := c.clone.Files(head)
	if err != nil {
		return false, err
	}
	had, err := c.clone.Files(series[len(series)-1].Parents[0])
	if err != nil {
		return false, nil // the clone does not reach back so far
	}
	return slices.IndexFunc(c.texts, func(t engine.Other) bool {
		return !holds(has, t.Path, t.After) || !held(had, t.Path, t.Before)
	}) < 0 && sameChanges(has, had, c.Rewriting), nil
}

// commit makes the commits and gives the last.
func (o Options) commit(c *Changeset) (git.Hash, error) {
	at := c.At
	for _, s := range c.Steps {
		next, err := c.clone.Make(git.Draft{
			Parent: at, Files: s.Files, Message: s.Message + "\n" + baseTrailer + string(c.At) + "\n",
			Author: o.Author, Committer: o.Author, When: o.Now(),
		})
		if err != nil {
			return "", err
		}
		at = next
	}
	return at, nil
}
