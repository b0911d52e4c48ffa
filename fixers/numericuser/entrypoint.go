package numericuser

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/shell"
)

// harmless are the commands that an entry point may run as any user before it
// starts the program: none of them writes files.
var harmless = []string{
	"set", "echo", "printf", "export", "[", "[[", "test", "cd", "sleep", "true", ":", "shift", "nc", "pg_isready", "exit", "break", "continue",
	"wait-for-it.sh", "wait-for-it", "wait-for.sh", "wait-for", "wait_for_it.sh", "date", "hostname", "env", "printenv", "return", "trap", "ulimit", "unset",
}

// preparations are commands that change a database and no files.
//
// Sources: alembic.sqlalchemy.org (tutorial), flask-migrate.readthedocs.io,
// docs.djangoproject.com/ref/django-admin (migrate, check).
var preparations = [][]string{
	{"alembic", "upgrade"}, {"flask", "db", "upgrade"}, {"aerich", "upgrade"},
	{"python", "manage.py", "migrate"}, {"python3", "manage.py", "migrate"}, {"python", "manage.py", "check"}, {"python3", "manage.py", "check"},
	{"./manage.py", "migrate"}, {"django-admin", "migrate"},
}

// script follows a command line that starts a script of the build context.
//
//	["./entrypoint.sh", "gunicorn", "app:app"], and in it: exec "$@"
//
// Rejected: scripts that are not in the context, and those that run more than
// harmless commands and preparations: gosu and chown need root.
func (st *starter) script(name string, argv []string) (reason string) {
	if st.files == nil {
		return "the entry point " + name + " is a script, and the build context is not known"
	}
	named := name
	if !strings.Contains(name, "/") && argv[0] == name && strings.HasSuffix(name, ".sh") && origin.Program(st.files, st.stage, nil, st.workdir, name) == "" {
		named = "./" + name // sh start.sh
	}
	script, ok := st.files.Script(origin.Program(st.files, st.stage, nil, st.workdir, named))
	switch {
	case !ok:
		return "the entry point " + name + " is not in the build context"
	case !script.Shell():
		return "the entry point " + name + " is a program in " + script.Interpreter
	}
	return st.follow(origin.Script(script.Text), "the entry point "+name, argv[1:])
}

// inline follows a script that stands in the command line.
func (st *starter) inline(text, name string) (reason string) {
	return st.follow(origin.Script(text), name, nil)
}

// follow goes through a script to the program that it starts in the end.
func (st *starter) follow(body *shell.Script, name string, args []string) (reason string) {
	if body.Opaque != "" || len(body.Steps) == 0 {
		return name + " cannot be read"
	}
	last := body.Steps[len(body.Steps)-1].Command()
	for _, c := range body.Commands {
		if reason := st.passes(c, last, name); reason != "" {
			return reason
		}
	}
	switch {
	case last == nil || len(last.Words) == 0:
		return name + ` does not end with exec "$@"`
	case isHandover(last) && len(args) == 0:
		return name + ` does not end with exec "$@"`
	case isHandover(last):
		return st.resolve(args)
	}
	words, reason := st.words(last, name)
	if reason != "" {
		return reason
	}
	return st.resolve(words)
}

// passes is why a command of a script stands in the way; the last one is what the
// script starts.
func (st *starter) passes(c, last *shell.Command, name string) (reason string) {
	for _, r := range c.Redirects {
		if r.Writes() && !strings.HasPrefix(r.Target.Value, "/dev/") && !isDescriptor(r.Target.Value) {
			return name + " writes " + r.Target.Value
		}
	}
	for _, a := range c.Assigns {
		if a.Name == "HOME" || a.Name == "PATH" || strings.HasSuffix(a.Name, "PORT") && isLowPort(a.Value.Value) {
			return name + " sets " + a.Name
		}
	}
	switch program, _ := c.Runs(); {
	case len(c.Words) == 0:
	case c.Step != nil && c.Step.Background:
		return name + " runs " + program + " in the background"
	case c.Name() == "set" && strings.Contains(c.Text(), "--"):
		return name + " changes the command"
	case c.Name() == "cd" && !c.Conditional && !c.Subshell:
		return st.chdir(c, name)
	case c == last, slices.Contains(harmless, path.Base(c.Words[0].Value)), isHandover(c), isPreparation(c):
	default:
		return name + " runs " + strings.TrimSpace(program+" "+lastFlagless(c))
	}
	return ""
}

