package dependencycopy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// message is what the fix does, in a few words.
func (p *plan) message() string {
	what := p.installs[0].program
	if p.ahead != nil && p.ahead.does != "" {
		what = p.ahead.does
	} else if p.ahead != nil {
		what = strings.Join(strings.Fields(p.ahead.ahead[len(p.ahead.ahead)-1]), " ")
	} else {
		for _, in := range p.installs[1:] {
			what += " and " + in.program
		}
	}
	var names []string
	for _, c := range p.copies {
		names = append(names, c.sources...)
	}
	switch len(names) {
	case 0:
		return fmt.Sprintf("run %s before the source is copied", what)
	case 1, 2, 3:
		return fmt.Sprintf("copy %s first and run %s before the source is copied", list(names), what)
	}
	return fmt.Sprintf("copy %d manifests first and run %s before the source is copied", len(names), what)
}

func list(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// fix turns the plan into edits. The moved instructions go down to the end of the
// target; the manifests take the place of the first of them, or stand in front of the RUN
// where only packages of the system are installed between.
func (p *plan) fix() fix.Fix {
	f := fix.Fix{Safety: fix.Safe, Notes: p.notes}
	above := p.staysForSystem()
	for i, inst := range p.moved {
		if i == 0 && len(p.copies) > 0 && !above {
			f.Edits = append(f.Edits, edit.Replace(inst.WithComments(), p.manifests()))
		} else {
			f.Edits = append(f.Edits, takeOut(inst))
		}
		f.Changes = append(f.Changes, fix.Change{Kind: fix.MoveInstruction, Subject: inst.Text()})
		if edits := p.wordEdits(inst); len(edits) > 0 {
			f.Changes = append(f.Changes, fix.Change{Kind: fix.MoveInstruction, Subject: edited(inst, inst.Span.Start, inst.Span.End, edits)})
		}
		f.Changes = append(f.Changes, p.ownerChanges(inst)...)
	}
	if p.ahead != nil {
		for _, command := range p.ahead.ahead {
			for part := range strings.SplitSeq(command, " | ") {
				f.Changes = append(f.Changes, fix.Change{Kind: fix.AddCommand, Subject: part})
			}
		}
		if p.ahead.more != "" {
			f.Notes = append(f.Notes, p.ahead.more)
		}
	}
	for _, st := range p.stateSteps() {
		for _, c := range st.Commands {
			f.Changes = append(f.Changes, fix.Change{Kind: fix.AddCommand, Subject: c.Text()})
		}
	}
	if above {
		f.Edits = append(f.Edits, edit.Insert(p.run.WithComments().Start, p.manifests()))
	}
	f.Edits = append(f.Edits, p.putBack()...)
	if len(f.Notes) > 0 || p.ahead != nil {
		f.Safety = fix.Review
	}
	first := p.moved[0]
	f.Reads = []source.Span{{Start: first.WithComments().Start, End: p.run.Span.End}}
	f.Claims = []string{fmt.Sprintf("stage:%d/dependencies", p.stage.Index)}
	return f
}

// manifests are the COPY instructions for them, as lines.
func (p *plan) manifests() string {
	var b strings.Builder
	for _, c := range p.copies {
		b.WriteString(c.text() + p.run.File().EOL())
	}
	return b.String()
}

// staysForSystem reports whether all that stays between the first of what moves and the
// RUN installs packages of the system, whose layers no manifest should stand in front of.
func (p *plan) staysForSystem() bool {
	for _, inst := range p.staying {
		if inst.Name != "RUN" {
			return false
		}
		for _, e := range effects.Of(p.stage, inst) {
			switch e.Kind {
			case effects.Installs, effects.Removes, effects.Lists, effects.Nothing:
			default:
				return false
			}
		}
	}
	return len(p.staying) > 0
}

// takeOut removes a moved instruction with its comments. Where it leaves two blank
// lines, one goes too.
func takeOut(inst *syntax.Instruction) edit.Edit {
	file := inst.File()
	span := inst.WithComments()
	above := inst.FirstLine - len(inst.Comments()) - 1
	for next := inst.LastLine + 1; next < len(file.Lines) && above >= 0 &&
		file.Lines[above].Kind == syntax.BlankLine && file.Lines[next].Kind == syntax.BlankLine; next++ {
		span.End = file.Lines[next].End
	}
	return edit.Delete(span)
}

// text is the COPY in the style of the one that it goes before.
func (c manifestCopy) text() string {
	file := c.like.File()
	keyword := "COPY"
	if written := file.Slice(c.like.Keyword); written == strings.ToLower(written) {
		keyword = "copy"
	}
	words := []string{lineIndent(c.like) + keyword}
	for _, f := range c.like.Flags {
		words = append(words, file.Slice(f.Span))
	}
	args := append(append([]string(nil), c.sources...), c.dest)
	if !c.like.JSON && !strings.ContainsAny(strings.Join(args, ""), " \t") {
		return strings.Join(append(words, args...), " ")
	}
	for i, a := range args {
		args[i] = strconv.Quote(a)
	}
	return strings.Join(words, " ") + " [" + strings.Join(args, ", ") + "]"
}

// lineIndent is what stands before the keyword on its line.
func lineIndent(inst *syntax.Instruction) string {
	indent := inst.File().Slice(source.Span{Start: inst.FullLines().Start, End: inst.Keyword.Start})
	return strings.TrimPrefix(indent, source.BOM)
}

// block is the moved instructions with their comments, as lines, with the blank lines
// that the author leaves above them.
func (p *plan) block() string {
	var b strings.Builder
	file := p.run.File()
	for i, inst := range p.moved {
		above := inst.FirstLine - len(inst.Comments()) - 1
		if i > 0 && above >= 0 && file.Lines[above].Kind == syntax.BlankLine {
			b.WriteString(file.EOL())
		}
		lines := inst.WithComments()
		edits := p.wordEdits(inst)
		if owner, ok := p.newOwner(inst); ok {
			edits = append([]edit.Edit{edit.Insert(inst.Keyword.End, " --chown="+owner)}, edits...)
		}
		b.WriteString(edited(inst, lines.Start, lines.End, edits))
	}
	return b.String()
}

// edited is a part of a file with edits made, which are in order.
func edited(inst *syntax.Instruction, start, end int, edits []edit.Edit) string {
	var b strings.Builder
	for _, e := range edits {
		b.WriteString(inst.File().Slice(source.Span{Start: start, End: e.Span.Start}) + e.New)
		start = e.Span.End
	}
	b.WriteString(inst.File().Slice(source.Span{Start: start, End: end}))
	return b.String()
}

// wordEdits are the edits of a moved COPY's words: the manifests among its sources go,
// which a COPY before has brought to the same folder, and its destination is written in
// words that mean the same behind.
func (p *plan) wordEdits(inst *syntax.Instruction) []edit.Edit {
	if inst.Name != "COPY" && inst.Name != "ADD" {
		return nil
	}
	words := inst.Words()
	var edits []edit.Edit
	at, isOneLine := inst.Keyword.End, inst.FirstLine == inst.LastLine
	for _, f := range inst.Flags {
		at = max(at, f.Span.End)
	}
	for _, w := range words[:len(words)-1] {
		if isOneLine && !inst.JSON && p.isCopiedFirst(inst, w.Text) {
			edits = append(edits, edit.Delete(source.Span{Start: at, End: w.Span.End}))
		}
		at = w.Span.End
	}
	if len(edits) == len(words)-1 {
		edits = nil
	}
	if dest, ok := p.newDest(inst); ok {
		edits = append(edits, edit.Replace(words[len(words)-1].Span, dest))
	}
	return edits
}

// isCopiedFirst reports whether a source of a moved COPY is a file that a manifest's
// COPY brings to the same folder.
func (p *plan) isCopiedFirst(inst *syntax.Instruction, word string) bool {
	return slices.ContainsFunc(p.copies, func(c manifestCopy) bool {
		return c.like == inst && slices.Contains(c.sources, clean(word)) && !p.layout.context.IsDir(clean(word)) &&
			slices.ContainsFunc(p.layout.deliveries, func(d delivery) bool {
				return d.by == inst && d.literal && d.source == clean(word) && p.destOf(d, d.source) == c.dest
			})
	})
}

// newDest is the destination of a moved COPY where it has to be written in another
// way.
func (p *plan) newDest(inst *syntax.Instruction) (string, bool) {
	if inst.Name != "COPY" && inst.Name != "ADD" {
		return "", false
	}
	words := inst.Words()
	dest, ok := p.destBehind(inst)
	return dest, ok && dest != words[len(words)-1].Text
}

// isSpaced reports whether the author leaves a blank line above the RUN.
func (p *plan) isSpaced() bool {
	above := p.run.FirstLine - len(p.run.Comments()) - 1
	return above >= 0 && p.run.File().Lines[above].Kind == syntax.BlankLine
}

// putBack writes the moved instructions behind the target.
func (p *plan) putBack() []edit.Edit {
	file := p.run.File()
	eol, blank := file.EOL(), ""
	if p.isSpaced() {
		blank = eol
	}
	keyword := lineIndent(p.run) + file.Slice(p.run.Keyword) + " " + p.flags()
	switch {
	case p.ahead == nil && p.cut == len(p.list):
		return []edit.Edit{p.behind(blank + p.block())}
	case p.cut == 0:
		// The RUN keeps its comments: they are about what it does.
		at := p.run.WithComments().Start
		return []edit.Edit{edit.Insert(at, keyword+strings.Join(p.ahead.ahead, " && ")+eol+blank+p.block()+blank)}
	}
	head := ""
	if p.ahead != nil {
		head = " && " + strings.Join(p.ahead.ahead, " && ")
	}
	joint := source.Span{Start: p.list[p.cut-1].Span.End, End: p.list[p.cut].Span.Start}
	text := head + eol + blank + p.block() + blank + p.commentsIn(joint) + keyword + p.state()
	return []edit.Edit{edit.Replace(joint, text)}
}

// behind inserts lines after the RUN, which may be the end of a file without a
// final line end.
func (p *plan) behind(lines string) edit.Edit {
	file, end := p.run.File(), p.run.FullLines().End
	if end == p.run.Span.End {
		return edit.Insert(end, file.EOL()+strings.TrimSuffix(lines, file.EOL()))
	}
	return edit.Insert(end, lines)
}

// flags are those of the RUN as written, for each part of it.
func (p *plan) flags() string {
	var b strings.Builder
	for _, f := range p.run.Flags {
		b.WriteString(p.run.File().Slice(f.Span) + " ")
	}
	return b.String()
}

// state repeats, for the second part of a cut RUN, what the first part does to its
// shell.
func (p *plan) state() string {
	var b strings.Builder
	for _, st := range p.stateSteps() {
		b.WriteString(p.run.File().Slice(st.Span) + " && ")
	}
	return b.String()
}

// stateSteps are the steps of the first part of a cut RUN that change the shell for
// the second.
func (p *plan) stateSteps() []step {
	if p.cut == len(p.list) {
		return nil
	}
	var changing []step
	for _, st := range p.list[:p.cut] {
		if slices.ContainsFunc(st.Commands, changesShell) {
			changing = append(changing, st)
		}
	}
	return changing
}

// commentsIn gives the comments between two steps as lines of their own.
func (p *plan) commentsIn(joint source.Span) string {
	var b strings.Builder
	file := p.run.File()
	for _, l := range p.run.InnerComments() {
		if joint.Contains(l.Span) {
			b.WriteString(strings.TrimLeft(file.Slice(l.Span), " \t"))
		}
	}
	return b.String()
}
