package accounts

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// written is an account file that a command writes: its path and the lines that
// the command prints into it, nil if they come from elsewhere.
type written struct {
	path    string
	lines   []Value
	appends bool
	// derived: the lines are some of another account file's.
	derived bool
}

// writes returns the account file that echo, printf, cat, grep or getent write,
// or tee at the end of their pipe.
func (s *scope) writes(c *shell.Command) (written, bool) {
	name, _ := c.Runs()
	for _, r := range c.Redirects {
		target := s.path(r.Target)
		if r.Writes() && isAccountFile(target) {
			w := written{path: target, appends: r.Op == ">>" || r.Op == "&>>"}
			s.contents(c, &w)
			return w, true
		}
	}
	if name != "tee" || c.Piped == nil {
		return written{}, false
	}
	w := written{}
	for _, word := range c.Words[1:] {
		w.appends = w.appends || word.Value == "-a" || word.Value == "--append"
		if name := s.path(word); isAccountFile(name) {
			w.path = name
		}
	}
	s.contents(c.Piped, &w)
	return w, w.path != ""
}

// path is the file that a word names, absolute; "" if that is not known.
func (s *scope) path(w shell.Word) string {
	name := s.value(w).Text
	switch {
	case name == "" || path.IsAbs(name):
	case s.cwd == "":
		return ""
	default:
		name = path.Join(s.cwd, name)
	}
	if name == "" {
		return ""
	}
	return path.Clean(name)
}

// contents reads what a command prints.
func (s *scope) contents(c *shell.Command, w *written) {
	name, args := c.Runs()
	switch name {
	case "echo", "printf":
		for _, arg := range args {
			v := s.value(arg)
			if v.Text == "" {
				w.lines = append(w.lines, v)
			}
			for line := range strings.Lines(strings.ReplaceAll(v.Text, `\n`, "\n")) {
				if line = strings.TrimRight(line, "\n"); strings.Contains(line, ":") {
					w.lines = append(w.lines, Value{Text: line, Args: v.Args})
				}
			}
		}
	case "cat", "grep", "egrep", "getent", "head", "tail", "sed", "awk":
		for _, arg := range args {
			w.derived = w.derived || arg.Value == "passwd" || arg.Value == "group" || isAccountFile(arg.Value)
		}
		if c.Piped != nil {
			s.contents(c.Piped, w)
		}
	}
}

// isAccountFile reports whether a path is /etc/passwd, or a file that stands for
// it until it is copied there: /user/passwd, /etc_passwd, /etc/passwd.app.
func isAccountFile(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "/") && (strings.Contains(base, "passwd") || strings.Contains(base, "group")) &&
		!strings.Contains(base, "gpasswd")
}

// isGroupFile tells the two kinds of account file apart.
func isGroupFile(name string) bool { return strings.Contains(path.Base(name), "group") }

// passwdLine reads name:password:UID:GID:comment:home:shell.
func passwdLine(line Value) (Account, bool) {
	f := strings.Split(line.Text, ":")
	if len(f) < 4 || f[0] == "" || !Literal(f[2]).IsNumber() {
		return Account{}, false
	}
	a := Account{Name: Literal(f[0]), UID: Value{Text: f[2], Args: line.Args}, GID: Value{Text: f[3], Args: line.Args}}
	if len(f) > 5 {
		a.Home = f[5]
	}
	return a, true
}

// groupLine reads name:password:GID:members.
func groupLine(line Value) (Group, bool) {
	f := strings.Split(line.Text, ":")
	if len(f) < 3 || f[0] == "" || !Literal(f[2]).IsNumber() {
		return Group{}, false
	}
	return Group{Name: Literal(f[0]), GID: Value{Text: f[2], Args: line.Args}}, true
}
