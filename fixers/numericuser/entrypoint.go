package numericuser

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
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
	script, ok := c.Script(contextPath(c, s, name))
	switch {
	case !ok:
		return nil, "the entry point " + name + " is not in the build context"
	case !script.Shell():
		return nil, "the entry point " + name + " is a program in " + script.Interpreter
	}
	body := scriptBody(script.Text)
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

// scriptBody reads the text of a script as that of a RUN heredoc.
func scriptBody(text string) *shell.Script {
	const end = "END-OF-THE-ENTRY-POINT"
	f := syntax.Parse(source.New("entry point", "RUN <<'"+end+"'\n"+strings.TrimSuffix(text, "\n")+"\n"+end+"\n"))
	if len(f.Instructions) != 1 {
		return &shell.Script{Opaque: "it is not a script"}
	}
	return shell.Parse(f.Instructions[0], shell.Interpreter{})
}

// contextPath is the path in the build context of the program that a command line
// names, "" if it is not copied from there.
func contextPath(c *project.Context, s *build.Stage, program string) string {
	names := []string{program}
	switch {
	case path.IsAbs(program):
	case strings.Contains(program, "/"):
		names = []string{path.Join(s.WorkdirAt(nil), program)}
	default:
		names = []string{"/usr/local/bin/" + program, "/usr/bin/" + program, "/bin/" + program}
	}
	found := ""
	for _, inst := range chainInstructions(s) {
		copied, ok := s.Model().StageOf(inst).CopyOf(inst)
		if !ok || copied.Stage != nil || copied.From != "" {
			continue
		}
		for _, src := range copied.Sources {
			for _, name := range names {
				if file := broughtBy(c, copied, src, name); file != "" {
					found = file // a later COPY hides an earlier one
				}
			}
		}
	}
	return found
}

// broughtBy is the path in the context of what a source of a COPY puts at name, ""
// if it puts nothing there.
func broughtBy(c *project.Context, copied build.Copy, src build.CopySource, name string) string {
	dest := strings.TrimSuffix(copied.Dest, "/")
	rest, below := strings.CutPrefix(name, dest+"/")
	file := src.Path
	switch {
	case src.Path == "" || src.Heredoc || copied.Dest == "" || project.HasWildcard(src.Path):
		return ""
	case below && c.IsDir(src.Path):
		file = path.Join(src.Path, rest)
	case name == copied.Dest, below && strings.HasSuffix(copied.Dest, "/") && rest == path.Base(src.Path):
	default:
		return ""
	}
	if !c.HasFile(file) {
		return ""
	}
	return file
}
