// Package fake is a stand-in for GitHub in tests: a real HTTP server with real
// repositories behind git's own HTTP backend.
//
// Invariants: every request and every answer of the API is held to GitHub's own
// published description of it (testdata/github-openapi.json); one that does not
// fit fails the test. What the tests do not care about is filled in by that
// description.
package fake
