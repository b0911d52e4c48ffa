// Package github is GitHub, on github.com or on a server of one's own.
//
// Invariants: the token goes to the API's own host only, and into no error. A
// limit is waited for, never an error. Writes follow each other, a second apart.
package github
