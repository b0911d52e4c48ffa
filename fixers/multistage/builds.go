package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// An artefact is a file or folder that the build stage leaves and the runtime
// stage gets.
type artefact struct {
	from, to string // absolute; most often the same
	chown    string // of the COPY that brought it
}

// An input is what a COPY of the build context puts before the last build.
type input struct {
	file  string // in the context, "." for all of it; "" if not known
	name  string // in the image, without a slash at its end
	dir   bool   // a folder, whose content is below name
	chown string
}

// isBuild reports whether the split is one of a build that reads the source: the
// source stays in the build stage, and what the build leaves is copied.
func (pl *plan) isBuild() bool { return pl.lastBuild() >= 0 }

// lastBuild is the index of the last RUN that builds from the source, or -1.
func (pl *plan) lastBuild() int {
	for i, at := range slices.Backward(pl.places) {
		if at.builds {
			return i
		}
	}
	return -1
}

// readInputs notes what the first n places copy from the context.
func (pl *plan) readInputs(n int) (declined string) {
	pl.inputs = nil
	for _, at := range pl.places[:n] {
		c, ok := pl.stage.CopyOf(at.inst)
		if !ok || c.From != "" || isAddress(c) {
			continue
		}
		if c.Dest == "" {
			pl.inst = at.inst
			return "where " + at.inst.Name + " puts the source is not known"
		}
		for _, src := range c.Sources {
			pl.inputs = append(pl.inputs, pl.inputsOf(c, src)...)
		}
	}
	pl.roots = roots(pl.inputs)
	return ""
}

// inputsOf are the files that a source of a COPY stands for, each one of a pattern.
func (pl *plan) inputsOf(c build.Copy, src build.CopySource) []input {
	if pl.pass.Context == nil || src.Path == "" || src.IsBroad() || !project.HasWildcard(src.Path) {
		return []input{pl.inputOf(c, src)}
	}
	matches, _ := pl.pass.Context.Glob(strings.TrimPrefix(path.Clean("/"+src.Path), "/"))
	var all []input
	for _, m := range matches {
		all = append(all, pl.inputOf(c, build.CopySource{Path: m, Word: src.Word}))
	}
	return all
}

func (pl *plan) inputOf(c build.Copy, src build.CopySource) input {
	dest := strings.TrimSuffix(c.Dest, "/")
	into := strings.HasSuffix(c.Dest, "/") || c.Dest == "/" || c.Dest == pl.stage.WorkdirAt(c.Inst)
	file := strings.TrimPrefix(path.Clean("/"+src.Path), "/")
	s := input{name: dest, chown: c.Chown}
	switch {
	case src.Path == "":
		s.dir = true
	case src.IsBroad():
		s.file, s.dir = ".", true
	case pl.pass.Context == nil && project.HasWildcard(src.Path):
		s.dir = true
	case pl.pass.Context.IsDir(file):
		s.file, s.dir = file, true
	case into:
		s.file, s.name = file, dest+"/"+path.Base(file)
	default:
		s.file = file
	}
	if s.name == "" {
		s.name = "/"
	}
	return s
}

// roots are the folders that the source lies in, none below another.
func roots(all []input) []string {
	var dirs []string
	for _, s := range all {
		dir := s.name
		if !s.dir {
			dir = path.Dir(s.name)
		}
		dirs = append(dirs, dir)
	}
	return outermost(dirs)
}

