package dependencycopy

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// An install may be told of files of the source beside its manifests, which are not
// there before the source is:
//
//	ENV PIP_CONSTRAINT=/app/constraints.txt
//	RUN pip install --cert ca.pem -r requirements.txt

// namesSource says which file of the source, none of its manifests, an install is
// told of, "" if it is told of none.
func (s *steps) namesSource(in install, cmd *shell.Command, dir string) string {
	for _, w := range cmd.Words {
		if value, ok := s.expand(w); ok && len(in.ahead) == 0 {
			if file, ok := s.fileOfSource(in, value, dir); ok {
				return "it is told of " + file
			}
		}
	}
	for _, v := range s.variablesAt(cmd) {
		if file, ok := s.fileOfSource(in, v.value, dir); ok {
			return fmt.Sprintf("%s tells it of %s", v.name, file)
		}
	}
	return ""
}

// fileOfSource is the file of the source that a value names, alone or behind a sign:
// --cert=ca.pem.
func (s *steps) fileOfSource(in install, value, dir string) (string, bool) {
	for _, name := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune("=:, ", r) }) {
		if !path.IsAbs(name) {
			name = path.Join(dir, name)
		}
		source, ok := s.layout.fileAt(path.Clean(name))
		if ok && s.pass.Context.HasFile(source) && !slices.Contains(in.reads.Files, source) {
			return source, true
		}
	}
	return "", false
}

type variable struct{ name, value string }

// variablesAt are the variables that a command of the RUN sees and that installs take
// settings from.
func (s *steps) variablesAt(cmd *shell.Command) []variable {
	var all []variable
	add := func(name, value string) {
		if pkgmgr.IsSetting(name) {
			all = append(all, variable{name, value})
		}
	}
	for _, stage := range s.stage.Chain() {
		for _, inst := range stage.Instructions {
			for _, pair := range inst.Pairs() {
				if value, ok := s.stage.EnvAt(s.run, pair.Name); ok && (inst.Name == "ENV" || inst.Name == "ARG") {
					add(pair.Name, value)
				}
			}
		}
	}
	for _, c := range s.script.Commands {
		if c != cmd && c.Name() != "export" && len(c.Words) > 0 {
			continue
		}
		for _, a := range c.Assigns {
			if value, ok := s.expand(a.Value); ok {
				add(a.Name, value)
			}
		}
	}
	return all
}
