package numericuser

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/project"
)

// A room is a folder that the user must own, since the program writes in it.
type room struct {
	dir  string // absolute
	file string // a file in it that is meant, absolute; "" for whatever it holds
	made bool   // the Dockerfile makes the folder itself
	// whole: commands of the build may have left files of root's in it unseen.
	whole bool
}

// systemFolders are those of the distribution: an application's user owns none of
// them, nor what packages keep there.
var systemFolders = []string{"/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/root", "/sbin", "/sys", "/usr"}

// roomReason is why a folder cannot become the user's.
func roomReason(dir string) string {
	for _, system := range systemFolders {
		if isWithin(dir, system) && !isWithin(dir, "/usr/src") {
			return "the program may write to " + dir
		}
	}
	switch dir {
	case "/", "/home", "/mnt", "/opt", "/srv", "/var", "/var/lib", "/var/log", "/var/cache", "/var/www":
		return "the program may write to " + dir
	}
	return ""
}

// isWithin reports whether name is dir or lies below it.
func isWithin(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// isTemporary reports whether everybody may write in a folder.
func isTemporary(dir string) bool {
	return isWithin(dir, "/tmp") || isWithin(dir, "/var/tmp") || isWithin(dir, "/dev")
}

// roomCommands are the commands that give the rooms to the account.
//
//	mkdir -p /app/uploads && chown app:app /app/uploads
//
// A folder that the image fills already is given with what it holds; of the working
// directory, in which the program lies, only the folder itself and the files that
// are written.
func roomCommands(c *project.Context, s *build.Stage, rooms []room, owner string) []string {
	var made, alone, whole []string
	for _, r := range merged(rooms, s.WorkdirAt(nil)) {
		holdsProgram := isWithin(s.WorkdirAt(nil), r.dir)
		if !r.made && !holdsProgram && !isCopied(c, s, r.dir) {
			made = append(made, r.dir)
		}
		switch {
		case holdsProgram:
			alone = append(alone, r.dir)
			if r.file != "" && isCopied(c, s, r.file) {
				alone = append(alone, r.file)
			}
		case r.whole || isFilled(c, s, r.dir):
			whole = append(whole, r.dir)
		default:
			alone = append(alone, r.dir)
		}
	}
	var commands []string
	add := func(tool string, paths []string) {
		slices.Sort(paths)
		if paths = slices.Compact(paths); len(paths) > 0 {
			commands = append(commands, tool+" "+strings.Join(paths, " "))
		}
	}
	made = slices.DeleteFunc(made, func(dir string) bool {
		return slices.ContainsFunc(made, func(other string) bool { return other != dir && isWithin(other, dir) })
	})
	add("mkdir -p", made)
	add("chown "+owner, alone)
	add("chown -R "+owner, whole)
	return commands
}

// merged are the rooms without those that lie in another one, which is given whole.
func merged(rooms []room, workdir string) []room {
	rooms = slices.Clone(rooms)
	slices.SortStableFunc(rooms, func(a, b room) int { return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.file, b.file)) })
	var kept []room
	for _, r := range rooms {
		i := slices.IndexFunc(kept, func(k room) bool {
			if isWithin(workdir, k.dir) {
				return k.dir == r.dir && k.file == r.file
			}
			return k.dir == r.dir || isWithin(r.dir, k.dir) && (r.made || k.whole)
		})
		if i >= 0 {
			kept[i].made = kept[i].made || r.made && kept[i].dir == r.dir
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

// isCopied reports whether the build context is known to bring a file or a folder.
func isCopied(c *project.Context, s *build.Stage, name string) bool {
	for _, inst := range chainInstructions(s) {
		copied, ok := s.Model().StageOf(inst).CopyOf(inst)
		if !ok || copied.Stage != nil || copied.From != "" {
			continue
		}
		dest := strings.TrimSuffix(copied.Dest, "/")
		for _, src := range copied.Sources {
			inside := path.Join(src.Path, strings.TrimPrefix(name, dest))
			switch {
			case !c.IsDir(src.Path) && origin.Brings(c, copied, name) != "",
				c.IsDir(src.Path) && isWithin(name, dest) && (c.HasFile(inside) || c.IsDir(inside)):
				return true
			}
		}
	}
	return false
}

// isFilled reports whether the image may have files below a folder.
func isFilled(c *project.Context, s *build.Stage, dir string) bool {
	if isCopied(c, s, dir) {
		return true
	}
	for _, inst := range chainInstructions(s) {
		stage := s.Model().StageOf(inst)
		if copied, ok := stage.CopyOf(inst); ok {
			dest := strings.TrimSuffix(copied.Dest, "/")
			isElsewhere := copied.Stage != nil || copied.From != "" || inst.Name == "ADD"
			if isWithin(dest, dir) || isElsewhere && isWithin(dir, dest) {
				return true
			}
			continue
		}
		if inst.Name != "RUN" {
			continue
		}
		for _, e := range effects.Of(stage, inst) {
			if e.Program != "mkdir" && slices.ContainsFunc(e.Writes, func(w string) bool { return isWithin(path.Clean(w), dir) }) {
				return true
			}
		}
	}
	return false
}

// deploymentReason is why the compose files and manifests of the repository speak
// against another user: one beside the source gives the container what only root
// can use, or one anywhere mounts a volume on a room, whose files belong to root
// already.
func deploymentReason(c *project.Context, rooms []room) string {
	if reason := inManifests(c.Unfiltered(), func(text string) string {
		for _, mark := range []string{"docker.sock", "privileged: true", "cap_add:"} {
			if strings.Contains(text, mark) {
				return "has " + mark
			}
		}
		return ""
	}); reason != "" || len(rooms) == 0 {
		return reason
	}
	return inManifests(c.Repository(), func(text string) string {
		for _, r := range rooms {
			for dir := r.dir; dir != "/" && dir != "."; dir = path.Dir(dir) {
				if mounts(text, dir) {
					return "mounts " + dir + ", whose files belong to root already"
				}
			}
		}
		return ""
	})
}

// inManifests asks about the text of every compose file and manifest.
func inManifests(c *project.Context, ask func(text string) string) string {
	files, err := c.Sources(".")
	if err != nil {
		return "the repository has too many files to read"
	}
	for _, name := range files {
		if ext := path.Ext(name); ext != ".yml" && ext != ".yaml" {
			continue
		}
		text, err := c.Read(name)
		if err != nil || !strings.Contains(text, "image:") && !strings.Contains(text, "build:") {
			continue
		}
		if reason := ask(text); reason != "" {
			return name + " " + reason
		}
	}
	return ""
}

// mounts reports whether a compose file or a manifest mounts something at dir.
func mounts(text, dir string) bool {
	for line := range strings.Lines(text) {
		line = strings.Trim(strings.TrimSpace(line), `"'`)
		for _, key := range []string{"mountPath:", "target:"} {
			if v, ok := strings.CutPrefix(strings.TrimPrefix(line, "- "), key); ok && strings.TrimSuffix(strings.Trim(strings.TrimSpace(v), `"'`), "/") == dir {
				return true
			}
		}
		_, after, ok := strings.Cut(line, ":"+dir)
		if strings.HasPrefix(line, "- ") && ok && (after == "" || after == "/" || strings.HasPrefix(after, ":")) {
			return true
		}
	}
	return false
}
