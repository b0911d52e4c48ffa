package contract

import (
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/solver/pb"

	"github.com/drydock-dev/drydock/internal/fix"
)

// compareGraphs checks that the build of an image reads, copies and runs what it did,
// each under the same circumstances. The texts were compared before (commands,
// copies); this is BuildKit's word on what they come to, and on what reaches the
// image at all.
func (c *comparison) compareGraphs(before, after *stage, was, is *graph) {
	if was.digest == is.digest {
		return
	}
	for _, image := range sorted(is.images) {
		if !was.images[image] && !c.declaresBase(image) {
			c.differs("the build reads %s, which it did not", image)
		}
	}
	c.compareCopied(was, is)
	c.compareRuns(before, after, was, is)
}

// declaresBase reports whether a change declares an image, as BuildKit names it.
func (c *comparison) declaresBase(image string) bool {
	for subject := range c.declared[fix.ChangeBase] {
		if named, err := reference.ParseNormalizedNamed(subject); err == nil && reference.TagNameOnly(named).String() == image {
			return true
		}
	}
	return false
}

// compareCopied checks that every file of the context that a build copied still
// comes to its place, and none that had no part in it. What stages copy from each
// other may change with the stages.
func (c *comparison) compareCopied(was, is *graph) {
	for _, b := range was.copies {
		if b.origin == "a stage" || c.declared.has(fix.DropCopy, b.source, "/"+b.source, "./"+b.source) {
			continue
		}
		same := func(a copied) bool {
			if a.owner != b.owner && (b.owner != "" && c.isNumberOf(a.owner) || b.owner == "" && c.gaveBy(a.owner)) {
				a.owner = b.owner
			}
			return a == b
		}
		if !slices.ContainsFunc(is.copies, same) && !c.dropsCopyOf(b) {
			c.differs("the build does not copy %s to %s any more", b.source, b.dest)
		}
	}
	for _, a := range is.copies {
		known := a.origin == "a stage" || slices.ContainsFunc(was.copies, func(b copied) bool {
			return b.origin == a.origin && covers(b.source, a.source)
		})
		if !known && !c.declared.has(fix.AddCopy, a.source, "/"+a.source, "./"+a.source) {
			c.differs("the build copies %s to %s, which it did not", a.source, a.dest)
		}
	}
}

// dropsCopyOf reports whether a declared DropCopy, which is written as the file has
// it, is of a source as BuildKit has it.
func (c *comparison) dropsCopyOf(b copied) bool {
	for _, item := range c.before.copied {
		if cleanSource(item.path) == b.source && c.declared.has(fix.DropCopy, item.written, item.path) {
			return true
		}
	}
	return false
}

// compareRuns checks that the commands that made an image still do, and find what
// they found.
func (c *comparison) compareRuns(before, after *stage, was, is *graph) {
	found := map[string][]*command{}
	for _, cmd := range commandsOf(after, is) {
		found[cmd.text] = append(found[cmd.text], cmd)
	}
	args := after.reading.argumentNames()
	for _, cmd := range commandsOf(before, was) {
		if c.declared.has(fix.DropCommand, cmd.text) {
			continue
		}
		if len(found[cmd.text]) == 0 {
			c.differs("the command %q does not reach the image any more", brief(cmd.text))
			return
		}
		b, why := was.runs[cmd.run.line()], ""
		for _, other := range found[cmd.text] {
			a := *is.runs[other.run.line()]
			if now := other.run.state; c.isNumberOf(now.user) || c.isNumberOf(now.asUser) {
				a.user = b.user // declared, by a variable perhaps
			}
			if spellsOut(cmd.run, other.run.state.workdir) {
				a.dir = b.dir // BuildKit is not told that of the base image
			}
			if why = c.otherSurroundings(b, &a, args); why == "" {
				break
			}
		}
		if why != "" {
			c.differs("the command %q %s in the build", brief(cmd.text), why)
			return
		}
	}
}

// commandsOf are the commands of a graph that are compared by their text.
func commandsOf(s *stage, g *graph) []*command {
	var all []*command
	for _, r := range s.reading.runs {
		if g.runs[r.line()] == nil {
			continue
		}
		for _, cmd := range r.commands {
			if cmd.role == plain || cmd.role == opaque {
				all = append(all, cmd)
			}
		}
	}
	return all
}

func (r *run) line() int { return r.inst.Position().Line }

func (r *Reading) argumentNames() map[string]bool {
	names := map[string]bool{}
	for _, text := range r.arguments() {
		name, _, _ := strings.Cut(text, "=")
		names[name] = true
	}
	return names
}

// otherSurroundings says what a command finds otherwise than before, or "". args
// are the build arguments, of which it may see more.
func (c *comparison) otherSurroundings(b, a *surroundings, args map[string]bool) string {
	switch {
	case b.user != a.user:
		return "runs as " + quoted(a.user) + " instead of " + quoted(b.user)
	case b.dir != a.dir:
		return "runs in " + a.dir + " instead of " + b.dir
	case b.shell != a.shell:
		return "runs by " + quoted(a.shell) + " instead of " + quoted(b.shell)
	case b.options != a.options:
		return "runs under other options"
	}
	for _, name := range sorted(b.env) {
		if value, ok := a.env[name]; (!ok || value != b.env[name]) && !c.declared.has(fix.ChangeEnv, name) && !c.isOfBases(name, b.env[name], value) {
			return "sees another " + name
		}
	}
	for _, name := range sorted(a.env) {
		if _, ok := b.env[name]; !ok && !args[name] && !c.declared.has(fix.ChangeEnv, name) && !c.isOfBases(name, "", a.env[name]) {
			return "sees " + name + ", which it did not"
		}
	}
	for _, m := range b.mounts {
		if !slices.Contains(a.mounts, m) {
			return "has lost the mount " + m
		}
	}
	for _, m := range a.mounts {
		// The caches of package managers, and what is declared; otherMounts holds them to that.
		if !slices.Contains(b.mounts, m) && !strings.HasPrefix(m, pb.MountType_CACHE.String()) {
			return "has gained the mount " + m
		}
	}
	return ""
}

func quoted(text string) string { return `"` + text + `"` }
