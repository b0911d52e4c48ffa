package dependencycopy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A chown that the install needs, since it runs as the owner or writes there, stays
// before it, for the folder and the manifests. The source gets its owner as it is
// copied:
//
//	# COPY . /app                 =>  COPY package.json /app/
//	# RUN chown -R app:app /app       RUN chown -R app:app /app
//	# USER app                        USER app
//	# RUN npm install                 RUN npm install
//	#                                 COPY --chown=app:app . /app
//
// Not where the chown takes in a part of what a COPY brings, or what a command made
// of the source; nor where its owner is nothing that COPY reads alike.

// keepChowns leaves the chowns that cannot move where they are. A chown that it
// cannot leave there stays among what moves, for obstacle to name.
func (p *plan) keepChowns() {
	for i := 0; i < len(p.moved); i++ {
		inst := p.moved[i]
		if inst.Name != "RUN" || p.mustPrecede(inst) == "" && p.movesPast(inst) == nil {
			continue
		}
		owned, ok := p.ownedBy(inst, p.moved[:i])
		if !ok {
			return
		}
		for copied, owner := range owned {
			p.owners[copied] = owner
		}
		p.moved = slices.Delete(p.moved, i, i+1)
		p.staying = append(p.staying, inst)
		i--
	}
}

// ownedBy are the copies that come before a RUN that does nothing to the source but
// give it to an owner, each with that owner as --chown has it.
func (p *plan) ownedBy(run *syntax.Instruction, before []*syntax.Instruction) (owned map[*syntax.Instruction]string, ok bool) {
	owned = map[*syntax.Instruction]string{}
	s := readSteps(p.pass, p.stage, run)
	for i, st := range s.list {
		switch {
		case i > 0 && st.Op != shell.And:
			return nil, false
		case st.kind == needsNothing:
			continue
		}
		owner, trees, ok := p.recursiveChown(s, st)
		if !ok {
			return nil, false
		}
		for _, tree := range trees {
			for _, inst := range before {
				within, apart := p.liesIn(inst, tree)
				switch {
				case within && p.takesOwner(inst, owner) && p.isThere(tree, run):
					owned[inst] = owner
				case !apart:
					return nil, false
				}
			}
		}
	}
	return owned, len(owned) > 0
}

// recursiveChown reads "chown -R app:app /app": the owner as --chown has it, and the
// folders.
func (p *plan) recursiveChown(s *steps, st step) (owner string, trees []string, ok bool) {
	cmd := st.Command()
	if cmd == nil || len(cmd.Redirects) > 0 {
		return "", nil, false
	}
	name, args := cmd.Runs()
	if name != "chown" || len(args) < 3 || args[0].Value != "-R" && args[0].Value != "--recursive" {
		return "", nil, false
	}
	for _, w := range args[2:] {
		tree, known := s.expand(w)
		if !known || w.Glob || w.IsFlag() || st.dir == "" && !path.IsAbs(tree) {
			return "", nil, false
		}
		if !path.IsAbs(tree) {
			tree = path.Join(st.dir, tree)
		}
		trees = append(trees, path.Clean(tree))
	}
	owner, ok = p.ownerFlag(s.run, args[1])
	return owner, trees, ok
}

// ownerFlag is the owner of a chown as --chown has it, where both find the same
// behind the install. Without a group chown leaves root's, where --chown takes the
// user's own.
func (p *plan) ownerFlag(run *syntax.Instruction, w shell.Word) (owner string, ok bool) {
	_, known := w.Expand(func(name string) (string, bool) {
		was, set := p.stage.EnvAt(run, name)
		is, _ := p.stage.EnvAt(p.run, name)
		return was, set && was == is
	})
	if !known || w.Raw == "" || strings.ContainsAny(w.Raw, "\"'`()\\.*?[]~-+") {
		return "", false
	}
	switch user, group, hasGroup := strings.Cut(w.Raw, ":"); {
	case user == "" || hasGroup && group == "" || strings.Contains(group, ":"):
		return "", false
	case !hasGroup:
		return w.Raw + ":root", true
	}
	return w.Raw, true
}

// liesIn reports whether all that an instruction copies comes to lie in a folder of
// the image, or none of it.
func (p *plan) liesIn(inst *syntax.Instruction, tree string) (within, apart bool) {
	c, ok := p.stage.CopyOf(inst)
	dest, _ := destination(p.stage, c)
	if !ok || dest == "" {
		return false, false
	}
	_, within = below(tree, dest)
	return within, !overlap(tree, dest)
}

// takesOwner reports whether a COPY can be given an owner: it has none, and is not
// made apart from the image whose accounts say who that is.
func (p *plan) takesOwner(inst *syntax.Instruction, owner string) bool {
	has := inst.FlagValue("chown")
	return (has == "" || has == owner) && !slices.ContainsFunc(inst.Flags, func(f syntax.Flag) bool { return f.Name == "link" })
}

// isThere reports whether a folder exists where the chown runs, without the source.
func (p *plan) isThere(tree string, run *syntax.Instruction) bool {
	if _, ok := below(tree, workdirAt(p.stage, run)); ok {
		return true
	}
	return slices.ContainsFunc(p.installs, func(in *install) bool {
		return slices.ContainsFunc(append(in.reads.Files[:len(in.reads.Files):len(in.reads.Files)], in.reads.Dirs...), func(name string) bool {
			_, delivered := p.layout.delivered(in.at, name)
			_, under := below(tree, in.at.imageOf(name))
			return delivered && under
		})
	})
}

// ownerChanges declare the owners that copies get, as written and as the build has
// them.
func (p *plan) ownerChanges(inst *syntax.Instruction) []fix.Change {
	owner, ok := p.newOwner(inst)
	if !ok {
		return nil
	}
	changes := []fix.Change{{Kind: fix.OwnCopy, Subject: owner}}
	if x := p.stage.Expand(p.run, owner); x.Known && x.Text != owner {
		changes = append(changes, fix.Change{Kind: fix.OwnCopy, Subject: x.Text})
	}
	return changes
}

// newOwner is the --chown that a moved COPY gets.
func (p *plan) newOwner(inst *syntax.Instruction) (owner string, ok bool) {
	owner, ok = p.owners[inst]
	return owner, ok && inst.FlagValue("chown") == ""
}
