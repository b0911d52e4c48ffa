package numericuser

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// folderNames are parts of the names of variables that name what programs write.
var folderNames = []string{
	"LOG", "UPLOAD", "MEDIA", "DATA", "TMP", "TEMP", "CACHE", "STORAGE", "STATE", "SPOOL", "BACKUP", "OUTPUT", "EXPORT",
	"HF_HOME", "TORCH_HOME", "XDG_", "MULTIPROC", "MPLCONFIG",
}

// buildVariables begin the names of variables that only the build's tools read.
var buildVariables = []string{"PIP_", "POETRY_", "NPM_", "npm_", "YARN_", "PNPM_", "UV_", "BUNDLE_", "GEM_", "APT_", "DEBIAN_", "CARGO_", "GO", "PYTHON", "NODE_"}

// settingsRooms looks at the instructions that configure the image: the folders
// that they name for what the program writes.
func settingsRooms(c *project.Context, s *build.Stage, started launch) (rooms []room, reason string) {
	for _, w := range []string{s.WorkdirAt(nil), started.workdir} {
		if w == "" || isRoots(w) {
			return nil, fmt.Sprintf("the working directory %q is root's or not known", w)
		}
	}
	for _, inst := range chainInstructions(s) {
		found, reason := instructionRooms(c, s, inst, started.workdir)
		if reason != "" {
			return nil, reason
		}
		rooms = append(rooms, found...)
	}
	return rooms, ""
}

func instructionRooms(c *project.Context, s *build.Stage, inst *syntax.Instruction, workdir string) (rooms []room, reason string) {
	switch inst.Name {
	case "USER":
		return nil, "the file changes the user on the way"
	case "VOLUME":
		return nil, volumeReason(inst)
	case "SHELL":
		if w := inst.Words(); len(w) == 0 || !isShell(w[0].Text) {
			return nil, "SHELL is not a POSIX shell's"
		}
	case "ENV":
		return envRooms(c, s, inst, workdir)
	}
	return nil, ""
}

func volumeReason(inst *syntax.Instruction) string {
	for _, w := range inst.Words() {
		if !isTemporary(path.Clean(w.Text)) {
			return "the files of a volume that exists already belong to root: VOLUME " + inst.Args.Text
		}
	}
	return ""
}

func envRooms(c *project.Context, s *build.Stage, inst *syntax.Instruction, workdir string) (rooms []room, reason string) {
	for _, pair := range inst.Pairs() {
		r, ok, reason := settingRoom(pair.Name, s.Model().StageOf(inst).Expand(inst, pair.Value), workdir)
		switch {
		case reason != "":
			return nil, reason
		case !ok:
			continue
		case isFilled(c, s, r.dir):
			return nil, "the program may write to $" + pair.Name + ", which the build fills"
		}
		rooms = append(rooms, r)
	}
	return rooms, ""
}

// settingRoom is the folder that a variable of the image names for writing, not ok if
// it names none.
func settingRoom(name string, x build.Expansion, workdir string) (r room, ok bool, reason string) {
	value := x.Text
	_, database, isDatabase := strings.Cut(value, "sqlite")
	file, isFile := sqliteFile(database)
	switch {
	case isDatabase && !isFile, isRoots(value), name == "HOME":
		return room{}, false, "ENV " + name + " names files of root's"
	case strings.HasSuffix(name, "PORT") && isLowPort(value):
		return room{}, false, "ENV " + name + ": the port is below 1024"
	case isDatabase:
		r = room{dir: path.Dir(file), file: file}
	case !mayNameRoom(name, x, workdir):
		return room{}, false, ""
	case !x.Known:
		return room{}, false, "the program may write to $" + name
	case path.Ext(value) != "":
		file = path.Clean(value)
		r = room{dir: path.Dir(file), file: file}
	default:
		r = room{dir: path.Clean(value)}
	}
	if roomReason(r.dir) != "" {
		return room{}, false, "the program may write to $" + name
	}
	return r, true, ""
}

// mayNameRoom reports whether a variable may name a folder that has to be made
// writable: not one below the working directory, which is looked at as a whole.
func mayNameRoom(name string, x build.Expansion, workdir string) bool {
	isPath := strings.HasPrefix(x.Text, "/") || !x.Known && x.Text == ""
	return isPath && namesFolder(name) && !isTemporary(x.Text) && !isWithin(workdir, path.Clean(x.Text))
}

// sqliteFile is the file of sqlite:////data/file, read from behind the first word. A
// relative one is not known: frameworks differ on what it is relative to.
func sqliteFile(after string) (file string, ok bool) {
	_, file, ok = strings.Cut(after, ":///")
	if !ok || !path.IsAbs(file) || strings.ContainsAny(file, "?:") {
		return "", false
	}
	return path.Clean(file), true
}

func namesFolder(name string) bool {
	return slices.ContainsFunc(folderNames, func(part string) bool { return strings.Contains(name, part) }) &&
		!slices.ContainsFunc(buildVariables, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// isRoots reports whether a text names something in root's home, which other
// users may not enter.
func isRoots(text string) bool {
	return strings.Contains(text, "/root") || strings.Contains(text, "~/") || strings.Contains(text, "$HOME") || strings.Contains(text, "${HOME}")
}
