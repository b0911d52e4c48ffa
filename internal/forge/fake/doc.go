// Package fake is a stand-in for GitHub in tests: a real HTTP server with real
// repositories behind git's own HTTP backend.
//
// Invariants:
//   - Every request and every answer of the REST API is held to GitHub's own
//     published description of it (testdata/github-openapi.json); one that does not
//     fit fails the test. What the tests do not care about is filled in by that
//     description. GraphQL is held to a part of its schema (testdata/github.graphql).
//   - Objects are made by git itself, from what the API was given.
//   - Every request is counted against GitHub's limits, and refused above one.
//   - What goes wrong, goes wrong because a test says so: see Fault and Delivery.
package fake
