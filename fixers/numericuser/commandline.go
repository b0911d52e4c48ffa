package numericuser

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A launch is what a container starts in the end.
type launch struct {
	argv    []string // the program and its arguments
	workdir string   // absolute; "" if not known
	notes   []string
}

// program is the base name of what is started.
func (l launch) program() string { return path.Base(l.argv[0]) }

// A starter follows the command line of a stage to the program that it starts.
type starter struct {
	files *project.Context // nil if the build context is not known
	stage *build.Stage
	launch
	depth int
}

// launchOf is what a container of the stage starts, or why that cannot be told.
func launchOf(c *project.Context, s *build.Stage) (launch, string) {
	st := &starter{files: c, stage: s, launch: launch{workdir: s.WorkdirAt(nil)}}
	reason := st.start()
	return st.launch, reason
}

func (st *starter) start() (reason string) {
	entrypoint, cmd := st.stage.Last("ENTRYPOINT"), st.stage.Last("CMD")
	if entrypoint == nil && cmd == nil {
		return "neither CMD nor ENTRYPOINT says what runs in the image"
	}
	var argv []string
	for _, inst := range []*syntax.Instruction{entrypoint, cmd} {
		switch {
		case inst == nil, inst == cmd && entrypoint != nil && !entrypoint.JSON:
			continue // a shell's command line takes no CMD
		case inst == cmd && entrypoint != nil && !cmd.JSON:
			return "CMD gives ENTRYPOINT a shell's command line"
		}
		script := st.stage.Model().StageOf(inst).Script(inst)
		switch {
		case script.Opaque != "":
			return inst.Name + ": " + script.Opaque
		case script.Form == shell.Exec:
			for _, c := range script.Commands {
				for _, w := range c.Words {
					argv = append(argv, w.Value)
				}
			}
		default:
			return st.follow(script, inst.Name, nil)
		}
	}
	return st.resolve(argv)
}

// maxScripts is how many scripts that start each other are followed.
const maxScripts = 5

// resolve takes off what starts another program as the same user, and goes through
// scripts.
func (st *starter) resolve(argv []string) (reason string) {
	if argv = bare(argv); len(argv) == 0 || argv[0] == "exec" {
		return "neither CMD nor ENTRYPOINT says what runs in the image"
	}
	if st.depth++; st.depth > maxScripts {
		return "scripts start each other"
	}
	switch name := path.Base(argv[0]); {
	case isShell(argv[0]) && len(argv) == 3 && slices.Contains(inlineFlags, argv[1]):
		return st.inline(argv[2], name+" "+argv[1])
	case isShell(argv[0]) && len(argv) > 1 && !strings.HasPrefix(argv[1], "-"):
		return st.script(argv[1], argv[1:])
	case isShell(argv[0]) && len(argv) > 1:
		return name + " runs a script of the command line"
	case slices.Contains(nodeManagers, name):
		return st.packageScript(argv)
	case isScript(argv[0]):
		return st.script(argv[0], argv)
	}
	st.argv = argv
	return ""
}

// inlineFlags are how shells take a script as their argument.
var inlineFlags = []string{"-c", "-ec", "-ce", "-lc", "-xc", "-exc", "-euc"}

// reapers start the program behind them as the same user: init programs, and what
// makes the programs of a dependency tree available.
var reapers = [][]string{{"tini"}, {"dumb-init"}, {"exec"}, {"bundle", "exec"}, {"poetry", "run"}, {"pipenv", "run"}, {"opentelemetry-instrument"}, {"ddtrace-run"}}

// bare is a command line without its reapers.
func bare(argv []string) []string {
	for changed := true; changed && len(argv) > 0; {
		changed = false
		for _, r := range reapers {
			if len(argv) > len(r) && path.Base(argv[0]) == r[0] && slices.Equal(argv[1:len(r)], r[1:]) {
				argv, changed = argv[len(r):], true
				for len(argv) > 1 && (argv[0] == "--" || argv[0] == "-g" || argv[0] == "-s" || argv[0] == "-v") {
					argv = argv[1:] // tini -g -- program
				}
			}
		}
	}
	return argv
}

func isScript(program string) bool {
	return strings.HasSuffix(program, ".sh") || strings.Contains(path.Base(program), "entrypoint")
}

func isShell(program string) bool {
	return slices.Contains([]string{"bash", "sh", "ash", "dash", "zsh"}, path.Base(program))
}
