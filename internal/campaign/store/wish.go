package store

import (
	"context"
	"fmt"
	"strings"
)

// A Want is what somebody can ask for below a pull request.
type Want string

const (
	WantRebase  Want = "rebase"  // make the commits again on top of the base branch
	WantIgnore  Want = "ignore"  // close it, and leave the repository alone
	WantExplain Want = "explain" // say what was done and why
)

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
// number and for the same changeset, is not heeded again.
func (s *Store) Ask(ctx context.Context, app string, comment int64, of Key, w Wish) error {
	return s.in(ctx, func(t tx) error {
		first, err := t.deliver(Delivery{App: app, GUID: fmt.Sprintf("%s %d %s", commentEvent, comment, of.Campaign), Event: commentEvent, Repository: of.Repository}, s.Now())
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
