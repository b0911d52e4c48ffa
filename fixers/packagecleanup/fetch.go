package packagecleanup

// RUN apt-get update && apt-get install -y jq
// COPY . /app
// RUN apt-get install -y libxml2
//   =>
// RUN apt-get update && apt-get install -y jq && rm -rf /var/lib/apt/lists/*
// COPY . /app
// RUN apt-get update && apt-get install -y libxml2 && rm -rf /var/lib/apt/lists/*
//
// Lists that one RUN leaves for others stay in the image, and are old ones where its
// layer comes out of the build cache. Each RUN that installs from them fetches its own
// instead, by the author's command. All of them do, or none: a reader that is left
// would find no lists.
//
// Declined: readers that are no plain install, or run under a condition; a change of the
// repositories that no update followed, which a new one would bring to light; a script
// of unknown content, which may read the lists; an update with options of its own; more
// than mostFetches readers.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// mostFetches is how many RUNs may come to fetch lists that one fetched before: each
// costs a build some seconds, and the image loses one copy of the lists in all.
const mostFetches = 4

// A fetch is an update of apt whose lists lie in a layer.
type fetch struct {
	layer   *layer
	update  pkgmgr.Invocation
	readers *readers // nil until they are asked for
}

func (f *fetch) line() int { return f.layer.lineOf(f.layer.blockOf(f.update).inst) }

// fetchAnew has the layer fetch the lists that another one left.
func (l *layer) fetchAnew() {
	if l.updated == nil || l.updates() {
		return
	}
	readers := l.updated.read()
	if readers.reason != "" {
		return
	}
	for _, r := range l.runs {
		c := readers.first[r.inst]
		if c == nil {
			continue
		}
		inv, _ := pkgmgr.Recognise(c)
		command := inv.Sudo() + commandOf(l.updated.update)
		layout := l.layout(len(command) + len(" && ") + len(" && rm -rf /var/lib/apt/lists/*"))
		edits, _ := r.script.InsertBeforeIn(layout, r.script.StepOf(c), command)
		l.edit("fetch the package lists in the RUN that installs", edits...)
		l.change(fix.AddCommand, command)
		l.fetches, l.reshaped = true, true
		return
	}
}

// commandOf is an update as its author wrote it, without sudo and variables.
func commandOf(update pkgmgr.Invocation) string {
	var words []string
	for _, w := range update.Command.Words[update.Program:] {
		words = append(words, w.Raw)
	}
	return strings.Join(words, " ")
}

// readers are the RUNs that install from the lists of a fetch.
type readers struct {
	// first are the commands that an update goes before, by RUN. A RUN that will be
	// joined to the one before it needs none.
	first  map[*syntax.Instruction]*shell.Command
	reason string // why they cannot fetch lists of their own
	about  bool   // the reason names a reader

	layer *layer // that fetches
	last  *block // the reader before
	doubt string // what may have happened to the lists or to the repositories
}

// read finds the readers of the lists, in the stage and in those built on it.
func (f *fetch) read() *readers {
	if f.readers != nil {
		return f.readers
	}
	l := f.layer
	w := &readers{layer: l, last: l.last(), first: map[*syntax.Instruction]*shell.Command{}}
	f.readers = w
	for _, r := range l.runs {
		for _, c := range r.script.Commands[max(0, at(r, f.update)):] {
			w.doubtCommand(r.inst, c)
		}
	}
	if w.reason = f.whyNot(); w.reason == "" {
		w.walk(l.stage, l.stage.Instructions[l.stage.IndexOf(l.last().inst)+1:])
		w.about = w.reason != ""
	}
	if w.reason == "" {
		w.reason = w.whyKept(f)
	}
	return w
}

// plainUpdateFlags change nothing about which lists an update fetches.
var plainUpdateFlags = []string{"-y", "--yes", "--assume-yes", "-q", "-qq", "--quiet", "-yq", "-qy", "-qqy", "-yqq", "-m", "--fix-missing", "--allow-releaseinfo-change"}

// notAsked stands for no reason but the style, or a stage whose lists no image keeps.
const notAsked = "the lists may stay"

