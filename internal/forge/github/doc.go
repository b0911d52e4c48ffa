// Package github is GitHub, on github.com or on a server of one's own, for a token or
// for an App.
//
// A repository is read without a clone: its tree by one call, the files that are likely
// to be opened by one query of GraphQL, and each other file by one more call. Commits are made of trees, and a branch is moved last.
//
// Invariants:
//   - A token goes to the API's own host only, and into no error. An App's is minted
//     again before it ends.
//   - A limit is waited for, never an error. Writes follow each other, a second
//     apart. What was answered before is asked for with its ETag.
//   - A write is not repeated, since it may have been done: whoever made it looks.
//   - What is built on was read: a base that moved meanwhile is git.ErrMoved, and a
//     file that could not be got fails the whole look.
//   - A branch is moved from where it was seen, or not at all.
package github