func isDescriptor(target string) bool {
	return target != "" && strings.Trim(target, "0123456789-") == ""
}

func (st *starter) chdir(c *shell.Command, name string) (reason string) {
	if len(c.Words) != 2 || !c.Words[1].Literal || strings.HasPrefix(c.Words[1].Value, "~") {
		return name + " goes to another folder"
	}
	if dir := c.Words[1].Value; path.IsAbs(dir) {
		st.workdir = path.Clean(dir)
	} else if st.workdir != "" {
		st.workdir = path.Join(st.workdir, dir)
	}
	return ""
}

// isPreparation reports whether a command is one of the table, behind what starts it.
func isPreparation(c *shell.Command) bool {
	words := c.Values()
	words = bare(words)
	return slices.ContainsFunc(preparations, func(p []string) bool { return len(words) >= len(p) && slices.Equal(words[:len(p)], p) })
}

// words are the words of the command that a script starts in the end.
func (st *starter) words(c *shell.Command, name string) (words []string, reason string) {
	for _, w := range c.Words {
		text, ok := w.Expand(func(name string) (string, bool) { return st.stage.EnvAt(nil, name) })
		if !ok {
			// The port that a platform chooses, which is no low one on those that
			// do: cloud.google.com/run/docs/container-contract.
			text, ok = w.Expand(func(name string) (string, bool) {
				if name == "PORT" {
					return "8080", true
				}
				return st.stage.EnvAt(nil, name)
			})
			if note := "the port that $PORT sets must be above 1023"; ok && !slices.Contains(st.notes, note) {
				st.notes = append(st.notes, note)
			}
		}
		if !ok || w.Glob {
			return nil, name + " depends on " + w.Raw
		}
		words = append(words, text)
	}
	return words, ""
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

// nodeManagers run the scripts of package.json. Their own logs and caches go to the
// home of the user (docs.npmjs.com/cli/using-npm/config: cache, logs-dir).
var nodeManagers = []string{"npm", "yarn", "pnpm"}

// bareScripts are the scripts that npm runs without "run"; yarn and pnpm run all so
// whose names are no verbs of their own (docs.npmjs.com/cli/using-npm/scripts).
var bareScripts = []string{"start", "stop", "restart", "test"}

// installVerbs are the verbs of yarn and pnpm that change the folder of the program.
var installVerbs = []string{"install", "i", "ci", "add", "update", "upgrade", "up", "remove", "rm", "link", "unlink", "rebuild", "prune", "dedupe", "import", "init", "set"}

// packageScript follows npm start to the command in package.json.
func (st *starter) packageScript(argv []string) (reason string) {
	said := strings.Join(argv, " ")
	var words []string
	run := false
	for _, w := range argv[1:] {
		switch {
		case w == "--silent" || w == "-s" || w == "--":
		case strings.HasPrefix(w, "-"):
			return said + ": its options are not read"
		case w == "run" || w == "run-script":
			run = true
		default:
			words = append(words, w)
		}
	}
	switch {
	case len(words) != 1:
		return said + " is not known to need no root"
	case !run && !slices.Contains(bareScripts, words[0]) && (path.Base(argv[0]) == "npm" || slices.Contains(installVerbs, words[0])):
		return said + " writes in the folder of the program"
	}
	if st.files == nil {
		return "the build context is not known, so neither is what " + said + " starts"
	}
	text, err := st.files.Read(origin.Program(st.files, st.stage, nil, st.workdir, "./package.json"))
	var manifest struct{ Scripts map[string]string }
	if err != nil || json.Unmarshal([]byte(text), &manifest) != nil {
		return "package.json is not in the build context, so it is not known what " + said + " starts"
	}
	command := manifest.Scripts[words[0]]
	switch {
	case command == "":
		return "package.json does not say what " + said + " starts"
	case manifest.Scripts["pre"+words[0]] != "" || manifest.Scripts["post"+words[0]] != "":
		return said + " runs more scripts than one"
	}
	return st.inline(command, said)
}
