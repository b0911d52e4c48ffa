package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// fix writes the split: the build stage stays where it is, less what only the
// runtime stage has; the runtime stage goes below its last instruction; what
// stands further below is the runtime stage's as it is.
func (pl *plan) fix() fix.Fix {
	last := pl.lastOfBuild()
	f := pl.stage.Model().File
	edits := []edit.Edit{pl.nameStage()}
	edits = append(edits, pl.setUp()...)
	edits = append(edits, pl.joined...)
	for i, at := range pl.places {
		switch {
		case i > last && at.runtime && at.text != "":
			edits = append(edits, edit.Replace(at.inst.Span, at.text))
		case i > last && at.runtime:
		case !at.build:
			edits = append(edits, edit.Delete(pl.block(i)))
		case len(at.removed) > 0:
			for i := len(at.removed) - 1; i >= 0; i-- {
				gone, _ := pl.stage.Script(at.inst).Remove(at.removed[i])
				edits = append(edits, gone...)
			}
		}
	}
	edits = append(edits, edit.Insert(pl.places[last].inst.FullLines().End, pl.runtimeStage(last)))
	pl.declareSplit()
	return fix.Fix{
		Safety:  fix.Review,
		Edits:   edits,
		Reads:   []source.Span{{Start: 0, End: len(f.Text)}},
		Claims:  []string{"stages"},
		Changes: pl.changes,
		Notes:   pl.notes,
	}
}

func (pl *plan) lastOfBuild() int {
	last := 0
	for i, at := range pl.places {
		if at.build || at.text != "" {
			last = i
		}
	}
	return last
}

// block is the lines of the i-th instruction with its comments, and the blank line
// that its leaving, with that of its neighbours before, would double.
func (pl *plan) block(i int) source.Span {
	f := pl.places[i].inst.File()
	s := pl.places[i].inst.WithComments()
	start := s.Start
	for i--; i >= 0 && !pl.places[i].build && pl.places[i].inst.FullLines().End == start && (i <= pl.lastOfBuild() || !pl.places[i].runtime); i-- {
		start = pl.places[i].inst.WithComments().Start
	}
	before := start == 0 || strings.TrimSpace(f.Slice(f.LineAt(start-1))) == ""
	for before && s.End < len(f.Text) && strings.TrimSpace(f.Slice(f.LineAt(s.End))) == "" {
		s.End = f.AfterLine(s.End)
	}
	return s
}

// nameStage turns "FROM image" into "FROM image AS build".
func (pl *plan) nameStage() edit.Edit {
	from := pl.stage.From
	words := from.Words()
	if len(words) == 3 {
		return edit.Replace(words[2].Span, pl.buildName())
	}
	return edit.Insert(words[0].Span.End, " "+from.Cased("AS")+" "+pl.buildName())
}

func (pl *plan) buildName() string {
	if pl.stage.Name == "build" {
		return "builder"
	}
	return "build"
}

// setUp makes the tree in front of the first install, and copies the manifests in
// front of the first that reads one.
func (pl *plan) setUp() []edit.Edit {
	first := pl.firstOfManifests()
	reader := first
	if pl.reader != nil {
		reader = pl.reader
	}
	var tree []string
	for _, l := range append(append([]string{}, pl.tree.setup...), pl.tree.env...) {
		tree = append(tree, cased(first.inst, l))
	}
	copies := pl.copyManifests(reader.inst)
	above, copiesAbove := pl.firstOfCopies(first), pl.firstOfCopies(reader)
	if above == copiesAbove {
		tree, copies = append(tree, copies...), nil
	}
	var edits []edit.Edit
	if len(tree) > 0 {
		edits = append(edits, above.InsertAbove(tree...))
	}
	if len(copies) > 0 {
		edits = append(edits, copiesAbove.InsertAbove(copies...))
	}
	return edits
}

// firstOfCopies is the first of the copies right in front of an install, or that
// install.
func (pl *plan) firstOfCopies(install *place) *syntax.Instruction {
	i := pl.index(install)
	for i > 0 && pl.places[i-1].build && pl.places[i-1].inst.Name == "COPY" {
		i--
	}
	return pl.places[i].inst
}

// firstOfManifests is the first install that may read manifests, which PHP's
// extensions do not.
func (pl *plan) firstOfManifests() *place {
	for _, at := range pl.places {
		if at.builds || at.depends && slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
			return e.Kind == effects.Depends && e.Install.Manager != phpExtensions
		}) {
			return at
		}
	}
	return pl.firstInstall()
}

func cased(inst *syntax.Instruction, line string) string {
	keyword, rest, _ := strings.Cut(line, " ")
	return inst.Cased(keyword) + " " + rest
}

