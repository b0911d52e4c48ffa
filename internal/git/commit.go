package git

import (
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A File is a new content for a path.
type File struct {
	Path string // slash-separated, from the root of the repository
	Text string
}

// A Draft is a commit to be made.
type Draft struct {
	Parent    Hash
	Files     []File
	Message   string
	Author    Identity
	Committer Identity
	When      time.Time
	// Keeps is a second parent, "" for none: a commit that stays in the history of the
	// branch, though nothing of it in its tree. A draft without Files keeps the tree
	// of its parent.
	Keeps Hash
}

// ErrNothingChanged says that a commit would have the tree of its parent.
var ErrNothingChanged = errors.New("nothing changes")

// Make writes a commit with the files of its parent but for those of the draft,
// and leaves branches as they are. A file that is there keeps its mode; one that
// is not becomes a regular one. A path through or to a symlink, a submodule or a
// folder is refused.
func (r *Repository) Make(d Draft) (Hash, error) {
	parent, err := r.Commit(d.Parent)
	if err != nil {
		return "", err
	}
	texts := map[string]string{}
	for _, f := range d.Files {
		if !IsPlain(f.Path) {
			return "", fmt.Errorf("%q is no path in a repository", f.Path)
		}
		texts[f.Path] = f.Text
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	tree, err := r.replace(plumbing.NewHash(string(parent.Tree)), "", texts)
	if err != nil {
		return "", err
	}
	if Hash(tree.String()) == parent.Tree && d.Keeps == "" {
		return "", ErrNothingChanged
	}
	commit := &object.Commit{
		TreeHash: tree, ParentHashes: []plumbing.Hash{plumbing.NewHash(string(d.Parent))}, Message: d.Message,
		Author:    object.Signature{Name: d.Author.Name, Email: d.Author.Email, When: d.When},
		Committer: object.Signature{Name: d.Committer.Name, Email: d.Committer.Email, When: d.When},
	}
	if d.Keeps != "" {
		commit.ParentHashes = append(commit.ParentHashes, plumbing.NewHash(string(d.Keeps)))
	}
	hash, err := r.store(commit)
	return Hash(hash.String()), err
}

// IsPlain reports whether a path names a file that may be written. Git itself
// refuses a folder .git in any case, for file systems that fold it.
func IsPlain(name string) bool {
	return isPath(name) && !strings.Contains(name, "\\")
}

func segments(name string) []string { return strings.Split(name, "/") }

// replace gives the tree at hash, which lies at dir, with other texts. They are by
// path from there. The lock is held.
func (r *Repository) replace(hash plumbing.Hash, dir string, texts map[string]string) (plumbing.Hash, error) {
	entries := map[string]object.TreeEntry{}
	if hash != plumbing.ZeroHash {
		tree, err := object.GetTree(r.repo.Storer, hash)
		if err != nil {
			return hash, fmt.Errorf("tree of %q: %w", dir, err)
		}
		for _, e := range tree.Entries {
			entries[e.Name] = e
		}
	}
	below := map[string]map[string]string{}
	for name, text := range texts {
		first, rest, nested := strings.Cut(name, "/")
		if nested {
			if below[first] == nil {
				below[first] = map[string]string{}
			}
			below[first][rest] = text
			continue
		}
		e, known := entries[first]
		if known && !modeOf(e.Mode).IsRegular() {
			return hash, &fs.PathError{Op: "write", Path: dir + first, Err: errNotRegular}
		}
		if !known {
			e = object.TreeEntry{Name: first, Mode: filemode.Regular}
		}
		blob, err := r.storeBlob(text)
		if err != nil {
			return hash, err
		}
		e.Hash = blob
		entries[first] = e
	}
	for first, texts := range below {
		e, known := entries[first]
		if known && e.Mode != filemode.Dir {
			return hash, &fs.PathError{Op: "write", Path: dir + first, Err: errNotFolder}
		}
		sub, err := r.replace(e.Hash, dir+first+"/", texts)
		if err != nil {
			return hash, err
		}
		entries[first] = object.TreeEntry{Name: first, Mode: filemode.Dir, Hash: sub}
	}
	tree := &object.Tree{}
	for _, e := range entries {
		tree.Entries = append(tree.Entries, e)
	}
	sort.Sort(object.TreeEntrySorter(tree.Entries))
	return r.store(tree)
}

// store writes an object. The lock is held.
func (r *Repository) store(o object.Object) (plumbing.Hash, error) {
	encoded := r.repo.Storer.NewEncodedObject()
	if err := o.(interface {
		Encode(plumbing.EncodedObject) error
	}).Encode(encoded); err != nil {
		return plumbing.ZeroHash, err
	}
	return r.repo.Storer.SetEncodedObject(encoded)
}

func (r *Repository) storeBlob(text string) (plumbing.Hash, error) {
	encoded := r.repo.Storer.NewEncodedObject()
	encoded.SetType(plumbing.BlobObject)
	w, err := encoded.Writer()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return plumbing.ZeroHash, err
	}
	if err := w.Close(); err != nil {
		return plumbing.ZeroHash, err
	}
	return r.repo.Storer.SetEncodedObject(encoded)
}
