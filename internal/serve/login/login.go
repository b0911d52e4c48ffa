// Package login tells who a visitor is, and what they may do.
//
// Invariants:
//   - A token is compared in constant time, and is kept nowhere but in memory, as
//     its hash. No error has one in it.
//   - A session is in a cookie that only the server can make, that no script reads
//     and that no other site sends along with a write.
//   - What cannot be told is a visitor who may do nothing.
package login

// A Role is what somebody may do. The zero value may do nothing.
type Role uint8

const (
	Nobody   Role = iota
	Reader        // sees everything, changes nothing
	Operator      // starts, pauses, resumes and closes campaigns, and retries
)

func (r Role) String() string {
	switch r {
	case Reader:
		return "reader"
	case Operator:
		return "operator"
	}
	return "nobody"
}

// roleOf is the role of a name, Nobody if there is none.
func roleOf(name string) Role {
	switch name {
	case "reader":
		return Reader
	case "operator":
		return Operator
	}
	return Nobody
}

// A User is a visitor who has logged in. The zero value has not.
type User struct {
	Name string // in the audit log
	Role Role
}

// May reports whether the user has a role, or one that may do more.
func (u User) May(r Role) bool { return u.Role >= r }
