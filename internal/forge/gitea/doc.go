// Package gitea is Gitea or Forgejo. Repositories are cloned; the API is for what git
// cannot do.
//
// Invariants: the token goes to the server's own host only, and into no error. A
// limit is waited for. Writes follow each other.
package gitea
