package git

import (
	"context"
	"errors"
	"fmt"
	"strings"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage"
	"github.com/go-git/go-git/v5/storage/memory"
)

var (
	// ErrMoved says that a branch is no longer where it was seen.
	ErrMoved = errors.New("the branch has moved meanwhile")

	// ErrRefused says that the credentials do not allow a push.
	ErrRefused = errors.New("the push is refused")

	// ErrForced says that a branch did not take a commit that does not come after the
	// one that it is at.
	ErrForced = errors.New("the branch takes no push by force")
)

// A Move takes a branch from one commit to another.
type Move struct {
	Branch string
	From   Hash // where the branch was seen; "" if it was not there
	To     Hash
}

// Push moves a branch of a remote, with the commits that it lacks. The error wraps
// ErrMoved if the branch is not at From.
func (r *Repository) Push(ctx context.Context, remote Remote, m Move) error {
	if remote.Dir != "" {
		return r.setBranch(m)
	}
	auth, err := remote.auth(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	to := r.remote(remote)
	name := plumbing.NewBranchReferenceName(m.Branch)
	at, err := branchAt(ctx, to, name, auth)
	if err != nil {
		return remote.pushFailed(err)
	}
	switch at {
	case m.To:
		return nil
	case m.From:
	default:
		return fmt.Errorf("%s: %s: %w", remote, m.Branch, ErrMoved)
	}
	options := &gogit.PushOptions{
		RefSpecs:   []config.RefSpec{config.RefSpec(fmt.Sprintf("+%s:%s", m.To, name))},
		RemoteName: remoteName, Auth: auth,
	}
	if m.From != "" {
		options.RequireRemoteRefs = []config.RefSpec{config.RefSpec(fmt.Sprintf("%s:%s", m.From, name))}
	}
	err = hush(to.PushContext(ctx, options), auth)
	// The library tells of a reference that was refused by nothing but this text.
	if err != nil && m.From != "" && strings.HasPrefix(err.Error(), "command error on ") {
		return fmt.Errorf("push %s: %w: %w", remote, ErrForced, err)
	}
	if err != nil && !errors.Is(err, gogit.NoErrAlreadyUpToDate) {
		return remote.pushFailed(err)
	}
	return nil
}

// Tip gives the newest commit of a branch of a remote, and brings nothing. The
// error wraps ErrNoBranch.
func Tip(ctx context.Context, remote Remote, branch string) (Hash, error) {
	if remote.Dir != "" {
		r, err := Open(remote.Dir)
		if err != nil {
			return "", err
		}
		return r.Branch(branch)
	}
	auth, err := remote.auth(ctx)
	if err != nil {
		return "", err
	}
	repo, err := gogit.Init(memory.NewStorage(), nil)
	if err != nil {
		return "", err
	}
	r := &Repository{repo: repo}
	at, err := branchAt(ctx, r.remote(remote), plumbing.NewBranchReferenceName(branch), auth)
	switch {
	case err != nil:
		return "", remote.failed("look at", err)
	case at == "":
		return "", fmt.Errorf("%s: %s: %w", remote, branch, ErrNoBranch)
	}
	return at, nil
}

// branchAt gives the commit of a remote branch, "" if there is none.
func branchAt(ctx context.Context, remote *gogit.Remote, name plumbing.ReferenceName, auth transport.AuthMethod) (Hash, error) {
	refs, err := remote.ListContext(ctx, &gogit.ListOptions{Auth: auth})
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return "", nil
	}
	if err != nil {
		return "", hush(err, auth)
	}
	for _, ref := range refs {
		if ref.Name() == name {
			return Hash(ref.Hash().String()), nil
		}
	}
	return "", nil
}

func (at Remote) pushFailed(err error) error {
	if errors.Is(err, transport.ErrAuthenticationRequired) || errors.Is(err, transport.ErrAuthorizationFailed) ||
		errors.Is(err, transport.ErrRepositoryNotFound) {
		return fmt.Errorf("push %s: %w: %w", at.URL, ErrRefused, err)
	}
	return at.failed("push", err)
}

// setBranch moves a branch of the repository itself.
func (r *Repository) setBranch(m Move) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := plumbing.NewBranchReferenceName(m.Branch)
	next := plumbing.NewHashReference(name, plumbing.NewHash(string(m.To)))
	if m.From != "" {
		return moved(m, r.repo.Storer.CheckAndSetReference(next, plumbing.NewHashReference(name, plumbing.NewHash(string(m.From)))))
	}
	switch at, err := r.repo.Reference(name, true); {
	case err == nil && at.Hash() == next.Hash():
		return nil
	case err == nil:
		return moved(m, storage.ErrReferenceHasChanged)
	case !errors.Is(err, plumbing.ErrReferenceNotFound):
		return err
	}
	return r.repo.Storer.SetReference(next)
}

// DeleteBranch removes a branch of the repository itself that is at a commit. The
// error wraps ErrMoved if it is elsewhere; one that is gone is none.
func (r *Repository) DeleteBranch(name string, at Hash) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	ref := plumbing.NewBranchReferenceName(name)
	found, err := r.repo.Reference(ref, true)
	switch {
	case errors.Is(err, plumbing.ErrReferenceNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case Hash(found.Hash().String()) != at:
		return fmt.Errorf("%s: %w", name, ErrMoved)
	}
	return r.repo.Storer.RemoveReference(ref)
}

func moved(m Move, err error) error {
	if errors.Is(err, storage.ErrReferenceHasChanged) {
		return fmt.Errorf("%s: %w", m.Branch, ErrMoved)
	}
	return err
}
