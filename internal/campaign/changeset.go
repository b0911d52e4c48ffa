package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/report"
)

// Options say what pull requests are like.
type Options struct {
	Forge     forge.Forge
	Fixers    []fix.Fixer // in the order of fix.Order
	Selection config.Selection
	Common    *config.Config // what the owner says for all of their repositories; nil is nothing

	Branch    string // of the pull request
	Base      string // to merge into; "" is the default branch
	Title     string // "" for one that says what is done
	Commits   Commits
	Draft     bool
	Attention forge.Attention
	Owners    bool // ask the code owners of what changes for a review
	Fork      bool // even where a push is allowed
	Clone     bool // even where the forge can be read without
	Rebase    bool // make commits that stand again, if the base branch has moved
	Plan      bool // nothing will be applied
	Resumed   bool // an Apply was cut off: a pull request that is open may lack its Attention

	// Prover builds what is rewritten, in a Clone; nil builds nothing.
	Prover Prover

	Author git.Identity
	Now    func() time.Time
	// Text makes the text of the pull request; nil is the text that report gives.
	Text func(report.Pull) (string, error)
	// Gate is asked before every write, and its error ends the Apply; nil allows all.
	Gate func(context.Context, Write) error
	// Wrote is told of every write, and what came of it; nil tells nobody.
	Wrote func(context.Context, Write, error)
}

// A Write is one that is about to be made.
type Write struct {
	Repository string
	Action     string // "fork", "push", "open", "edit", "attend", "merge", "close", "ask", "close issue"
	Target     string // the branch, the pull request, or the issue
}

// write makes a write that the gate allows. do may tell more of what it wrote.
func (o Options) write(ctx context.Context, w Write, do func(*Write) error) error {
	if o.Gate != nil {
		if err := o.Gate(ctx, w); err != nil {
			return err
		}
	}
	err := do(&w)
	if o.Wrote != nil {
		o.Wrote(ctx, w, err)
	}
	return err
}

// Commits say how a rewrite is split into commits.
type Commits uint8

const (
	OneCommit      Commits = iota // for all fixes
	CommitPerFixer                // one for the fixes of each
)

// A Changeset is what a repository should get.
type Changeset struct {
	Repository forge.Repository
	Base       string   // the branch to merge into
	At         git.Hash // its newest commit; what Tip names if nothing changes, or is planned
	Rewriting  Rewriting
	Steps      []Step // the commits to make, none if nothing changes
	Proposal   forge.Proposal
	Attention  forge.Attention

	copy  forge.Copy
	tree  fs.FS
	asks  bool           // for leave, before anything is proposed
	texts []engine.Other // that change, with what they were
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
	return o.LookAt(ctx, repository)
}

// BaseOf names the branch to merge into. The error wraps ErrEmpty.
func (o Options) BaseOf(repository forge.Repository) (string, error) {
	base := repository.DefaultBranch
	if base != "" && o.Base != "" {
		base = o.Base
	}
	if base == "" {
		return "", fmt.Errorf("%s: %w", repository.Name, ErrEmpty)
	}
	return base, nil
}

// LookAt is Look for a repository that was looked up.
func (o Options) LookAt(ctx context.Context, repository forge.Repository) (*Changeset, error) {
	base, err := o.BaseOf(repository)
	if err != nil {
		return nil, err
	}
	return o.LookOn(ctx, repository, Glance{Base: base})
}

// LookOn is LookAt that begins with what a Glance read.
func (o Options) LookOn(ctx context.Context, repository forge.Repository, seen Glance) (*Changeset, error) {
	for try := 1; ; try++ {
		copy, at := seen.copy, seen.At
		if copy == nil {
			var err error
			if copy, at, err = o.copy(ctx, repository, seen.Base); err != nil {
				return nil, err
			}
		}
		c, err := o.Propose(ctx, repository, copy, seen.Base, at)
		if !errors.Is(err, git.ErrMoved) || try == looksAtOnce {
			return c, err
		}
		seen.copy = nil
	}
}

// looksAtOnce bounds how often a base branch that moves meanwhile is looked at.
const looksAtOnce = 5

// copy looks at the base branch: through the forge where that will do, else in a
// clone.
func (o Options) copy(ctx context.Context, repository forge.Repository, base string) (forge.Copy, git.Hash, error) {
	if reader, ok := o.Forge.(forge.Reader); ok && !o.Clone {
		copy, at, err := reader.Read(ctx, repository, base)
		if !errors.Is(err, forge.ErrTooLarge) {
			return copy, at, err
		}
	}
	return forge.NewClone(ctx, repository, base)
}

// A Glance is where the base branch of a repository is.
type Glance struct {
	Base string   // the branch
	At   git.Hash // names what is there: another name, another content

	copy forge.Copy // that was read for it, nil if none was
}

// Glance looks where the base branch is. The error wraps ErrEmpty or git.ErrNoBranch.
func (o Options) Glance(ctx context.Context, repository forge.Repository) (Glance, error) {
	base, err := o.BaseOf(repository)
	if err != nil {
		return Glance{}, err
	}
	seen := Glance{Base: base}
	if reader, ok := o.Forge.(forge.Reader); ok && !o.Clone {
		seen.copy, seen.At, err = reader.Read(ctx, repository, base)
		if !errors.Is(err, forge.ErrTooLarge) {
			return seen, err
		}
	}
	seen.At, err = git.Tip(ctx, repository.Remote, base)
	return seen, err
}

// Propose finds out what a repository should get on top of a commit of its base
// branch. The error wraps git.ErrMoved if the branch is not there any more.
func (o Options) Propose(ctx context.Context, repository forge.Repository, copy forge.Copy, base string, at git.Hash) (*Changeset, error) {
	tree, err := copy.Files(ctx, at)
	if err != nil {
		return nil, err
	}
	c := &Changeset{Repository: repository, Base: base, At: at, copy: copy, tree: tree, Attention: o.Attention}
	ahead, err := project.Ahead(tree)
	if err != nil {
		return nil, err
	}
	likely := forge.Likely{Files: ahead}
	if o.Plan && !o.Forks(repository) { // else they are asked for when they are needed
		likely.Pulls = forge.Head{Owner: repository.Owner, Branch: o.Branch}
	}
	if err := copy.Ahead(ctx, at, likely); err != nil {
		return nil, err
	}
	if c.Rewriting, err = o.look(ctx, tree); err != nil {
		return nil, err
	}
	if len(c.Rewriting.Changed()) == 0 {
		return c, copy.Err()
	}
	if !o.Plan {
		settled, err := copy.Settle(ctx, at)
		if err != nil {
			return nil, err
		}
		c.At = settled.Hash
	}
	c.texts = c.Rewriting.Texts()
	pull := report.Pull{Files: c.Rewriting.Reports(), Fixers: o.Fixers, Evidence: c.Rewriting.evidence()}
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
	if c.Steps, err = o.steps(ctx, c, tree); err != nil {
		return nil, err
	}
	return c, copy.Err()
}

// Hash names what is proposed: the same for the same commits and the same text, on
// whichever commit of the base. It is "" if nothing is.
func (c *Changeset) Hash() string {
	if len(c.Steps) == 0 && !c.asks {
		return ""
	}
	sum := sha256.New()
	// Nothing here can fail to be encoded.
	_ = json.NewEncoder(sum).Encode([]any{c.Base, c.Proposal, c.Steps})
	return hex.EncodeToString(sum.Sum(nil))
}
