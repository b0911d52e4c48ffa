package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// commandsAtStart are the commands that the image runs by itself: of ENTRYPOINT, CMD
// and HEALTHCHECK.
func (pl *plan) commandsAtStart() []*shell.Command {
	var all []*shell.Command
	for _, name := range []string{"ENTRYPOINT", "CMD", "HEALTHCHECK"} {
		if inst := pl.stage.Last(name); inst != nil {
			all = append(all, pl.stage.Script(inst).Commands...)
		}
	}
	return all
}

// isStarted reports whether ENTRYPOINT, CMD or a script that they start names a
// file, by its path or, in a folder of programs, by its name.
func (pl *plan) isStarted(name string) bool {
	workdir := pl.stage.WorkdirAt(nil)
	for _, inst := range []string{"ENTRYPOINT", "CMD"} {
		at := pl.stage.Last(inst)
		if at == nil {
			continue
		}
		for _, c := range pl.stage.Script(at).Commands {
			for _, w := range c.Words {
				if names(w.Value, name, workdir) {
					return true
				}
				file, from := pl.contextFile(&place{}, absolute(w.Value, workdir))
				if from == nil {
					continue
				}
				text, err := pl.pass.Context.Read(file)
				if err == nil && slices.ContainsFunc(strings.FieldsFunc(text, isSeparator), func(s string) bool { return names(s, name, workdir) }) {
					return true
				}
			}
			if pl.stage.Script(at).Opaque != "" && strings.Contains(at.Args.Text, name) {
				return true
			}
		}
	}
	return false
}

// names reports whether a word of a command means a file.
func names(word, name, workdir string) bool {
	for _, w := range strings.Fields(word) {
		if !strings.Contains(w, "/") {
			if w == path.Base(name) && (path.Base(path.Dir(name)) == "bin" || path.Dir(name) == workdir) {
				return true
			}
			continue
		}
		if isWithin(absolute(w, workdir), name) {
			return true
		}
	}
	return false
}

func absolute(name, workdir string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join(workdir, name)
}

// startsSource reports whether a program that the image starts lies in the folders
// of the source.
func (pl *plan) startsSource() bool {
	isProgram := func(name string) bool {
		ext := path.Ext(name)
		return strings.Contains(name, "/") && (ext == "" || ext == ".sh") && isWithinAny(absolute(name, pl.stage.WorkdirAt(nil)), pl.roots)
	}
	return slices.ContainsFunc(pl.commandsAtStart(), func(c *shell.Command) bool {
		for i, w := range c.Words {
			if isProgram(w.Value) {
				return true
			}
			name := path.Base(w.Value)
			if i == 0 && !isShell(name) && name != "tini" && name != "dumb-init" && name != "gosu" && name != "su-exec" && name != "exec" {
				return false
			}
			if fields := strings.Fields(w.Value); len(fields) > 1 && slices.ContainsFunc(fields, isProgram) {
				return true
			}
		}
		return false
	})
}

func (pl *plan) isStartedByPath(name string) bool {
	for _, c := range pl.commandsAtStart() {
		if strings.Contains(c.Text(), name) {
			return true
		}
	}
	return false
}

// startsCompiler says why CMD or ENTRYPOINT builds, or "".
func (pl *plan) startsCompiler(tools map[string]bool) string {
	for _, c := range pl.commandsAtStart() {
		if name, _ := c.Runs(); tools[name] {
			return "the image starts " + name + ", which builds"
		}
		for _, w := range c.Words {
			if fields := strings.Fields(w.Value); len(fields) > 1 && tools[path.Base(fields[0])] {
				return "the image starts " + fields[0] + ", which builds"
			}
		}
	}
	return ""
}

// startWords are the words of what the image starts by itself, scripts included.
func (pl *plan) startWords() []string {
	var all []string
	for _, name := range []string{"ENTRYPOINT", "CMD", "HEALTHCHECK"} {
		inst := pl.stage.Last(name)
		if inst == nil {
			continue
		}
		words := strings.FieldsFunc(inst.Args.Text, isSeparator)
		all = append(all, words...)
		for _, w := range words {
			file, from := pl.contextFile(&place{}, absolute(strings.Trim(w, `[],"`), pl.stage.WorkdirAt(inst)))
			if from == nil {
				continue
			}
			if text, err := pl.pass.Context.Read(file); err == nil {
				all = append(all, strings.FieldsFunc(text, isSeparator)...)
			}
		}
	}
	return all
}

// unreadStart reports whether a script that the image starts cannot be read, so that
// it may call anything.
func (pl *plan) unreadStart() bool {
	if pl.pass.Context == nil {
		return false
	}
	for _, inst := range []string{"ENTRYPOINT", "CMD", "HEALTHCHECK"} {
		at := pl.stage.Last(inst)
		if at == nil {
			continue
		}
		for _, w := range strings.FieldsFunc(at.Args.Text, isSeparator) {
			w = strings.Trim(w, `[],"`)
			file, from := pl.contextFile(&place{}, absolute(w, pl.stage.WorkdirAt(at)))
			if from == nil || !strings.Contains(w, "/") || !pl.pass.Context.HasFile(file) {
				continue
			}
			if _, err := pl.pass.Context.Read(file); err != nil {
				return true
			}
		}
	}
	return false
}

// callsOfProgram adds the programs of the build's image that the source starts.
func (pl *plan) callsOfProgram() string {
	for _, program := range pl.called {
		if program == "go" || program == "gcc" || program == "cargo" || program == "javac" {
			return "the source starts " + program + ", which the runtime stage lacks"
		}
		pl.call(path.Base(program))
	}
	return ""
}
