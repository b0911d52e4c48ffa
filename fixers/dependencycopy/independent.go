package dependencycopy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// needNoSource are programs that read no file which their words do not name, besides
// those that print, test, or make accounts and settings of the distribution. The
// words are looked at as well: one that names a file of the context needs it.
var needNoSource = map[string]bool{
	"set": true, "export": true, "unset": true, "cd": true, "umask": true, ".": true, "source": true,
	"mkdir": true, "touch": true, "ln": true, "rm": true, "chmod": true, "chown": true, "mv": true, "cp": true, "install": true, "sed": true, "tee": true, "gunzip": true,
	"curl": true, "wget": true, "tar": true, "unzip": true, "gpg": true, "dpkg": true, "rpm": true, "ssh-keyscan": true,
	"apt-key": true, "add-apt-repository": true, "apt-mark": true, "apt-cache": true,
	"install-php-extensions": true, "pecl": true, "pear": true, // docker-php-*
	"virtualenv": true, "pipx": true, "rustup": true,
}

// needsNoSource reports whether a program reads no file that its words do not name.
func needsNoSource(program string) bool {
	switch kind, _ := effects.KindOf(program); kind {
	case effects.Nothing, effects.Accounts, effects.Files:
		return true
	}
	return needNoSource[program] || strings.HasPrefix(program, "docker-php-")
}

// onlyWith are programs that read the source, or may, but for words with which they
// begin.
var onlyWith = map[string][]string{
	"python":  {"--version", "-V", "-m venv", "-m ensurepip", "-m virtualenv"},
	"python3": {"--version", "-V", "-m venv", "-m ensurepip", "-m virtualenv"},
	"node":    {"--version", "-v"},
	"ruby":    {"--version", "-v"},
	"java":    {"--version", "-version"},
	"php":     {"--version", "-v", "--"}, // curl https://getcomposer.org/installer | php -- --quiet
	"npm":     {"--version", "-v"},
	"yarn":    {"--version", "-v"},
	"go":      {"version", "env"},
	"git":     {"config", "clone", "--version", "lfs install"},
	"find":    {"/usr", "/var", "/opt", "/root", "/tmp"},
	"env":     {},
	// "corepack install" reads package.json.
	"corepack": {"enable", "disable", "prepare"},
	"bash":     {"-"},
	"sh":       {"-"},
}

// independent reports whether a step neither reads nor changes files of the
// context that the image holds.
func (s *steps) independent(st *shell.Step, dir string) bool {
	for _, cmd := range st.Commands {
		if !s.commandIndependent(cmd, dir) {
			return false
		}
	}
	return len(st.Commands) > 0
}

func (s *steps) commandIndependent(cmd *shell.Command, dir string) bool {
	for _, r := range cmd.Redirects {
		if r.Target.Raw != "" && s.touches(r.Target, dir) {
			return false
		}
	}
	name, args := cmd.Runs()
	if name == "" {
		return len(cmd.Words) == 0
	}
	inv, isManager := pkgmgr.Recognise(cmd)
	// cd and mkdir -p do no more than name a folder.
	if name != "cd" && name != "mkdir" {
		for i, w := range args {
			if isManager && inv.Manager.System && isPackageName(w) || isText(name, args, i) {
				continue
			}
			if s.touches(w, dir) || changeNamedFiles[name] && !w.IsFlag() && !path.IsAbs(s.inHome(w.Value)) && s.isBelowSource(path.Join(dir, w.Value)) {
				return false
			}
		}
	}
	if isManager {
		return s.managerIndependent(inv)
	}
	if name == "go" && startsWith(args, []string{"install"}) {
		return strings.Contains(args[len(args)-1].Value, "@") // a program at a version, from elsewhere
	}
	if starts, restricted := onlyWith[name]; restricted {
		return cmd.Piped != nil && len(args) == 0 || startsWith(args, starts)
	}
	return needsNoSource(name)
}

// isText reports whether argument i of a program names no file: what echo prints, and the
// script of sed.
func isText(name string, args []shell.Word, i int) bool {
	switch name {
	case "echo", "printf":
		return !args[i].Glob
	case "sed":
		if strings.Contains(args[i].Value, "r ") || strings.Contains(args[i].Value, "w ") {
			return false // it may read or write a file
		}
		isOption := func(w shell.Word) bool { return w.Value == "-e" || w.Value == "--expression" }
		if i > 0 && isOption(args[i-1]) {
			return true
		}
		first := slices.IndexFunc(args, func(w shell.Word) bool { return !w.IsFlag() })
		return i == first && !slices.ContainsFunc(args, func(w shell.Word) bool { return isOption(w) || w.Value == "-f" || strings.HasPrefix(w.Value, "--file") })
	}
	return false
}

// isPackageName reports whether a system's package manager takes a word for the name
// of a package, whatever file lies beside it: apt-get install nginx.
func isPackageName(w shell.Word) bool {
	return w.Literal && !strings.Contains(w.Value, "/") && !slices.Contains([]string{".deb", ".rpm", ".apk"}, path.Ext(w.Value))
}

// startsWith reports whether the arguments begin with the words of one of starts.
func startsWith(args []shell.Word, starts []string) bool {
	for _, start := range starts {
		words := strings.Fields(start)
		if len(args) < len(words) {
			continue
		}
		same := true
		for i, w := range words {
			same = same && (args[i].Value == w || strings.HasPrefix(w, "/") && strings.HasPrefix(args[i].Value, w+"/"))
		}
		if same {
			return true
		}
	}
	return false
}

