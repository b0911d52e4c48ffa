package numericuser

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// rootPackages are packages whose programs are for root.
var rootPackages = []string{"cron", "cronie", "openssh-server", "openssh", "supervisor", "systemd", "sudo", "gosu", "su-exec", "nginx", "apache2", "docker.io", "docker-ce", "docker-cli", "iptables", "tini-static", "redis-server", "postgresql", "rsyslog", "conntrack-tools", "tcpdump", "libpcap", "nmap", "shadow"}

// plainManagers leave their packages where everybody can read them: in the
// system's folders or in the working directory, with the modes of the umask.
//
// Left out: uv, whose Python may lie in root's home; composer and conda.
var plainManagers = []string{"pip", "npm", "yarn", "pnpm", "bundle", "bundler", "gem", "go", "cargo", "dotnet", "maven", "mvn", "gradle"}

// plainTools make files with the modes of the umask, which is 022 in a build.
var plainTools = []string{"curl", "wget", "git", "go", "cargo", "npm", "yarn", "pnpm", "tsc", "mvn", "mvnw", "gradle", "gradlew", "dotnet", "javac"}

// layersRooms looks at what the layers of the image hold: files that others than
// root cannot read speak against another user, and folders that are made ask to be
// the user's.
func layersRooms(c *project.Context, s *build.Stage, started launch) (rooms []room, reason string) {
	for _, inst := range chainInstructions(s) {
		switch inst.Name {
		case "COPY", "ADD":
			reason = copyReason(s.Model().StageOf(inst), inst)
		case "RUN":
			var found []room
			found, reason = runRooms(s, inst, started.workdir)
			found = slices.DeleteFunc(found, func(r room) bool { return isFilled(c, s, r.dir) }) // what is put there is what it is for
			rooms = append(rooms, found...)
		}
		if reason != "" {
			return nil, reason
		}
	}
	return rooms, ""
}

// copyReason is why the user may not read what a COPY or ADD brings.
func copyReason(stage *build.Stage, inst *syntax.Instruction) string {
	if !isReadable(inst.FlagValue("chmod")) {
		return inst.Name + " --chmod sets who may read the files"
	}
	if isRoots(inst.Args.Text) {
		return inst.Name + " has files in root's home"
	}
	if copied, _ := stage.CopyOf(inst); copied.Stage == nil && copiesOverEtc(stage, inst) {
		return inst.Name + " may bring accounts of its own"
	}
	return ""
}

func runRooms(s *build.Stage, inst *syntax.Instruction, workdir string) (rooms []room, reason string) {
	if isRoots(inst.Args.Text) {
		return nil, "RUN has files in root's home"
	}
	for _, e := range effects.Of(s.Model().StageOf(inst), inst) {
		found, reason := effectRooms(s, e, workdir)
		if reason != "" {
			return nil, reason
		}
		rooms = append(rooms, found...)
	}
	return rooms, ""
}

// isReadable reports whether a mode lets everybody read; "" is none.
func isReadable(mode string) bool {
	if strings.Trim(mode, "01234567") != "" || len(mode) < 3 {
		return mode == "" || mode == "+x" || mode == "a+x" || mode == "a+rx"
	}
	return strings.ContainsAny(mode[len(mode)-1:], "4567")
}

// effectRooms is the room that a command makes, or why the image may need root
// after it.
func effectRooms(s *build.Stage, e effects.Effect, workdir string) (rooms []room, reason string) {
	switch e.Kind {
	case effects.Nothing, effects.State, effects.Lists, effects.Removes, effects.Accounts:
		return nil, ""
	case effects.Installs, effects.Depends:
		return nil, installReason(s, e)
	case effects.Files:
		return filesRooms(e, workdir)
	case effects.Fetches, effects.Compiles, effects.Runs:
		if slices.Contains(plainTools, e.Program) || isDriver(e) || isAssets(e) {
			return nil, ""
		}
	}
	if e.Command == nil {
		return nil, "a RUN that cannot be read may leave files of root's"
	}
	return nil, fmt.Sprintf("what %s leaves is not known to be readable for others", programOf(e))
}

