package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// ownEnvironment is the virtual environment that the file makes by itself, which
// is copied as it is, or why it cannot be. Every install must go into it: what
// lies beside it would stay behind.
func (pl *plan) ownEnvironment() (tree, string) {
	home := ""
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind != effects.Depends {
				continue
			}
			pl.inst = at.inst
			switch {
			case e.Install.Manager == nil && home != "":
				return tree{}, brief(commandText(e)) + ": a second virtual environment"
			case e.Install.Manager == nil:
				if home = pl.environmentMade(at.inst, e); home == "" {
					return tree{}, brief(commandText(e)) + ": the file has a virtual environment of its own"
				}
			case pl.bringsInstaller(at, e):
			case e.Install.Manager.Name != "pip":
				if h, why := pl.homeOf(at, e); why != "" || string(h) != home {
					return tree{}, brief(commandText(e)) + ": it is not known to install into " + home
				}
			case home == "":
				return tree{}, brief(commandText(e)) + ": it installs beside the virtual environment"
			case !pl.installsInto(home, at.inst, e):
				return tree{}, brief(commandText(e)) + ": it is not known to install into " + home
			}
		}
	}
	for _, at := range pl.places {
		c, ok := pl.stage.CopyOf(at.inst)
		if ok && (c.Dest == "" || strings.HasPrefix(home+"/", strings.TrimSuffix(c.Dest, "/")+"/")) {
			pl.inst = at.inst
			return tree{}, "it may copy over the virtual environment " + home
		}
	}
	pl.inst = nil
	return tree{paths: []string{home}}, ""
}

// environmentMade is the folder that "python -m venv /opt/venv" makes, or "".
func (pl *plan) environmentMade(inst *syntax.Instruction, e effects.Effect) string {
	if e.Command == nil || e.Command.Conditional || len(e.Command.Assigns) > 0 {
		return ""
	}
	words := e.Command.Words
	if len(words) != 4 || words[0].Value != "python" && words[0].Value != "python3" || words[1].Value != "-m" || words[2].Value != "venv" {
		return ""
	}
	home, ok := words[3].Expand(func(name string) (string, bool) {
		value, set := pl.stage.EnvAt(inst, name)
		return value, set && !pl.stage.IsArgAt(inst, name)
	})
	if !ok || !strings.HasPrefix(home, "/") || isShared(home) {
		return ""
	}
	return path.Clean(home)
}

// installsInto reports whether an install's pip is that of the environment: by
// its full name or as the first of PATH.
func (pl *plan) installsInto(home string, inst *syntax.Instruction, e effects.Effect) bool {
	inv := e.Install
	redirected := inv.HasFlag("--user", "-t", "--target", "--prefix", "--root", "-e", "--editable", "--python")
	if redirected || len(inv.Command.Assigns) > 0 {
		return false
	}
	program := inv.Command.Words[0]
	if strings.Contains(program.Value, "/") {
		return path.Dir(program.Value) == home+"/bin"
	}
	byName := []string{"pip", "pip3", "python", "python3"}
	return slices.Contains(byName, program.Value) && pl.firstOfPath(inst) == home+"/bin"
}

// firstOfPath is the folder that ENV PATH names first at inst, or "".
func (pl *plan) firstOfPath(inst *syntax.Instruction) string {
	first := ""
	for _, at := range pl.places {
		if at.inst == inst {
			break
		}
		if at.inst.Name != "ENV" {
			continue
		}
		for _, p := range at.inst.Pairs() {
			if p.Name == "PATH" {
				value, _, _ := strings.Cut(strings.Trim(p.Value, `"'`), ":")
				first = pl.envPath(at.inst, value)
			}
		}
	}
	return first
}

// envPath is a path of an ENV with the variables of the file replaced, or "".
func (pl *plan) envPath(inst *syntax.Instruction, text string) string {
	x := pl.stage.Expand(inst, text)
	if !x.Known || len(x.Args) > 0 || !strings.HasPrefix(x.Text, "/") {
		return ""
	}
	return path.Clean(x.Text)
}

// makesEnvironment reports whether the file has a virtual environment of its own.
func (pl *plan) makesEnvironment() bool {
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.effects, func(e effects.Effect) bool { return e.Kind == effects.Depends && e.Install.Manager == nil })
	})
}
