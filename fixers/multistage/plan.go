package multistage

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A plan says where every instruction of the single stage goes.
type plan struct {
	pass    *fix.Pass
	stage   *build.Stage
	profile *profile
	slim    string // the base image of the runtime stage
	slimRef string // slim with the defaults of its variables
	sameRef bool   // it is the base image that the file has
	tree    tree

	places    []*place    // of the stage's instructions, in order
	manifests []manifest  // that only a copy of everything brings
	reader    *place      // the first install that reads one of manifests
	packages  []string    // for the runtime stage, that no RUN of it names
	joined    []edit.Edit // packages in an install of the build stage's that only that needs
	links     []string    // commands that make links which drivers need
	outputs   []string    // paths that the build stage downloads
	artefacts []artefact  // what it builds, and what of the source the runtime stage needs
	inputs    []input     // what the context brings before the last build
	roots     []string    // the folders that source lies in
	whole     string      // why the roots are copied as they are
	readAll   bool        // every source file was read, so that called is all
	// nodeInstalls are the installs of what a package.json names.
	nodeInstalls []nodeInstall
	frontEnds    []string // the folders that JavaScript is built in beside another ecosystem
	// frontEndTools are those of npm's that the runtime stage lacks.
	frontEndTools []string
	modulesNamed  bool     // node_modules is named beside the build
	nodeSource    bool     // Node comes from a package source that the file adds
	finish        []string // instructions behind the last of the build stage
	settings      []string // instructions of the runtime stage that its image asks for
	gained        bool     // dependencies are left behind
	prefix        string   // that a build installs into
	local         bool     // a build installs into /usr/local, which is brought whole
	cpp           bool     // some of the source is C++
	compiles      bool     // the program compiles when it runs
	foreign       bool     // programs are built whose source is not in the context
	called        []string // programs that the source starts, and their words
	literals      []string // of the source
	bypassed      string   // why the running image would not see the tree
	vendor        vendorSource
	// vendorCopied: a RUN of the runtime stage has the files of vendor.
	vendorCopied bool
	inst         *syntax.Instruction
	ledger
}

// A manifest is a file or folder of the build context that an install reads, and
// its name in the image.
type manifest struct{ file, name string }

// A place is where an instruction goes.
type place struct {
	inst    *syntax.Instruction
	effects []effects.Effect // of a RUN
	build   bool
	runtime bool
	text    string   // what stands for it in the runtime stage; "" for itself
	removed []int    // the steps that only the runtime stage runs, taken out of the build stage
	depends bool     // it installs dependencies into the tree
	builds  bool     // it builds from the source
	tools   []string // it installs programs for the whole image
	whole   bool     // it installs packages beside other things, all for the runtime stage
	pkgs    []pkg    // it installs
	kept    []string // of pkgs and what stands for them, in the runtime stage
	source  bool     // its install reads the source
	mixed   bool     // it installs packages beside other things
	writes  bool     // the runtime stage installs kept by a RUN written anew
	first   bool     // it does so in front of the tree
}

func newPlan(p *fix.Pass, s *build.Stage, prof *profile) *plan {
	pl := &plan{pass: p, stage: s, profile: prof, slim: fromWord(s), slimRef: s.Ref, sameRef: true}
	if slim, ok := facts.RuntimeImage(s.Ref); ok && !prof.sameImage {
		if word, ok := asWritten(fromWord(s), s.Ref, slim); ok {
			pl.slim, pl.slimRef, pl.sameRef = word, slim, slim == s.Ref
		}
	}
	for _, inst := range s.Instructions {
		pl.places = append(pl.places, &place{inst: inst})
	}
	pl.vendor = readVendorSource(s)
	return pl
}

// at is where a decline points to: the instruction that was looked at.
func (pl *plan) at() source.Span {
	if pl.inst != nil {
		return pl.inst.Span
	}
	return pl.stage.From.Span
}

// readEffects reads every RUN, and declines for what cannot be placed wherever it
// stands.
func (pl *plan) readEffects() string {
	if pl.profile.builds != nil {
		if why := pl.readInputs(len(pl.places)); why != "" {
			return why
		}
	}
	for _, at := range pl.places {
		if at.inst.Name != "RUN" {
			continue
		}
		pl.inst = at.inst
		at.effects = effects.Of(pl.stage, at.inst)
		for i := range at.effects {
			if why := pl.readEffect(at, &at.effects[i]); why != "" {
				return why
			}
		}
	}
	pl.inst = nil
	if pl.firstInstall() == nil {
		return "nothing is installed or built that a build stage could leave behind"
	}
	if pl.isBuild() {
		pl.readInputs(pl.lastBuild())
	}
	t, declined := pl.profile.tree(pl)
	pl.tree = t
	return declined
}