// whyNot is what about the update itself keeps others from fetching in its stead.
func (f *fetch) whyNot() string {
	l, c := f.layer, f.update.Command
	isSetting := func(a shell.Assign) bool {
		return !strings.HasPrefix(a.Name, "DEBIAN_") && !strings.HasPrefix(a.Name, "DEBCONF_")
	}
	isOwn := func(i int) bool { return !slices.Contains(plainUpdateFlags, c.Words[i].Value) }
	switch {
	case l.Settings.CacheMounts || !l.kept():
		return notAsked
	case c.Conditional:
		return "the update runs under a condition"
	case slices.ContainsFunc(f.update.Flags, isOwn), len(f.update.Operands) > 0, slices.ContainsFunc(c.Assigns, isSetting):
		return "the update has settings of its own"
	}
	return ""
}

// whyKept is why the lists would stay in their layer even if nothing read them.
func (w *readers) whyKept(f *fetch) string {
	l := f.layer
	if last, ok := l.lastReading(); ok {
		r := l.blockOf(last)
		_, reason := l.placeBehind(r, l.lastReader(r, last), last)
		return reason
	}
	for inst := range w.first {
		if !slices.Contains(l.stage.Instructions, inst) {
			return "the lists are for the stages built on this one"
		}
	}
	if !l.canDropUpdate() {
		return "the update stands amid other commands"
	}
	return ""
}

// walk goes through the instructions behind a fetch, up to the next one.
func (w *readers) walk(s *build.Stage, rest []*syntax.Instruction) {
	for _, inst := range rest {
		end := w.visit(s, inst)
		if end || w.reason != "" {
			return
		}
	}
	for _, next := range s.Model().Stages[s.Index+1:] {
		if next.Base == s {
			branch := *w
			branch.last = nil
			branch.walk(next, next.Instructions)
			w.reason = branch.reason
		}
		if w.reason != "" {
			return
		}
	}
}

// visit reads one instruction, and reports whether the lists end there.
func (w *readers) visit(s *build.Stage, inst *syntax.Instruction) (end bool) {
	f := w.layer.file
	r := f.block(s, inst)
	if r == nil || r.onBuild() || r.script.Opaque != "" {
		if inst.Trigger != nil {
			inst = inst.Trigger
		}
		w.doubtSources(inst, inst.Text())
		w.reason, _ = f.reads(s, inst)
		return false
	}
	reads := false
	for _, c := range r.script.Commands {
		reason, updated := f.readsLeft(s, inst, c)
		switch {
		case updated || removes(c, aptLists):
			return true
		case reason != "" && !reads:
			w.add(s, r, c, reason)
			reads = true
		}
		if w.reason != "" {
			return true
		}
		w.doubtCommand(inst, c)
		if name := f.unknownScript(s, inst, c); name != "" && w.doubt == "" {
			w.doubt = fmt.Sprintf("%s in line %d may do so too", name, f.lineOf(inst))
		}
	}
	return reads && !s.IsKept() // the lists of a stage that no image keeps may stay
}

// unknownScript is the script that a command runs and that nothing tells of, "" for
// none: programs that are installed and the configure of a source tree install nothing.
func (f *file) unknownScript(s *build.Stage, inst *syntax.Instruction, c *shell.Command) string {
	name := origin.ScriptOf(c)
	switch base := path.Base(name); {
	case name == "", base == "configure", base == "autogen.sh":
		return ""
	case !strings.HasSuffix(base, ".sh") && slices.ContainsFunc([]string{"/bin/", "/sbin/", "/init.d/"}, func(dir string) bool { return strings.Contains(name, dir) }):
		return ""
	}
	if _, known := f.scriptOf(s, inst, c); known {
		return ""
	}
	return name
}

// add takes in the first command of a RUN that reads the lists.
func (w *readers) add(s *build.Stage, r *block, c *shell.Command, reason string) {
	inv, ok := pkgmgr.Recognise(c)
	last := w.last
	w.last = r
	switch {
	case !ok || inv.Manager != aptManager || inv.Action != pkgmgr.Install && inv.Action != pkgmgr.Upgrade || covered(r, aptLists):
		w.reason = reason
		return
	case w.doubt != "":
		w.reason = reason + ", and " + w.doubt
		return
	case c.Conditional:
		w.reason = reason + " under a condition"
		return
	case last != nil && joins(last, r):
		return
	}
	if _, ok := r.script.InsertBefore(r.script.StepOf(c), "x"); !ok {
		w.reason = reason + ", and the script has no place to fetch them in"
		return
	}
	w.first[r.inst] = c
	if len(w.first) > mostFetches {
		w.reason = fmt.Sprintf("more than %d RUNs install from these lists, and each would have to fetch them", mostFetches)
	}
}

