// Package syntax reads a Dockerfile without losing a byte.
//
// Invariants:
//   - Parse never fails. What is wrong with a file is a value in File.Problems.
//   - Concatenating the spans of File.Lines gives the file back, for any bytes.
//   - Wherever BuildKit's parser accepts a file, the instructions, flags,
//     arguments and heredocs here are the ones it sees; a differential fuzz test
//     holds that. BuildKit's own tree is not used: it knows lines only and drops
//     comments.
//   - The tree is immutable. Operators return edits; nothing is printed from it.
//
// An instruction is read in two steps, as Docker does: its physical lines are
// joined (continuations removed, comment lines dropped) into a logical line, a
// Joined, and that is cut into keyword, flags and arguments. Every offset of a
// Joined maps back to the file.
package syntax
