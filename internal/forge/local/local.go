// Package local is a forge of bare repositories in a folder, to try everything
// without a server or a token. The pull requests of one.git are kept beside it in
// one.pulls.json, and issues in one.issues.json.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// A Forge is the folder that the repositories lie in. A name is the way from
// there, with or without ".git".
type Forge struct{ Dir string }

// A record is what the file beside a repository says of one pull request.
type record struct {
	forge.Pull
	Branch string
	forge.Attention
	Draft    bool
	Comments []string `json:",omitempty"`
}

func (f Forge) Repository(_ context.Context, name string) (forge.Repository, error) {
	if !filepath.IsLocal(name) {
		return forge.Repository{}, fmt.Errorf("%s: %w", name, forge.ErrNotFound)
	}
	name = strings.TrimSuffix(name, ".git")
	dir := filepath.Join(f.Dir, name+".git")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return forge.Repository{}, missing("there is no repository " + dir)
	}
	repo, err := git.Open(dir)
	if err != nil {
		return forge.Repository{}, err
	}
	found := forge.Repository{Name: filepath.ToSlash(name), MayPush: true, Remote: git.Remote{Dir: dir}}
	if owner, _, inFolder := strings.Cut(found.Name, "/"); inFolder {
		found.Owner = owner
	}
	found.DefaultBranch, err = repo.DefaultBranch()
	if err != nil {
		return found, fmt.Errorf("%s: %w", dir, err)
	}
	if _, err := repo.Branch(found.DefaultBranch); errors.Is(err, git.ErrNoBranch) {
		found.DefaultBranch = "" // HEAD of an empty repository names a branch to come
	}
	return found, nil
}

// Common is named as it is on GitHub, in the owner's folder.
func (f Forge) Common(owner string) string { return path.Join(owner, ".github") }

// List gives the bare repositories in the folder of an owner, or everywhere, by
// name. A folder tells neither topics nor languages.
func (f Forge) List(ctx context.Context, whose forge.Owner) iter.Seq2[forge.Repository, error] {
	return func(yield func(forge.Repository, error) bool) {
		names, err := f.names(whose)
		if err != nil {
			yield(forge.Repository{}, err)
			return
		}
		for _, name := range names {
			found, err := f.Repository(ctx, name)
			if !yield(found, err) || err != nil {
				return
			}
		}
	}
}

// missing is a forge.ErrNotFound of a folder, to which credentials are nothing.
type missing string

func (m missing) Error() string        { return string(m) }
func (m missing) Is(target error) bool { return target == forge.ErrNotFound }

func (f Forge) names(whose forge.Owner) (names []string, err error) {
	top := filepath.Join(f.Dir, filepath.FromSlash(whose.Name))
	if info, err := os.Stat(top); whose.Name != "" && !filepath.IsLocal(whose.Name) || err != nil || !info.IsDir() {
		return nil, missing("there is no folder " + top)
	}
	err = filepath.WalkDir(top, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || filepath.Ext(name) != ".git" {
			return err
		}
		if below, err := filepath.Rel(f.Dir, name); err != nil {
			return err
		} else if entry.Name() != ".git" { // that of a working tree
			names = append(names, strings.TrimSuffix(filepath.ToSlash(below), ".git"))
		}
		return fs.SkipDir
	})
	return names, err
}

// Fork is never needed: whoever can read the folder may push.
func (f Forge) Fork(_ context.Context, of forge.Repository) (forge.Repository, error) {
	return of, fmt.Errorf("%s: repositories in a folder are not forked", of.Name)
}

func (f Forge) Pulls(_ context.Context, to forge.Repository, from forge.Head) ([]forge.Pull, error) {
	all, err := read[record](f.file(to))
	if err != nil {
		return nil, err
	}
	var found []forge.Pull
	for _, r := range slices.Backward(all) {
		if r.Branch == from.Branch {
			found = append(found, r.Pull)
		}
	}
	return found, nil
}

