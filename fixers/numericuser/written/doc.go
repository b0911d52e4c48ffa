// Package written reads the source of a program for what it writes, and for what
// only root may do.
//
// It is no interpreter: it looks for the calls that write files, and evaluates the
// one expression in each that names the file, as far as string literals, joins and
// constants go. Invariants: a call whose path is not known to lie below a folder
// is a reason to say no, never a guess; so is every mark of what needs root. What
// a variable of the environment names is not known, unless the image sets it.
package written
