package multistage

import (
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// repair mends a runtime stage that takes the application from the build stage
// and forgets its dependencies: the image builds, and fails at start.
//
//	FROM python:3.11 AS build                 =>  FROM python:3.11 AS build
//	RUN pip install -r requirements.txt           RUN python -m venv /opt/venv
//	FROM python:3.11-slim                         ENV PATH=/opt/venv/bin:$PATH
//	COPY --from=build /app /app                   RUN pip install -r requirements.txt
//	CMD ["python", "app.py"]                      FROM python:3.11-slim
//	                                              COPY --from=build /opt/venv /opt/venv
//	                                              ENV PATH=/opt/venv/bin:$PATH
//	                                              ...
//
// Only where it is sure: the same version of the interpreter and C library in
// both stages, dependencies out of a manifest, nothing in the last stage that
// brings them by another way.
func repair(p *fix.Pass, last *build.Stage) {
	prof := profileOf(last)
	if prof == nil || last.Last("CMD") == nil && last.Last("ENTRYPOINT") == nil {
		return
	}
	from, copied := soleSourceOf(last, func(s *build.Stage) bool { return profileOf(s) == prof })
	unused := copied == nil
	if unused {
		from, copied = unusedBuild(last)
	} else if from.IsImage() {
		return
	}
	if copied == nil || len(installsOf(last, prof)) > 0 || profileOf(from) != prof {
		return
	}
	installs := installsOf(from, prof)
	if len(installs) == 0 || !readsManifest(installs) || bringsDependencies(last) {
		return
	}
	if !sameInterpreter(from.Bottom(), last.Bottom()) {
		p.Decline(copied.Span, "the dependencies of stage %s are not copied, and its %s is another than that of the last stage", stageName(from), prof.name)
		return
	}
	pl := newPlan(p, from, prof)
	if declined := pl.readEffects(); declined != "" {
		p.Decline(copied.Span, "whether the last stage has the dependencies of stage %s cannot be told: %s", stageName(from), declined)
		return
	}
	if unused {
		pl.declareStage(from)
	}
	f := pl.repaired(copied)
	p.Apply(copied.Span, "copy the dependencies, which the last stage forgets", f)
}

// repaired installs into the tree and copies it in front of copied.
func (pl *plan) repaired(copied *syntax.Instruction) fix.Fix {
	var lines []string
	for _, p := range pl.tree.paths {
		lines = append(lines, copied.Cased("COPY")+" --from="+stageName(pl.stage)+" "+p+" "+p)
		pl.note("copied: %s", p)
	}
	for _, l := range pl.tree.env {
		lines = append(lines, cased(copied, l))
	}
	for _, name := range pl.tree.sets {
		pl.declare(fix.ChangeEnv, name)
	}
	for _, c := range pl.tree.runs {
		pl.declare(fix.AddCommand, c)
	}
	edits := append(pl.setUp(), edit.Edit{})
	edits[len(edits)-1] = copied.InsertAbove(lines...)
	return fix.Fix{
		Safety:  fix.Review,
		Edits:   edits,
		Reads:   []source.Span{{Start: 0, End: len(copied.File().Text)}},
		Claims:  []string{"stages"},
		Changes: pl.changes,
		Notes:   pl.notes,
	}
}

// soleSource is the stage that all copies between stages in s take from, and the
// first of them that is not of a driver's files; nil if there are several or none.
func soleSource(s *build.Stage) (from *build.Stage, first *syntax.Instruction) {
	return soleSourceOf(s, func(*build.Stage) bool { return true })
}

// soleSourceOf is the same among the stages that fit: of a program in Go, whatever
// a stage of Node's brings besides.
func soleSourceOf(s *build.Stage, fits func(*build.Stage) bool) (from *build.Stage, first *syntax.Instruction) {
	for _, inst := range s.Instructions {
		c, ok := s.CopyOf(inst)
		if !ok || c.From == "" || c.Stage != nil && !fits(c.Stage) {
			continue
		}
		if c.Stage == nil || from != nil && c.Stage != from {
			return nil, nil
		}
		from = c.Stage
		if first == nil && !isDriverCopy(c) {
			first = inst
		}
	}
	return from, first
}

// installsOf are the installs of dependencies in a stage and its bases.
func installsOf(s *build.Stage, prof *profile) []effects.Effect {
	var all []effects.Effect
	for _, st := range s.Chain() {
		for _, inst := range st.Instructions {
			if inst.Name != "RUN" {
				continue
			}
			for _, e := range effects.Of(st, inst) {
				if e.Kind == effects.Depends && e.Install.Manager != nil && prof.managers[e.Install.Manager.Name] {
					all = append(all, e)
				}
			}
		}
	}
	return all
}

func readsManifest(installs []effects.Effect) bool {
	for _, e := range installs {
		text := commandText(e)
		if strings.Contains(text, "requirements") || strings.Contains(text, "bundle install") {
			return true
		}
	}
	return false
}

// bringsDependencies reports whether a copy of the last stage may hold installed
// packages, wheels or scripts.
func bringsDependencies(s *build.Stage) bool {
	for _, st := range s.Chain() {
		for _, inst := range st.Instructions {
			c, ok := st.CopyOf(inst)
			if ok && c.From != "" && !isDriverCopy(c) && slices.ContainsFunc(c.Sources, mayHoldDependencies) {
				return true
			}
		}
	}
	return false
}

// signsOfDependencies are parts of the paths under which stages keep what they install.
var signsOfDependencies = []string{"/usr", "/opt", "/root", "venv", "env", "/install", "site-packages", "wheel", "bundle", "gems", ".local", "/packages", "deps", "dependencies"}

func mayHoldDependencies(src build.CopySource) bool {
	return src.Path == "" || src.Path == "/" ||
		slices.ContainsFunc(signsOfDependencies, func(sign string) bool { return strings.Contains(src.Path, sign) })
}

// sameInterpreter reports whether two images have the same version, to the minor
// one, and the same C library.
func sameInterpreter(a, b *build.Stage) bool {
	va, vb := minor(a.Ref), minor(b.Ref)
	return va != "" && va == vb && a.Image.Libc() == b.Image.Libc() && a.Image.Libc() != facts.UnknownLibc
}

// minor is the first two numbers of an image's tag, "" if it has not as many.
func minor(ref string) string {
	version, _, _ := strings.Cut(facts.ParseRef(ref).Tag, "-")
	parts := strings.Split(version, ".")
	if len(parts) < 2 || strings.Trim(parts[0]+parts[1], "0123456789") != "" {
		return ""
	}
	return parts[0] + "." + parts[1]
}

// stageName is what --from calls a stage, in the author's own spelling.
func stageName(s *build.Stage) string {
	if s.Name != "" {
		return s.From.Words()[2].Text
	}
	return strconv.Itoa(s.Index)
}

// profileOf is the profile of the image at the bottom of a stage, or nil.
func profileOf(s *build.Stage) *profile { return profiles[facts.ParseRef(s.Bottom().Ref).Repository] }