// joins reports whether one RUN that installs will be joined to the one before it.
func joins(r, next *block) bool {
	s := r.stage
	return next.stage == s && s.IsKept() && s.IndexOf(next.inst) == s.IndexOf(r.inst)+1 && shell.WhyNotJoin(r.script, next.script) == "" &&
		isOnly(r, pkgmgr.Update, pkgmgr.Install) && isOnly(next, pkgmgr.Install) && installs(r)
}

// sourceWords stand in what may change the repositories of apt.
var sourceWords = []string{"/etc/apt", "sources.list", "apt-key", "add-apt-repository", "apt-add-repository", "add-architecture"}

func (w *readers) doubtSources(inst *syntax.Instruction, text string) {
	if w.doubt == "" && slices.ContainsFunc(sourceWords, func(word string) bool { return strings.Contains(text, word) }) {
		w.doubt = fmt.Sprintf("no update follows what line %d does to the repositories", w.layer.lineOf(inst))
	}
}

// doubtCommand is doubtSources for a command. A package that is installed from a file
// can bring a repository along.
func (w *readers) doubtCommand(inst *syntax.Instruction, c *shell.Command) {
	w.doubtSources(inst, c.Text())
	name, args := c.Runs()
	isFile := func(arg shell.Word) bool { return strings.HasSuffix(arg.Value, ".deb") }
	isInstall := func(arg shell.Word) bool { return arg.Value == "-i" || arg.Value == "--install" }
	if w.doubt == "" && (name == "dpkg" && slices.ContainsFunc(args, isInstall) || strings.HasPrefix(name, "apt") && slices.ContainsFunc(args, isFile)) {
		w.doubt = fmt.Sprintf("no update follows the package that line %d installs from a file", w.layer.lineOf(inst))
	}
}

// dropUpdate takes out an update whose lists a later one replaces before anything
// reads them.
//
//	RUN apt-get update
//	COPY . /app
//	RUN apt-get update && apt-get install -y jq
//	  =>
//	COPY . /app
//	RUN apt-get update && apt-get install -y jq
func (l *layer) dropUpdate() bool {
	if !l.canDropUpdate() || !l.isReplaced() {
		return false
	}
	const note = "drop an update that nothing reads"
	r := l.last()
	if isOnly(r, pkgmgr.Update, pkgmgr.Clean) {
		for _, c := range r.script.Commands {
			l.change(fix.DropCommand, l.File.Slice(c.Span))
		}
		comments := l.dropComments(r.inst.OwnComments())
		l.edit(note, r.inst.Remove(len(comments)))
		return true
	}
	last := len(r.script.Steps) - 1
	edits, _ := l.without(r, last)
	l.edit(note, edits...)
	l.change(fix.DropCommand, l.File.Slice(r.script.Steps[last].Span))
	return true
}

// canDropUpdate reports whether the layer updates and does nothing else, or updates at
// its end.
func (l *layer) canDropUpdate() bool {
	r := l.last()
	if len(l.runs) > 1 || r.onBuild() || r.script.Form == shell.Exec || covered(r, aptLists) {
		return false
	}
	if isOnly(r, pkgmgr.Update, pkgmgr.Clean) {
		return true
	}
	last := len(r.script.Steps) - 1
	if last < 0 || r.script.Steps[last].Op != shell.And {
		return false
	}
	c := r.script.Steps[last].Command()
	if c == nil || len(c.Redirects) > 0 {
		return false
	}
	inv, ok := pkgmgr.Recognise(c)
	_, removable := r.script.Remove(last)
	return ok && removable && inv.Manager == aptManager && inv.Action == pkgmgr.Update
}

// isReplaced reports whether a later update of the stage fetches the lists anew, and
// nothing before it may read them.
func (l *layer) isReplaced() bool {
	for _, inst := range l.stage.Instructions[l.stage.IndexOf(l.last().inst)+1:] {
		r := l.block(l.stage, inst)
		if r == nil || r.onBuild() {
			if inst.Trigger != nil {
				return false
			}
			continue
		}
		if r.script.Opaque != "" {
			return false
		}
		for _, c := range r.script.Commands {
			reason, updated := l.readsLeft(l.stage, inst, c)
			switch {
			case updated:
				return true
			case reason != "" || l.unknownScript(l.stage, inst, c) != "":
				return false
			}
		}
	}
	return false
}
