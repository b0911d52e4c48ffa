package multistage

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/fix"
)

// A ledger is the account of a split: each effect of the single stage is replayed
// in the runtime stage, copied from the build stage, or left behind for a reason.
type ledger struct {
	notes   []string
	changes []fix.Change
}

func (l *ledger) note(format string, args ...any) {
	n := fmt.Sprintf(format, args...)
	for _, known := range l.notes {
		if known == n {
			return
		}
	}
	l.notes = append(l.notes, n)
}

func (l *ledger) declare(kind fix.ChangeKind, subject string) {
	l.changes = append(l.changes, fix.Change{Kind: kind, Subject: subject})
}

// leave notes what stays in the build stage, and why.
func (l *ledger) leave(what, why string) { l.note("left behind: %s: %s", what, why) }

// commandText is the command as the contract writes it: its words with single
// blanks.
func commandText(e effects.Effect) string {
	if e.Command == nil {
		return "RUN"
	}
	var parts []string
	for _, a := range e.Command.Assigns {
		parts = append(parts, a.Name+"="+a.Value.Raw)
	}
	for _, w := range e.Command.Words {
		parts = append(parts, w.Raw)
	}
	for _, r := range e.Command.Redirects {
		parts = append(parts, r.Op+r.Target.Raw)
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// brief is text fit for a message.
func brief(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return text
}
