package packagecleanup

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// sweep adds a command that cleans up behind an invocation, at the first place
// that every way through the script passes. It declines where there is none.
func (l *layer) sweep(r *block, inv pkgmgr.Invocation, note, command string) bool {
	return l.sweepBehind(r, inv.Command, inv, note, command)
}

// sweepBehind is sweep with the command to clean up behind.
func (l *layer) sweepBehind(r *block, c *shell.Command, inv pkgmgr.Invocation, note, command string) bool {
	step, reason := l.placeBehind(r, c, inv)
	if reason != "" {
		l.decline(reason)
		return false
	}
	layout := l.layout(len(command) + len(" && "))
	l.join(layout)
	edits, _ := r.script.InsertAfterIn(layout, step, command)
	l.edit(note, edits...)
	l.change(fix.AddCommand, command)
	l.reshaped = true
	return true
}

// placeBehind is the step behind which a command can clean up behind c, or why there is
// none.
func (l *layer) placeBehind(r *block, c *shell.Command, inv pkgmgr.Invocation) (step int, reason string) {
	script := r.script
	step = script.StepOf(c)
	if step < 0 {
		return 0, "the install stands in a substitution"
	}
	if c.Name() == "exec" {
		return 0, "nothing runs behind exec"
	}
	if user := r.stage.UserAt(r.inst); inv.Manager.System && inv.Sudo() == "" && user.Inst != nil && user.Known && !user.IsRoot() {
		return 0, "it runs as " + user.Name
	}
	for step+1 < len(script.Steps) && (script.Steps[step+1].Op == shell.Or || cleans(script.Steps[step+1], inv.Manager)) {
		step++
	}
	after := source.Span{Start: script.Steps[step].Span.End, End: r.inst.Command.End}
	if script.Form == shell.Shell && strings.HasPrefix(strings.TrimLeft(l.File.Slice(after), " \t;"), "#") {
		return 0, "the RUN ends in a comment"
	}
	if isFunction(l.File.Slice(script.Steps[step].Span)) {
		return 0, "the install stands in a function"
	}
	_, ok := script.InsertAfter(step, "x")
	switch {
	case ok:
		return step, ""
	case script.Form == shell.Exec:
		return 0, "the install is in exec form"
	}
	return 0, "the script has no place for a clean-up behind the install"
}

// cleans reports whether a step cleans up, or removes packages, by itself.
func cleans(step *shell.Step, m *pkgmgr.Manager) bool {
	c := step.Command()
	if c == nil {
		return false
	}
	inv, ok := pkgmgr.Recognise(c)
	return ok && inv.Manager == m && (inv.Action == pkgmgr.Clean || inv.Action == pkgmgr.Remove)
}

func isFunction(text string) bool {
	head, _, found := strings.Cut(text, "{")
	return found && (strings.HasPrefix(text, "function ") || strings.HasSuffix(strings.TrimSpace(head), "()"))
}

// sweepAll adds a manager's clean-up to every RUN of the layer that installs with
// it and leaves its cache behind.
func (l *layer) sweepAll(manager, note string, command func(pkgmgr.Invocation) string) {
	for _, left := range l.leaves(manager) {
		l.sweep(left.block, left.last, note, command(left.last))
	}
}

// A leftover is a RUN that leaves a manager's cache behind, and the last command
// that fills it.
type leftover struct {
	block *block
	last  pkgmgr.Invocation
}

// leaves returns the RUNs of the layer that leave a manager's cache in the image.
func (l *layer) leaves(manager string) []leftover {
	if !l.kept() {
		return nil
	}
	var all []leftover
	for _, r := range l.runs {
		last, ok := r.lastInstall(manager)
		if ok && !coversAny(r, last.Manager.Recipe.Mounted()) && !cleanedBehind(r, last) {
			all = append(all, leftover{r, last})
		}
	}
	return all
}

// lastInstall returns the last command of a manager in the RUN that leaves
// something in its cache.
func (r *block) lastInstall(manager string) (last pkgmgr.Invocation, ok bool) {
	for _, inv := range r.uses {
		if inv.Manager.Name == manager && (inv.Action == pkgmgr.Install || inv.Action == pkgmgr.Upgrade) {
			last, ok = inv, true
		}
	}
	return last, ok
}

// cleanedBehind reports whether the RUN cleans up behind an install by itself.
func cleanedBehind(r *block, inv pkgmgr.Invocation) bool {
	for _, c := range r.script.Commands[at(r, inv)+1:] {
		if other, ok := pkgmgr.Recognise(c); ok && other.Action == pkgmgr.Clean && other.Manager == inv.Manager {
			return true
		}
		if name, _ := c.Runs(); name == inv.Manager.Name && hasWords(c, "cache", "clean") {
			return true
		}
		for _, p := range inv.Manager.Recipe.Paths {
			if removes(c, p) {
				return true
			}
		}
	}
	return false
}

