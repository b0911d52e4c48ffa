package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
)

// An artefact is a file or folder that the build stage leaves and the runtime
// stage gets.
type artefact struct {
	from, to string // absolute; most often the same
	chown    string // of the COPY that brought it
}

// products follows what the commands build through moves and removals: the files
// that are there in the end, in order.
func (pl *plan) products() []string {
	var made []string
	for _, at := range pl.places {
		for _, e := range at.effects {
			made = pl.madeAfter(e, made)
		}
	}
	slices.Sort(made)
	return slices.Compact(made)
}

// madeAfter is what is made once a command has run, where made was before.
func (pl *plan) madeAfter(e effects.Effect, made []string) []string {
	gone := e.Gone
	switch {
	case e.Kind == effects.Compiles:
		made = append(made, e.Writes...)
	case e.Kind == effects.Files && isMove(e):
		made = append(made, pl.moved(e, made)...)
		if e.Program == "mv" {
			gone = slices.Concat(gone, e.Reads)
		}
	}
	return slices.DeleteFunc(made, func(m string) bool { return isWithinAny(m, gone) })
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

func (pl *plan) isBrought(name string) bool {
	return slices.ContainsFunc(pl.artefacts, func(a artefact) bool { return isWithin(strings.TrimSuffix(name, "/"), a.from) })
}

// takeWhole makes the folders of the source artefacts as they are, since what
// is read in them at run time is not known.
func (pl *plan) takeWhole(why string) string {
	for _, root := range pl.roots {
		if isShared(root) || root == facts.Workdir(pl.stage.Ref) || root == "/tmp" {
			return "the source is copied into " + root + ", beside what the image has there"
		}
	}
	for _, root := range pl.roots {
		if !pl.isCleared(root) {
			pl.bring(root, root)
			pl.note("copied whole: %s: %s", root, why)
		}
	}
	return ""
}

// isCleared reports whether a command behind the last build removes a path.
func (pl *plan) isCleared(name string) bool {
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
	if pl.isCleared(from) {
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

// isNamedInContext reports whether a file of the build context, such as a script, names
// a path of the image, so that what lies there cannot be elsewhere alone.
func (pl *plan) isNamedInContext(name string) bool {
	files, err := pl.pass.Context.Sources("")
	if err != nil {
		return true
	}
	return slices.ContainsFunc(files, func(f string) bool {
		if isMeta(f) {
			return false
		}
		text, err := pl.pass.Context.Read(f)
		return err == nil && strings.Contains(text, name)
	})
}

// takeProducts brings what is built and the files that the program reads into the
// runtime stage. reads is the ecosystem's evidence of the latter; where it has
// none the folders of the source are copied as they are.
func (pl *plan) takeProducts(reads func(*plan) (files []string, unknown string)) string {
	if pl.pass.Context == nil {
		return "the build context is not known, so neither is what the program reads at run time"
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
		if m == facts.Workdir(pl.stage.Ref) {
			return "what is built lies in " + m + ", beside what the image has there"
		}
		to := m
		if (path.Dir(m) == "/go/bin" || path.Dir(m) == "/usr/local/cargo/bin" || path.Dir(m) == "/root/.cargo/bin") && !pl.isStartedByPath(m) {
			to = "/usr/local/bin/" + path.Base(m) // of the runtime image's PATH
		}
		starts = starts || pl.isStarted(m)
		if !isWithin(m, "/tmp") || pl.isStarted(m) {
			pl.bring(m, to)
		}
		if to != m && pl.isNamedInContext(m) {
			pl.bring(m, m)
		}
	}
	pl.bringUnknown()
	if !starts {
		return "nothing that is built is known to be what CMD or ENTRYPOINT starts"
	}
	for _, f := range files {
		pl.bring(f, f)
	}
	pl.gained = true // what the build downloads and what it makes on the way
	return ""
}
