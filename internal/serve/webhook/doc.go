// Package webhook takes what GitHub, Gitea and Forgejo tell: which pull requests, branches and
// repositories have changed, and what people ask for in comments.
//
// Invariants:
//   - Nothing of a request is read before its signature holds, over the bytes as
//     they came.
//   - A delivery is stored before it is answered, and once; what it asks for is done
//     afterwards, from the database, by whoever comes first.
//   - A delivery only says where to look. What is done follows from what the forge
//     shows then, so one that is late, forged by replay or out of order does no harm.
//   - A comment counts if the forge that it was made on is the campaign's, and says
//     that its author may write.
package webhook