func installReason(s *build.Stage, e effects.Effect) string {
	for _, w := range e.Install.Packages() {
		if slices.Contains(rootPackages, w.Value) {
			return "it installs " + w.Value
		}
	}
	if e.Install.HasFlag("--user") || e.Install.Manager == nil && e.Program != "python" && e.Program != "python3" {
		return "what " + e.Program + " installs may be in root's home"
	}
	m := e.Install.Manager
	if m == nil || m.System || slices.Contains(plainManagers, m.Name) || m.Name == "poetry" && poetryInSystem(s) || m.Name == "pipenv" && e.Install.HasFlag("--system") {
		return ""
	}
	return "what " + m.Name + " installs may be in root's home"
}

// poetryInSystem reports whether poetry is told to make no environment in the home.
func poetryInSystem(s *build.Stage) bool {
	for name, want := range map[string]string{"POETRY_VIRTUALENVS_CREATE": "false", "POETRY_VIRTUALENVS_IN_PROJECT": "true"} {
		if v, ok := s.EnvAt(nil, name); ok && (v == want || v == "1" && want == "true" || v == "0" && want == "false") {
			return true
		}
	}
	for _, inst := range chainInstructions(s) {
		if inst.Name != "RUN" {
			continue
		}
		for _, c := range s.Model().StageOf(inst).Script(inst).Commands {
			if text := c.Text(); strings.Contains(text, "config virtualenvs.create false") || strings.Contains(text, "config virtualenvs.in-project true") {
				return true
			}
		}
	}
	return false
}

// isDriver reports whether a command unpacks a driver of the table: its vendor's
// archives are readable for all.
func isDriver(e effects.Effect) bool {
	return (e.Program == "unzip" || e.Program == "tar") && slices.ContainsFunc(e.Command.Words, func(w shell.Word) bool {
		_, ok := facts.DriverOfArchive(w.Value)
		return ok || strings.Contains(w.Value, "instantclient")
	})
}

// isAssets reports whether a command makes the assets that the program only reads.
func isAssets(e effects.Effect) bool {
	text := e.Command.Text()
	return strings.HasSuffix(text, " assets:precompile") || strings.Contains(text, "manage.py collectstatic") || strings.Contains(text, "manage.py compilemessages")
}

func filesRooms(e effects.Effect, workdir string) (rooms []room, reason string) {
	switch e.Program {
	case "mkdir":
		return mkdirRooms(e, workdir)
	case "chmod":
		return nil, chmodReason(e)
	case "chown", "touch", "install", "mkfifo":
		return nil, e.Program + " makes room for what the program may write"
	}
	return nil, ""
}

func mkdirRooms(e effects.Effect, workdir string) (rooms []room, reason string) {
	for _, dir := range e.Writes {
		if dir = path.Clean(dir); isWithin(workdir, dir) || isTemporary(dir) || isConfiguration(dir) {
			continue
		}
		if reason := roomReason(dir); reason != "" {
			return nil, reason
		}
		rooms = append(rooms, room{dir: dir, made: true})
	}
	return rooms, ""
}

// readableModes are those that let everybody read what root could.
var readableModes = []string{"+x", "a+x", "u+x", "755", "0755", "a+rx", "644", "0644", "777", "0777"}

func chmodReason(e effects.Effect) string {
	_, args := e.Command.Runs()
	if len(args) > 1 && args[0].IsFlag() {
		args = args[1:] // -R
	}
	if len(args) == 0 || !slices.Contains(readableModes, args[0].Value) {
		return "chmod sets who may read and write the files"
	}
	return ""
}

// isConfiguration reports whether a folder is made for the settings of the system
// or of its package manager.
func isConfiguration(dir string) bool {
	return slices.ContainsFunc([]string{"/etc/apt", "/usr/share/keyrings", "/usr/share/man", "/etc/ld.so.conf.d", "/usr/share/postgresql-common"}, func(known string) bool { return isWithin(dir, known) })
}

func programOf(e effects.Effect) string {
	if e.Program != "" {
		return e.Program
	}
	return "a RUN"
}
