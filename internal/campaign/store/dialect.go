package store

import (
	"strconv"
	"strings"
)

// A dialect is what differs between the databases.
type dialect struct {
	name   string // that migrations go by
	serial string // the type of a key that counts up
	lock   string // ends a SELECT whose rows nobody else may change meanwhile
	turns  string // taken first in a migration, so that one process makes it
	marked bool   // arguments are $1, $2, not ?
}

var (
	// SQLite's transactions begin with the lock for writing: _txlock=immediate.
	sqlite   = dialect{name: "sqlite", serial: "INTEGER PRIMARY KEY AUTOINCREMENT"}
	postgres = dialect{
		name: "postgres", serial: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", marked: true,
		lock: " FOR UPDATE", turns: "SELECT pg_advisory_xact_lock(7274756)",
	}
)

// query writes a statement with ? for its arguments as the database wants it. No
// statement here has a ? in a text.
func (d dialect) query(statement string) string {
	if !d.marked {
		return statement
	}
	var out strings.Builder
	n := 0
	for part := range strings.SplitSeq(statement, "?") {
		if n > 0 {
			out.WriteString("$" + strconv.Itoa(n))
		}
		out.WriteString(part)
		n++
	}
	return out.String()
}
