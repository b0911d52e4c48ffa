// Package serve is the dashboard: pages about campaigns, what an operator does with
// them, webhooks, metrics and health.
//
// Invariants:
//   - Every route stands in one table with what it takes to use it; what is not
//     said to be open is for those who have logged in, and what writes is for
//     operators, with a form token, from the same site.
//   - Pages run no script and no style but the server's own files, and work
//     without any script.
//   - What comes from a repository is text: escaped, bounded, and shown where it
//     would steer how it is read.
//   - The rows of the store are the truth; nothing is kept here.
package serve