// copyManifests are the COPY instructions for manifests that only a copy of the
// whole context brought, one for each folder that they go to.
func (pl *plan) copyManifests(first *syntax.Instruction) []string {
	var dests []string
	files := map[string][]string{}
	for _, m := range pl.manifests {
		dest := path.Dir(m.name)
		if pl.pass.Context.IsDir(m.file) {
			dest = m.name // COPY takes what is in a folder, not the folder
		}
		if files[dest] == nil {
			dests = append(dests, dest)
		}
		files[dest] = append(files[dest], m.file)
	}
	var lines []string
	for _, dest := range dests {
		lines = append(lines, first.Cased("COPY")+" "+strings.Join(files[dest], " ")+" "+pl.relative(first, dest))
	}
	return lines
}

// relative is a folder as a destination of COPY, from the working directory if it
// lies there.
func (pl *plan) relative(at *syntax.Instruction, dir string) string {
	workdir := strings.TrimSuffix(pl.stage.WorkdirAt(at), "/")
	rest, below := strings.CutPrefix(strings.TrimSuffix(dir, "/")+"/", workdir+"/")
	if !below || workdir == "" && dir != "/" {
		return dir + "/"
	}
	return "./" + rest
}

// runtimeStage is the text of the runtime stage up to the instruction last.
func (pl *plan) runtimeStage(last int) string {
	f := pl.stage.Model().File
	eol := f.EOL()
	var b strings.Builder
	if end := pl.places[last].inst.FullLines().End; end == len(f.Text) && !strings.HasSuffix(f.Text, "\n") {
		b.WriteString(eol)
	}
	for _, l := range pl.finish {
		b.WriteString(cased(pl.firstInstall().inst, l) + eol)
	}
	b.WriteString(eol + pl.runtimeFrom() + eol)
	if dir := pl.baseWorkdir(); dir != "" {
		b.WriteString(cased(pl.stage.From, "WORKDIR "+dir) + eol)
	}
	pendingTree := true
	tree := func(at *place) {
		if pendingTree {
			b.WriteString(pl.firstInstalls(eol))
			b.WriteString(pl.treeText(at, eol))
		}
		pendingTree = false
	}
	from := pl.treeFrom()
	for i, at := range pl.places[:last+1] {
		if i >= from && pl.wantsTree(at) {
			tree(at)
		}
		if !at.runtime || at.first {
			continue
		}
		if i > 0 && pl.blankAbove(at) && !strings.HasSuffix(b.String(), eol+eol) && !strings.HasSuffix(b.String(), pl.runtimeFrom()+eol) {
			b.WriteString(eol)
		}
		b.WriteString(pl.runtimeText(at, eol))
		if at.depends && i >= from {
			tree(at)
		}
	}
	tree(pl.places[last])
	b.WriteString(pl.artefactText(eol))
	text := b.String()
	if !strings.HasSuffix(f.Text, "\n") && pl.places[last].inst.FullLines().End == len(f.Text) {
		text = strings.TrimSuffix(text, eol)
	}
	return text
}

// firstInstalls are the installs that stand in front of the tree.
func (pl *plan) firstInstalls(eol string) string {
	var b strings.Builder
	for _, at := range pl.places {
		if at.first {
			b.WriteString(at.text + eol)
		}
	}
	return b.String()
}

// wantsTree reports whether the tree stands in front of a place at the latest.
func (pl *plan) wantsTree(at *place) bool {
	systemFirst := at.runtime && at.writes && !at.mixed && len(pl.packages) == 0
	switch {
	case at.depends && !systemFirst || at.builds:
		return true
	case !at.runtime:
		return false
	case at.inst.Name == "COPY" || at.inst.Name == "ADD":
		return at.inst.FlagValue("from") == ""
	}
	return has(at.effects, effects.Runs) || len(pl.outputs) > 0 && looksForLibraries(at)
}

// treeFrom is the place from which on the tree may be brought: behind the account that
// it is for, and behind what would remove it.
func (pl *plan) treeFrom() int { return max(pl.lastAccount(), pl.lastRemoval()) }

// lastAccount is the place of the last RUN that makes accounts before the install,
// where the tree is for one of them; 0 else.
func (pl *plan) lastAccount() int {
	last := 0
	if strings.Trim(pl.tree.owner, "0123456789:") == "" {
		return 0
	}
	for i, at := range pl.places[:pl.index(pl.firstInstall())] {
		if has(at.effects, effects.Accounts) {
			last = i
		}
	}
	return last
}

// lastRemoval is the place behind the last RUN of the runtime stage that removes from
// the tree before an install fills it, such as a node_modules that the source
// brought; 0 without one.
func (pl *plan) lastRemoval() int {
	last := 0
	for i, at := range pl.places[:pl.index(pl.firstInstall())] {
		for _, e := range at.effects {
			for _, gone := range e.Gone {
				if at.runtime && slices.ContainsFunc(pl.tree.paths, func(p string) bool { return isWithin(p, strings.TrimSuffix(gone, "/")) || isWithin(gone, p) }) {
					last = i + 1
				}
			}
		}
	}
	return last
}

