package pkgmgr

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// Recognise returns what a command does with a package manager, and false for
// any other command and for one whose verb is not in the manager's table.
func Recognise(c *shell.Command) (Invocation, bool) {
	at := c.Program()
	if at < 0 || !c.Words[at].Literal {
		return Invocation{}, false
	}
	m, at := lookup(c, at)
	if m == nil {
		return Invocation{}, false
	}
	inv := Invocation{Manager: m, Command: c, Program: at, Verb: -1, Action: m.Bare}
	inv.read(at + 1)
	if inv.Verb < 0 && (m.Bare == Other || inv.HasFlag(questions...)) {
		return Invocation{}, false
	}
	return inv, true
}

// questions are the options with which a program tells of itself, and does nothing
// else: yarn --version.
var questions = []string{"--version", "-v", "-V", "--help", "-h"}

// lookup returns the manager that the word at runs, and the index of its last
// word: "python -m pip" ends at "pip".
func lookup(c *shell.Command, at int) (*Manager, int) {
	name := path.Base(c.Words[at].Value)
	if isPython(name) {
		for i := at + 1; i+1 < len(c.Words) && c.Words[i].IsFlag(); i++ {
			if c.Words[i].Value == "-m" {
				return byName[c.Words[i+1].Value], i + 1
			}
		}
		return nil, at
	}
	if isVersioned(name, "pip") {
		name = "pip"
	}
	return byName[name], at
}

func isPython(name string) bool {
	return name == "pypy" || name == "pypy3" || isVersioned(name, "python")
}

// isVersioned reports whether name is program, or program and a version: pip3.11.
func isVersioned(name, program string) bool {
	version, ok := strings.CutPrefix(name, program)
	return ok && strings.Trim(version, "0123456789.") == ""
}

// read sorts the words from i on into options, verb and operands.
func (inv *Invocation) read(i int) {
	words, m := inv.Command.Words, inv.Manager
	options := true
	for ; i < len(words); i++ {
		w := &words[i]
		switch {
		case options && w.Value == "--":
			options = false
		case options && w.IsFlag():
			if inv.Flags == nil {
				inv.Flags = make([]int, 0, 4)
			}
			inv.Flags = append(inv.Flags, i)
			if inv.Verb < 0 && m.FlagVerbs != nil {
				inv.flagVerb(i, w.Value)
			}
			if m.takesValue(w.Value) {
				i++
			}
		case inv.Verb < 0:
			n, action, ok := m.verb(words[i:])
			if !ok {
				if m.RunsScripts {
					inv.Verb, inv.Action = i, Other
					continue
				}
				if m.Bare == Other {
					return
				}
				inv.Operands = append(inv.Operands, i)
				continue
			}
			i += n - 1
			inv.Verb, inv.Action = i, action
		default:
			if inv.Operands == nil {
				inv.Operands = make([]int, 0, len(words)-i)
			}
			inv.Operands = append(inv.Operands, i)
		}
	}
}

// flagVerb reads managers whose verb is an option: pacman -Syu.
func (inv *Invocation) flagVerb(i int, value string) {
	for _, v := range inv.Manager.FlagVerbs {
		if strings.HasPrefix(value, v.Prefix) {
			inv.Verb, inv.Action = i, v.Action
			return
		}
	}
}

// verb returns how many words of args the manager's verb takes, the longest that
// its table has, and what it does.
func (m *Manager) verb(args []shell.Word) (n int, action Action, ok bool) {
	text := ""
	for i, w := range args[:min(len(args), m.verbWords)] {
		if i > 0 {
			text += " "
		}
		text += w.Value
		if known, has := m.Verbs[text]; has {
			n, action, ok = i+1, known, true
		}
	}
	return n, action, ok
}

// takesValue reports whether the next word is an option's value: -r, and -qr,
// but not -rfile.
func (m *Manager) takesValue(flag string) bool {
	if slices.Contains(m.ValueFlags, flag) {
		return true
	}
	letters := m.letters(flag)
	return letters != "" && len(letters) == len(flag)-1 && slices.Contains(m.ValueFlags, "-"+letters[len(letters)-1:])
}
