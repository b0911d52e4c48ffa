// Package git reads and writes repositories without a checkout: clones are made
// in memory, files are read from trees, and commits are made by replacing files
// in trees.
//
// Invariants:
//   - No hook, filter, submodule or configuration of a repository ever runs, and
//     no git program is started.
//   - What is in a repository is hostile. Symlinks and submodules are never
//     followed and never written through; a path that is not plain is refused.
//   - A branch is only moved from the commit that it was seen at.
//   - A clone in memory is bounded, and so are all of those in a Room.
//   - Credentials live in memory, are asked for at each use, and appear in no URL
//     and no error.
package git
