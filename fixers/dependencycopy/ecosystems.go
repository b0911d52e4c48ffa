package dependencycopy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A call is a simple command of a RUN and the image folder that it runs in.
type call struct {
	*steps
	cmd *shell.Command
	dir string
}

// ecosystems recognise the installs that read manifests of the context. An
// install of named packages alone is none.
var ecosystems = []func(call) (install, bool){
	pipInstall, pythonProject,
	nodeInstall,
	bundleInstall,
	goModules,
	composerInstall,
	dotnetRestore,
	mavenResolve, gradleResolve,
	cargoBuild,
}

// context is the build context.
func (c call) context() *project.Context { return c.pass.Context }

// in gives the image folder that the command works in once an option such as
// --prefix moved it.
func (c call) in(dir string) string {
	switch {
	case dir == "" || path.IsAbs(dir) && c.dir == "":
		return path.Clean("/" + strings.TrimPrefix(c.dir, "/"))
	case path.IsAbs(dir):
		return path.Clean(dir)
	}
	return path.Join(c.dir, dir)
}

// folder gives the folder of the context that lies where the command works. In a
// pass without a context it is nominal.
func (c call) folder(image string) (folder, bool) {
	if c.context() == nil {
		return folder{image, "."}, true
	}
	if c.dir == "" {
		return folder{}, false
	}
	return c.layout.folderAt(image)
}

// option returns the values of an option in all of its spellings: "-r x", "-rx",
// "--requirement x" and "--requirement=x".
func (c call) option(inv pkgmgr.Invocation, names ...string) []shell.Word {
	var values []shell.Word
	words := inv.Command.Words
	for _, i := range inv.Flags {
		for _, name := range names {
			rest, ok := strings.CutPrefix(words[i].Value, name)
			switch {
			case !ok:
			case rest == "" && i+1 < len(words):
				values = append(values, words[i+1])
			case strings.HasPrefix(rest, "="):
				values = append(values, cutWord(words[i], rest[1:]))
			case !strings.HasPrefix(name, "--") && rest != "":
				values = append(values, cutWord(words[i], rest))
			}
		}
	}
	return values
}

// cutWord is the end of a word. One with a variable stays whole, and so unknown.
func cutWord(w shell.Word, value string) shell.Word {
	if w.Literal {
		return shell.Word{Raw: value, Value: value, Literal: true, Span: w.Span}
	}
	return w
}

// lastOption returns the value of the last of an option's occurrences, "" without
// one, and false if it is not known.
func (c call) lastOption(inv pkgmgr.Invocation, names ...string) (string, bool) {
	values := c.option(inv, names...)
	if len(values) == 0 {
		return "", true
	}
	return c.expand(values[len(values)-1])
}

// verb is the last word of the invocation's verb.
func verb(inv pkgmgr.Invocation) string {
	if inv.Verb < 0 {
		return ""
	}
	return inv.Command.Words[inv.Verb].Value
}

// reading is a manifest whose reader could not even begin.
func reading(reason string) project.Manifests { return project.Manifests{ReadsSource: reason} }

// wrappers are build tools that lie in the source, as shell scripts.
var wrappers = map[string]bool{"mvnw": true, "gradlew": true}

// tool is the program and its arguments; behind a shell that is given a wrapper, the
// wrapper.
func (c call) tool() (name string, args []shell.Word) {
	name, args = c.cmd.Runs()
	if (name == "sh" || name == "bash") && len(args) > 0 && wrappers[path.Base(args[0].Value)] {
		return path.Base(args[0].Value), args[1:]
	}
	return name, args
}

// ahead is a command of the same program with other arguments. A wrapper
// runs by a shell, where the stage makes it executable only later.
func (c call) ahead(args ...string) string {
	_, rest := c.tool()
	i := len(c.cmd.Words) - len(rest) - 1
	var words []string
	for _, a := range c.cmd.Assigns {
		words = append(words, a.Name+"="+a.Value.Raw)
	}
	for _, w := range c.cmd.Words[:i+1] {
		words = append(words, w.Raw)
	}
	if base := path.Base(c.cmd.Words[i].Value); i == c.cmd.Program() && wrappers[base] && c.changesMode(base) {
		words = append(words[:len(words)-1], "sh", words[len(words)-1])
	}
	return strings.Join(append(words, args...), " ")
}

// changesMode reports whether the stage makes a file executable before or in the
// RUN.
func (c call) changesMode(base string) bool {
	for _, inst := range c.stage.Instructions[:c.stage.IndexOf(c.run)+1] {
		if inst.Name != "RUN" {
			continue
		}
		for _, cmd := range c.stage.Script(inst).Commands {
			if name, args := cmd.Runs(); name == "chmod" && slices.ContainsFunc(args, func(w shell.Word) bool { return !w.Literal || path.Base(w.Value) == base }) {
				return true
			}
		}
	}
	return false
}

// mounts reports whether a cache mount of the RUN keeps a folder over builds.
func (c call) mounts(folder string) bool {
	return slices.ContainsFunc(c.run.Flags, func(f syntax.Flag) bool { return f.Name == "mount" && strings.Contains(f.Value, folder) })
}