// outermost drops the paths that lie below another, sorted.
func outermost(paths []string) []string {
	slices.Sort(paths)
	var kept []string
	for _, p := range slices.Compact(paths) {
		if !slices.ContainsFunc(kept, func(k string) bool { return isWithin(p, k) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// isWithin reports whether name is dir or lies below it.
func isWithin(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

func isWithinAny(name string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return isWithin(strings.TrimSuffix(name, "/"), d) })
}

// products follows what the commands build through moves and removals: the files
// that are there in the end, in order.
func (pl *plan) products() []string {
	var made []string
	for _, at := range pl.places {
		for _, e := range at.effects {
			switch {
			case e.Kind == effects.Compiles:
				made = append(made, e.Writes...)
			case e.Kind == effects.Files && isMove(e):
				made = append(made, pl.moved(e, made)...)
				if e.Program == "mv" {
					made = slices.DeleteFunc(made, func(m string) bool { return isWithinAny(m, e.Reads) })
				}
			}
			made = slices.DeleteFunc(made, func(m string) bool { return isWithinAny(m, e.Gone) })
		}
	}
	slices.Sort(made)
	return slices.Compact(made)
}

func isMove(e effects.Effect) bool {
	return (e.Program == "mv" || e.Program == "cp" || e.Program == "install") && len(e.Reads) > 0 && len(e.Writes) == 1
}

// moved are the names that a move gives to what was built or to the source.
func (pl *plan) moved(e effects.Effect, made []string) []string {
	dest := e.Writes[0]
	words := e.Command.Words
	into := strings.HasSuffix(words[len(words)-1].Value, "/") || isShared(dest) || len(e.Reads) > 1 || path.Base(dest) == "bin"
	var names []string
	for _, from := range e.Reads {
		built := slices.ContainsFunc(made, func(m string) bool { return isWithin(m, from) || isWithin(from, m) })
		switch {
		case !built && !isWithinAny(from, pl.roots):
		case into && !strings.HasSuffix(from, "/"):
			names = append(names, path.Join(dest, path.Base(from)))
		default:
			names = append(names, dest)
		}
	}
	return names
}

// touchesBuild reports whether a change of files concerns the build alone: it
// stays where the source and the products are, or makes room for them.
func (pl *plan) touchesBuild(e effects.Effect) bool {
	if e.Program == "chown" || e.Program == "chgrp" || e.Program == "setfacl" {
		return false // a copy from another stage belongs to root
	}
	if e.Program == "git" {
		return true
	}
	paths := append(append([]string{}, e.Writes...), e.Gone...)
	if isMove(e) {
		paths = e.Reads
	}
	for _, p := range paths {
		p = strings.TrimSuffix(p, "/")
		holds := slices.ContainsFunc(pl.artefacts, func(a artefact) bool { return isWithin(a.from, p) || isWithin(p, a.from) })
		holds = holds || len(e.Gone) > 0 && slices.ContainsFunc(pl.roots, func(r string) bool { return isWithin(r, p) })
		if !holds && !isWithinAny(p, pl.roots) || pl.isCopiedLater(p) {
			return false
		}
	}
	return len(paths) > 0
}

// isCopiedLater reports whether a COPY behind the last build brings the file.
func (pl *plan) isCopiedLater(name string) bool {
	for _, at := range pl.places[pl.lastBuild()+1:] {
		c, ok := pl.stage.CopyOf(at.inst)
		if ok && c.Dest != "" && (isWithin(strings.TrimSuffix(c.Dest, "/"), name) || isWithin(name, strings.TrimSuffix(c.Dest, "/")) && !slices.ContainsFunc(c.Sources, build.CopySource.IsBroad)) {
			return true
		}
	}
	return false
}

// placeOfBuild places a RUN of a file that builds from its source.
func (pl *plan) placeOfBuild(at *place) string {
	var all sides
	for i, e := range at.effects {
		switch {
		case e.Kind == effects.Runs:
			return brief(commandText(e)) + ": what it leaves is not known"
		case e.Kind == effects.Files && pl.touchesBuild(e):
			at.effects[i].Kind = effects.Compiles
		case e.Kind == effects.Files && isMove(e) && !at.builds && isWithinAny(e.Writes[0], pl.roots):
			return brief(commandText(e)) + ": where what it copies is needed cannot be told"
		}
		all.add(at.effects[i])
	}
	switch user := pl.stage.UserAt(at.inst); {
	case all.build && !user.IsRoot() && (user.Inst != nil || user.Known || !pl.profile.root):
		return "the build runs as USER " + user.Name
	case all.build && all.runtime:
		if all.state || all.system {
			return brief(at.inst.Args.Text) + ": what it installs and what it sets up are one script"
		}
		return pl.divide(at)
	case all.build:
		at.build = true
		return pl.fetched(at)
	case all.system && all.runtime:
		if why := pl.keepWhole(at); why != "" {
			return why
		}
		at.runtime = true
		at.whole = true
	case all.system:
		at.pkgs = pl.packagesOf(at)
		return ""
	case !all.runtime && !all.state && (pl.index(at) < pl.lastBuild() || pl.looksAtSource(at)):
		at.build = true // it prints, or removes what nobody needs
		return ""
	default:
		at.runtime = true
	}
	pl.note("replayed: %s", brief(at.inst.Text()))
	return ""
}

// looksAtSource reports whether a command names a path that only the build stage
// has.
func (pl *plan) looksAtSource(at *place) bool {
	for _, e := range at.effects {
		if e.Command == nil || len(e.Command.Words) == 0 {
			continue
		}
		for _, w := range e.Command.Words[1:] {
			if strings.Contains(w.Value, "/") && !w.IsFlag() && (isWithinAny(absolute(w.Value, e.Dir), pl.roots) || isWithin(w.Value, "/go")) {
				return true
			}
		}
	}
	return false
}

// keepWhole says why a RUN that installs packages and sets up other things cannot
// run in the runtime stage as it is, or "".
func (pl *plan) keepWhole(at *place) string {
	text := brief(at.inst.Args.Text) + ": packages and files are made in one RUN"
	if pl.index(at) < pl.lastBuild() && !allRuntime(pl.packagesOf(at)) {
		return text
	}
	for _, p := range pl.packagesOf(at) {
		if _, why := pl.runtimeOf(p); why != "" {
			return text
		}
	}
	for _, e := range at.effects {
		if e.Kind == effects.Removes {
			return text
		}
		if e.Kind == effects.Installs {
			if why := pl.unreadable(e.Install); why != "" {
				return why
			}
		}
	}
	return ""
}

// placeSource sends the source to the build stage. Of what the runtime stage gets
// copied from there, the owner is the one that the source had.
func (pl *plan) placeSource() string {
	last := pl.lastBuild()
	for i, at := range pl.places {
		if at.inst.Name != "COPY" && at.inst.Name != "ADD" {
			continue
		}
		c, ok := pl.stage.CopyOf(at.inst)
		switch {
		case !ok || i > last:
			at.runtime = true
		case c.From != "" || isAddress(c):
			pl.inst = at.inst
			if c.Dest == "" {
				return "where it copies to is not known"
			}
			at.build = true
			at.runtime = !isWithinAny(c.Dest, pl.roots) || !pl.isBrought(c.Dest)
			if isWithinAny(c.Dest, pl.roots) && !at.runtime {
				pl.dropSources(c)
			}
		default:
			at.build = true
			pl.dropSources(c)
		}
	}
	return ""
}

func isAddress(c build.Copy) bool {
	return slices.ContainsFunc(c.Sources, func(s build.CopySource) bool { return strings.Contains(s.Word.Text, "://") || s.Heredoc })
}

func (pl *plan) isBrought(name string) bool {
	return slices.ContainsFunc(pl.artefacts, func(a artefact) bool { return isWithin(strings.TrimSuffix(name, "/"), a.from) })
}

// dropSources keeps a COPY out of the runtime stage.
func (pl *plan) dropSources(c build.Copy) {
	for _, src := range c.Sources {
		pl.declare(fix.DropCopy, src.Word.Text)
		switch {
		case !slices.ContainsFunc(pl.inputsOf(c, src), func(in input) bool { return !pl.isBrought(in.name) }):
		case src.IsBroad():
			pl.leave("the source", "only the build reads it")
		default:
			pl.leave(src.Word.Text, "only the build reads it")
		}
	}
}

// takeWhole makes the folders of the source artefacts as they are, since what
// is read in them at run time is not known.
func (pl *plan) takeWhole(why string) string {
	for _, root := range pl.roots {
		if isShared(root) || root == "/go" || root == "/tmp" {
			return "the source is copied into " + root + ", beside what the image has there"
		}
	}
	for _, root := range pl.roots {
		if !pl.isRemoved(root) {
			pl.bring(root, root)
			pl.note("copied whole: %s: %s", root, why)
		}
	}
	return ""
}

// isRemoved reports whether a command behind the last build removes a path.
func (pl *plan) isRemoved(name string) bool {
	last := pl.lastBuild()
	for i := max(last, 0); i < len(pl.places); i++ {
		built := i > last
		for n, e := range pl.places[i].effects {
			later := built || !slices.ContainsFunc(pl.places[i].effects[n:], func(e effects.Effect) bool { return e.Kind == effects.Compiles })
			if later && slices.ContainsFunc(e.Gone, func(g string) bool { return isWithin(name, strings.TrimSuffix(g, "/")) }) {
				return true
			}
		}
	}
	return false
}

// bring makes a path of the build stage an artefact.
func (pl *plan) bring(from, to string) {
	from, to = strings.TrimSuffix(from, "/"), strings.TrimSuffix(to, "/")
	if pl.isRemoved(from) {
		return
	}
	if slices.ContainsFunc(pl.artefacts, func(a artefact) bool { return isWithin(from, a.from) && a.from == a.to && from == to }) {
		return
	}
	pl.artefacts = slices.DeleteFunc(pl.artefacts, func(a artefact) bool { return a.from == a.to && isWithin(a.from, from) && from == to })
	a := artefact{from: from, to: to}
	for _, s := range pl.inputs {
		if s.chown != "" && (isWithin(from, s.name) || isWithin(s.name, from)) {
			a.chown = s.chown
		}
	}
	pl.artefacts = append(pl.artefacts, a)
}

// commandsAtStart are the commands that the image runs by itself: of ENTRYPOINT, CMD
// and HEALTHCHECK.
func (pl *plan) commandsAtStart() []*shell.Command {
	var all []*shell.Command
	for _, name := range []string{"ENTRYPOINT", "CMD", "HEALTHCHECK"} {
		if inst := pl.stage.Last(name); inst != nil {
			all = append(all, pl.stage.Script(inst).Commands...)
		}
	}
	return all
}

// isStarted reports whether ENTRYPOINT, CMD or a script that they start names a
// file, by its path or, in a folder of programs, by its name.
func (pl *plan) isStarted(name string) bool {
	workdir := pl.stage.WorkdirAt(nil)
	for _, inst := range []string{"ENTRYPOINT", "CMD"} {
		at := pl.stage.Last(inst)
		if at == nil {
			continue
		}
		for _, c := range pl.stage.Script(at).Commands {
			for _, w := range c.Words {
				if names(w.Value, name, workdir) {
					return true
				}
				file, from := pl.contextFile(&place{}, absolute(w.Value, workdir))
				if from == nil {
					continue
				}
				text, err := pl.pass.Context.Read(file)
				if err == nil && slices.ContainsFunc(strings.FieldsFunc(text, isSeparator), func(s string) bool { return names(s, name, workdir) }) {
					return true
				}
			}
			if pl.stage.Script(at).Opaque != "" && strings.Contains(at.Args.Text, name) {
				return true
			}
		}
	}
	return false
}

// names reports whether a word of a command means a file.
func names(word, name, workdir string) bool {
	for _, w := range strings.Fields(word) {
		if !strings.Contains(w, "/") {
			if w == path.Base(name) && (path.Base(path.Dir(name)) == "bin" || path.Dir(name) == workdir) {
				return true
			}
			continue
		}
		if isWithin(absolute(w, workdir), name) {
			return true
		}
	}
	return false
}

func absolute(name, workdir string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join(workdir, name)
}

// takeProducts brings what is built and the files that the program reads into the
// runtime stage. reads is the ecosystem's evidence of the latter; where it has
// none the folders of the source are copied as they are.
func (pl *plan) takeProducts(reads func(*plan) (files []string, unknown string)) string {
	if pl.pass.Context == nil {
		return "the build context is not known, so neither is what the program reads at run time"
	}
	if dir := pl.stage.WorkdirAt(nil); pl.stage.Last("WORKDIR") == nil && dir != "/" && pl.startsRelative() {
		return "it runs in " + dir + ", which is the working directory of " + fromWord(pl.stage) + " alone"
	}
	if why := pl.unknownDistribution(); why != "" {
		return why
	}
	made := pl.products()
	files, unknown := reads(pl)
	pl.readAll = unknown == "" && !pl.foreign
	if pl.whole == "" {
		pl.whole = unknown
	}
	if pl.whole != "" {
		if why := pl.takeWhole(pl.whole); why != "" {
			return why
		}
	}
	starts := pl.whole != "" && pl.startsSource()
	for _, m := range made {
		to := m
		if (path.Dir(m) == "/go/bin" || path.Dir(m) == "/usr/local/cargo/bin") && !pl.isStartedByPath(m) {
			to = "/usr/local/bin/" + path.Base(m) // of the runtime image's PATH
		}
		starts = starts || pl.isStarted(m)
		if !isWithin(m, "/tmp") || pl.isStarted(m) {
			pl.bring(m, to)
		}
	}
	if !starts {
		return "nothing that is built is known to be what CMD or ENTRYPOINT starts"
	}
	for _, f := range files {
		pl.bring(f, f)
	}
	pl.gained = true // what the build downloads and what it makes on the way
	return ""
}

// ownWorkdir is the working directory at a place, "/" as long as the file sets none:
// that of the runtime image.
func (pl *plan) ownWorkdir(at *place) string {
	for _, other := range pl.places[:pl.index(at)+1] {
		if other.inst.Name == "WORKDIR" {
			return pl.stage.WorkdirAt(at.inst)
		}
	}
	return "/"
}

// startsSource reports whether a program that the image starts lies in the folders
// of the source.
func (pl *plan) startsSource() bool {
	isProgram := func(name string) bool {
		ext := path.Ext(name)
		return strings.Contains(name, "/") && (ext == "" || ext == ".sh") && isWithinAny(absolute(name, pl.stage.WorkdirAt(nil)), pl.roots)
	}
	return slices.ContainsFunc(pl.commandsAtStart(), func(c *shell.Command) bool {
		for i, w := range c.Words {
			if isProgram(w.Value) {
				return true
			}
			name := path.Base(w.Value)
			if i == 0 && !isShell(name) && name != "tini" && name != "dumb-init" && name != "gosu" && name != "su-exec" && name != "exec" {
				return false
			}
			if fields := strings.Fields(w.Value); len(fields) > 1 && slices.ContainsFunc(fields, isProgram) {
				return true
			}
		}
		return false
	})
}

// startsRelative reports whether the image starts a program by a path from its
// working directory.
func (pl *plan) startsRelative() bool {
	return slices.ContainsFunc(pl.startWords(), func(w string) bool {
		w = strings.Trim(w, `[],"`)
		return strings.HasPrefix(w, "./") || strings.HasPrefix(w, "../")
	})
}

// unknownDistribution says that packages are installed of which it is not known how
// the runtime stage gets them, or "".
func (pl *plan) unknownDistribution() string {
	switch pl.stage.Image.Distro {
	case facts.Debian, facts.Ubuntu, facts.Alpine:
		return ""
	}
	for _, at := range pl.places {
		if has(at.effects, effects.Installs) {
			return "the distribution of " + fromWord(pl.stage) + " is not known"
		}
	}
	return ""
}

func (pl *plan) isStartedByPath(name string) bool {
	for _, c := range pl.commandsAtStart() {
		if strings.Contains(c.Text(), name) {
			return true
		}
	}
	return false
}

// startsCompiler says why CMD or ENTRYPOINT builds, or "".
func (pl *plan) startsCompiler(tools map[string]bool) string {
	for _, c := range pl.commandsAtStart() {
		if name, _ := c.Runs(); tools[name] {
			return "the image starts " + name + ", which builds"
		}
		for _, w := range c.Words {
			if fields := strings.Fields(w.Value); len(fields) > 1 && tools[path.Base(fields[0])] {
				return "the image starts " + fields[0] + ", which builds"
			}
		}
	}
	return ""
}

// readMake takes what make builds as unknown.
func (pl *plan) readMake(*place, *effects.Effect) string {
	pl.whole = "what make builds is not known"
	return ""
}

// isForBuild reports whether the running image has no use for a setting: a
// variable that only builds read, an argument that nothing names.
func (pl *plan) isForBuild(at *place) bool {
	if at.inst.Name != "ENV" && (at.inst.Name != "ARG" || !pl.isBuild()) {
		return false
	}
	for _, p := range at.inst.Pairs() {
		ofBuilds := slices.ContainsFunc(pl.profile.buildEnv, func(prefix string) bool { return strings.HasPrefix(p.Name, prefix) })
		if at.inst.Name == "ENV" && !ofBuilds || pl.isNamedBehind(at, p.Name) {
			return false
		}
	}
	return true
}

// isNamedBehind reports whether an instruction of the runtime stage names a
// variable, or may read it unnamed.
func (pl *plan) isNamedBehind(at *place, name string) bool {
	for _, other := range pl.places[pl.index(at)+1:] {
		if other.inst.Name != "RUN" && other.build && other.inst.Name != "ENV" && other.inst.Name != "ARG" && other.inst.Name != "WORKDIR" {
			continue
		}
		text := other.inst.Args.Text
		named := strings.Contains(text, "$"+name) || strings.Contains(text, "${"+name)
		switch {
		case other.inst.Name == "RUN" && other.build && !other.runtime:
		case other.inst.Name == "RUN" && (pkgmgr.ReadsVariable(name) || has(other.effects, effects.Opaque) || has(other.effects, effects.Runs)):
			return true
		case named:
			return true
		}
	}
	return false
}

// isBuildTool reports whether a package is of use to builds only: nothing that
// the image starts and no source file calls it.
func (pl *plan) isBuildTool(name string) bool {
	if slices.Contains(pl.profile.buildSystems, name) {
		return true
	}
	if !pl.readAll || !slices.Contains(pl.profile.buildTools, name) {
		return false
	}
	return !slices.ContainsFunc(append(pl.startWords(), pl.called...), func(w string) bool { return path.Base(w) == name })
}

// startWords are the words of what the image starts by itself, scripts included.
func (pl *plan) startWords() []string {
	var all []string
	for _, name := range []string{"ENTRYPOINT", "CMD", "HEALTHCHECK"} {
		inst := pl.stage.Last(name)
		if inst == nil {
			continue
		}
		words := strings.FieldsFunc(inst.Args.Text, isSeparator)
		all = append(all, words...)
		for _, w := range words {
			file, from := pl.contextFile(&place{}, absolute(strings.Trim(w, `[],"`), pl.stage.WorkdirAt(inst)))
			if from == nil {
				continue
			}
			if text, err := pl.pass.Context.Read(file); err == nil {
				all = append(all, strings.FieldsFunc(text, isSeparator)...)
			}
		}
	}
	return all
}

// callsOfProgram adds the programs of the build's image that the source starts.
func (pl *plan) callsOfProgram() string {
	for _, program := range pl.called {
		if program == "go" || program == "gcc" || program == "cargo" || program == "javac" {
			return "the source starts " + program + ", which the runtime stage lacks"
		}
		pl.call(path.Base(program))
	}
	return ""
}
