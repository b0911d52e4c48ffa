package numericuser

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/fixers/numericuser/written"
	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/project"
)

// sourceRooms looks at the program's source for what it writes.
func sourceRooms(c *project.Context, s *build.Stage, started launch) (rooms []room, reason string) {
	if c == nil {
		return nil, "the build context is not known, so neither is what the program writes"
	}
	if reason := foreignSource(s, started); reason != "" {
		return nil, reason
	}
	found, reason := written.Read(c, imageOf(c, s, started), sourceOf(started.program()))
	if reason != "" {
		return nil, reason
	}
	row, ok := serverOf(started.argv)
	if (!ok || row.own) && !has(s, "EXPOSE") && !found.Serves {
		return nil, "neither EXPOSE nor the source says that it is a service, and a tool may need root"
	}
	if found.Rails || started.program() == "rails" {
		if reason := railsReason(c, s, started); reason != "" {
			return nil, reason
		}
		rooms = append(rooms, railsRooms(started.workdir)...)
	}
	for _, r := range found.Rooms {
		if reason := roomReason(r.Dir); reason != "" {
			return nil, reason
		}
		if isTemporary(r.Dir) {
			continue
		}
		rooms = append(rooms, room{dir: r.Dir, file: r.File})
	}
	return rooms, ""
}

// interpreted are the languages whose programs are their sources. Of others what is
// copied may be built outside of the file.
var interpreted = []string{".py", ".js", ".rb"}

// imageOf is what the source may know of the image.
func imageOf(c *project.Context, s *build.Stage, started launch) written.Image {
	image := written.Image{
		Workdir: started.workdir,
		Env:     map[string]string{},
		Places:  func(file string) []string { return origin.Places(c, s, file) },
		Brought: func(file string) bool {
			return !slices.Contains(interpreted, sourceOf(started.program())[0]) || origin.Brought(c, s.Model(), file)
		},
	}
	for _, inst := range chainInstructions(s) {
		if inst.Name != "ENV" {
			continue
		}
		for _, pair := range inst.Pairs() {
			if value, ok := s.EnvAt(nil, pair.Name); ok && !s.IsArgAt(nil, pair.Name) {
				image.Env[pair.Name] = value
			}
		}
	}
	return image
}

// foreignSource is why the program's source is not the build context's: it is
// fetched from elsewhere into the program's folder, or nothing is copied.
func foreignSource(last *build.Stage, started launch) string {
	copied := false
	for _, s := range last.Model().Stages {
		for _, inst := range s.Instructions {
			if c, ok := s.CopyOf(inst); ok && c.From == "" && c.Stage == nil {
				copied = true
			}
			if inst.Name != "RUN" {
				continue
			}
			for _, e := range effects.Of(s, inst) {
				if brings(e, started, s, last) {
					return "the program may come from " + strings.TrimSpace(e.Program+" "+lastFlagless(e.Command))
				}
			}
		}
	}
	if !copied {
		return "no COPY brings the program"
	}
	return ""
}

// brings reports whether a command may fetch the program, or a part of it: into the
// folder that it lies in, or, in a stage that is copied from, anywhere but where
// downloads go.
func brings(e effects.Effect, started launch, stage, last *build.Stage) bool {
	if e.Command == nil {
		return false // what cannot be read has been refused where it matters
	}
	_, args := e.Command.Runs()
	switch e.Program {
	case "go":
		if len(args) < 2 || args[0].Value != "get" && args[0].Value != "install" {
			return false
		}
		module := args[len(args)-1].Value
		return strings.Contains(module, ".") && !strings.HasPrefix(module, ".")
	case "git":
		if len(args) == 0 || args[0].Value != "clone" {
			return false
		}
	case "curl", "wget":
	default:
		return false
	}
	if e.Reason != "" || len(e.Writes) == 0 && e.Program == "git" {
		return true
	}
	inImage := slices.Contains(last.Chain(), stage)
	for _, name := range e.Writes {
		name = path.Clean(name)
		isProgram := name == started.argv[0] || path.Base(name) == started.argv[0]
		if isProgram || isWithin(name, started.workdir) && !isDownload(name) || !inImage && !isTemporary(name) && !isDownload(name) && !isConfiguration(name) {
			return true
		}
	}
	return false
}

// isDownload reports whether a file is an archive or a key, which is no program
// until something unpacks it.
func isDownload(name string) bool {
	return slices.Contains([]string{".zip", ".deb", ".gpg", ".asc", ".list", ".key", ".sources"}, path.Ext(name))
}
