package forge

import (
	"context"
	"slices"

	"github.com/drydock-dev/drydock/internal/git"
)

// A Watcher is a forge that tells where many repositories stand for less than a look
// at each.
type Watcher interface {
	// Stand tells where a repository stands now. It is not known where the forge does
	// not say all of it; then it is found out one by one.
	Stand(ctx context.Context, of Repository, ask Stance) (standing Standing, known bool, err error)
}

// A Stance is what a Watcher is asked for.
type Stance struct {
	Branch string // where it is
	Pulls  Head   // whose pull requests; zero: none
	Pull   int    // of which the last comment; 0: none
}

// A Standing is where a repository stands.
type Standing struct {
	At    []git.Hash // all names of what is on the branch, as Reader.Read may give them
	Pulls []Pull     // newest first
	Said  int64      // the number of the newest comment, 0 if there is none
}

// Is reports whether the branch is where Reader.Read found it.
func (s Standing) Is(at git.Hash) bool { return slices.Contains(s.At, at) }
