package store

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// A Want is what somebody can ask for below a pull request.
type Want string

const (
	WantRebase  Want = "rebase"  // make the commits again on top of the base branch
	WantIgnore  Want = "ignore"  // close it, and leave the repository alone
	WantExplain Want = "explain" // say what was done and why
)

// command is a line of a comment that asks for something.
var command = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?mi)^[ \t]*drydock[ \t]+(rebase|ignore|explain)[ \t]*\r?$`)
})

// WantOf gives what the text of a comment asks for, "" if it asks for nothing.
func WantOf(comment string) Want {
	found := command().FindStringSubmatch(comment)
	if found == nil {
		return ""
	}
	return Want(strings.ToLower(found[1]))
}

// A Wish is what somebody asked for. The zero value is nothing.
type Wish struct {
	Want Want
	Who  string // who may write to the repository
}

func (w Wish) text() string {
	if w.Want == "" {
		return ""
	}
	return string(w.Want) + " " + w.Who
}

func wishOf(text string) Wish {
	want, who, _ := strings.Cut(text, " ")
	return Wish{Want(want), who}
}

// Ask has the next look at a changeset, which is due at once, do what a comment
// asks for, and says so in the audit log. A comment that came before, under its
// number at its forge and for the same changeset, is not heeded again.
func (s *Store) Ask(ctx context.Context, forge string, comment int64, of Key, w Wish) error {
	return s.in(ctx, func(t tx) error {
		first, err := t.deliver(Delivery{App: forge, GUID: fmt.Sprintf("%s %d %s", commentEvent, comment, of.Campaign), Event: commentEvent, Repository: of.Repository}, s.Now())
		if err != nil || !first {
			return err
		}
		n, err := t.exec("UPDATE changeset SET wish = ?, due_at = ?, wakes = wakes + 1 WHERE campaign = ? AND repository = ?", w.text(), stamp(s.Now()), of.Campaign, of.Repository)
		if err != nil || n == 0 {
			return err
		}
		return t.audit(Entry{At: s.Now(), Who: w.Who, Campaign: of.Campaign, Repository: of.Repository, Action: "ask", Target: string(w.Want)})
	})
}
