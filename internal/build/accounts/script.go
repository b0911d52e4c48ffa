package accounts

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/shell"
)

// maxDepth is how many scripts deep one that runs another is followed.
const maxDepth = 4

// script follows a command into the script of the build context that it runs.
//
//	RUN ./setup.sh      COPY . . && RUN bash -x scripts/setup.sh      RUN . ./env.sh
func (k *Known) script(sc *scope, c *shell.Command) {
	name := origin.ScriptOf(c)
	if name == "" {
		return
	}
	file := origin.Program(k.context, sc.stage, sc.inst, sc.cwd, name)
	script, ok := k.context.Script(file)
	switch {
	case file == "" || !ok:
		if strings.HasSuffix(name, ".sh") {
			k.Gaps = append(k.Gaps, "the script "+name+", which is not in the build context")
		}
		return
	case !script.Shell() || !mentionsAccounts(script.Text):
		return
	case len(sc.outer) == maxDepth:
		k.Gaps = append(k.Gaps, "the script "+name)
		return
	}
	body := origin.Script(script.Text)
	if body.Opaque != "" {
		k.Gaps = append(k.Gaps, "the script "+name+": "+body.Opaque)
		return
	}
	k.commands(sc.within(c, file), body)
}

// within is the scope of a script that a command runs.
func (s *scope) within(c *shell.Command, file string) *scope {
	inner := &scope{stage: s.stage, inst: s.inst, cwd: s.cwd, file: file, outer: append(slices.Clip(s.outer), c), locals: map[string]Value{}}
	unsure := func(name string) { inner.locals[name] = Value{Args: []string{name}} } // exported, or not
	for name := range s.locals {
		unsure(name)
	}
	for _, a := range c.Assigns {
		unsure(a.Name)
	}
	return inner
}

// mentionsAccounts reports whether a script may be about accounts: it names a tool
// or a file of theirs, runs a package manager or another script.
func mentionsAccounts(text string) bool {
	return slices.ContainsFunc([]string{"user", "group", "passwd", ".sh"}, func(word string) bool { return strings.Contains(text, word) })
}

// chdir follows cd.
func (s *scope) chdir(c *shell.Command) {
	if c.Name() != "cd" {
		return
	}
	dir := ""
	if len(c.Words) == 2 && !c.Subshell && !c.Conditional {
		dir = s.value(c.Words[1]).Text
	}
	switch {
	case path.IsAbs(dir):
		s.cwd = path.Clean(dir)
	case dir == "" || s.cwd == "":
		s.cwd = ""
	default:
		s.cwd = path.Join(s.cwd, dir)
	}
}
