// Package project answers questions about what surrounds a Dockerfile: the
// files of its build context, the manifests and lockfiles that an install of
// dependencies reads, who builds it, and where Dockerfiles are in the first
// place.
//
// Invariants:
//
//   - Everything is read-only. Nothing is written, run or fetched.
//   - Everything is lazy: a file is read when it is asked for, at most once.
//   - What is read is hostile. A symlink never leads out of the root, only
//     regular files are opened, no file above [maxFileSize] is read, and a
//     malformed manifest is a reason to decline, never a panic.
//   - Paths are slash-separated and relative to the root of the context, "."
//     being the root itself; they are cleaned as COPY cleans its sources, so
//     "/a", "./a" and "../a" all name "a".
//   - A nil *Context stands for "no context is known": every question about
//     it is answered with no.
package project