// touches reports whether a word names, or may name, a file or folder of the
// context as it lies in the image.
func (s *steps) touches(w shell.Word, dir string) bool {
	value, ok := s.expand(w)
	if !ok {
		// An unknown value is taken for a name or version unless it looks like a
		// path, or is a pattern that the shell matches beside the source.
		value = s.inHome(w.Value)
		if w.Glob && !path.IsAbs(value) {
			return s.hasSource(dir)
		}
		if i := strings.IndexAny(value, "*?["); w.Glob && i >= 0 {
			value = path.Dir(value[:i] + "x")
		}
	}
	if w.IsFlag() {
		if _, value, ok = strings.Cut(value, "="); !ok {
			return false
		}
	}
	if strings.Contains(value, "://") || value == "" {
		return false
	}
	if !path.IsAbs(value) {
		if strings.HasPrefix(value, ".") && s.hasSource(dir) {
			return true
		}
		if dir == "" {
			return false
		}
		value = path.Join(dir, value)
	}
	value = path.Clean(value)
	if _, ok := s.layout.fileAt(value); ok || path.IsAbs(w.Value) && s.isBelowSource(value) {
		return true
	}
	// A folder that holds what was copied: /app of COPY . /app/src.
	return value != "/" && s.holds(value)
}

// inHome writes a path below ~ in full, where the home directory is known.
func (s *steps) inHome(value string) string {
	rest, ok := strings.CutPrefix(value, "~/")
	user := s.stage.UserAt(s.run)
	if home, set := s.stage.EnvAt(s.run, "HOME"); ok && set {
		return path.Join(home, rest)
	} else if ok && (user.Inst == nil || user.Known && user.IsRoot()) {
		return "/root/" + rest
	}
	return value
}

// made are folders below the source that installs make.
var made = []string{"node_modules", "vendor", "venv", ".venv"}

// isBelowSource reports whether an image path lies in a folder that the source
// brings: not beside the manifests, but deeper.
func (s *steps) isBelowSource(image string) bool {
	return slices.ContainsFunc(s.layout.deliveries, func(d delivery) bool {
		rel, under := below(d.image, image)
		first, _, deeper := strings.Cut(rel, "/")
		return under && d.isDir && deeper && !slices.Contains(made, first)
	})
}

// holds reports whether a COPY wrote into an image folder or below it.
func (s *steps) holds(image string) bool {
	for _, d := range s.layout.deliveries {
		if _, ok := below(image, d.image); ok {
			return true
		}
	}
	return false
}

// hasSource reports whether files of the context lie in an image folder.
func (s *steps) hasSource(dir string) bool {
	_, ok := s.layout.folderAt(dir)
	return ok || dir == ""
}

// managerIndependent reports whether a package manager's command reads nothing of
// the project.
func (s *steps) managerIndependent(inv pkgmgr.Invocation) bool {
	if inv.Manager.System || inv.Action == pkgmgr.Clean {
		return true
	}
	verb := ""
	if inv.Verb >= 0 {
		verb = inv.Command.Words[inv.Verb].Value
	}
	switch inv.Manager.Name {
	case "gem":
		return true
	case "pip":
		return inv.Action != pkgmgr.Install || len(inv.Operands) > 0 && !inv.HasFlag("-r", "--requirement", "-e", "--editable", "-c", "--constraint")
	case "uv":
		return verb == "venv" || inv.Action == pkgmgr.Install && len(inv.Operands) > 0 && verb == "install" && !inv.HasFlag("-r", "--requirement", "--requirements", "-e", "--editable")
	case "conda":
		return !inv.HasFlag("-f", "--file") && len(inv.Operands) > 0
	case "npm", "pnpm":
		return inv.HasFlag("-g", "--global") || verb == "config" || verb == "set" || verb == "setup" || inv.Verb < 0
	case "yarn":
		return verb == "config" || verb == "global" || verb == "add" && isGlobal(inv)
	case "poetry", "bundle":
		return verb == "config" || verb == "self" || verb == "set" || verb == "--global" || inv.Verb < 0 && inv.Manager.Name == "poetry"
	case "composer":
		return verb == "self-update" || verb == "selfupdate" || inv.Verb < 0
	}
	return false
}

// isGlobal reports whether the verb is one of "yarn global".
func isGlobal(inv pkgmgr.Invocation) bool {
	return inv.Verb > 0 && inv.Command.Words[inv.Verb-1].Value == "global"
}

// removes reports whether a step takes away what earlier steps of the RUN left, and
// not files that a COPY brought.
func (s *steps) removes(st step) bool {
	for _, cmd := range st.Commands {
		if inv, ok := pkgmgr.Recognise(cmd); ok && (inv.Action == pkgmgr.Remove || inv.Action == pkgmgr.Clean) {
			return true
		}
		if name, args := cmd.Runs(); name == "rm" {
			for _, w := range args {
				if s.touches(w, st.dir) {
					continue
				}
				if path.IsAbs(w.Value) || strings.HasPrefix(w.Value, "~") || strings.HasPrefix(w.Value, "$HOME") || path.Base(w.Value) == "node_modules" {
					return true
				}
			}
		}
	}
	return false
}
