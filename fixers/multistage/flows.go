package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/shell"
)

// flows holds the plan to what passes between commands: a command that the runtime
// stage runs must not work on what only the build stage makes, and one of the build
// stage not on a file that is copied to the runtime stage alone.
func (pl *plan) flows() string {
	for _, at := range pl.places {
		pl.inst = at.inst
		if why := pl.leaveSourceSteps(at); why != "" {
			return why
		}
		for _, e := range at.effects {
			if e.Command == nil {
				continue
			}
			if made := pl.onlyBuilt(at, e); made != "" {
				return brief(commandText(e)) + ": it works on " + made + ", which the build stage alone has"
			}
			if file := pl.lostFile(at, e); file != "" {
				return brief(commandText(e)) + ": which package has " + file + ", and whether it stays, is not known"
			}
		}
	}
	pl.inst = nil
	return ""
}

// onlyBuilt names what a command of the runtime stage works on and no stage but
// the build stage makes, or "".
func (pl *plan) onlyBuilt(at *place, e effects.Effect) string {
	if !at.runtime && !at.mixed || e.Kind != effects.Files && e.Kind != effects.Accounts && e.Kind != effects.Runs {
		return ""
	}
	for _, other := range pl.places {
		if _, driver := archiveIn(other); driver || !other.build {
			continue
		}
		for _, made := range other.effects {
			if made.Kind != effects.Fetches && made.Kind != effects.Depends && made.Kind != effects.Compiles {
				continue
			}
			for _, w := range made.Writes {
				if !pl.reaches(w) && mentions(e, w) {
					return w
				}
			}
		}
	}
	return ""
}

// lostFile names the file of the system that a command of the runtime stage needs
// and that may be gone with the packages that stay behind, or "".
func (pl *plan) lostFile(at *place, e effects.Effect) string {
	if !at.runtime && !at.mixed || e.Kind != effects.Files || !pl.leavesPackages() {
		return ""
	}
	for _, file := range e.Reads {
		switch {
		case !strings.HasPrefix(file, "/usr/") || strings.HasPrefix(file, "/usr/src/") || strings.HasPrefix(file, "/usr/local/"):
		case isWithin(file, "/usr/share/zoneinfo") && pl.stays("tzdata"):
		case pl.isCopied(at, file):
		default:
			return file
		}
	}
	return ""
}

// isCopied reports whether the runtime stage has a file from the build context before a
// place.
func (pl *plan) isCopied(at *place, file string) bool {
	_, from := pl.contextFile(at, file)
	return from != nil && from.runtime
}

// leavesPackages reports whether a package that is installed stays behind.
func (pl *plan) leavesPackages() bool {
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.pkgs, func(p pkg) bool { return !pl.stays(p.name) })
	})
}

// stays reports whether the runtime stage installs a package.
func (pl *plan) stays(name string) bool {
	return slices.Contains(pl.packages, name) ||
		slices.ContainsFunc(pl.places, func(at *place) bool { return slices.Contains(at.kept, name) })
}

// reaches reports whether the runtime stage copies a path of the build stage, or
// something below it.
func (pl *plan) reaches(name string) bool {
	brought := slices.Concat(pl.outputs, pl.tree.paths)
	for _, a := range pl.artefacts {
		brought = append(brought, a.from, a.to)
	}
	return slices.ContainsFunc(brought, func(b string) bool {
		return isWithin(strings.TrimSuffix(name, "/"), b) || isWithin(b, strings.TrimSuffix(name, "/"))
	})
}

// isRead reports whether the build stage copies a file for an install or a build.
func (pl *plan) isRead(name string) bool {
	return slices.ContainsFunc(pl.manifests, func(m manifest) bool { return isWithin(name, m.name) }) ||
		slices.ContainsFunc(pl.inputs, func(in input) bool { return isWithin(name, in.name) })
}

// mentions reports whether a command names a path, something below it, or what
// may be it: the part of a word before a variable or a pattern counts.
func mentions(e effects.Effect, name string) bool {
	bare := strings.TrimSuffix(name, "/")
	if slices.ContainsFunc(e.Reads, func(r string) bool { return isWithin(r, bare) }) {
		return true
	}
	return slices.ContainsFunc(e.Command.Words[1:], func(w shell.Word) bool {
		known, open := w.Value, false
		if i := strings.IndexAny(known, "$`*?["); i >= 0 {
			known, open = known[:i], true
		}
		if _, value, isOption := strings.Cut(known, "="); isOption && strings.HasPrefix(known, "-") {
			known = value
		}
		if known == "" || !strings.HasPrefix(known, "/") && e.Dir == "" {
			return false
		}
		at := absolute(known, e.Dir)
		if open && !strings.HasSuffix(known, "/") {
			return isWithin(at, bare) || strings.HasPrefix(bare, at) && at != "/"
		}
		return isWithin(at, bare) && at != e.Dir
	})
}
