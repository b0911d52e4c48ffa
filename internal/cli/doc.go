// Package cli is drydock's command line.
//
// Invariants: what a command reads and writes is injected, so a test runs the
// same code as a user; results go to standard output and everything else to
// standard error; no file is ever half written, and none is written that
// changed since it was read; what is held in memory does not grow with the
// number of files.
package cli
