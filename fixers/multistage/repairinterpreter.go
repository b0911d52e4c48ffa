package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// repairInterpreter puts the last stage on the version of Python or Ruby that the
// dependencies which it copies are installed for: those of another version are not
// looked for, or do not load.
//
//	FROM python:3.12 AS build              =>  FROM python:3.12 AS build
//	RUN pip install --user -r ...              RUN pip install --user -r ...
//	FROM python:3.11-slim                      FROM python:3.12-slim
//	COPY --from=build /root/.local ...         COPY --from=build /root/.local ...
//
// Declined where the last stage names its version elsewhere too, builds on another
// distribution, or installs a package that the other release has not; and where the
// C library is another, which packages in nothing but the language do not mind.
func repairInterpreter(p *fix.Pass, last *build.Stage) {
	from, needs := dependenciesOfOther(last)
	if from == nil || last.Base != nil {
		return
	}
	prof, word, runs := profileOf(last), fromWord(last), last.Image
	built, now := minor(from.Bottom().Ref), minor(last.Ref)
	switch {
	case built == "" || now == "" || runs.Libc() == facts.UnknownLibc || from.Bottom().Image.Libc() == facts.UnknownLibc:
		return
	case from.Bottom().Image.Libc() != runs.Libc():
		p.Decline(needs.Inst.Span, "the packages of %s are installed on %s, and %s has another C library: those that are partly in C do not load", prof.name, from.Bottom().Ref, last.Ref)
		return
	case built == now:
		return
	case strings.ContainsAny(word, "$@"):
		p.Decline(last.From.Span, "the packages of stage %s are for %s %s, and the version of the last stage is in a variable or a digest", stageName(from), prof.name, built)
		return
	case saysVersion(last, now):
		p.Decline(needs.Inst.Span, "the packages of stage %s are for %s %s, and the last stage takes them for %s", stageName(from), prof.name, built, now)
		return
	}
	other, ok := slimOf(from.Bottom())
	if !runs.Slim {
		other, ok = from.Bottom().Ref, true
	}
	if !ok || strings.ContainsAny(other, "@") {
		p.Decline(last.From.Span, "the packages of stage %s are for %s %s, and its slim image is not known", stageName(from), prof.name, built)
		return
	}
	if why := missesPackage(last, facts.Image(other)); why != "" {
		p.Decline(last.From.Span, "the packages of stage %s are for %s %s: %s", stageName(from), prof.name, built, why)
		return
	}
	p.Apply(last.From.Span, "run on "+prof.name+" "+built+", for which the copied dependencies are installed", fix.Fix{
		Safety:  fix.Review,
		Edits:   []edit.Edit{edit.Replace(last.From.Words()[0].Span, other)},
		Reads:   wholeFile(last.From),
		Claims:  []string{"stages"},
		Changes: []fix.Change{{Kind: fix.ChangeBase, Subject: other}},
		Notes:   []string{prof.name + " " + now + " does not find the packages of " + built},
	})
}

// dependenciesOfOther is the COPY of a stage that brings installed packages of Python
// or Ruby, and the stage that it takes them from; nil if there is none.
func dependenciesOfOther(last *build.Stage) (*build.Stage, build.Copy) {
	prof := profileOf(last)
	if prof != &python && prof != &ruby {
		return nil, build.Copy{}
	}
	for _, inst := range last.Instructions {
		c, ok := last.CopyOf(inst)
		if ok && c.Stage != nil && profileOf(c.Stage) == prof && holdsDependencies(c, prof) && len(installsOf(c.Stage, prof)) > 0 {
			return c.Stage, c
		}
	}
	return nil, build.Copy{}
}

// saysVersion reports whether an instruction of a stage names a version.
func saysVersion(s *build.Stage, version string) bool {
	for _, inst := range s.Instructions {
		if strings.Contains(inst.Args.Text, version) {
			return true
		}
	}
	return false
}

// slimOf is the slim image beside that of a stage, or its own if that is slim.
func slimOf(s *build.Stage) (string, bool) {
	if s.Image.Slim || s.Image.Distro == facts.Alpine {
		return s.Ref, true
	}
	return facts.SlimVariant(s.Ref)
}

// missesPackage says which package that a stage installs another image has not, or why
// that cannot be told; "" if it has all of them.
func missesPackage(s *build.Stage, other facts.Family) string {
	pkgs := packagesIn(s)
	if s.Image.Release == other.Release && s.Image.Distro == other.Distro || len(pkgs) == 0 {
		return ""
	}
	releases := other.Possible
	if other.Release != "" {
		releases = []string{other.Release}
	}
	if other.Distro != facts.Debian || len(releases) == 0 {
		return "whether its image has the package " + pkgs[0] + " is not known"
	}
	for _, release := range releases {
		if i := slices.IndexFunc(pkgs, func(pkg string) bool { return !facts.HasPackage(release, pkg) }); i >= 0 {
			return release + " has no package " + pkgs[i]
		}
	}
	return ""
}
