package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// placeRuns sends every RUN to the build stage, to the runtime stage, or its
// steps to one each.
func (pl *plan) placeRuns() string {
	for _, at := range pl.places {
		if at.inst.Name != "RUN" {
			continue
		}
		pl.inst = at.inst
		if why := pl.placeRun(at); why != "" {
			return why
		}
	}
	pl.inst = nil
	return ""
}

// sides says which stages the effects of a RUN, or of one of its steps, are for.
type sides struct{ build, runtime, system, state bool }

func (s *sides) add(e effects.Effect) {
	switch e.Kind {
	case effects.Depends, effects.Fetches, effects.Compiles:
		s.build = true
	case effects.Accounts, effects.Files, effects.Runs:
		s.runtime = true
	case effects.Installs, effects.Lists, effects.Removes:
		s.system = true
	case effects.State:
		s.state = true
	}
}

// toldApart returns the effects with what only makes room for a download, such as
// mkdir of the folder that it unpacks to, counted as a part of it.
func toldApart(all []effects.Effect) []effects.Effect {
	var fetched []string
	for _, e := range all {
		if e.Kind == effects.Fetches {
			fetched = append(fetched, e.Writes...)
		}
	}
	told := append([]effects.Effect{}, all...)
	for i, e := range told {
		if e.Kind == effects.Files && isPartOf(append(e.Writes, e.Gone...), fetched) {
			told[i].Kind = effects.Fetches
		}
	}
	return told
}

// tidies counts the removal of what lies in the tree as nothing: the tree reaches
// the runtime stage without it.
func (pl *plan) tidies(all []effects.Effect) {
	for i, e := range all {
		inTree := has(all, effects.Depends) && e.Kind == effects.Files && len(e.Writes) == 0 && len(e.Gone) > 0
		for _, g := range e.Gone {
			inTree = inTree && strings.HasPrefix(g, pl.tree.path+"/")
		}
		if inTree {
			all[i].Kind = effects.Nothing
		}
	}
}

func isPartOf(paths, fetched []string) bool {
	for _, p := range paths {
		found := false
		for _, f := range fetched {
			found = found || p == strings.TrimSuffix(f, "/") || strings.HasSuffix(f, "/") && strings.HasPrefix(p, f)
		}
		if !found {
			return false
		}
	}
	return len(paths) > 0
}

func (pl *plan) placeRun(at *place) string {
	at.effects = toldApart(at.effects)
	if pl.isBuild() {
		return pl.placeOfBuild(at)
	}
	pl.tidies(at.effects)
	var all sides
	for _, e := range at.effects {
		all.add(e)
	}
	user := pl.stage.UserAt(at.inst)
	switch _, driver := archiveIn(at); {
	case all.build && !user.IsRoot():
		return "the install runs as USER " + user.Name
	case driver && !all.system && !pl.touchesVendor(at):
		return pl.placeArchive(at)
	case pl.isVendorSetup(at):
		at.build = true
		at.pkgs = packagesOf(at)
		return ""
	case pl.touchesVendor(at):
		return brief(at.inst.Args.Text) + ": a driver and other things are set up in one RUN"
	case all.build && all.runtime:
		return pl.divide(at, all)
	case all.build:
		at.build = true
	case all.system && all.runtime:
		return brief(at.inst.Args.Text) + ": packages and files are made in one RUN"
	case all.system:
		at.pkgs = packagesOf(at)
		return "" // see choosePackages
	default:
		at.runtime = true
		pl.note("replayed: %s", brief(at.inst.Text()))
		return ""
	}
	return pl.fetched(at)
}

// divide gives the steps of a RUN to the stage that each is for.
func (pl *plan) divide(at *place, all sides) string {
	if all.state || all.system {
		return brief(at.inst.Args.Text) + ": what it installs and what it sets up are one script"
	}
	script := pl.stage.Script(at.inst)
	steps := make([]sides, len(script.Steps))
	for _, e := range at.effects {
		if e.Step < 0 {
			return brief(at.inst.Args.Text) + ": a command stands in no step"
		}
		steps[e.Step].add(e)
	}
	var moved []string
	for i, s := range steps {
		switch {
		case s.build && s.runtime || script.Steps[i].Op == shell.Or:
			return brief(at.inst.Args.Text) + ": one step installs and sets up"
		case s.runtime:
			at.removed = append(at.removed, i)
			moved = append(moved, at.inst.File().Slice(script.Steps[i].Span))
		}
	}
	at.build, at.runtime = true, true
	at.text = at.inst.Cased("RUN") + " " + strings.Join(moved, " && ")
	pl.note("replayed: %s", brief(at.text))
	return pl.fetched(at)
}

// fetched notes the files that a RUN of the build stage downloads: the runtime
// stage copies them.
func (pl *plan) fetched(at *place) string {
	var paths []string
	for _, e := range at.effects {
		if e.Kind != effects.Fetches {
			continue
		}
		if e.Reason != "" {
			return brief(commandText(e)) + ": " + e.Reason
		}
		paths = append(paths, e.Writes...)
	}
	for _, p := range paths {
		switch {
		case strings.HasPrefix(p, "/tmp/"):
			pl.leave(p, "it is temporary")
		case pl.isGone(p):
			pl.leave(p, "a later command removes it")
		case strings.HasSuffix(p, "/") && isShared(p):
			return "it unpacks into " + p + ", beside what the image has there"
		case isPartOf([]string{strings.TrimSuffix(p, "/")}, pl.outputs):
		default:
			pl.outputs = append(pl.outputs, p)
		}
	}
	return ""
}

