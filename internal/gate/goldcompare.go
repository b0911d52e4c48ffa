package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// compareUsers: the same number, or both a number for an account that the file
// makes without one; a group where there was one; the name still in the image.
func compareUsers(_ pair, before, ours, theirs *build.Model) score {
	var s score
	was, a, b := before.Last().FinalUser(), ours.Last().FinalUser(), theirs.Last().FinalUser()
	if a.Name != b.Name && (isNumber(was.Name) || !isNumber(a.Name) || explicitID(before.File.Text, was.Name)) {
		s.differs = append(s.differs, fmt.Sprintf("user %s, theirs %s", userText(a), userText(b)))
	} else if a.Name != b.Name {
		s.also = append(s.also, fmt.Sprintf("user %s, theirs %s: the file gives none", userText(a), userText(b)))
	}
	if (a.Group == "") != (b.Group == "") {
		s.differs = append(s.differs, fmt.Sprintf("form %s, theirs %s", userText(a), userText(b)))
	}
	if was.Name != "" && !isNumber(was.Name) && makesAccount(theirs.File.Text, was.Name) && !makesAccount(ours.File.Text, was.Name) {
		s.differs = append(s.differs, "the name "+was.Name+" is gone")
	}
	return s
}

func userText(u build.User) string {
	if u.Group == "" {
		return u.Name
	}
	return u.Name + ":" + u.Group
}

func isNumber(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }

// compareStages: split or not, the runtime's base, which tree of dependencies
// arrives, the command. Where the maintainer took an image without C library
// (scratch, distroless), one with a C library and a package manager is no
// difference: it runs what they run, and more. Nor is it one that ours stays on the
// distribution that the file was on, where theirs leaves it for another.
func compareStages(_ pair, before, ours, theirs *build.Model) score {
	var s score
	differ := func(what string, a, b any) {
		if a != b {
			s.differs = append(s.differs, fmt.Sprintf("%s %v, theirs %v", what, a, b))
		}
	}
	differ("split", len(ours.Stages) > 1, len(theirs.Stages) > 1)
	a, b := facts.Image(ours.Last().Bottom().Ref), facts.Image(theirs.Last().Bottom().Ref)
	was := facts.Image(before.Last().Bottom().Ref).Distro
	if b.Distro == facts.Scratch || b.Distro == facts.Distroless || a.Distro == was && b.Distro != was {
		s.also = append(s.also, fmt.Sprintf("runtime on %v, theirs %v", a.Distro, b.Distro))
	} else {
		differ("runtime on", a.Distro, b.Distro)
		differ("slim", a.Slim, b.Slim)
	}
	differ("dependencies in", strings.Join(trees(ours), ","), strings.Join(trees(theirs), ","))
	differ("command", command(ours), command(theirs))
	return s
}

