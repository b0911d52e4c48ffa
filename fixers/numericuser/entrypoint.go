package numericuser

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// harmless are the commands that an entry point may run as any user before it
// starts the program: none of them writes files.
var harmless = []string{"set", "echo", "printf", "export", "[", "[[", "test", "cd", "sleep", "true", ":", "shift", "nc", "pg_isready", "exit"}

// throughScript follows a command line that starts a script of the build context
// to the program that the script starts in the end.
//
//	["./entrypoint.sh", "gunicorn", "app:app"], and in it: exec "$@"
//
// Rejected: scripts that are not in the context, and those that run more than
// harmless commands: gosu and chown need root, migrations write.
func throughScript(c *project.Context, s *build.Stage, argv []string) (rest []string, reason string) {
	name := argv[0]
	switch {
	case isShell(name):
		return nil, path.Base(name) + " runs a script of the command line"
	case c == nil:
		return nil, "the entry point " + name + " is a script, and the build context is not known"
	}
	script, ok := c.Script(origin.Program(c, s, nil, s.WorkdirAt(nil), name))
	switch {
	case !ok:
		return nil, "the entry point " + name + " is not in the build context"
	case !script.Shell():
		return nil, "the entry point " + name + " is a program in " + script.Interpreter
	}
	body := origin.Script(script.Text)
	if body.Opaque != "" || len(body.Steps) == 0 {
		return nil, "the entry point " + name + " cannot be read"
	}
	for _, command := range body.Commands {
		program, _ := command.Runs()
		if len(command.Words) > 0 && !slices.Contains(harmless, command.Name()) && !isHandover(command) {
			return nil, "the entry point " + name + " runs " + strings.TrimSpace(program+" "+lastFlagless(command))
		}
		if command.Name() == "set" && strings.Contains(command.Text(), "--") {
			return nil, "the entry point " + name + " changes the command"
		}
		for _, r := range command.Redirects {
			if r.Writes() && !strings.HasPrefix(r.Target.Value, "/dev/") {
				return nil, "the entry point " + name + " writes " + r.Target.Value
			}
		}
	}
	last := body.Steps[len(body.Steps)-1].Command()
	if last == nil || !isHandover(last) || len(argv) == 1 {
		return nil, "the entry point " + name + ` does not end with exec "$@"`
	}
	return argv[1:], ""
}

// isHandover reports whether a command is exec "$@".
func isHandover(c *shell.Command) bool {
	return len(c.Words) == 2 && c.Words[0].Value == "exec" && c.Words[1].Raw == `"$@"`
}

// lastFlagless is the first argument of a command that is no option, to tell
// "python manage.py" from "python app.py".
func lastFlagless(c *shell.Command) string {
	_, args := c.Runs()
	for _, w := range args {
		if !w.IsFlag() {
			return w.Raw
		}
	}
	return ""
}
