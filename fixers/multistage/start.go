package multistage

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// installsAtStart are what scripts call to install dependencies. Those want what
// the build stage keeps: compilers, headers.
var installsAtStart = []string{"pip install", "pip3 install", "bundle install", "gem install", "poetry install", "pipenv install"}

// startsBuild says why the running image may want the tools of the build stage, or
// "": it installs dependencies when it starts, or what it starts comes from
// outside, such as a volume.
func (pl *plan) startsBuild() string {
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		inst := pl.stage.Last(name)
		if inst == nil {
			continue
		}
		for _, c := range pl.stage.Script(inst).Commands {
			if why := pl.commandBuilds(inst, c); why != "" {
				pl.inst = inst
				return why
			}
		}
	}
	return ""
}

func (pl *plan) commandBuilds(inst *syntax.Instruction, c *shell.Command) string {
	if inv, ok := pkgmgr.Recognise(c); ok && inv.Action == pkgmgr.Install && !inv.Manager.System {
		return inst.Name + " installs dependencies when the container starts"
	}
	for i, w := range c.Words {
		if pl.pass.Context == nil || !strings.Contains(w.Value, "/") || w.IsFlag() || strings.Contains(w.Value, "://") {
			continue
		}
		name := w.Value
		if !strings.HasPrefix(name, "/") {
			name = path.Join(pl.stage.WorkdirAt(inst), name)
		}
		file, from := pl.contextFile(&place{}, path.Clean(name))
		switch {
		case from != nil:
			text, _ := pl.pass.Context.Read(file)
			for _, install := range installsAtStart {
				if strings.Contains(text, install) {
					return file + " runs " + install + " when the container starts"
				}
			}
		case i == 0 && !strings.HasPrefix(w.Value, "/") && !pl.isMade(name):
			return w.Value + " is not in the image: a volume may bring the application"
		}
	}
	return ""
}

// isMade reports whether some instruction may make a file: a copy of unknown
// content, or a command.
func (pl *plan) isMade(name string) bool {
	for _, at := range pl.places {
		if c, ok := pl.stage.CopyOf(at.inst); ok && (c.Dest == "" || c.From != "" && isWithin(name, c.Dest)) {
			return true
		}
		for _, e := range at.effects {
			for _, w := range e.Writes {
				if isWithin(name, strings.TrimSuffix(w, "/")) {
					return true
				}
			}
		}
	}
	return false
}