// trees are the kinds of dependency trees that the last stage copies from others.
func trees(m *build.Model) []string {
	var kinds []string
	for _, inst := range m.Last().Instructions {
		if c, ok := m.Last().CopyOf(inst); ok && c.From != "" {
			if kind := treeIn(inst.Args.Text); kind != "" {
				kinds = append(kinds, kind)
			} else if copiesWorkdir(c) {
				kinds = append(kinds, "node")
			}
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// copiesWorkdir reports whether a COPY takes the whole folder in which another stage
// has installed what a package.json names.
func copiesWorkdir(c build.Copy) bool {
	return c.Stage != nil && slices.ContainsFunc(c.Sources, func(s build.CopySource) bool { return s.Path == c.Stage.WorkdirAt(nil) }) &&
		slices.ContainsFunc(c.Stage.Instructions, func(i *syntax.Instruction) bool {
			return i.Name == "RUN" && slices.Contains([]string{"npm", "yarn", "pnpm"}, installer(i))
		})
}

// treeIn is the kind of dependency tree that a COPY names, "" for none.
func treeIn(text string) string {
	for _, t := range []struct {
		kind  string
		signs []string
	}{
		{"python", []string{"venv", "site-packages", ".local", "dist-packages", "/lib/python", "wheels"}},
		{"ruby", []string{"bundle", "/gems"}},
		{"node", []string{"node_modules"}},
		{"vendor", []string{"/vendor"}},
	} {
		if slices.ContainsFunc(t.signs, func(sign string) bool { return strings.Contains(text, sign) }) || t.kind == "python" && strings.HasPrefix(text, "/install ") {
			return t.kind
		}
	}
	return ""
}

// command is what the image starts, the first word without its folder: maintainers
// put a program elsewhere when they split.
func command(m *build.Model) string {
	var lines []string
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		inst := m.Last().Last(name)
		if inst == nil {
			continue
		}
		words := strings.Fields(inst.Args.Text)
		if parsed := inst.Words(); inst.JSON && len(parsed) > 0 {
			words = nil
			for _, w := range parsed {
				words = append(words, w.Text)
			}
		}
		if len(words) > 0 {
			words[0] = path.Base(words[0])
		}
		lines = append(lines, name+" "+strings.Join(words, " "))
	}
	return strings.Join(lines, " / ")
}

// compareCopies: the install stands before the broad COPY, with the same
// manifests before it. Lockfiles more than the maintainer's are no difference:
// the install reads them.
func compareCopies(p pair, before, ours, theirs *build.Model) score {
	var s score
	a, b := p.manifests(ours), p.manifests(theirs)
	kept := p.manifests(before) // copied before an install by the maintainers, once
	if len(a) == 0 || len(b) == 0 {
		if len(a) != len(b) {
			s.differs = append(s.differs, fmt.Sprintf("copied before the install: %v, theirs %v", a, b))
		}
		return s
	}
	for _, name := range b {
		if !slices.Contains(a, name) {
			s.differs = append(s.differs, name+" is not copied before the install")
		}
	}
	for _, name := range a {
		if slices.Contains(b, name) || slices.Contains(kept, name) {
			continue
		}
		if isLock(name) {
			s.also = append(s.also, name+" is copied too")
			continue
		}
		s.differs = append(s.differs, name+" is copied before the install too")
	}
	return s
}

func isLock(name string) bool {
	base := path.Base(name)
	return strings.Contains(base, "lock") || base == "go.sum" || base == ".npmrc" || base == ".yarnrc" || base == ".ruby-version" || base == "npm-shrinkwrap.json"
}

// manifests are the files of the context that reach an install of dependencies
// by a COPY of their own; none if a broad COPY stands before every install.
func (p pair) manifests(m *build.Model) []string {
	c, err := p.context()
	if err != nil {
		return nil
	}
	var names []string
	for _, s := range m.Stages {
		var copied []string
		broad := false
		known := map[string]bool{} // the tools that have installed: what they run later builds
		for _, inst := range s.Instructions {
			if read, ok := s.CopyOf(inst); ok && read.From == "" {
				for _, source := range read.Sources {
					broad = broad || source.IsBroad()
					copied = append(copied, expanded(c, source.Path)...)
				}
			}
			tool := ""
			if inst.Name == "RUN" {
				tool = installer(inst)
			}
			if tool == "" || broad || known[tool] {
				continue
			}
			known[tool] = true
			names = append(names, copied...)
			for _, source := range bound(inst) {
				names = append(names, expanded(c, source)...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// bound are the sources of an instruction's bind mounts.
func bound(inst *syntax.Instruction) []string {
	var sources []string
	for _, f := range inst.Flags {
		if !strings.Contains(f.Value, "type=bind") {
			continue
		}
		for option := range strings.SplitSeq(f.Value, ",") {
			if source, ok := strings.CutPrefix(option, "source="); ok {
				sources = append(sources, source)
			}
		}
	}
	return sources
}

// dependencyInstalls are commands that install what manifests name.
var dependencyInstalls = [][]string{
	{"pip", "install"}, {"pip3", "install"}, {"pipenv"}, {"poetry", "install"}, {"uv"},
	{"npm", "install"}, {"npm", "ci"}, {"npm", "i"}, {"yarn"}, {"pnpm"},
	{"bundle"}, {"go", "mod"}, {"go", "get"}, {"composer", "install"}, {"dotnet", "restore"},
	{"mvn"}, {"gradle"}, {"cargo"},
}

// installer is the tool with which a RUN installs dependencies, or "".
func installer(run *syntax.Instruction) string {
	for _, words := range commands(run.Args.Text) {
		for _, install := range dependencyInstalls {
			for i := range words {
				if i+len(install) <= len(words) && slices.Equal(words[i:i+len(install)], install) {
					return install[0]
				}
			}
		}
	}
	return ""
}

// expanded are the files that a source of COPY names, itself if the context has
// none.
func expanded(c *project.Context, source string) []string {
	if matches, err := c.Glob(source); err == nil && len(matches) > 0 && source != "" {
		return matches
	}
	return []string{path.Clean(source)}
}

// compareCleanup: each habit that the maintainer took up is taken up too.
func compareCleanup(_ pair, before, ours, theirs *build.Model) score {
	var s score
	was, a, b := habits(before), habits(ours), habits(theirs)
	for _, habit := range allHabits {
		switch {
		case b[habit] < was[habit] && a[habit] > b[habit]:
			s.differs = append(s.differs, fmt.Sprintf("%s: %d, theirs %d (before %d)", habit, a[habit], b[habit], was[habit]))
		case a[habit] < b[habit]:
			s.also = append(s.also, fmt.Sprintf("%s: %d, theirs %d", habit, a[habit], b[habit]))
		case a[habit] > was[habit]:
			s.differs = append(s.differs, fmt.Sprintf("%s: %d, was %d", habit, a[habit], was[habit]))
		}
	}
	return s
}

var allHabits = []string{"apt without no-install-recommends", "apt lists left", "apk without --no-cache", "pip without --no-cache-dir", "update on its own", "yum or dnf cache left"}

// habits counts the RUN instructions of the file in which something is left
// undone.
func habits(m *build.Model) map[string]int {
	count := map[string]int{}
	for _, inst := range m.File.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		text := inst.Args.Text
		aptInstall, aptUpdate := false, false
		note := func(habit string, left bool) {
			if left {
				count[habit]++
			}
		}
		noRecommends := true
		for _, words := range commands(text) {
			has := func(w ...string) bool {
				return slices.ContainsFunc(words, func(x string) bool { return slices.Contains(w, path.Base(x)) })
			}
			switch {
			case has("apt-get", "apt") && has("install"):
				aptInstall = true
				noRecommends = noRecommends && has("--no-install-recommends")
			case has("apt-get", "apt") && has("update"):
				aptUpdate = true
			case has("apk") && has("add"):
				note("apk without --no-cache", !has("--no-cache"))
			case has("pip", "pip3") && has("install"):
				note("pip without --no-cache-dir", !has("--no-cache-dir"))
			case has("yum", "dnf", "microdnf") && has("install"):
				note("yum or dnf cache left", !strings.Contains(text, "clean all"))
			}
		}
		note("apt without no-install-recommends", aptInstall && !noRecommends)
		note("apt lists left", aptInstall && !strings.Contains(text, "/var/lib/apt/lists"))
		note("update on its own", aptUpdate && !aptInstall)
	}
	return count
}
