package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// declareBase tells what the runtime image brings that is known of one of the two
// images only: the account, and the variable that names it.
func (pl *plan) declareBase() {
	if user := pl.stage.FinalUser(); user.Inst == nil && !user.Known && pl.profile.root {
		pl.declare(fix.ChangeUser, "0")
	}
	if _, name := facts.AccountVariables(pl.slim); name != "" && pl.profile == &dotnet {
		pl.declare(fix.ChangeEnv, name)
	}
}

// declareSplit tells the contract what the split changes.
func (pl *plan) declareSplit() {
	if !pl.sameRef {
		pl.declare(fix.ChangeBase, pl.slim)
		if pl.slimRef != pl.slim {
			pl.declare(fix.ChangeBase, pl.slimRef)
		}
		pl.note("the runtime stage is on %s, which lacks the compilers and tools of %s", pl.slim, fromWord(pl.stage))
	}
	for _, name := range pl.tree.sets {
		pl.declare(fix.ChangeEnv, name)
	}
	for _, p := range pl.tree.paths {
		if name := pl.onHost(p); name != "" {
			pl.note("%s is not in .dockerignore: one on the host's disk would overwrite the one that is built", name)
		}
	}
	pl.declareBase()
	for _, at := range pl.places {
		if (at.inst.Name == "ENV" || at.inst.Name == "ARG") && !at.runtime {
			for _, p := range at.inst.Pairs() {
				pl.declare(fix.ChangeEnv, p.Name)
				pl.leave(at.inst.Name+" "+p.Name, "only the build reads it")
			}
		}
	}
	for _, c := range pl.tree.runs {
		pl.declare(fix.AddCommand, c)
	}
	for _, at := range pl.places {
		if at.build || at.runtime {
			continue
		}
		for _, l := range slices.Concat(at.inst.Comments(), at.inst.InnerComments()) {
			pl.declare(fix.DropComment, at.inst.File().CommentText(l))
		}
	}
	for _, at := range pl.places {
		if at.inst.Name == "RUN" && (at.build || at.runtime) {
			pl.declare(fix.MoveInstruction, at.inst.Text())
		}
		if at.text != "" {
			pl.declare(fix.MoveInstruction, at.text)
		}
		if at.inst.Name == "RUN" && at.build && at.runtime && at.text == "" {
			pl.declareAgain(pl.stage.Script(at.inst).Commands)
		}
		for _, e := range at.effects {
			if e.Kind == effects.Depends || e.Kind == effects.Compiles || e.Kind == effects.State && at.build {
				pl.declare(fix.DropCommand, commandText(e))
			}
		}
	}
}

// onHost is what of the build context a COPY of everything in the runtime stage would
// bring over a folder that the build stage makes; "" if .dockerignore keeps it back.
func (pl *plan) onHost(dir string) string {
	if pl.pass.Context == nil {
		return ""
	}
	for _, at := range pl.places[pl.treeFrom():] {
		c, ok := pl.stage.CopyOf(at.inst)
		if !ok || c.From != "" || !at.runtime || c.Dest == "/" {
			continue
		}
		rest, below := strings.CutPrefix(dir, strings.TrimSuffix(c.Dest, "/")+"/")
		for _, src := range c.Sources {
			name := path.Join(strings.TrimPrefix(path.Clean("/"+src.Path), "/"), rest)
			if below && src.IsBroad() && !pl.pass.Context.Ignored(name) {
				return name
			}
		}
	}
	return ""
}
