package dependencycopy

import (
	"fmt"
	"path"

	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// changeNamedFiles are programs that change nothing but the files and folders that
// their words name.
var changeNamedFiles = map[string]bool{
	"chmod": true, "chown": true, "chgrp": true, "touch": true, "dos2unix": true, "sed": true, "ls": true, "cat": true, "ln": true, "cp": true, "mv": true, "rm": true, "mkdir": true, "echo": true, "printf": true, "true": true,
}

// mayMatter says why a RUN that stands between the source and the install, and has
// to stay behind the source, may matter to the install; "" if it does not.
func (p *plan) mayMatter(run *syntax.Instruction) string {
	other := readSteps(p.pass, p.stage, run)
	if reason := other.script.Opaque; reason != "" {
		return reason
	}
	for _, st := range other.list {
		switch {
		case st.kind == needsNothing:
		case st.kind == isInstall && st.install.ecosystem != p.installs[0].ecosystem:
		case st.kind != isInstall && p.changesOnly(other, st):
		default:
			return fmt.Sprintf("%s stands between, and %s may depend on it", briefOf(run), p.installs[0].program)
		}
	}
	return ""
}

// changesOnly reports whether a step changes files by name, none of which an
// install reads.
func (p *plan) changesOnly(s *steps, st step) bool {
	for _, cmd := range st.Commands {
		name, args := cmd.Runs()
		if !changeNamedFiles[name] {
			return false
		}
		for _, r := range cmd.Redirects {
			args = append(args[:len(args):len(args)], r.Target)
		}
		for _, w := range args {
			if !w.IsFlag() && p.reaches(s, st, name, w) {
				return false
			}
		}
	}
	return true
}

// reaches reports whether a word of a command names, or may name, a manifest. A
// folder that holds one matters to programs that replace or remove files.
func (p *plan) reaches(s *steps, st step, program string, w shell.Word) bool {
	value, ok := s.expand(w)
	if w.Glob {
		value, ok = w.Value, st.dir != ""
		value = path.Dir(value)
	}
	if !ok || st.dir == "" && !path.IsAbs(value) {
		return true
	}
	if !path.IsAbs(value) {
		value = path.Join(st.dir, value)
	}
	whole := program == "rm" || program == "mv" || program == "cp" || program == "ln" || w.Glob
	if program == "chmod" && wrappers[path.Base(value)] {
		return p.ahead == nil
	}
	if program == "chmod" || program == "chown" || program == "chgrp" {
		return false
	}
	for _, in := range p.installs {
		if p.isWritten(in, path.Clean(value)) && program != "mkdir" {
			return true
		}
		for _, name := range append(in.reads.Files, in.reads.Dirs...) {
			if rel, ok := below(path.Clean(value), in.at.imageOf(name)); ok && (rel == "." || whole) {
				return true
			}
		}
	}
	return false
}