func (f Forge) Open(ctx context.Context, to forge.Repository, from forge.Head, p forge.Proposal) (forge.Pull, error) {
	unlock, err := f.lock(ctx, to)
	if err != nil {
		return forge.Pull{}, err
	}
	defer unlock()
	all, err := read[record](f.file(to))
	if err != nil {
		return forge.Pull{}, err
	}
	for _, r := range all {
		if r.Branch == from.Branch && r.State == forge.Open {
			return forge.Pull{}, fmt.Errorf("%s: %s: %w", to.Name, from.Branch, forge.ErrExists)
		}
	}
	made := record{Branch: from.Branch, Draft: p.Draft, Pull: forge.Pull{
		Number: len(all) + 1, State: forge.Open, Base: p.Base, Title: p.Title, Body: p.Body,
		URL: fmt.Sprintf("%s#%d", f.file(to), len(all)+1),
	}}
	return made.Pull, write(f.file(to), append(all, made))
}

func (f Forge) Edit(ctx context.Context, to forge.Repository, number int, p forge.Proposal) error {
	return f.change(ctx, to, number, func(r *record) { r.Title, r.Body, r.Base = p.Title, p.Body, p.Base })
}

func (f Forge) Attend(ctx context.Context, to forge.Repository, p forge.Pull, a forge.Attention) error {
	return f.change(ctx, to, p.Number, func(r *record) { r.Attention = a })
}

func (f Forge) Close(ctx context.Context, to forge.Repository, number int) error {
	return f.change(ctx, to, number, func(r *record) {
		if r.State == forge.Open {
			r.State = forge.Closed
		}
	})
}

// Waits always does: nothing checks what lies in a folder.
func (f Forge) Waits(context.Context, forge.Repository, int, git.Hash) (string, error) {
	return "nothing has checked it", nil
}

func (f Forge) Merge(_ context.Context, to forge.Repository, number int, _ git.Hash) error {
	return fmt.Errorf("merge pull request %d of %s: nothing merges in a folder", number, to.Name)
}

func (f Forge) Comment(ctx context.Context, to forge.Repository, number int, text string) error {
	return f.change(ctx, to, number, func(r *record) { r.Comments = append(r.Comments, text) })
}

// perPull is how many comments of a pull request have numbers of their own.
const perPull = 1 << 20

// Comments gives those that stand beside the repository. Who writes there does not say
// who they are.
func (f Forge) Comments(_ context.Context, in forge.Repository, pull int) ([]forge.Remark, error) {
	all, err := read[record](f.file(in))
	if err != nil {
		return nil, err
	}
	if pull < 1 || pull > len(all) {
		return nil, fmt.Errorf("%s has no pull request %d", in.Name, pull)
	}
	var found []forge.Remark
	for i, text := range all[pull-1].Comments {
		found = append(found, forge.Remark{ID: int64(pull)*perPull + int64(i), Author: "somebody", Text: text})
	}
	return found[max(0, len(found)-forge.MaxRemarks):], nil
}

// MayWrite is true of everybody: a folder has no users, and who can answer beside a
// repository can write to it.
func (f Forge) MayWrite(context.Context, forge.Repository, string) (bool, error) { return true, nil }

func (f Forge) DeleteBranch(_ context.Context, of forge.Repository, branch string, at git.Hash) error {
	repo, err := git.Open(of.Remote.Dir)
	if err != nil {
		return err
	}
	return repo.DeleteBranch(branch, at)
}

func (f Forge) change(ctx context.Context, to forge.Repository, number int, change func(*record)) error {
	unlock, err := f.lock(ctx, to)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := read[record](f.file(to))
	if err != nil {
		return err
	}
	if number < 1 || number > len(all) {
		return fmt.Errorf("%s has no pull request %d", to.Name, number)
	}
	change(&all[number-1])
	return write(f.file(to), all)
}

func (f Forge) file(to forge.Repository) string {
	return strings.TrimSuffix(to.Remote.Dir, ".git") + ".pulls.json"
}

// betweenTries of a lock that another process holds.
const betweenTries = 10 * time.Millisecond

// lock keeps other processes from changing the pull requests of a repository. The
// system ends it with the process.
func (f Forge) lock(ctx context.Context, to forge.Repository) (unlock func(), err error) {
	lock := flock.New(f.file(to) + ".lock")
	if _, err := lock.TryLockContext(ctx, betweenTries); err != nil {
		return nil, fmt.Errorf("lock %s: %w", f.file(to), err)
	}
	return func() { lock.Close() }, nil
}

// read reads a list that lies beside a repository.
func read[T any](name string) ([]T, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []T
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

func write[T any](name string, all []T) error {
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	part := name + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(part, name)
}
