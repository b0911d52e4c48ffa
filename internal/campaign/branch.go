package campaign

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/forge"
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
func (o Options) push(ctx context.Context, c *Changeset, to forge.Repository) (tip, error) {
	was, err := c.copy.Fetch(ctx, to, o.Branch, longestSeries+1)
	if err != nil && !errors.Is(err, git.ErrNoBranch) {
		return tip{}, err
	}
	if err == nil {
		series, ours, err := o.series(ctx, c.copy, to, was)
		if err != nil || !ours {
			return tip{head: was.Hash, foreign: !ours}, err
		}
		same, err := c.stands(ctx, was.Hash, series)
		behind := series[len(series)-1].Parents[0] != c.At
		if err != nil || same && !(o.Rebase && behind) {
			return tip{head: was.Hash}, err
		}
	}
	var head git.Hash
	err = o.write(ctx, Write{c.Repository.Name, "push", o.Branch}, func(w *Write) (err error) {
		drafts := o.drafts(c)
		head, err = c.copy.Advance(ctx, to, o.Branch, was.Hash, drafts)
		if errors.Is(err, git.ErrForced) {
			head, err = c.copy.Advance(ctx, to, o.Branch, was.Hash, append([]git.Draft{o.anew(c, was.Hash)}, drafts...))
		}
		w.Target = strings.TrimSpace(o.Branch + " " + string(head))
		return err
	})
	return tip{head: head, moved: true}, err
}

// webFlow is who commits what is made through GitHub's API without a committer
// being given.
var webFlow = git.Identity{Name: "GitHub", Email: "noreply@github.com"}

// series gives the commits of a branch that drydock made, newest first, and
// whether those are all.
func (o Options) series(ctx context.Context, copy forge.Copy, of forge.Repository, newest git.Commit) (series []git.Commit, ours bool, err error) {
	_, base, ok := strings.Cut(newest.Message, "\n"+baseTrailer)
	if !ok {
		return nil, false, nil
	}
	bot := ""
	if reader, ok := o.Forge.(forge.Reader); ok {
		if bot, err = reader.Bot(ctx, of); err != nil {
			return nil, false, err
		}
	}
	series, err = copy.Series(ctx, newest.Hash, git.Hash(strings.TrimSpace(base)), longestSeries)
	if errors.Is(err, git.ErrNotPlain) || err == nil && len(series) == 0 {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	for _, commit := range series {
		made := commit.Committer == o.Author || bot != "" && commit.Committer == webFlow && commit.Author.Name == bot
		if !made || !strings.Contains(commit.Message, "\n"+baseTrailer) {
			return nil, false, nil
		}
	}
	// The commit that begins anew is none of the steps.
	if last := len(series) - 1; len(series[last].Parents) == 2 {
		if last == 0 {
			return nil, false, nil
		}
		series[last-1].Parents = series[last].Parents[:1]
		series = series[:last]
	}
	return series, true, nil
}

// stands reports whether the branch at head holds what the changeset would bring:
// the same texts, in as many commits, over files that the base still has as they
// were. A base that moved elsewhere is no reason to start everybody's CI again.
func (c *Changeset) stands(ctx context.Context, head git.Hash, series []git.Commit) (bool, error) {
	if len(series) != len(c.Steps) {
		return false, nil
	}
	has, err := c.copy.Files(ctx, head)
	if err != nil {
		return false, err
	}
	had, err := c.copy.Files(ctx, series[len(series)-1].Parents[0])
	if errors.Is(err, git.ErrNoCommit) {
		return false, nil // the clone does not reach back so far
	}
	if err != nil {
		return false, err
	}
	same := slices.IndexFunc(c.texts, func(t engine.Other) bool {
		return !holds(has, t.Path, t.After) || !held(had, t.Path, t.Before)
	}) < 0 && sameChanges(has, had, c.Rewriting)
	return same, c.copy.Err()
}

// anew is the commit that lets a branch that may not be moved by force begin again on
// the base. What was on the branch was all drydock's, and stays in its history: so the
// branch moves forward, and yet differs from the base by the steps alone.
func (o Options) anew(c *Changeset, was git.Hash) git.Draft {
	d := o.drafts(c)[0]
	d.Files, d.Keeps = nil, was
	d.Message = "Begin again on " + c.Base + "\n\nThis branch takes no push by force: what was on it stays in its history.\n\n" + baseTrailer + string(c.At) + "\n"
	return d
}

// drafts are the commits to make.
func (o Options) drafts(c *Changeset) []git.Draft {
	all := make([]git.Draft, len(c.Steps))
	for i, s := range c.Steps {
		all[i] = git.Draft{
			Parent: c.At, Files: s.Files, Message: s.Message + "\n" + baseTrailer + string(c.At) + "\n",
			Author: o.Author, Committer: o.Author, When: o.Now(),
		}
	}
	return all
}
