package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/storage/memory"
)

// A Hash names an object, in hexadecimal. The zero value names none.
type Hash string

// ErrNoBranch says that a repository has no branch of the name asked for, as an
// empty repository has none at all.
var ErrNoBranch = errors.New("there is no such branch")

// ErrNoCommit says that a repository does not hold a commit, as a clone does not
// hold those before it.
var ErrNoCommit = errors.New("there is no such commit here")

// Credentials gives what a remote asks for, afresh for each use: a token may have
// a life of an hour. A nil Credentials is anonymous.
type Credentials func(context.Context) (user, secret string, err error)

// A Remote is a repository that is reached over HTTP, or one in a folder here.
type Remote struct {
	URL         string // without user or password
	Credentials Credentials
	Dir         string // of a bare repository; URL is not looked at then
}

func (at Remote) String() string {
	if at.Dir != "" {
		return at.Dir
	}
	return at.URL
}

// A Repository is a clone in memory, or one on disk of which only objects and
// branches are used. It may be used from several goroutines.
type Repository struct {
	mu   sync.Mutex // go-git's storages do not all bear concurrent use
	repo *gogit.Repository
}

// Open opens a repository on disk, bare or with a working tree, which stays as it
// is.
func Open(dir string) (*Repository, error) {
	repo, err := gogit.PlainOpenWithOptions(dir, &gogit.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	if errors.Is(err, gogit.ErrRepositoryNotExists) {
		repo, err = gogit.PlainOpen(dir) // a bare one has no .git to be detected
	}
	if errors.Is(err, gogit.ErrRepositoryNotExists) {
		return nil, fmt.Errorf("%s: no git repository", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &Repository{repo: repo}, nil
}

// Clone gives the newest commit of a branch, in memory and without the history
// before it. What lies in a folder is opened there. The error wraps ErrTooLarge for one
// that takes more than LargestClone; in a Room a clone waits for its place.
func Clone(ctx context.Context, remote Remote, branch string) (*Repository, Hash, error) {
	if remote.Dir != "" {
		r, err := Open(remote.Dir)
		if err != nil {
			return nil, "", err
		}
		head, err := r.Fetch(ctx, remote, branch, 1)
		return r, head, err
	}
	room := guestOf(ctx)
	if err := room.grow(ctx, 0, waits); err != nil {
		return nil, "", err
	}
	for {
		r, head, err := receive(ctx, remote, branch, room)
		if !errors.Is(err, errNoPlace) {
			return r, head, err
		}
		if err := room.larger(ctx); err != nil {
			return nil, "", err
		}
	}
}

// receive is Clone that does not wait for a larger place. What does not come whole is
// dropped.
func receive(ctx context.Context, remote Remote, branch string, room *guest) (*Repository, Hash, error) {
	storage := &bounded{Storage: memory.NewStorage(), ctx: ctx, room: room}
	repo, err := gogit.Init(storage, nil)
	if err != nil {
		return nil, "", err
	}
	r := &Repository{repo: repo}
	head, err := r.Fetch(ctx, remote, branch, 1)
	if err != nil {
		room.shrink(storage.bytes)
		return nil, "", err
	}
	storage.how = waits // it is whole, and so is what comes on top
	return r, head, nil
}

// Fetch brings the newest commits of a branch, depth of them, and gives the
// newest. The error wraps ErrNoBranch if the remote lacks the branch. A remote in
// a folder is the repository itself.
func (r *Repository) Fetch(ctx context.Context, remote Remote, branch string, depth int) (Hash, error) {
	if remote.Dir != "" {
		return r.Branch(branch)
	}
	auth, err := remote.auth(ctx)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	local := plumbing.ReferenceName("refs/drydock/" + branch)
	spec := config.RefSpec("+" + string(plumbing.NewBranchReferenceName(branch)) + ":" + string(local))
	err = r.remote(remote).FetchContext(ctx, &gogit.FetchOptions{
		RefSpecs: []config.RefSpec{spec}, Depth: depth, Tags: gogit.NoTags, Auth: auth, Force: true,
	})
	err = hush(err, auth)
	var missing gogit.NoMatchingRefSpecError
	switch {
	case errors.Is(err, gogit.NoErrAlreadyUpToDate):
	case errors.As(err, &missing), errors.Is(err, transport.ErrEmptyRemoteRepository):
		return "", fmt.Errorf("%s: %s: %w", remote, branch, ErrNoBranch)
	case err != nil:
		return "", remote.failed("fetch", err)
	}
	ref, err := r.repo.Reference(local, true)
	if err != nil {
		return "", remote.failed("fetch", err)
	}
	return Hash(ref.Hash().String()), nil
}

// Branch gives the commit that a branch of this repository is at.
func (r *Repository) Branch(name string) (Hash, error) {
	return r.reference(plumbing.NewBranchReferenceName(name))
}

// RemoteBranch gives the commit that a branch of origin was at when the clone
// last looked.
func (r *Repository) RemoteBranch(name string) (Hash, error) {
	return r.reference(plumbing.NewRemoteReferenceName("origin", name))
}

func (r *Repository) reference(name plumbing.ReferenceName) (Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ref, err := r.repo.Reference(name, true)
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		return "", fmt.Errorf("%s: %w", name.Short(), ErrNoBranch)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name.Short(), err)
	}
	return Hash(ref.Hash().String()), nil
}

// DefaultBranch names the branch that the clone takes for the main one: origin's
// HEAD where it is known, else the branch that is checked out.
func (r *Repository) DefaultBranch() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range []plumbing.ReferenceName{plumbing.NewRemoteHEADReferenceName("origin"), plumbing.HEAD} {
		ref, err := r.repo.Reference(name, false)
		if err != nil || ref.Type() != plumbing.SymbolicReference {
			continue
		}
		return strings.TrimPrefix(ref.Target().Short(), "origin/"), nil
	}
	return "", errors.New("HEAD is on no branch")
}

