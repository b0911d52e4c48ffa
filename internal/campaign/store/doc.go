// Package store keeps what drydock knows of campaigns: the rows here are the
// truth, and a queue only says when to look at one again.
//
// Invariants:
//   - The same statements run on SQLite and PostgreSQL; what differs is in
//     dialect.go and in two migrations.
//   - Several processes and machines may use one database. Whatever must not
//     happen twice or too often (a pull request above a cap, a request above a
//     limit, a webhook that comes again) is decided in one transaction.
//   - What was written to a forge stands in the audit log, which the database
//     itself lets nobody change.
//   - No secret is ever stored. A token is named by whose it is.
//   - A time is stored as milliseconds since 1970, the zero time as 0.
package store
