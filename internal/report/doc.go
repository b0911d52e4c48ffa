// Package report says what a run did: as a unified diff, as lines of text, as
// JSON.
//
// Invariants: a diff applies with "git apply" and "patch -p1" in the folder that
// its paths are relative to, and gives the new text byte for byte; a report is
// written file by file and never holds more than one of them.
package report
