package dependencycopy

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
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
