// Package campaign brings rewrites into repositories as pull requests.
//
// Invariants:
//   - Every step looks before it acts: at the branch, then at the pull request. A
//     run that was cut off anywhere and is made again ends with one pull request.
//   - A branch with a commit of somebody else is never touched. A pull request
//     that was closed does not come back.
//   - Configuration and owners are read from the base branch, and are hostile.
//   - A question is asked once, in one issue for all campaigns, and only people who
//     may write to the repository answer it.
//   - What changes nothing writes nothing.
package campaign
