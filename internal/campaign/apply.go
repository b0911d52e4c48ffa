package campaign

import (
	"context"
	"errors"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// Result is what an Apply came to.
type Result string

const (
	Nothing   Result = "nothing to do"
	Unwanted  Result = "not wanted" // the repository's or its owner's configuration says so
	Opened    Result = "opened"
	Updated   Result = "updated"
	Unchanged Result = "up to date"                              // an open pull request says all there is
	Closed    Result = "closed by somebody"                      // and so stays closed
	Foreign   Result = "the branch has commits of somebody else" // and is left to them
	Archived  Result = "archived"                                // nothing can be written there
)

// A Done is what became of a repository.
type Done struct {
	Result Result
	Pull   forge.Pull // zero if there is none
	Head   git.Hash   // of the branch, "" if it was not looked at
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
	source, err := o.source(ctx, c.Repository)
	if err != nil {
		return Done{}, err
	}
	head := forge.Head{Owner: source.Owner, Branch: o.Branch}
	pulls, err := o.Forge.Pulls(ctx, c.Repository, head)
	if err != nil {
		return Done{}, err
	}
	if len(pulls) > 0 && pulls[0].State == forge.Closed {
		return Done{Result: Closed, Pull: pulls[0]}, nil
	}
	branch, err := o.push(ctx, c, source)
	if err != nil {
		return Done{}, err
	}
	if branch.foreign {
		done := Done{Result: Foreign, Head: branch.head}
		if len(pulls) > 0 && pulls[0].State == forge.Open {
			done.Pull = pulls[0]
		}
		return done, nil
	}
	var done Done
	if len(pulls) > 0 && pulls[0].State == forge.Open {
		done, err = o.edit(ctx, c, pulls[0], branch)
	} else {
		done, err = o.open(ctx, c, head)
	}
	done.Head = branch.head
	return done, err
}

func (o Options) edit(ctx context.Context, c *Changeset, p forge.Pull, branch tip) (Done, error) {
	said := p.Title == c.Proposal.Title && p.Body == c.Proposal.Body && p.Base == c.Proposal.Base
	done := Done{Result: Unchanged, Pull: p}
	if o.Resumed {
		done.Trouble = o.attend(ctx, c, p)
	}
	if said && !branch.moved {
		return done, nil
	}
	if !said {
		err := o.write(ctx, Write{c.Repository.Name, "edit", p.URL}, func(*Write) error {
			return o.Forge.Edit(ctx, c.Repository, p.Number, c.Proposal)
		})
		if err != nil {
			return Done{Pull: p}, err
		}
	}
	done.Result = Updated
	return done, nil
}

func (o Options) open(ctx context.Context, c *Changeset, head forge.Head) (Done, error) {
	var p forge.Pull
	err := o.write(ctx, Write{c.Repository.Name, "open", head.Branch}, func(*Write) (err error) {
		p, err = o.Forge.Open(ctx, c.Repository, head, c.Proposal)
		return err
	})
	if err != nil {
		// The answer may have been lost, or another process was faster.
		pulls, unseen := o.Forge.Pulls(ctx, c.Repository, head)
		if unseen != nil || len(pulls) == 0 || pulls[0].State != forge.Open {
			return Done{}, err
		}
		p = pulls[0]
	}
	return Done{Result: Opened, Pull: p, Trouble: o.attend(ctx, c, p)}, nil
}

// attend adds labels and people to a pull request.
func (o Options) attend(ctx context.Context, c *Changeset, p forge.Pull) error {
	if c.Attention.IsEmpty() {
		return nil
	}
	return o.write(ctx, Write{c.Repository.Name, "attend", p.URL}, func(*Write) error {
		return o.Forge.Attend(ctx, c.Repository, p, c.Attention)
	})
}

// Forks reports whether the branch goes to a fork of a repository.
func (o Options) Forks(repository forge.Repository) bool { return o.Fork || !repository.MayPush }

// source is where the branch is: the repository itself, or the fork of it.
func (o Options) source(ctx context.Context, of forge.Repository) (source forge.Repository, err error) {
	if !o.Forks(of) {
		return of, nil
	}
	err = o.write(ctx, Write{of.Name, "fork", ""}, func(*Write) (err error) {
		source, err = o.Forge.Fork(ctx, of)
		return err
	})
	return source, err
}

// Pulls lists the pull requests of the branch, newest first.
func (o Options) Pulls(ctx context.Context, to forge.Repository) ([]forge.Pull, error) {
	source, err := o.source(ctx, to)
	if err != nil {
		return nil, err
	}
	return o.Forge.Pulls(ctx, to, forge.Head{Owner: source.Owner, Branch: o.Branch})
}

// Planned is Pulls for a plan, which takes them as they were at the look, if they came
// with it.
func (o Options) Planned(ctx context.Context, c *Changeset) ([]forge.Pull, error) {
	if pulls, known := c.copy.Pulls(forge.Head{Owner: c.Repository.Owner, Branch: o.Branch}); o.Plan && known && !o.Forks(c.Repository) {
		return pulls, nil
	}
	return o.Pulls(ctx, c.Repository)
}

// Close closes the open pull request of the branch, says below it why, and removes
// the branch; one whose branch has commits of somebody else stays. Pull is the newest pull request.
func (o Options) Close(ctx context.Context, repository forge.Repository, why string) (Done, error) {
	source, err := o.source(ctx, repository)
	if err != nil {
		return Done{}, err
	}
	pulls, err := o.Forge.Pulls(ctx, repository, forge.Head{Owner: source.Owner, Branch: o.Branch})
	if err != nil || len(pulls) == 0 {
		return Done{Result: Nothing}, err
	}
	p := pulls[0]
	if p.State != forge.Open {
		return Done{Result: Nothing, Pull: p}, nil
	}
	base, err := o.BaseOf(repository)
	if err != nil {
		return Done{Pull: p}, err
	}
	copy, _, err := o.copy(ctx, repository, base)
	if err != nil {
		return Done{Pull: p}, err
	}
	head, err := copy.Fetch(ctx, source, o.Branch, longestSeries+1)
	if err != nil && !errors.Is(err, git.ErrNoBranch) {
		return Done{Pull: p}, err
	}
	if err == nil {
		if _, ours, err := o.series(ctx, copy, source, head); err != nil || !ours {
			return Done{Result: Foreign, Pull: p, Head: head.Hash}, err
		}
	}
	err = o.write(ctx, Write{repository.Name, "close", p.URL}, func(*Write) error {
		if err := o.Forge.Comment(ctx, repository, p.Number, why); err != nil {
			return err
		}
		return o.Forge.Close(ctx, repository, p.Number)
	})
	if err != nil {
		return Done{Pull: p}, err
	}
	p.State = forge.Closed
	done := Done{Result: Closed, Pull: p, Head: head.Hash}
	if head.Hash != "" {
		done.Trouble = o.write(ctx, Write{repository.Name, "delete branch", o.Branch}, func(*Write) error {
			return o.Forge.DeleteBranch(ctx, source, o.Branch, head.Hash)
		})
	}
	return done, nil
}

// Merge merges a pull request, if its branch is at a commit.
func (o Options) Merge(ctx context.Context, repository forge.Repository, p forge.Pull, at git.Hash) error {
	return o.write(ctx, Write{repository.Name, "merge", p.URL}, func(*Write) error {
		return o.Forge.Merge(ctx, repository, p.Number, at)
	})
}

// Say comments on a pull request.
func (o Options) Say(ctx context.Context, repository forge.Repository, p forge.Pull, text string) error {
	return o.write(ctx, Write{repository.Name, "comment", p.URL}, func(*Write) error {
		return o.Forge.Comment(ctx, repository, p.Number, text)
	})
}