func (pl *plan) runtimeFrom() string {
	from := pl.stage.From
	words := from.Words()
	line := from.File().Slice(from.Keyword)
	for _, fl := range from.Flags {
		line += " " + from.File().Slice(fl.Span)
	}
	line += " " + pl.slim
	if len(words) == 3 {
		line += " " + words[1].Text + " " + words[2].Text
	}
	return line
}

func (pl *plan) blankAbove(at *place) bool {
	f := at.inst.File()
	start := at.inst.WithComments().Start
	return start > 0 && strings.TrimSpace(f.Slice(f.LineAt(start-1))) == ""
}

func (pl *plan) runtimeText(at *place, eol string) string {
	f := at.inst.File()
	if at.text != "" {
		return at.text + eol
	}
	span := at.inst.WithComments()
	if at.build {
		span = at.inst.FullLines() // its comments stay with the build stage
	}
	text := f.Slice(span)
	if !strings.HasSuffix(text, "\n") {
		text += eol
	}
	return text
}

// treeText brings the dependencies, what they load and what the build downloads
// into the runtime stage.
func (pl *plan) treeText(at *place, eol string) string {
	var b strings.Builder
	first := pl.firstInstall().inst
	if len(pl.packages) > 0 {
		slices.Sort(pl.packages)
		b.WriteString(pl.installText(first, pl.packages) + eol)
	}
	if len(pl.links) > 0 {
		b.WriteString(first.Cased("RUN") + " " + strings.Join(pl.links, and(first)) + eol)
	}
	for _, l := range pl.settings {
		b.WriteString(cased(first, l) + eol)
	}
	brought := append(slices.Clone(pl.tree.paths), pl.outputs...)
	chown := ""
	if pl.tree.owner != "" {
		chown = " --chown=" + pl.tree.owner
		pl.note("owned by %s: %s, %s", pl.tree.owner, pl.tree.paths[0], pl.tree.owned)
	}
	for i, p := range brought {
		p = strings.TrimSuffix(p, "/")
		below := func(other string) bool {
			return strings.TrimSuffix(other, "/") != p && isWithin(p, strings.TrimSuffix(other, "/"))
		}
		if p == "" || slices.ContainsFunc(slices.Delete(slices.Clone(brought), i, i+1), func(o string) bool { return o != "" && below(o) }) {
			continue
		}
		owner := ""
		if slices.Contains(pl.tree.paths, p) {
			owner = chown
		}
		b.WriteString(first.Cased("COPY") + " --from=" + pl.buildName() + owner + " " + p + " " + inWorkdir(p, pl.ownWorkdir(at)) + eol)
		pl.note("copied: %s", p)
	}
	for _, l := range pl.tree.env {
		b.WriteString(cased(first, l) + eol)
	}
	return b.String()
}

// artefactText brings what is built into the runtime stage.
func (pl *plan) artefactText(eol string) string {
	var b strings.Builder
	near := pl.firstInstall().inst
	workdir := pl.ownWorkdir(pl.places[pl.lastOfBuild()])
	for _, a := range pl.artefacts {
		line := near.Cased("COPY") + " --from=" + pl.buildName()
		if a.chown != "" {
			line += " --chown=" + a.chown
		}
		b.WriteString(line + " " + a.from + " " + inWorkdir(a.to, workdir) + eol)
		pl.note("copied: %s", a.from)
	}
	if pl.local && pl.stage.Image.Distro != facts.Alpine { // musl looks there without a cache: ld-musl-*.path(5)
		b.WriteString(near.Cased("RUN") + " ldconfig" + eol)
		pl.declare(fix.AddCommand, "ldconfig")
		pl.note("added: ldconfig, so that libraries in " + localPrefix + "/lib are found")
	}
	return b.String()
}

// inWorkdir is a destination of COPY, from the working directory if it lies there.
func inWorkdir(to, workdir string) string {
	switch rest, below := strings.CutPrefix(to, strings.TrimSuffix(workdir, "/")+"/"); {
	case workdir == "" || workdir == "/":
	case to == workdir:
		return "./"
	case below:
		return "./" + rest
	}
	return to
}

// ownWorkdir is the working directory of the runtime stage at a place, "/" as long
// as the file sets none there: the two images may have others. A WORKDIR of the
// build stage alone does not count.
func (pl *plan) ownWorkdir(at *place) string {
	workdir := "/"
	for i, other := range pl.places[:pl.index(at)+1] {
		if other.inst.Name != "WORKDIR" || !other.runtime || other == at {
			continue
		}
		workdir = pl.stage.WorkdirAt(pl.places[i+1].inst)
	}
	return workdir
}