// hasWords reports whether a command has all of the words: npm cache -f clean.
func hasWords(c *shell.Command, words ...string) bool {
	for _, want := range words {
		if !slices.ContainsFunc(c.Words, func(w shell.Word) bool { return w.Value == want }) {
			return false
		}
	}
	return true
}

// removes reports whether a command removes a folder, what is in it, or one above.
func removes(c *shell.Command, dir string) bool {
	name, args := c.Runs()
	if name != "rm" && name != "find" {
		return false
	}
	for _, w := range args {
		if w.IsFlag() {
			continue
		}
		value := home(w.Value)
		if open := strings.IndexByte(value, '{'); open >= 0 && strings.HasPrefix(dir, value[:open]) && open > 1 {
			return true // /var/lib/{apt,dpkg,cache,log}
		}
		if isUnder(value, dir) || len(value) > 1 && isUnder(dir, strings.TrimSuffix(strings.TrimRight(value, "*."), "/")) {
			return true
		}
	}
	return false
}

// home writes a path below a home directory with ~.
func home(name string) string {
	for _, h := range []string{"$HOME", "${HOME}", "/root"} {
		if rest, ok := strings.CutPrefix(name, h); ok {
			return "~" + rest
		}
	}
	return name
}

// isUnder reports whether name is dir or lies in it.
func isUnder(name, dir string) bool {
	rest, ok := strings.CutPrefix(name, dir)
	return ok && dir != "" && (rest == "" || rest[0] == '/')
}

func isUnderAny(name string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return isUnder(name, dir) })
}

// covered reports whether a cache mount of the RUN holds a folder.
func covered(r *block, dir string) bool {
	for _, target := range r.mounts {
		if target = home(target); isUnder(dir, target) || isUnder(target, dir) {
			return true
		}
	}
	for _, f := range r.inst.Flags {
		if f.Name != "mount" || !strings.Contains(f.Value, "type=cache") && !strings.Contains(f.Value, "type=tmpfs") {
			continue
		}
		for _, option := range strings.Split(f.Value, ",") {
			key, target, _ := strings.Cut(option, "=")
			target = home(strings.TrimSuffix(target, "/"))
			if (key == "target" || key == "dst" || key == "destination") && (isUnder(dir, target) || isUnder(target, dir)) {
				return true
			}
		}
	}
	return false
}

func coversAny(r *block, dirs []string) bool {
	for _, d := range dirs {
		if covered(r, d) {
			return true
		}
	}
	return false
}

// without takes a step out of a script, and the comments that are about it alone.
func (l *layer) without(r *block, step int) ([]edit.Edit, bool) {
	edits, ok := r.script.Remove(step)
	if !ok {
		return nil, false
	}
	for _, comment := range l.dropComments(r.script.CommentsOf(step)) {
		edits = append(edits, edit.Delete(comment.Span))
	}
	return edits, true
}

// dropComments declares that the comments of a command go with it, and returns them.
// What looks like code that the author keeps for later stays, and so does what is over
// a line: it may say more.
func (l *layer) dropComments(lines []syntax.Line) []syntax.Line {
	if len(lines) != 1 || l.File.IsCommentedOut(lines[0]) {
		return nil
	}
	l.change(fix.DropComment, l.File.CommentText(lines[0]))
	return lines
}

// withoutPath takes folders out of an rm: the whole step if nothing else is left.
func (l *layer) withoutPath(r *block, step int, c *shell.Command, dirs ...string) ([]edit.Edit, bool) {
	if len(c.Redirects) > 0 {
		return nil, false
	}
	var gone, kept []int
	for i, w := range c.Words[1:] {
		switch {
		case w.IsFlag():
		case isUnderAny(home(w.Value), dirs):
			gone = append(gone, i+1)
		default:
			kept = append(kept, i+1)
		}
	}
	switch {
	case len(gone) == 0:
		return nil, false
	case len(kept) == 0:
		return l.without(r, step)
	}
	var all []edit.Edit
	for _, i := range gone {
		edits, ok := c.RemoveWord(i)
		if !ok {
			return nil, false
		}
		all = append(all, edits...)
	}
	return all, true
}

// rest is the text of a command without the words below folders.
func rest(c *shell.Command, dirs ...string) string {
	var kept []string
	for i, w := range c.Words {
		if i == 0 || w.IsFlag() || !isUnderAny(home(w.Value), dirs) {
			kept = append(kept, w.Raw)
		}
	}
	return strings.Join(kept, " ")
}
