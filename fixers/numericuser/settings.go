package numericuser

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
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
		switch inst.Name {
		case "USER":
			return nil, "the file changes the user on the way"
		case "VOLUME":
			for _, w := range inst.Words() {
				if dir := path.Clean(w.Text); !isTemporary(dir) {
					return nil, "the files of a volume that exists already belong to root: VOLUME " + inst.Args.Text
				}
			}
		case "SHELL":
			if w := inst.Words(); len(w) == 0 || !isShell(w[0].Text) {
				return nil, "SHELL is not a POSIX shell's"
			}
		case "ENV":
			for _, pair := range inst.Pairs() {
				x := s.Model().StageOf(inst).Expand(inst, pair.Value)
				r, reason := settingRoom(pair.Name, x, started.workdir)
				if reason != "" {
					return nil, reason
				}
				for _, room := range r {
					if isFilled(c, s, room.dir) {
						return nil, "the program may write to $" + pair.Name + ", which the build fills"
					}
				}
				rooms = append(rooms, r...)
			}
		}
	}
	return rooms, ""
}

// settingRoom is the folder that a variable of the image names for writing.
func settingRoom(name string, x build.Expansion, workdir string) (rooms []room, reason string) {
	value := x.Text
	file, isFile := "", false
	if _, after, ok := strings.Cut(value, "sqlite"); ok {
		if file, isFile = sqliteFile(after); !isFile {
			return nil, "ENV " + name + " names files of root's"
		}
	}
	switch {
	case isRoots(value) || name == "HOME":
		return nil, "ENV " + name + " names files of root's"
	case strings.HasSuffix(name, "PORT") && isLowPort(value):
		return nil, "ENV " + name + ": the port is below 1024"
	case isFile:
	case !strings.HasPrefix(value, "/") && (x.Known || value != ""), isTemporary(value), !namesFolder(name), isWithin(workdir, path.Clean(value)):
		return nil, ""
	case !x.Known:
		return nil, "the program may write to $" + name
	case path.Ext(value) != "":
		file = path.Clean(value)
	}
	r := room{dir: path.Clean(value), file: file}
	if file != "" {
		r.dir = path.Dir(file)
	}
	if roomReason(r.dir) != "" {
		return nil, "the program may write to $" + name
	}
	return []room{r}, ""
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
