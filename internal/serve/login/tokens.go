package login

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
)

// MinToken is the length that a token has at least, in bytes: one that is made of
// random letters is then beyond guessing, without a limit on attempts that would
// lock people out.
const MinToken = 20

// Tokens are those that log in, by hash.
type Tokens struct{ all []known }

type known struct {
	hash [sha256.Size]byte
	user User
}

// ParseTokens reads "NAME:ROLE:TOKEN,...", where a role is reader or operator. The
// error names no token.
func ParseTokens(text string) (Tokens, error) {
	var t Tokens
	for i, entry := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' }) {
		parts := strings.SplitN(strings.TrimSpace(entry), ":", 3)
		if len(parts) != 3 || parts[0] == "" {
			return Tokens{}, fmt.Errorf("entry %d is not of the form NAME:ROLE:TOKEN", i+1)
		}
		role := roleOf(parts[1])
		if role == Nobody {
			return Tokens{}, fmt.Errorf("the role of entry %d is neither reader nor operator", i+1)
		}
		if len(parts[2]) < MinToken {
			return Tokens{}, fmt.Errorf("the token of entry %d is shorter than %d characters", i+1, MinToken)
		}
		t.all = append(t.all, known{sha256.Sum256([]byte(parts[2])), User{parts[0], role}})
	}
	return t, nil
}

// NewToken makes a token for one operator.
func NewToken(name string) (string, Tokens) {
	token := rand.Text()
	return token, Tokens{[]known{{sha256.Sum256([]byte(token)), User{name, Operator}}}}
}

// IsEmpty reports whether nobody can log in by token.
func (t Tokens) IsEmpty() bool { return len(t.all) == 0 }

// Mark names a token in sessions. It cannot be turned back.
func Mark(token string) string {
	hash := sha256.Sum256([]byte(token))
	return markOf(hash)
}

func markOf(hash [sha256.Size]byte) string {
	again := sha256.Sum256(append([]byte("session "), hash[:]...))
	return hex.EncodeToString(again[:16])
}

// Marked gives the user of a token by its mark, the zero value if the token is one
// no more.
func (t Tokens) Marked(mark string) User {
	for _, k := range t.all {
		if markOf(k.hash) == mark {
			return k.user
		}
	}
	return User{}
}

// Who gives the user of a token, the zero value if there is none. It takes as long
// for every token.
func (t Tokens) Who(token string) User {
	hash := sha256.Sum256([]byte(token))
	var found User
	for _, k := range t.all {
		if subtle.ConstantTimeCompare(hash[:], k.hash[:]) == 1 {
			found = k.user
		}
	}
	return found
}
