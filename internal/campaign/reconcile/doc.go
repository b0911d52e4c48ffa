// Package reconcile brings one repository after the other to where its campaign
// wants it.
//
// Invariants:
//   - A step starts from what the forge shows, not from what was done before. It
//     may be cut off anywhere and made again.
//   - Every write passes the gate: the campaign's stage, pauses, windows, and the
//     caps. It is in the audit log before it is made.
//   - What is held back or over budget is no failure. A failure is kept with its
//     cause, and tried again later and later.
//   - A step of a repository in which nothing happened reads its row of the forge,
//     the tip of a branch and, if there is a pull request, that.
package reconcile
