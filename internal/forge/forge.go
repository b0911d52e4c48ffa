// Package forge says what drydock asks of a place that hosts repositories and
// takes pull requests. Its subpackages are such places.
//
// Invariants: every call does one thing and may be made again; nothing here
// decides what should be done. What a forge sends back is not trusted further
// than it is shown to people.
package forge

import (
	"context"
	"errors"
	"iter"

	"github.com/drydock-dev/drydock/internal/git"
)

var (
	// ErrNotFound says that there is no such repository, or that the credentials
	// do not show it.
	ErrNotFound = errors.New("no such repository, or not for these credentials")

	// ErrExists says that the branch has an open pull request already.
	ErrExists = errors.New("there is a pull request of this branch already")
)

// A Forge hosts repositories.
type Forge interface {
	// Repository looks up "owner/name", or whatever names a repository there. The
	// error wraps ErrNotFound.
	Repository(ctx context.Context, name string) (Repository, error)

	// Common names the repository in which an owner keeps what is for all of theirs.
	Common(owner string) string

	// Fork gives the fork of a repository that belongs to the credentials' owner,
	// made if there is none, once it can be pushed to.
	Fork(ctx context.Context, of Repository) (Repository, error)

	// Pulls lists the pull requests to a repository from a branch, open and not,
	// newest first.
	Pulls(ctx context.Context, to Repository, from Head) ([]Pull, error)

	// Open makes a pull request. The error wraps ErrExists if there is one.
	Open(ctx context.Context, to Repository, from Head, p Proposal) (Pull, error)

	// Edit gives a pull request another title and text.
	Edit(ctx context.Context, to Repository, number int, p Proposal) error

	// Attend adds labels and people to a pull request, and has it merge by itself.
	// What could not be done is told, and the rest is.
	Attend(ctx context.Context, to Repository, p Pull, a Attention) error

	// Close closes a pull request without merging it. One that is closed stays so.
	Close(ctx context.Context, to Repository, number int) error

	// Waits says what keeps a pull request from being merged now, "" if nothing does:
	// its branch is at a commit, which was checked, and all of its checks passed.
	Waits(ctx context.Context, to Repository, number int, at git.Hash) (string, error)

	// Merge merges a pull request, if its branch is at a commit.
	Merge(ctx context.Context, to Repository, number int, at git.Hash) error

	// Comment says something below a pull request, in Markdown.
	Comment(ctx context.Context, to Repository, number int, text string) error

	// MayWrite reports whether a user may push to a repository. The error wraps
	// ErrNotFound if there is no such user.
	MayWrite(ctx context.Context, to Repository, user string) (bool, error)

	// DeleteBranch removes a branch that is at a commit. One that is gone is no
	// error; one that is elsewhere stays, and the error wraps git.ErrMoved.
	DeleteBranch(ctx context.Context, of Repository, branch string, at git.Hash) error

	// OpenIssue says something to a repository that has no pull request yet, in
	// Markdown.
	OpenIssue(ctx context.Context, to Repository, title, text string) (Issue, error)

	// Issues lists the issues that these credentials opened in a repository, newest
	// first.
	Issues(ctx context.Context, in Repository) ([]Issue, error)

	// Remarks lists what people said below an issue, oldest first: the newest of it, as
	// far as MaxRemarks.
	Remarks(ctx context.Context, in Repository, number int) ([]Remark, error)

	// Comments lists what people said below a pull request, as Remarks does.
	Comments(ctx context.Context, in Repository, pull int) ([]Remark, error)

	// CloseIssue gives an issue a last text and closes it.
	CloseIssue(ctx context.Context, in Repository, number int, text string) error

	// List gives repositories with their facts, those of one owner by name. An error
	// ends it, and wraps ErrNotFound for an owner who is not there. An empty
	// repository may be listed with a default branch that is not there yet.
	List(ctx context.Context, whose Owner) iter.Seq2[Repository, error]
}

// An Owner is whose repositories are listed. The zero value is everybody, as far as
// the credentials show.
type Owner struct {
	Name string
	User bool // a user, not an organisation
}

// A Repository is one that a forge hosts.
type Repository struct {
	ID            string // by which the forge knows it, "" if that is its name
	Name          string // "owner/name"
	Owner         string
	DefaultBranch string // "" in an empty repository
	Archived      bool
	MayPush       bool
	Fork          bool
	Language      string   // the main one, "" if it is not known
	Topics        []string // by which its owners find it
	Remote        git.Remote
}

// A Head is the branch that a pull request would merge.
type Head struct {
	Owner  string // of the repository that has the branch
	Branch string
}

// State is what became of a pull request.
type State string

const (
	Open   State = "open"
	Closed State = "closed" // without being merged
	Merged State = "merged"
)

// A Pull is a pull request.
type Pull struct {
	Number      int
	URL         string
	State       State
	Base        string
	Title, Body string
}

// An Issue is one that asks something.
type Issue struct {
	Number      int
	URL         string
	Open        bool
	Title, Text string
}

// A Remark is a comment below an issue or a pull request.
type Remark struct {
	ID           int64 // later ones have greater ones
	Author, Text string
}

// MaxRemarks bounds the comments of an issue or a pull request that are read.
const MaxRemarks = 1000

// A Proposal is what a pull request says.
type Proposal struct {
	Title, Body string
	Base        string // the branch to merge into
	Draft       bool
}

// Attention is whom and what a pull request gets.
type Attention struct {
	Labels    []string
	Reviewers []string // users
	Teams     []string // of the owner, without it
	Assignees []string
	AutoMerge bool
}

// IsEmpty reports whether there is nothing to do.
func (a Attention) IsEmpty() bool {
	return len(a.Labels)+len(a.Reviewers)+len(a.Teams)+len(a.Assignees) == 0 && !a.AutoMerge
}
