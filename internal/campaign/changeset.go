package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/report"
)

// Options say what pull requests are like.
type Options struct {
	Forge     forge.Forge
	Fixers    []fix.Fixer // in the order of fix.Order
	Selection config.Selection

	Branch    string // of the pull request
	Base      string // to merge into; "" is the default branch
	Title     string // "" for one that says what is done
	Commits   Commits
	Draft     bool
	Attention forge.Attention
	Owners    bool // ask the code owners of what changes for a review
	Fork      bool // even where a push is allowed

	Author git.Identity
	Now    func() time.Time
	// Text makes the text of the pull request; nil is the text that report gives.
	Text func(report.Pull) (string, error)
}

// Commits say how a rewrite is split into commits.
type Commits uint8

const (
	OneCommit Commits = iota
	CommitPerFixer
)

// A Changeset is what a repository should get.
type Changeset struct {
	Repository forge.Repository
	Base       string   // the branch to merge into
	At         git.Hash // its newest commit
	Rewriting  Rewriting
	Steps      []Step // the commits to make, none if nothing changes
	Proposal   forge.Proposal
	Attention  forge.Attention

	clone *git.Repository
}

// A Step is a commit to make.
type Step struct {
	Message string
	Files   []git.File
}

// ErrEmpty says that a repository has no commit yet.
var ErrEmpty = errors.New("the repository is empty")

// Look finds out what a repository should get. It writes nothing.
func (o Options) Look(ctx context.Context, name string) (*Changeset, error) {
	repository, err := o.Forge.Repository(ctx, name)
	if err != nil {
		return nil, err
	}
	base := repository.DefaultBranch
	if o.Base != "" {
		base = o.Base
	}
	if base == "" {
		return nil, fmt.Errorf("%s: %w", repository.Name, ErrEmpty)
	}
	clone, at, err := git.Clone(ctx, repository.Remote, base)
	if err != nil {
		return nil, err
	}
	return o.Propose(ctx, repository, clone, base, at)
}

// Propose finds out what a clone should get on top of a commit of its base branch.
func (o Options) Propose(ctx context.Context, repository forge.Repository, clone *git.Repository, base string, at git.Hash) (*Changeset, error) {
	tree, err := clone.Files(at)
	if err != nil {
		return nil, err
	}
	c := &Changeset{Repository: repository, Base: base, At: at, clone: clone, Attention: o.Attention}
	if c.Rewriting, err = Rewrite(ctx, tree, o.Fixers, o.Selection); err != nil {
		return nil, err
	}
	if len(c.Rewriting.Changed()) == 0 {
		return c, nil
	}
	pull := report.Pull{Files: c.Rewriting.Reports(), Fixers: o.Fixers}
	c.Proposal = forge.Proposal{Title: o.Title, Body: pull.Text(), Base: base, Draft: o.Draft}
	if o.Title == "" {
		c.Proposal.Title = pull.Title()
	}
	if o.Text != nil {
		if c.Proposal.Body, err = o.Text(pull); err != nil {
			return nil, err
		}
	}
	if o.Owners {
		c.addOwners(tree)
	}
	c.Steps, err = o.steps(ctx, c, tree)
	return c, err
}

// Result is what an Apply came to.
type Result string

const (
	Nothing   Result = "nothing to do"
	Unwanted  Result = "not wanted"
	Opened    Result = "opened"
	Updated   Result = "updated"
	Unchanged Result = "up to date"
	Closed    Result = "closed by somebody"
	Foreign   Result = "the branch has commits of somebody else"
	Archived  Result = "archived"
)

// A Done is what became of a repository.
type Done struct {
	Result Result
	Pull   forge.Pull // zero if there is none
	// Trouble is what was not done for a pull request that stands all the same,
	// such as asking somebody who cannot review it.
	Trouble error
}

// Apply gives a repository what it should get. It may be made again at any time.
func (o Options) Apply(ctx context.Context, c *Changeset) (Done, error) {
	switch {
	case c.Rewriting.Unwanted != "":
		return Done{Result: Unwanted}, nil
	case len(c.Steps) == 0:
		return Done{Result: Nothing}, nil
	case c.Repository.Archived:
		return Done{Result: Archived}, nil
	}
	source := c.Repository
	if o.Fork || !source.MayPush {
		fork, err := o.Forge.Fork(ctx, source)
		if err != nil {
			return Done{}, err
		}
		source = fork
	}
	head := forge.Head{Owner: source.Owner, Branch: o.Branch}
	pulls, err := o.Forge.Pulls(ctx, c.Repository, head)
	if err != nil {
		return Done{}, err
	}
	if len(pulls) > 0 && pulls[0].State == forge.Closed {
		return Done{Result: Closed, Pull: pulls[0]}, nil
	}
	pushed, foreign, err := o.push(ctx, c, source.Remote)
	if err != nil || foreign {
		return Done{Result: Foreign}, err
	}
	if len(pulls) > 0 && pulls[0].State == forge.Open {
		return o.edit(ctx, c, pulls[0], pushed)
	}
	return o.open(ctx, c, head)
}

func (o Options) edit(ctx context.Context, c *Changeset, p forge.Pull, pushed bool) (Done, error) {
	said := p.Title == c.Proposal.Title && p.Body == c.Proposal.Body && p.Base == c.Proposal.Base
	if said && !pushed {
		return Done{Result: Unchanged, Pull: p}, nil
	}
	if !said {
		if err := o.Forge.Edit(ctx, c.Repository, p.Number, c.Proposal); err != nil {
			return Done{Pull: p}, err
		}
	}
	return Done{Result: Updated, Pull: p}, nil
}

func (o Options) open(ctx context.Context, c *Changeset, head forge.Head) (Done, error) {
	p, err := o.Forge.Open(ctx, c.Repository, head, c.Proposal)
	if err != nil {
		// The answer may have been lost, or another process was faster.
		pulls, unseen := o.Forge.Pulls(ctx, c.Repository, head)
		if unseen != nil || len(pulls) == 0 || pulls[0].State != forge.Open {
			return Done{}, err
		}
		p = pulls[0]
	}
	done := Done{Result: Opened, Pull: p}
	if !c.Attention.IsEmpty() {
		done.Trouble = o.Forge.Attend(ctx, c.Repository, p, c.Attention)
	}
	return done, nil
}

// baseTrailer ends the message of every commit that drydock makes, and names the
// commit that its branch begins at.
const baseTrailer = "Drydock-Base: "

// longestSeries bounds the commits of a branch that are looked at.
const longestSeries = 32

// push brings the branch to where it should be. It reports whether it moved, and
// whether it holds commits of somebody else and so was left alone.
func (o Options) push(ctx context.Context, c *Changeset, remote git.Remote) (moved, foreign bool, err error) {
	was, err := c.clone.Fetch(ctx, remote, o.Branch, longestSeries+1)
	if err != nil && !errors.Is(err, git.ErrNoBranch) {
		return false, false, err
	}
	if err == nil {
		series, ours := o.series(c.clone, was)
		if !ours {
			return false, true, nil
		}
		if same, err := c.stands(was, series); err != nil || same {
			return false, false, err
		}
	}
	to, err := o.commit(c)
	if err != nil {
		return false, false, err
	}
	return true, false, c.clone.Push(ctx, remote, git.Move{Branch: o.Branch, From: was, To: to})
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
	return slices.IndexFunc(c.Rewriting.Texts(), func(t engine.Other) bool {
		return !holds(has, t.Path, t.After) || !holds(had, t.Path, t.Before)
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
