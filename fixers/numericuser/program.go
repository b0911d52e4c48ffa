package numericuser

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
)

// programReason looks at what is started, and at its ports.
func programReason(s *build.Stage, started launch) string {
	argv := started.argv
	row, ok := serverOf(argv)
	switch {
	case ok && row.refuse != "":
		return row.refuse
	case !ok && !isCopiedProgram(s, argv[0]):
		return path.Base(argv[0]) + " is not known to need no root"
	case slices.ContainsFunc(argv, func(arg string) bool { return path.Base(arg) == "manage.py" }):
		return "manage.py is for development"
	}
	for _, arg := range argv[1:] {
		if i := strings.LastIndexAny(arg, ":="); isLowPort(arg[i+1:]) && !isCount(argv, arg) {
			return "port " + arg[i+1:] + " is below 1024"
		}
	}
	for _, inst := range chainInstructions(s) {
		if inst.Name != "EXPOSE" {
			continue
		}
		for _, w := range inst.Words() {
			x := s.Model().StageOf(inst).Expand(inst, w.Text)
			port, _, _ := strings.Cut(x.Text, "/")
			from, _, _ := strings.Cut(port, "-")
			switch {
			case !x.Known:
				return "EXPOSE " + w.Text + ": the port may be below 1024"
			case isLowPort(from):
				return "port " + from + " is below 1024"
			}
		}
	}
	if reason := pathRefusal(argv, started.workdir); reason != "" {
		return reason
	}
	return optionRefusal(argv)
}

// isCount reports whether a number among the arguments is one of workers, threads
// or seconds.
func isCount(argv []string, arg string) bool {
	option, _, ok := strings.Cut(arg, "=")
	if i := slices.Index(argv, arg); !ok && i > 0 {
		option = argv[i-1]
	}
	switch option {
	case "-w", "--workers", "--threads", "-t", "--timeout", "--timeout-keep-alive", "--keep-alive", "--graceful-timeout", "--max-requests",
		"--max-requests-jitter", "--backlog", "--worker-connections", "--limit-concurrency":
		return true
	}
	return false
}

// isCopiedProgram reports whether a program comes from an earlier stage by its own
// name: the author's binary.
func isCopiedProgram(s *build.Stage, program string) bool {
	for _, inst := range s.Instructions {
		c, ok := s.CopyOf(inst)
		if !ok || c.Stage == nil || c.Dest == "" || len(c.Sources) != 1 || c.Sources[0].Path == "" {
			continue
		}
		name := c.Dest
		if strings.HasSuffix(name, "/") {
			name = path.Join(name, path.Base(c.Sources[0].Path))
		}
		started := program
		if !path.IsAbs(started) && strings.Contains(started, "/") && s.WorkdirAt(nil) != "" {
			started = path.Join(s.WorkdirAt(nil), started)
		}
		if started == name || !strings.Contains(started, "/") && started == path.Base(name) {
			return true
		}
	}
	return false
}
