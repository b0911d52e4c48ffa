package packagecleanup

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// A layer is what becomes one RUN: a single RUN, or several that are joined. It
// collects what the families do to it, and makes one fix of that.
type layer struct {
	*file
	stage   *build.Stage
	runs    []*block
	have    packages // before the layer
	updated *fetch   // whose lists lie in a layer before; nil without one

	fix      fix.Fix
	did      []string // what the fix does, in a few words each
	declined []string
	columns  int // what the edits add to a line
	joined   bool
	fetches  bool     // an update is added
	swept    bool     // the package lists are removed
	reshaped bool     // steps are added
	named    packages // what the layer names, in the order of its commands
	along    []along  // what the fix adds to that
}

// kept reports whether an image keeps the layer's files.
func (l *layer) kept() bool { return l.stage.IsKept() || l.runs[0].onBuild() }

// last is the RUN that the others are joined to.
func (l *layer) last() *block { return l.runs[len(l.runs)-1] }

// uses returns the commands of a manager in the layer.
func (l *layer) uses(managers ...string) []pkgmgr.Invocation {
	var uses []pkgmgr.Invocation
	for _, r := range l.runs {
		for _, inv := range r.uses {
			for _, name := range managers {
				if inv.Manager.Name == name {
					uses = append(uses, inv)
				}
			}
		}
	}
	return uses
}

// edit adds edits to the fix; note says what they do.
func (l *layer) edit(note string, edits ...edit.Edit) {
	l.fix.Edits = append(l.fix.Edits, edits...)
	for _, e := range edits {
		l.columns += max(0, len(e.New)-e.Len())
	}
	l.note(note)
}

func (l *layer) note(note string) {
	for _, d := range l.did {
		if d == note {
			return
		}
	}
	l.did = append(l.did, note)
}

func (l *layer) change(kind fix.ChangeKind, subject string) {
	l.fix.Changes = append(l.fix.Changes, fix.Change{Kind: kind, Subject: subject})
}

func (l *layer) decline(reason string) {
	for _, d := range l.declined {
		if d == reason {
			return
		}
	}
	l.declined = append(l.declined, reason)
}

// layout is how steps are added to the layer, given all edits so far.
func (l *layer) layout(extra int) shell.Layout {
	scripts := make([]*shell.Script, len(l.runs))
	for i, r := range l.runs {
		scripts[i] = r.script
	}
	return shell.LayoutOf(l.columns+extra, scripts...)
}

// join makes one RUN of the layer's.
func (l *layer) join(layout shell.Layout) {
	if l.joined || len(l.runs) == 1 {
		return
	}
	l.joined = true
	for i, r := range l.runs[1:] {
		l.fix.Edits = append(l.fix.Edits, shell.Join(layout, l.runs[i].script, r.script)...)
	}
}

// addFlag puts an option behind the verb of an invocation and the options that
// follow the verb.
func (l *layer) addFlag(note string, inv pkgmgr.Invocation, flag string) {
	at := max(inv.Verb, inv.Program)
	for at+1 < len(inv.Command.Words) && inv.Command.Words[at+1].IsFlag() && !inv.TakesValue(at+1) {
		at++
	}
	l.edit(note, inv.Command.InsertWord(at, flag)...)
}

func (l *layer) report() {
	l.join(l.layout(0))
	at := l.runs[0].inst.Span
	if len(l.along) > 0 {
		l.fix.Notes = append(l.fix.Notes, alongNote(l.along))
	}
	if len(l.fix.Edits) > 0 {
		if l.fix.Safety == fix.ShowOnly {
			l.fix.Safety = fix.Safe
		}
		for _, r := range l.runs {
			l.fix.Reads = append(l.fix.Reads, r.inst.Span)
		}
		l.Apply(at, strings.Join(l.did, "; "), l.fix)
	}
	for _, reason := range l.declined {
		l.Decline(at, "%s", reason)
	}
}

// declineUnread tells of each RUN that cannot be read and names a package manager.
func (l *layer) declineUnread() {
	for _, r := range l.runs {
		if r.script.Opaque == "" {
			continue
		}
		for _, word := range strings.FieldsFunc(r.inst.Args.Text, isBetweenWords) {
			if pkgmgr.ByName(word) != nil {
				l.Decline(r.inst.Span, "what it does with %s is not known: %s", word, r.script.Opaque)
				break
			}
		}
	}
}

func isBetweenWords(r rune) bool { return strings.ContainsRune(" \t\r\n;&|()\"'`", r) }

// review marks the fix as one that changes the image.
func (l *layer) review() { l.fix.Safety = fix.Review }
