package forge

import (
	"context"
	"errors"
	"io/fs"

	"github.com/drydock-dev/drydock/internal/git"
)

// ErrTooLarge says that a repository can only be looked at in a clone.
var ErrTooLarge = errors.New("the tree is too large for the API")

// A Reader is a forge whose repositories can be looked at and changed without a
// clone.
type Reader interface {
	// Read looks at a branch. at names what it found, for Copy.Files: the same for as
	// long as the branch stays. The error wraps git.ErrNoBranch or ErrTooLarge.
	Read(ctx context.Context, of Repository, branch string) (copy Copy, at git.Hash, err error)

	// Bot is the name of the author that the forge gives to the commits of these
	// credentials, "" if they are as they were asked for.
	Bot(ctx context.Context, of Repository) (string, error)
}

// A Copy is a repository as it is looked at and changed: a clone, or the API of a
// forge in its place.
type Copy interface {
	// Files gives the files of a commit. They may be got as they are read, until ctx
	// ends. The error wraps git.ErrNoCommit if it is out of reach.
	Files(ctx context.Context, at git.Hash) (fs.FS, error)

	// Ahead gets together what is likely to be asked for, where that is cheaper than
	// one by one. It need not get all.
	Ahead(ctx context.Context, at git.Hash, likely Likely) error

	// Pulls gives the pull requests from a branch, newest first, as they were when
	// Ahead got them; not known if it did not.
	Pulls(from Head) (pulls []Pull, known bool)

	// Err says why a file could not be got. What was found out by reading files does
	// not count if it is not nil.
	Err() error

	// Settle gives the commit that the base branch was found at, to build on. The
	// error wraps git.ErrMoved if the branch is not there any more.
	Settle(ctx context.Context, at git.Hash) (git.Commit, error)

	// Fetch looks at another branch, of this repository or a fork, and gives its
	// newest commit; up to depth commits can then be asked for. The error wraps
	// git.ErrNoBranch.
	Fetch(ctx context.Context, from Repository, branch string, depth int) (git.Commit, error)

	// Series gives the commits of a branch that was fetched back to base, as
	// git.Repository.Series does. The error wraps git.ErrNotPlain.
	Series(ctx context.Context, head, base git.Hash, limit int) ([]git.Commit, error)

	// Advance makes commits, each on the one before and the first on the settled
	// commit, and takes a branch there from where it was seen, "" if it was not. It
	// gives the last commit. The error wraps git.ErrMoved if the branch is elsewhere,
	// git.ErrRefused, or git.ErrNothingChanged.
	Advance(ctx context.Context, to Repository, branch string, from git.Hash, drafts []git.Draft) (git.Hash, error)
}

// Likely is what is about to be asked for.
type Likely struct {
	Files []string // of a commit, the likeliest first
	Pulls Head     // the branch whose pull requests are; the zero value is none
}

// A Clone is a Copy that is a clone.
type Clone struct{ *git.Repository }

// NewClone clones a branch in memory.
func NewClone(ctx context.Context, of Repository, branch string) (Clone, git.Hash, error) {
	repository, at, err := git.Clone(ctx, of.Remote, branch)
	return Clone{repository}, at, err
}

func (c Clone) Files(_ context.Context, at git.Hash) (fs.FS, error) { return c.Repository.Files(at) }

func (c Clone) Ahead(context.Context, git.Hash, Likely) error { return nil }

func (c Clone) Pulls(Head) ([]Pull, bool) { return nil, false }

func (c Clone) Err() error { return nil }

func (c Clone) Settle(_ context.Context, at git.Hash) (git.Commit, error) { return c.Commit(at) }

func (c Clone) Fetch(ctx context.Context, from Repository, branch string, depth int) (git.Commit, error) {
	at, err := c.Repository.Fetch(ctx, from.Remote, branch, depth)
	if err != nil {
		return git.Commit{}, err
	}
	return c.Commit(at)
}

func (c Clone) Series(_ context.Context, head, base git.Hash, limit int) ([]git.Commit, error) {
	return c.Repository.Series(head, base, limit)
}

func (c Clone) Advance(ctx context.Context, to Repository, branch string, from git.Hash, drafts []git.Draft) (git.Hash, error) {
	var at git.Hash
	for i, d := range drafts {
		if i > 0 {
			d.Parent = at
		}
		next, err := c.Make(d)
		if err != nil {
			return "", err
		}
		at = next
	}
	return at, c.Push(ctx, to.Remote, git.Move{Branch: branch, From: from, To: at})
}

var _ Copy = Clone{}