// OriginURL gives the URL that the clone came from, "" if it has none.
func (r *Repository) OriginURL() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	remote, err := r.repo.Remote("origin")
	if err != nil || len(remote.Config().URLs) == 0 {
		return ""
	}
	return remote.Config().URLs[0]
}

// remoteName is what a remote is called while it is used.
const remoteName = "drydock"

func (r *Repository) remote(at Remote) *gogit.Remote {
	return gogit.NewRemote(r.repo.Storer, &config.RemoteConfig{Name: remoteName, URLs: []string{at.URL}})
}

func (at Remote) auth(ctx context.Context) (transport.AuthMethod, error) {
	if !strings.HasPrefix(at.URL, "https://") && !strings.HasPrefix(at.URL, "http://") {
		return nil, fmt.Errorf("%s: only HTTP remotes are reached", at.URL)
	}
	if at.Credentials == nil {
		return nil, nil
	}
	user, secret, err := at.Credentials(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: credentials: %w", at, err)
	}
	return &http.BasicAuth{Username: user, Password: secret}, nil
}

func (at Remote) failed(what string, err error) error {
	return fmt.Errorf("%s %s: %w", what, at, err)
}

// An Identity is an author or a committer.
type Identity struct{ Name, Email string }

// A Commit is what is known of one.
type Commit struct {
	Hash, Tree        Hash
	Parents           []Hash
	Author, Committer Identity
	When              time.Time
	Message           string
}

// Commit reads a commit.
func (r *Repository) Commit(hash Hash) (Commit, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.repo.CommitObject(plumbing.NewHash(string(hash)))
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return Commit{}, fmt.Errorf("commit %s: %w", hash, ErrNoCommit)
	}
	if err != nil {
		return Commit{}, fmt.Errorf("commit %s: %w", hash, err)
	}
	found := Commit{
		Hash: hash, Tree: Hash(c.TreeHash.String()), When: c.Committer.When, Message: c.Message,
		Author:    Identity{c.Author.Name, c.Author.Email},
		Committer: Identity{c.Committer.Name, c.Committer.Email},
	}
	for _, p := range c.ParentHashes {
		found.Parents = append(found.Parents, Hash(p.String()))
	}
	return found, nil
}
