package numericuser

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
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

func isShell(program string) bool {
	return slices.Contains([]string{"bash", "sh", "ash", "zsh"}, path.Base(program))
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

// imageReason looks at the base image and at what else the file builds.
func imageReason(m *build.Model, s *build.Stage) string {
	ref := s.Bottom().Ref
	repository := facts.ParseRef(ref).Repository
	switch {
	case slices.Contains(dropsPrivileges, repository):
		return "the image " + repository + " is made to start as root"
	case strings.Contains(ref, "onbuild"):
		return "ONBUILD of the base image " + ref + " makes what the image holds"
	case !slices.Contains(hosts, repository):
		return "the base image " + ref + " is not known to start programs as they are"
	}
	for _, other := range m.Stages {
		if other != s && other.IsImage() {
			return "the file builds more images than one"
		}
	}
	return ""
}

// commandLine is the program that a container of the stage starts, with its
// arguments, or why it cannot be told.
func commandLine(s *build.Stage) (argv []string, reason string) {
	entrypoint, cmd := s.Last("ENTRYPOINT"), s.Last("CMD")
	if entrypoint != nil {
		if argv, reason = wordsOf(s, entrypoint); reason != "" {
			return nil, reason
		}
	}
	if cmd != nil && (entrypoint == nil || entrypoint.JSON) {
		if entrypoint != nil && !cmd.JSON {
			return nil, "CMD gives ENTRYPOINT a shell's command line"
		}
		args, reason := wordsOf(s, cmd)
		if reason != "" {
			return nil, reason
		}
		argv = append(argv, args...)
	}
	if len(argv) == 0 {
		return nil, "neither CMD nor ENTRYPOINT says what runs in the image"
	}
	if slices.Contains(reapers, path.Base(argv[0])) && len(argv) > 1 {
		argv = argv[1:]
	}
	if argv[0] == "--" && len(argv) > 1 {
		argv = argv[1:] // tini -- program
	}
	if len(argv) > 2 && argv[0] == "bundle" && argv[1] == "exec" {
		argv = argv[2:]
	}
	return argv, ""
}

// wordsOf are the words of a CMD or ENTRYPOINT that is a single command.
func wordsOf(s *build.Stage, inst *syntax.Instruction) ([]string, string) {
	owner := s.Model().StageOf(inst)
	script := owner.Script(inst)
	c := script.Only()
	switch {
	case script.Opaque != "":
		return nil, inst.Name + ": " + script.Opaque
	case script.Form == shell.Exec && len(script.Commands) == 0:
		return nil, "" // CMD []
	case c == nil || len(c.Redirects) > 0 || len(c.Assigns) > 0:
		return nil, inst.Name + " is a script of its own"
	}
	var words []string
	for _, w := range c.Words {
		text, ok := w.Expand(func(name string) (string, bool) { return s.EnvAt(nil, name) })
		if script.Form == shell.Exec {
			text, ok = w.Value, true
		}
		if !ok {
			return nil, inst.Name + " depends on " + w.Raw
		}
		if len(words) > 0 || text != "exec" {
			words = append(words, text)
		}
	}
	return words, ""
}

// programReason looks at what is started, and at its ports.
func programReason(s *build.Stage, argv []string) string {
	row, ok := serverOf(argv)
	switch {
	case ok && row.refuse != "":
		return row.refuse
	case !ok && !isCopiedProgram(s, argv[0]):
		return path.Base(argv[0]) + " is not known to need no root"
	case slices.ContainsFunc(argv, func(arg string) bool { return path.Base(arg) == "manage.py" }):
		return "manage.py is for development"
	case (!ok || row.own) && !has(s, "EXPOSE"):
		return "no EXPOSE says that it is a service, and a tool may need root"
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
			if !x.Known || isLowPort(from) {
				return "EXPOSE " + w.Text + ": the port may be below 1024"
			}
		}
	}
	if reason := pathRefusal(argv, s.WorkdirAt(nil)); reason != "" {
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

func isScript(program string) bool {
	return strings.HasSuffix(program, ".sh") || strings.Contains(path.Base(program), "entrypoint") || isShell(program)
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

// folderNames are parts of the names of variables that name what programs write.
var folderNames = []string{"LOG", "UPLOAD", "MEDIA", "DATA", "TMP", "TEMP", "CACHE", "STORAGE", "HOME"}

// settingsReason looks at the instructions that configure the image.
func settingsReason(s *build.Stage) string {
	if w := s.WorkdirAt(nil); w == "" || isRoots(w) {
		return fmt.Sprintf("the working directory %q is root's or not known", w)
	}
	for _, inst := range chainInstructions(s) {
		switch inst.Name {
		case "USER":
			return "the file changes the user on the way"
		case "VOLUME":
			return "the program writes to VOLUME " + inst.Args.Text
		case "SHELL":
			if w := inst.Words(); len(w) == 0 || !isShell(w[0].Text) {
				return "SHELL is not a POSIX shell's"
			}
		case "ENV":
			for _, pair := range inst.Pairs() {
				value := strings.Trim(pair.Value, `"'`)
				switch {
				case strings.Contains(value, "sqlite") || isRoots(value) || pair.Name == "HOME":
					return "ENV " + pair.Name + " names files of root's"
				case strings.HasSuffix(pair.Name, "PORT") && isLowPort(value):
					return "ENV " + pair.Name + ": the port is below 1024"
				case strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "/tmp") && slices.ContainsFunc(folderNames, func(part string) bool { return strings.Contains(pair.Name, part) }):
					return "the program may write to $" + pair.Name
				}
			}
		}
	}
	return ""
}

// isRoots reports whether a text names something in root's home, which other
// users may not enter.
func isRoots(text string) bool {
	return strings.Contains(text, "/root") || strings.Contains(text, "~/") || strings.Contains(text, "$HOME") || strings.Contains(text, "${HOME}")
}

// rootPackages are packages whose programs are for root.
var rootPackages = []string{"cron", "cronie", "openssh-server", "openssh", "supervisor", "systemd", "sudo", "gosu", "su-exec", "nginx", "apache2", "docker.io", "docker-ce", "docker-cli", "iptables", "tini-static", "redis-server", "postgresql", "rsyslog", "conntrack-tools", "tcpdump", "libpcap", "nmap", "shadow"}

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

// sourceReason looks at the program's source.
func sourceReason(c *project.Context, s *build.Stage, argv []string) string {
	if c == nil {
		return "the build context is not known, so neither is what the program writes"
	}
	if path.Base(argv[0]) == "npm" {
		text, err := c.Read("package.json")
		if err != nil || !strings.Contains(text, `"start": "node `) {
			return "npm start does not start node alone"
		}
	}
	if reason := foreignSource(s.Model()); reason != "" {
		return reason
	}
	return writes(c, sourceOf(path.Base(argv[0])))
}

// has reports whether the stage or one that it is built on has the instruction.
func has(s *build.Stage, name string) bool {
	return slices.ContainsFunc(chainInstructions(s), func(inst *syntax.Instruction) bool { return inst.Name == name })
}

// foreignSource is why the program's source is not the build context's: another
// place is fetched from, or nothing is copied.
func foreignSource(m *build.Model) string {
	copied := false
	for _, s := range m.Stages {
		for _, inst := range s.Instructions {
			if c, ok := s.CopyOf(inst); ok && c.From == "" && c.Stage == nil {
				copied = true
			}
			if inst.Name != "RUN" {
				continue
			}
			for _, c := range s.Script(inst).Commands {
				name, args := c.Runs()
				if len(args) == 0 {
					continue
				}
				isFetched := name == "git" && args[0].Value == "clone" || name == "wget" || name == "curl" ||
					name == "go" && (args[0].Value == "get" || args[0].Value == "install") && strings.Contains(args[len(args)-1].Value, ".") && !strings.HasPrefix(args[len(args)-1].Value, ".")
				if isFetched {
					return "the program may come from " + name + " " + args[0].Value
				}
			}
		}
	}
	if !copied {
		return "no COPY brings the program"
	}
	return ""
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
