package numericuser

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
)

// layersReason looks at what the layers of the image hold.
func layersReason(s *build.Stage) string {
	for _, inst := range chainInstructions(s) {
		stage := s.Model().StageOf(inst)
		switch {
		case (inst.Name == "COPY" || inst.Name == "ADD") && inst.FlagValue("chmod") != "":
			return inst.Name + " --chmod sets who may read the files"
		case inst.Name == "COPY" || inst.Name == "ADD":
			if isRoots(inst.Args.Text) {
				return inst.Name + " has files in root's home"
			}
			if c, _ := stage.CopyOf(inst); c.Stage == nil && copiesOverEtc(stage, inst) {
				return inst.Name + " may bring accounts of its own"
			}
		case inst.Name == "RUN":
			if isRoots(inst.Args.Text) {
				return "RUN has files in root's home"
			}
			for _, e := range effects.Of(stage, inst) {
				if reason := effectReason(e, s.WorkdirAt(nil)); reason != "" {
					return reason
				}
			}
		}
	}
	return ""
}

// rootPackages are packages whose programs are for root.
var rootPackages = []string{"cron", "cronie", "openssh-server", "openssh", "supervisor", "systemd", "sudo", "gosu", "su-exec", "nginx", "apache2", "docker.io", "docker-ce", "docker-cli", "iptables", "tini-static", "redis-server", "postgresql", "rsyslog", "conntrack-tools", "tcpdump", "libpcap", "nmap", "shadow"}

// effectReason is why the image may need root after a command: it leaves what others
// than root cannot read, or it makes room for what the program writes.
func effectReason(e effects.Effect, workdir string) string {
	switch e.Kind {
	case effects.Nothing, effects.State, effects.Lists, effects.Removes, effects.Accounts:
		return ""
	case effects.Installs, effects.Depends:
		for _, w := range e.Install.Packages() {
			if slices.Contains(rootPackages, w.Value) {
				return "it installs " + w.Value
			}
		}
		if e.Install.HasFlag("--user") || e.Install.Manager == nil && e.Program != "python" && e.Program != "python3" {
			return "what " + e.Program + " installs may be in root's home"
		}
		if m := e.Install.Manager; m != nil && !m.System && !slices.Contains([]string{"pip", "npm", "yarn", "bundle", "bundler"}, m.Name) {
			return "what " + m.Name + " installs may be in root's home"
		}
		return ""
	case effects.Files:
		return filesReason(e, workdir)
	}
	if e.Command == nil {
		return "a RUN that cannot be read may leave files of root's"
	}
	return fmt.Sprintf("what %s leaves is not known to be readable for others", programOf(e))
}

func filesReason(e effects.Effect, workdir string) string {
	switch e.Program {
	case "mkdir":
		for _, dir := range e.Writes {
			if dir = path.Clean(dir); dir != workdir && !strings.HasPrefix(workdir, dir+"/") {
				return "the program may write to " + dir
			}
		}
	case "chmod":
		if _, args := e.Command.Runs(); len(args) == 0 || !slices.Contains([]string{"+x", "a+x", "755", "0755", "a+rx"}, args[0].Value) {
			return "chmod sets who may read and write the files"
		}
	case "chown", "touch", "install", "mkfifo":
		return e.Program + " makes room for what the program may write"
	}
	return ""
}

func programOf(e effects.Effect) string {
	if e.Program != "" {
		return e.Program
	}
	return "a RUN"
}