func (pl *plan) isGone(name string) bool {
	for _, at := range pl.places {
		for _, e := range at.effects {
			for _, g := range e.Gone {
				if g == strings.TrimSuffix(name, "/") {
					return true
				}
			}
		}
	}
	return false
}

// isShared reports whether a folder is one that the base image fills.
func isShared(dir string) bool {
	switch path.Clean(dir) {
	case "/", "/bin", "/etc", "/home", "/lib", "/opt", "/root", "/sbin", "/srv", "/usr", "/usr/bin", "/usr/lib", "/usr/local",
		"/usr/local/bin", "/usr/local/lib", "/usr/local/share", "/usr/sbin", "/usr/share", "/var", "/var/lib":
		return true
	}
	return false
}

// placeCopies sends what the installs read to the build stage, and everything
// else that is copied to the runtime stage.
func (pl *plan) placeCopies() string {
	if pl.isBuild() {
		return pl.placeSource()
	}
	for _, at := range pl.places {
		if at.inst.Name == "COPY" || at.inst.Name == "ADD" {
			at.runtime = true
		}
	}
	for _, at := range pl.places {
		if !at.depends {
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
	for _, name := range files {
		file, from := pl.contextFile(at, name)
		switch {
		case from == nil:
			return path.Base(name) + " is not copied from the build context before the install"
		case from.build:
		case pl.isPlain(from):
			from.build = true
		case pl.pass.Context == nil:
			return "the build context is not known, and the install stands behind a copy of all of it"
		default:
			pl.addManifest(manifest{file, name})
		}
	}
	return ""
}

// isPlain reports whether a COPY names its files, so that it may stand in both
// stages.
func (pl *plan) isPlain(at *place) bool {
	c, ok := pl.stage.CopyOf(at.inst)
	if !ok || c.Chown != "" {
		return false
	}
	for _, src := range c.Sources {
		if src.IsBroad() || pl.pass.Context.IsDir(src.Path) && !isManifestFolder(src.Path) {
			return false
		}
	}
	return true
}

func isManifestFolder(name string) bool { return strings.HasPrefix(path.Base(name), "requirements") }

func (pl *plan) addManifest(m manifest) {
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
		if strings.HasSuffix(name, "/") {
			name += path.Base(src.Path)
		}
		if project.HasWildcard(src.Path) || !pl.copiedAgain(i, name) {
			return false
		}
	}
	return true
}

func (pl *plan) copiedAgain(i int, name string) bool {
	for _, later := range pl.places[i+1:] {
		c, ok := pl.stage.CopyOf(later.inst)
		if !ok || c.From != "" || c.Dest == "" || later.build {
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

// placeSettings sends every other instruction where it matters: what configures
// the image to the runtime stage, what the installs see to both.
func (pl *plan) placeSettings() string {
	last := 0
	for i, at := range pl.places {
		if at.build || len(at.pkgs) > 0 {
			last = i
		}
	}
	for i, at := range pl.places {
		switch at.inst.Name {
		case "RUN", "COPY", "ADD":
			continue
		case "WORKDIR":
			at.build = i < last && pl.readsWorkdir(i)
		case "ARG", "SHELL":
			at.build = i < last
		case "ENV":
			at.build = i < last && pl.steersBuild(i)
		}
		at.runtime = !at.build || !pl.isForBuild(at)
	}
	return ""
}

// readsWorkdir reports whether something in the build stage depends on the
// WORKDIR at i.
func (pl *plan) readsWorkdir(i int) bool {
	for _, at := range pl.places[i+1:] {
		if at.inst.Name == "WORKDIR" && strings.HasPrefix(at.inst.Args.Text, "/") {
			return false
		}
		if at.build {
			return true
		}
	}
	return false
}

// steersBuild reports whether the build stage needs the ENV at i.
func (pl *plan) steersBuild(i int) bool {
	for _, p := range pl.places[i].inst.Pairs() {
		if steersInstall(p.Name) {
			return true
		}
		for _, at := range pl.places[i+1:] {
			onlyInstalls := at.inst.Name != "RUN" || !has(at.effects, effects.Fetches)
			if at.build && (!onlyInstalls || strings.Contains(at.inst.Args.Text, "$"+p.Name) || strings.Contains(at.inst.Args.Text, "${"+p.Name)) {
				return true
			}
		}
	}
	return false
}

func has(all []effects.Effect, kind effects.Kind) bool {
	for _, e := range all {
		if e.Kind == kind {
			return true
		}
	}
	return false
}

// steering are the beginnings of the names of variables that installs and the
// compilers under them read. package contract holds an install that moves to the
// same.
var steering = []string{
	"PATH", "HOME", "LANG", "LC_", "LD_", "CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "CMAKE_", "PKG_CONFIG",
	"ACCEPT_EULA", "DEBIAN_", "APT_", "PIP_", "PYTHON", "UV_", "POETRY_", "PIPENV_", "VIRTUAL_ENV", "SETUPTOOLS_",
	"NODE_", "CI", "BUNDLE", "GEM_", "RAILS_ENV", "RACK_ENV", "RUBY", "NOKOGIRI_", "SECRET_KEY_BASE",
	"GO", "CGO_", "CARGO_", "RUST", "JAVA_", "ORACLE_", "HTTP", "http", "NO_PROXY", "no_proxy", "FTP_", "SSL_", "CURL_", "REQUESTS_",
}

func steersInstall(name string) bool {
	for _, prefix := range steering {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
