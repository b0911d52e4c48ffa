package numericuser

import (
	"slices"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// isApplication reports whether a stage says what an image of it runs, and is known
// to run it as root. A program that no EXPOSE calls a service, and that is none by
// its name, may be a tool: whether tools and bases need root is their users' affair.
func isApplication(s *build.Stage) bool {
	switch s.Image.Distro {
	case facts.Windows, facts.Scratch, facts.Distroless:
		return false
	}
	if !s.FinalUser().IsRoot() {
		return false
	}
	if s.Last("CMD") == nil && s.Last("ENTRYPOINT") == nil {
		return false
	}
	for _, inst := range chainInstructions(s) {
		if inst.Name == "ONBUILD" {
			return false
		}
	}
	argv, _ := commandLine(s)
	if len(argv) == 0 || has(s, "EXPOSE") {
		return len(argv) != 1 || !isShell(argv[0])
	}
	_, isServer := serverOf(argv)
	return isServer
}

// rootReason is why an image of the stage may need root, "" if nothing speaks for
// it.
func rootReason(p *fix.Pass, s *build.Stage) string {
	argv, reason := commandLine(s)
	if reason == "" && isScript(argv[0]) {
		argv, reason = throughScript(p.Context, s, argv)
	}
	for _, why := range []func() string{
		func() string { return imageReason(p.Build, s) },
		func() string { return reason },
		func() string { return programReason(s, argv) },
		func() string { return settingsReason(s) },
		func() string { return layersReason(s) },
		func() string { return sourceReason(p.Context, s, argv) },
	} {
		if reason := why(); reason != "" {
			return reason
		}
	}
	return ""
}

// has reports whether the stage or one that it is built on has the instruction.
func has(s *build.Stage, name string) bool {
	return slices.ContainsFunc(chainInstructions(s), func(inst *syntax.Instruction) bool { return inst.Name == name })
}

// chainInstructions are the instructions of a stage and of those that it is built
// on.
func chainInstructions(s *build.Stage) []*syntax.Instruction {
	var all []*syntax.Instruction
	for _, stage := range s.Chain() {
		all = append(all, stage.Instructions...)
	}
	return all
}
