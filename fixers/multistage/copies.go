package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// placeCopies sends what the installs read to the build stage, and everything
// else that is copied to the runtime stage.
func (pl *plan) placeCopies() string {
	if pl.isBuild() {
		return pl.placeSource()
	}
	for _, at := range pl.places {
		if at.inst.Name == "COPY" || at.inst.Name == "ADD" {
			at.runtime = true
			at.build = pl.configuresInstalls(at)
		}
	}
	for _, at := range pl.places {
		if !at.build {
			continue
		}
		pl.inst = at.inst
		for _, e := range at.effects {
			if e.Kind != effects.Depends || e.Install.Manager == nil {
				continue
			}
			if why := pl.placeManifests(at, e); why != "" {
				return why
			}
		}
	}
	pl.inst = nil
	pl.dropManifests()
	return ""
}

// placeManifests sees to it that the build stage has what an install reads.
func (pl *plan) placeManifests(at *place, e effects.Effect) string {
	files, why := pl.readBy(at, e)
	if why != "" {
		return why
	}
	at.source = at.source || pl.isProgramOfSource(at, e)
	if at.source {
		if why := pl.takeSource(at); why != "" {
			return why
		}
	}
	pl.keepUnread(at, files)
	for _, name := range files {
		file, from := pl.contextFile(at, name)
		if changed := pl.changedBefore(at, name); changed != "" {
			return changed
		}
		switch {
		case from == nil && pl.isExported(name):
		case from == nil:
			return path.Base(name) + " is not copied from the build context before the install"
		case from.build:
		case pl.isPlain(from):
			from.build = true
		case pl.pass.Context == nil:
			return "the build context is not known, and the install stands behind a copy of all of it"
		default:
			pl.addManifest(at, manifest{file, name})
		}
	}
	return ""
}

// isProgramOfSource reports whether the program that installs is itself a file of the
// build context, such as bin/bundle.
func (pl *plan) isProgramOfSource(at *place, e effects.Effect) bool {
	program := e.Command.Words[e.Install.Program].Value
	if !strings.Contains(program, "/") {
		return false
	}
	_, from := pl.contextFile(at, absolute(program, e.Dir))
	return from != nil
}

// keepUnread gives the build stage the files that stand beside what an install reads.
// Without the build context it may read them as well: a gemspec, the members of a
// workspace, packages by path.
func (pl *plan) keepUnread(install *place, reads []string) {
	if pl.pass.Context != nil {
		return
	}
	for _, at := range pl.places[:pl.index(install)] {
		c, ok := pl.stage.CopyOf(at.inst)
		beside := ok && c.From == "" && slices.ContainsFunc(reads, func(name string) bool { return isWithin(strings.TrimSuffix(c.Dest, "/"), path.Dir(name)) })
		if beside && pl.isPlain(at) {
			at.build = true
		}
	}
}

// changedBefore says which command before an install changes a file that it reads:
// the file would reach it as it is in the build context.
func (pl *plan) changedBefore(at *place, name string) string {
	for _, earlier := range pl.places[:pl.index(at)+1] {
		for _, e := range earlier.effects {
			if e.Kind == effects.Files && e.Program != "chown" && e.Program != "chmod" && slices.Contains(e.Writes, name) {
				return brief(commandText(e)) + ": it changes what the install reads"
			}
		}
	}
	return ""
}

// isPlain reports whether a COPY names its files, so that it may stand in both
// stages.
func (pl *plan) isPlain(at *place) bool {
	c, ok := pl.stage.CopyOf(at.inst)
	if !ok || c.Chown != "" && !pl.isOfInstaller(c.Chown) {
		return false
	}
	for _, src := range c.Sources {
		if src.IsBroad() || pl.pass.Context.IsDir(src.Path) && !isManifestFolder(src.Path) {
			return false
		}
	}
	return true
}

// isOfInstaller reports whether the build stage has the account that a COPY gives
// files to: the one that installs.
func (pl *plan) isOfInstaller(chown string) bool {
	user, _, _ := strings.Cut(chown, ":")
	owner, _, _ := strings.Cut(pl.tree.owner, ":")
	return user == owner && owner != ""
}

func isManifestFolder(name string) bool { return strings.HasPrefix(path.Base(name), "requirements") }

// addManifest has a manifest copied in front of the first install that reads any.
func (pl *plan) addManifest(at *place, m manifest) {
	if pl.reader == nil {
		pl.reader = at
	}
	if !slices.Contains(pl.manifests, m) {
		pl.manifests = append(pl.manifests, m)
	}
}

// complete turns manifests into names in the image, or says why copying them is
// not enough.
func complete(m project.Manifests) ([]string, string) {
	switch {
	case m.ReadsSource != "":
		return nil, m.ReadsSource
	case len(m.Missing) > 0:
		return nil, m.Missing[0] + " is not in the build context"
	}
	return append(append([]string{}, m.Files...), m.Dirs...), ""
}

// dropManifests keeps a copy that the installs alone read out of the runtime
// stage: one of requirements files, and one whose files a later copy brings to
// the same place.
func (pl *plan) dropManifests() {
	for i, at := range pl.places {
		c, ok := pl.stage.CopyOf(at.inst)
		if !ok || !at.build || !pl.onlyRequirements(at, i) && !pl.coveredLater(at, i) {
			continue
		}
		at.runtime = false
		for _, src := range c.Sources {
			pl.declare(fix.DropCopy, src.Word.Text)
			pl.leave(src.Word.Text, "only the install reads it")
		}
	}
}

func (pl *plan) onlyRequirements(at *place, i int) bool {
	c, _ := pl.stage.CopyOf(at.inst)
	for _, src := range c.Sources {
		base := path.Base(src.Path)
		if !strings.HasPrefix(base, "requirements") || pl.isNamedAtRuntime(base) {
			return false
		}
	}
	return true
}

// isNamedAtRuntime reports whether an instruction of the runtime stage names a
// file.
func (pl *plan) isNamedAtRuntime(base string) bool {
	for _, at := range pl.places {
		if at.inst.Name != "COPY" && at.inst.Name != "ADD" && !at.build && strings.Contains(at.inst.Args.Text, base) {
			return true
		}
	}
	return false
}

func (pl *plan) coveredLater(at *place, i int) bool {
	c, _ := pl.stage.CopyOf(at.inst)
	for _, src := range c.Sources {
		name := c.Dest
		if pl.isIntoFolder(c) {
			name = path.Join(c.Dest, path.Base(src.Path))
		}
		if project.HasWildcard(path.Dir(src.Path)) || !pl.copiedAgain(i, name) {
			return false
		}
	}
	return true
}

func (pl *plan) copiedAgain(i int, name string) bool {
	for _, later := range pl.places[i+1:] {
		c, ok := pl.stage.CopyOf(later.inst)
		if !ok || c.From != "" || c.Dest == "" || !later.runtime {
			continue
		}
		for _, src := range c.Sources {
			if _, ok := pl.originOf(c, src, name); ok && src.IsBroad() {
				return true
			}
		}
	}
	return false
}
