package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A recall counts how much of what maintainers did in their splits is done too.
type recall struct {
	left, added, artefacts, libc share
}

// A share is a part of a whole.
type share struct{ part, whole int }

func (s *share) count(hit bool) {
	s.whole++
	if hit {
		s.part++
	}
}

func (s share) String() string {
	if s.whole == 0 {
		return "0 of 0"
	}
	return fmt.Sprintf("%d of %d (%.0f%%)", s.part, s.whole, 100*float64(s.part)/float64(s.whole))
}

func (r recall) String() string {
	return fmt.Sprintf("packages left behind %s, packages added %s, artefacts copied %s, same C library %s", r.left, r.added, r.artefacts, r.libc)
}

// count adds a pair, and tells what of it is missed.
func (r *recall) count(before, ours, theirs *build.Model) (missed []string) {
	was := systemPackages(before.Stages)
	a, b := systemPackages(ours.Last().Chain()), systemPackages(theirs.Last().Chain())
	there, _ := facts.Preinstalled(ours.Last().Bottom().Ref)
	note := func(s *share, hit bool, format string, args ...any) {
		s.count(hit)
		if !hit {
			missed = append(missed, fmt.Sprintf(format, args...))
		}
	}
	for _, p := range was {
		if !slices.Contains(b, p) {
			note(&r.left, !slices.Contains(a, p), "%s is not left behind", p)
		}
	}
	moves := facts.Image(theirs.Last().Bottom().Ref).Distro != facts.Image(ours.Last().Bottom().Ref).Distro
	for _, p := range b {
		if !slices.Contains(was, p) && !moves {
			note(&r.added, slices.Contains(a, p) || slices.Contains(there, p), "%s is not added", p)
		}
	}
	copied := artefactsOf(ours)
	whole := slices.ContainsFunc(ours.Last().Instructions, func(i *syntax.Instruction) bool {
		c, ok := ours.Last().CopyOf(i)
		return ok && copiesWorkdir(c)
	})
	for _, name := range artefactsOf(theirs) {
		hit := whole || slices.ContainsFunc(copied, func(c string) bool { return path.Base(c) == path.Base(name) || strings.HasPrefix(name, c+"/") })
		note(&r.artefacts, hit, "%s is not copied", name)
	}
	former, mine := facts.Image(before.Last().Bottom().Ref).Libc(), facts.Image(ours.Last().Bottom().Ref).Libc()
	if other := facts.Image(theirs.Last().Bottom().Ref).Libc(); other == former && other != facts.UnknownLibc { // see compareStages for the others
		note(&r.libc, mine == other, "another C library")
	}
	return missed
}

// systemPackages are the names, without versions, that stages install with apt or
// apk, each once.
func systemPackages(stages []*build.Stage) []string {
	var names []string
	for _, s := range stages {
		for _, inst := range s.Instructions {
			if inst.Name != "RUN" {
				continue
			}
			for _, words := range commands(inst.Args.Text) {
				names = append(names, installedNames(words)...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// installedNames are the names of the packages that a command of apt or apk installs.
func installedNames(words []string) []string {
	manager := slices.IndexFunc(words, func(w string) bool { return w == "apt-get" || w == "apt" || w == "apk" })
	if manager < 0 {
		return nil
	}
	words = words[manager:]
	verb := slices.IndexFunc(words, func(w string) bool { return w == "install" || w == "add" })
	if verb < 0 {
		return nil
	}
	var names []string
	for i, w := range words[verb+1:] {
		before := words[verb+i]
		if strings.HasPrefix(w, "-") || strings.HasPrefix(w, ".") || before == "--virtual" || before == "-t" || strings.ContainsAny(w, "$/") {
			continue
		}
		name, _, _ := strings.Cut(w, "=")
		names = append(names, name)
	}
	return names
}

// artefactsOf are what the last stage copies from others: kinds of dependency
// trees, and the paths of files and folders.
func artefactsOf(m *build.Model) []string {
	names := trees(m)
	for _, inst := range m.Last().Instructions {
		c, ok := m.Last().CopyOf(inst)
		if !ok || c.From == "" || treeIn(inst.Args.Text) != "" || strings.Contains(inst.Args.Text, "requirements") { // beside wheels

			continue
		}
		for _, src := range c.Sources {
			names = append(names, strings.TrimSuffix(src.Word.Text, "/"))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
