// Package gitea is Gitea or Forgejo. A repository is read by the API; one that is
// written to, or of which much is read, is cloned.
//
// Invariants: the token goes to the server's own host only, and into no error. A
// limit is waited for. Writes follow each other.
package gitea