// readEffect reads one command of a RUN by the profile, and notes at its place whether it
// builds or installs dependencies. It says why the command has no place, or "".
func (pl *plan) readEffect(at *place, e *effects.Effect) string {
	if pl.profile.builds != nil {
		builds, why := pl.profile.builds(pl, at, e)
		if why != "" {
			return why
		}
		if builds {
			at.builds = true
			e.Kind = effects.Compiles
			return ""
		}
	}
	if pl.isPython() {
		*e = pythonInstall(*e)
	}
	if why := pl.unplaceable(*e); why != "" || isTool(*e) || e.Kind != effects.Depends {
		return why
	}
	byManager := e.Install.Manager != nil
	if !byManager || pl.profile.managers[e.Install.Manager.Name] && !pl.bringsInstaller(at, *e) {
		at.depends = true
	}
	return ""
}

// pythonInstall is an effect as Python's profile has it: one that runs setup.py or a
// script that installs is an install of dependencies.
func pythonInstall(e effects.Effect) effects.Effect {
	for _, read := range []func(effects.Effect) (effects.Effect, bool){setupInstall, scriptInstall} {
		if install, ok := read(e); ok {
			e = install
		}
	}
	return e
}

// unplaceable says why an effect has no place in either stage, or "".
func (pl *plan) unplaceable(e effects.Effect) string {
	text := commandText(e)
	switch {
	case e.Kind == effects.Opaque:
		return brief(text) + ": " + e.Reason
	case e.Kind == effects.Compiles && e.Reason != "":
		return e.Reason
	case e.Kind == effects.Compiles:
		return brief(text) + ": what it builds, and where to, is not known"
	case e.Kind == effects.Depends && e.Install.Manager != nil && !pl.profile.managers[e.Install.Manager.Name] && e.Install.Manager != script:
		return brief(text) + ": whether the image runs what " + e.Install.Manager.Name + " installs is not known"
	}
	for _, w := range append(append([]string{}, e.Writes...), e.Gone...) {
		switch {
		case isSitePackages(w):
			return brief(text) + " writes to " + w + ", beside what is installed there"
		case isAptFile(w) && len(pl.vendor.files) > 0:
		case strings.HasPrefix(w, "/etc/apt/") || strings.HasPrefix(w, "/etc/apk/"):
			return brief(text) + ": packages come from a repository that the file adds"
		}
	}
	return ""
}

func isSitePackages(name string) bool {
	return strings.Contains(name, "/site-packages") || strings.Contains(name, "/dist-packages") ||
		strings.HasPrefix(name, "/usr/local/lib/python") || strings.HasPrefix(name, "/usr/local/lib/ruby")
}

// firstInstall is the first RUN that installs dependencies or builds, or nil.
func (pl *plan) firstInstall() *place {
	for _, at := range pl.places {
		if at.depends || at.builds {
			return at
		}
	}
	return nil
}

// index is where an instruction's place stands in places.
func (pl *plan) index(at *place) int {
	for i, other := range pl.places {
		if other == at {
			return i
		}
	}
	return -1
}

// contextFile is the file of the build context that a COPY before at has put
// under a name in the image; "" if none has. A folder that is known to lack the file
// leaves what an earlier COPY put there.
func (pl *plan) contextFile(at *place, name string) (file string, from *place) {
	before := pl.index(at)
	if before < 0 {
		before = len(pl.places) // in the finished image
	}
	if file, bound := pl.boundFile(at, name); bound {
		return file, at
	}
	for i := before - 1; i >= 0; i-- {
		c, ok := pl.stage.CopyOf(pl.places[i].inst)
		if !ok || c.From != "" || c.Dest == "" {
			continue
		}
		for _, src := range c.Sources {
			origin, ok := pl.originOf(c, src, name)
			switch {
			case !ok:
			case pl.pass.Context == nil || pl.pass.Context.Has(origin):
				return origin, pl.places[i]
			case from == nil:
				file, from = origin, pl.places[i]
			}
		}
	}
	return file, from
}

// originOf is the path in the build context of what a COPY puts at name.
func (pl *plan) originOf(c build.Copy, src build.CopySource, name string) (string, bool) {
	if src.Path == "" || src.Heredoc {
		return "", false
	}
	from := strings.TrimPrefix(path.Clean("/"+src.Path), "/")
	dest := strings.TrimSuffix(c.Dest, "/")
	rest, below := strings.CutPrefix(name, dest+"/")
	switch {
	case src.IsBroad():
		return rest, below
	case project.HasWildcard(src.Path):
		if ok, err := path.Match(from, path.Join(path.Dir(from), rest)); below && ok && err == nil {
			return path.Join(path.Dir(from), rest), true
		}
		return "", false
	case name == c.Dest:
		return from, true // COPY a.txt /b.txt
	case below && rest == path.Base(from) && pl.isIntoFolder(c) && !pl.pass.Context.IsDir(from):
		return from, true // COPY a.txt /dir/
	case below && pl.pass.Context.IsDir(from):
		return path.Join(from, rest), true
	}
	return "", false
}

// isIntoFolder reports whether a COPY leaves files their names in a folder, which the
// working directory is without a slash too.
func (pl *plan) isIntoFolder(c build.Copy) bool {
	return strings.HasSuffix(c.Dest, "/") || c.Dest == pl.stage.WorkdirAt(c.Inst)
}
