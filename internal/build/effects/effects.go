// Package effects says what each command of a RUN does to an image: which files it
// makes, which packages it installs, which accounts it adds, and which programs it
// needs for that.
//
// Invariants: nothing is run. A command that no table knows, or whose operands are
// not literal, is Opaque with a reason: what is not understood is said, never
// taken for harmless. Paths are absolute and clean; one that ends in a slash is a
// whole folder whose content is not known.
package effects

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Kind says what a command is about. The zero value is the cautious one.
type Kind uint8

const (
	Opaque   Kind = iota // not known; see Reason
	Nothing              // leaves nothing that an image needs: output, tests, caches removed
	State                // changes the shell for the commands after it: cd, export, NAME=value
	Installs             // installs packages of the distribution
	Removes              // removes packages of the distribution, or upgrades them all
	Lists                // updates or removes the package lists
	Depends              // installs packages of a language
	Accounts             // makes or changes accounts
	Files                // makes, changes or removes files, with what every Debian image has
	Fetches              // downloads or unpacks files
	Compiles             // builds programs from source
	Runs                 // runs the application or a program of its dependencies
)

// An Effect is what one command does.
type Effect struct {
	Kind    Kind
	Command *shell.Command
	Step    int      // index in Script.Steps of the step that holds the command
	Program string   // base name of what it runs; "" for a bare assignment
	Dir     string   // the working directory that it runs in; "" if not known
	Writes  []string // made or changed
	Reads   []string // files that it needs there
	Gone    []string // removed
	Install pkgmgr.Invocation
	Reason  string // of Opaque, or why Writes is not all: lower case
}

// Of reads the RUN inst of a stage: an effect for each command, those in pipes and
// conditions included. A RUN that cannot be read is one Opaque effect.
func Of(s *build.Stage, inst *syntax.Instruction) []Effect {
	script := s.Script(inst)
	if script.Opaque != "" {
		return []Effect{{Reason: script.Opaque}}
	}
	r := reader{stage: s, inst: inst, cwd: s.WorkdirAt(inst), vars: map[string]string{}}
	all := make([]Effect, 0, len(script.Commands))
	for _, c := range script.Commands {
		if inner, ok := r.nested(c); ok {
			for i := range inner {
				inner[i].Step = script.StepOf(c)
			}
			all = append(all, inner...)
			continue
		}
		dir := r.cwd
		e := r.effect(c)
		e.Command, e.Step, e.Dir = c, script.StepOf(c), dir
		all = append(all, e)
	}
	return all
}

// A reader follows a script: the folder that it is in and the variables that it
// has set.
type reader struct {
	stage *build.Stage
	inst  *syntax.Instruction
	cwd   string // "" if not known
	vars  map[string]string
}

func (r *reader) effect(c *shell.Command) Effect {
	if len(c.Words) == 0 {
		r.assign(c)
		if len(c.Assigns) > 0 {
			return Effect{Kind: State}
		}
		return r.redirected(c, Effect{Kind: Nothing})
	}
	name, args := c.Runs()
	if name == "" {
		return Effect{Reason: "the command comes from " + c.Words[max(0, c.Program())%len(c.Words)].Raw}
	}
	e := r.command(c, name, args)
	e.Program = name
	return r.redirected(c, e)
}

// command reads one program's invocation.
func (r *reader) command(c *shell.Command, name string, args []shell.Word) Effect {
	if inv, ok := pkgmgr.Recognise(c); ok {
		return managed(inv)
	}
	if name == "cd" {
		r.chdir(c, args)
		return Effect{Kind: State}
	}
	if read, ok := readers[name]; ok {
		return read(r, args)
	}
	if asksVersion(name, args) {
		return Effect{Kind: Nothing}
	}
	kind, known := programs[name]
	switch {
	case kind != Opaque:
		return Effect{Kind: kind}
	case !known && shell.IsStateful(name):
		return Effect{Kind: State}
	case isInterpreter(name):
		return interpreted(args)
	}
	if address := pipedFrom(c); address != "" {
		return Effect{Reason: "it runs a script from " + address}
	}
	return Effect{Reason: "nothing tells what " + c.Words[c.Program()].Raw + " does"}
}

// pipedFrom is the address whose content a command reads through a pipe, "" if none is
// seen: curl https://example.com/setup.sh | bash.
func pipedFrom(c *shell.Command) string {
	if c.Piped == nil {
		return ""
	}
	for _, w := range c.Piped.Words {
		if strings.Contains(w.Value, "://") {
			return w.Value
		}
	}
	return ""
}

// asksVersion reports whether a program is only asked which version it is.
func asksVersion(name string, args []shell.Word) bool {
	if len(args) != 1 {
		return false
	}
	switch args[0].Value {
	case "--version", "-version", "-V":
		return true
	}
	return name == "go" && args[0].Value == "version"
}

