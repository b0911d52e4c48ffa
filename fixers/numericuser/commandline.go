package numericuser

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// commandLine is the program that a container of the stage starts, with its
// arguments, or why it cannot be told.
func commandLine(s *build.Stage) (argv []string, reason string) {
	entrypoint, cmd := s.Last("ENTRYPOINT"), s.Last("CMD")
	if entrypoint != nil {
		if argv, reason = wordsOf(s, entrypoint); reason != "" {
			return nil, reason
		}
	}
	if cmd != nil && (entrypoint == nil || entrypoint.JSON) {
		if entrypoint != nil && !cmd.JSON {
			return nil, "CMD gives ENTRYPOINT a shell's command line"
		}
		args, reason := wordsOf(s, cmd)
		if reason != "" {
			return nil, reason
		}
		argv = append(argv, args...)
	}
	if len(argv) == 0 {
		return nil, "neither CMD nor ENTRYPOINT says what runs in the image"
	}
	if slices.Contains(reapers, path.Base(argv[0])) && len(argv) > 1 {
		argv = argv[1:]
	}
	if argv[0] == "--" && len(argv) > 1 {
		argv = argv[1:] // tini -- program
	}
	if len(argv) > 2 && argv[0] == "bundle" && argv[1] == "exec" {
		argv = argv[2:]
	}
	return argv, ""
}

// wordsOf are the words of a CMD or ENTRYPOINT that is a single command.
func wordsOf(s *build.Stage, inst *syntax.Instruction) ([]string, string) {
	owner := s.Model().StageOf(inst)
	script := owner.Script(inst)
	c := script.Only()
	switch {
	case script.Opaque != "":
		return nil, inst.Name + ": " + script.Opaque
	case script.Form == shell.Exec && len(script.Commands) == 0:
		return nil, "" // CMD []
	case c == nil || len(c.Redirects) > 0 || len(c.Assigns) > 0:
		return nil, inst.Name + " is a script of its own"
	}
	var words []string
	for _, w := range c.Words {
		text, ok := w.Expand(func(name string) (string, bool) { return s.EnvAt(nil, name) })
		if script.Form == shell.Exec {
			text, ok = w.Value, true
		}
		if !ok {
			return nil, inst.Name + " depends on " + w.Raw
		}
		if len(words) > 0 || text != "exec" {
			words = append(words, text)
		}
	}
	return words, ""
}

func isScript(program string) bool {
	return strings.HasSuffix(program, ".sh") || strings.Contains(path.Base(program), "entrypoint") || isShell(program)
}

func isShell(program string) bool {
	return slices.Contains([]string{"bash", "sh", "ash", "zsh"}, path.Base(program))
}
