package numericuser

import (
	"path"
	"slices"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// isApplication reports whether a stage says what an image of it runs, and is known
// to run it as root. What starts a shell is a base: its users say who they are.
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
	started, _ := launchOf(nil, s)
	return len(started.argv) != 1 || !isShell(started.argv[0])
}

// toolReason is why a program may be a tool, which those who start it may need root
// for: no EXPOSE calls it a service, and it is none by its name.
func toolReason(s *build.Stage) string {
	started, _ := launchOf(nil, s)
	if len(started.argv) == 0 || has(s, "EXPOSE") {
		return ""
	}
	if _, isServer := serverOf(started.argv); isServer {
		return ""
	}
	return "no EXPOSE tells that " + path.Base(started.argv[0]) + " is a service"
}

// needs is what an image needs to run as another user than root.
type needs struct {
	rooms []room
	notes []string
}

// needsOf is what an image of the stage needs, or why it may need root.
func needsOf(p *fix.Pass, s *build.Stage) (n needs, reason string) {
	started, reason := launchOf(p.Context, s)
	if r := imageReason(p.Build, s); r != "" {
		return needs{}, r
	}
	if reason == "" {
		reason = programReason(s, started)
	}
	for _, collect := range []func() ([]room, string){
		func() ([]room, string) { return settingsRooms(p.Context, s, started) },
		func() ([]room, string) { return layersRooms(p.Context, s, started) },
		func() ([]room, string) { return sourceRooms(p.Context, s, started) },
	} {
		if reason != "" {
			return needs{}, reason
		}
		var rooms []room
		rooms, reason = collect()
		n.rooms = append(n.rooms, rooms...)
	}
	if reason == "" {
		reason = deploymentReason(p.Context, n.rooms)
	}
	if reason == "" {
		reason = demandReason(p, s)
	}
	n.notes = started.notes
	return n, reason
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