// managed reads a package manager's invocation.
func managed(inv pkgmgr.Invocation) Effect {
	e := Effect{Install: inv}
	switch {
	case inv.Action == pkgmgr.Clean:
		e.Kind = Nothing
		if inv.Manager.System {
			e.Kind = Lists
		}
	case inv.Action == pkgmgr.Update:
		e.Kind = Lists
	case !inv.Manager.System && inv.Action == pkgmgr.Other:
		e.Kind = Runs
		if isToolVerb(inv) {
			e.Kind = Depends
		}
	case !inv.Manager.System:
		e.Kind = Depends
	case inv.Action == pkgmgr.Install:
		e.Kind = Installs
	case inv.Action == pkgmgr.Other:
		e.Kind = Nothing
	default:
		e.Kind = Removes
	}
	return e
}

// isToolVerb reports whether a language's manager is told something that its
// installs depend on: "poetry config", "bundle config", "uv venv", and whether it
// only prints: "pip check". Where a word that is no verb is a script, that runs the
// application: "yarn assets".
func isToolVerb(inv pkgmgr.Invocation) bool {
	verb := ""
	if inv.Verb >= 0 {
		verb = inv.Command.Words[inv.Verb].Value
	}
	switch verb {
	case "run", "exec", "start", "test", "build", "shell", "run-script", "dlx", "node", "create", "workspace", "workspaces", "foreach":
		return false
	}
	if !inv.Manager.RunsScripts || verb == "" {
		return true
	}
	_, own := inv.Manager.Verbs[verb]
	_, ownPair := inv.Manager.Verbs[inv.Command.Words[inv.Verb-1].Value+" "+verb] // config set
	return own || ownPair
}

// redirected adds the files that a command's output goes to.
func (r *reader) redirected(c *shell.Command, e Effect) Effect {
	for _, red := range c.Redirects {
		if !red.Writes() {
			continue
		}
		p := r.path(red.Target)
		switch {
		case strings.HasPrefix(p, "/dev/"):
			continue
		case p == "":
			return Effect{Program: e.Program, Reason: "the output goes to " + red.Target.Raw}
		}
		e.Writes = append(e.Writes, p)
		if e.Kind == Nothing || e.Kind == State {
			e.Kind = Files
		}
	}
	return e
}

func (r *reader) assign(c *shell.Command) {
	for _, a := range c.Assigns {
		delete(r.vars, a.Name)
		if value, ok := r.value(a.Value); ok && !c.Conditional && !c.Subshell {
			r.vars[a.Name] = value
		} else {
			r.vars[a.Name] = "\x00"
		}
	}
}

func (r *reader) chdir(c *shell.Command, args []shell.Word) {
	if len(args) != 1 || c.Subshell || c.Conditional {
		r.cwd = ""
		return
	}
	r.cwd = r.path(args[0])
}

// value is a word with its variables replaced. What depends on a build argument
// is not known.
func (r *reader) value(w shell.Word) (string, bool) {
	return w.Expand(r.variable)
}

func (r *reader) variable(name string) (string, bool) {
	if v, ok := r.vars[name]; ok {
		return v, v != "\x00"
	}
	if r.stage.IsArgAt(r.inst, name) {
		return "", false
	}
	if v, ok := r.stage.EnvAt(r.inst, name); ok || r.stage.EnvSetByStage(name) {
		return v, ok
	}
	if name == "HOME" && r.stage.UserAt(r.inst).IsRoot() {
		return "/root", true
	}
	return facts.ImageEnv(r.stage.Bottom().Ref, name)
}

// below is a path below the folder that a variable names, "" if that is not known.
func (r *reader) below(variable, rest string) string {
	dir, ok := r.variable(variable)
	if !ok || !strings.HasPrefix(dir, "/") {
		return ""
	}
	return path.Join(dir, rest)
}

// path is the file that a word names, absolute; "" if that is not known. Of a
// pattern it is the folder that holds all matches, with a slash at its end.
func (r *reader) path(w shell.Word) string {
	if w.Glob {
		return r.pattern(w)
	}
	if rest, ok := strings.CutPrefix(w.Raw, "~/"); ok && w.Value == w.Raw {
		return r.below("HOME", rest)
	}
	value, ok := r.value(w)
	if !ok || value == "" {
		return ""
	}
	return r.absolute(value)
}

// notKnown says why a path is not known: what it names is not literal, or relative to a
// folder that is not known.
func (r *reader) notKnown(what string) string {
	if r.cwd == "" {
		return "the folder that it works in is not known"
	}
	return what + " is not literal"
}

func (r *reader) pattern(w shell.Word) string {
	value := w.Value
	if head, rest, ok := strings.Cut(value, "/"); ok && (head == "~" || strings.HasPrefix(head, "$")) {
		if head == "~" {
			head = "$HOME"
		}
		dir := r.below(strings.Trim(head, "${}"), "")
		if dir == "" {
			return ""
		}
		value = dir + "/" + rest
	}
	if strings.ContainsAny(value, "$`~{") {
		return ""
	}
	fixed := value[:strings.IndexAny(value, "*?[")]
	dir := r.absolute(fixed[:strings.LastIndexByte(fixed, '/')+1] + ".")
	if dir == "" || dir == "/" {
		return dir
	}
	return dir + "/"
}

func (r *reader) absolute(name string) string {
	switch {
	case strings.HasPrefix(name, "/"):
		return path.Clean(name)
	case r.cwd == "" || strings.HasPrefix(name, "~"):
		return ""
	}
	return path.Join(r.cwd, name)
}
