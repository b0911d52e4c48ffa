package effects

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// nested reads the commands that a shell is given as one word, as if they stood in
// the RUN itself:
//
//	bash -c "pip install -r requirements.txt"
//	su -c 'npm ci'
//
// Their Command belongs to a script of its own, so that no edit may use its spans;
// where one of them concerns packages of the distribution, which fixers edit, it is
// not ok. Neither is it for another account than root, a word with expansions, a
// shell whose input, output or variables are set. A login shell that installs for
// Python is one Opaque effect: its PATH is one of its own.
func (r *reader) nested(c *shell.Command) (all []Effect, ok bool) {
	word, login, ok := scriptWord(c)
	if !ok || !word.Literal || len(c.Redirects) > 0 || len(c.Assigns) > 0 || c.Piped != nil || strings.ContainsAny(word.Value, "\n\r") || strings.Contains(word.Value, "<<") {
		return nil, false
	}
	file := syntax.Parse(source.New("nested", "FROM scratch\nRUN "+word.Value+"\n"))
	if len(file.Instructions) != 2 {
		return nil, false
	}
	script := shell.Parse(file.Instructions[1], shell.Interpreter{})
	if script.Opaque != "" || len(script.Commands) == 0 {
		return nil, false
	}
	inside := *r
	inside.vars = map[string]string{}
	if login && c.Words[c.Program()].Value == "su" {
		inside.cwd = "" // su - goes to the home
	}
	for _, inner := range script.Commands {
		dir := inside.cwd
		e := inside.effect(inner)
		e.Command, e.Dir = inner, dir
		manager := e.Install.Manager
		switch {
		case e.Kind == Installs || e.Kind == Removes || e.Kind == Lists:
			return nil, false
		case login && (isInterpreter(e.Program) || manager != nil && pythonManagers[manager.Name]):
			return []Effect{{Program: c.Name(), Command: c, Dir: r.cwd, Reason: "a login shell sets a PATH of its own"}}, true
		}
		all = append(all, e)
	}
	return all, true
}

// pythonManagers install to the environment that PATH names.
var pythonManagers = map[string]bool{"pip": true, "pipenv": true, "poetry": true, "uv": true}

// scriptWord is the word behind the -c of a shell, or of su to root, and whether the
// shell is one that logs in.
func scriptWord(c *shell.Command) (word shell.Word, login, ok bool) {
	if len(c.Words) == 0 || c.Program() < 0 || c.Program() >= len(c.Words) {
		return shell.Word{}, false, false
	}
	name, words := path.Base(c.Words[c.Program()].Value), c.Words[c.Program()+1:]
	switch name {
	case "sh", "bash", "dash", "ash":
	case "su":
	default:
		return shell.Word{}, false, false
	}
	for i, w := range words {
		switch {
		case w.Value == "-" || w.Value == "--login":
			login = true
		case name == "su" && w.Value == "root":
		case name == "su" && (w.Value == "-c" || w.Value == "--command") && i == len(words)-2,
			name != "su" && w.IsFlag() && !strings.HasPrefix(w.Value, "--") && strings.HasSuffix(w.Value, "c") && i == len(words)-2:
			return words[i+1], login || strings.ContainsAny(w.Value, "li") && name != "su", true
		case w.Value == "pipefail" && i > 0 && strings.HasSuffix(words[i-1].Value, "o"):
		case w.Value == "-l":
			login = true
		case name == "su" || !w.IsFlag():
			return shell.Word{}, false, false
		}
	}
	return shell.Word{}, false, false
}
