package aptkeyring

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A key is what one command makes apt trust.
type key struct {
	inst     *syntax.Instruction
	cmd      *shell.Command // apt-key
	step     int
	url      string     // where the key comes from; "" if no command says
	file     shell.Word // of "apt-key add FILE"
	request  *request   // of "apt-key adv"
	keyring  string     // of "apt-key --keyring FILE"
	lines    []*line    // the repositories that it is for
	declined string

	path    string // where it is kept from now on
	armored bool   // there
	instead string // the address of the key that the packages are signed by, if url is another
	notes   []string
}

// readKeys finds the keys of the stage.
func (c *change) readKeys() {
	for _, inst := range c.stage.Instructions {
		switch {
		case inst.Name == "ONBUILD" && strings.Contains(inst.Args.Text, "apt-key add"):
			c.pass.Decline(inst.Span, "ONBUILD runs apt-key in an image that is not known")
			continue
		case inst.Name != "RUN":
			continue
		}
		script := c.stage.Script(inst)
		if script.Opaque != "" && strings.Contains(script.Text(), "apt-key add") {
			c.pass.Decline(inst.Span, "the RUN with apt-key cannot be read: %s", script.Opaque)
		}
		for _, cmd := range script.Commands {
			if k := c.readKey(inst, cmd); k != nil {
				c.keys = append(c.keys, k)
			}
		}
	}
}

// readKey reads an apt-key command; nil for those that add nothing.
func (c *change) readKey(inst *syntax.Instruction, cmd *shell.Command) *key {
	name, args := cmd.Runs()
	if name != "apt-key" {
		return nil
	}
	k := &key{inst: inst, cmd: cmd, step: cmd.Script.StepOf(cmd)}
	verb := ""
	var operands []shell.Word
	for i := 0; i < len(args); i++ {
		switch w := args[i]; {
		case w.Value == "--keyring" && i+1 < len(args):
			i++
			k.keyring = args[i].Value
			if !args[i].Literal {
				k.declined = "the keyring comes from " + args[i].Raw
			}
		case verb != "":
			operands = append(operands, w)
		case !w.IsFlag():
			verb = w.Value
		}
	}
	if strings.HasPrefix(k.keyring, "/etc/apt/trusted.gpg") {
		k.keyring = "" // as apt-key would without it: trusted for every repository
	}
	switch verb {
	case "add":
	case "adv":
		adv := slices.IndexFunc(cmd.Words, func(w shell.Word) bool { return w.Value == "adv" })
		k.readRequest(adv, cmd.Words[adv+1:])
		k.declined = first(k.declined, whyNotEdit(k))
		return k
	default:
		return nil
	}
	switch {
	case len(operands) == 1 && operands[0].Value != "-":
		k.file = operands[0]
	case len(operands) != 1 && len(operands) != 0:
		k.declined = "apt-key adds several files"
	}
	if k.declined == "" {
		k.declined = whyNotEdit(k)
	}
	k.url = k.origin(c.stage)
	return k
}

// whyNotEdit is why the command of a key cannot be rewritten where it stands.
func whyNotEdit(k *key) string {
	cmd := k.cmd
	switch {
	case cmd.Script.Form == shell.Exec:
		return "apt-key runs in exec form"
	case cmd.Conditional:
		return "apt-key runs under a condition"
	case cmd.Subshell:
		return "apt-key runs in a subshell"
	case cmd.Step.Negated || cmd.Step.Background:
		return "apt-key runs in the background or negated"
	case k.request != nil:
		return whyNotRequest(k)
	case k.file.Raw == "" && cmd.Piped == nil:
		return "no command in the pipe gives the key"
	}
	for _, r := range cmd.Redirects {
		if !r.Writes() && r.Op != ">&" {
			return fmt.Sprintf("the key comes by %s%s", r.Op, r.Target.Raw)
		}
	}
	if k.file.Raw == "" && isExport(cmd.Piped) {
		return "the key comes out of gpg's keyring"
	}
	return ""
}

func isExport(cmd *shell.Command) bool {
	name, _ := cmd.Runs()
	return name == "gpg" || name == "gpg2" || name == "apt-key"
}

// origin is the address that a key is downloaded from.
func (k *key) origin(stage *build.Stage) string {
	if k.file.Raw == "" {
		for cmd := k.cmd.Piped; cmd != nil; cmd = cmd.Piped {
			if url := addressOf(cmd); url != "" {
				return url
			}
		}
		return ""
	}
	name := path.Base(k.file.Value)
	for _, inst := range stage.Instructions {
		if copied, ok := stage.CopyOf(inst); ok {
			for _, src := range copied.Sources {
				if strings.Contains(src.Path, "://") && (path.Base(src.Path) == name || path.Base(copied.Dest) == name) {
					return src.Path
				}
			}
		}
		for _, cmd := range runsOf(stage, inst) {
			if cmd == k.cmd {
				return ""
			}
			if url := addressOf(cmd); url != "" && (path.Base(url) == name || mentions(cmd, name)) {
				return url
			}
		}
	}
	return ""
}

// addressOf is the address that curl or wget downloads, "" for other commands.
func addressOf(cmd *shell.Command) string {
	name, args := cmd.Runs()
	if name != "curl" && name != "wget" {
		return ""
	}
	for _, w := range args {
		if strings.Contains(w.Value, "://") {
			return w.Value
		}
	}
	for _, w := range args {
		if host, _, ok := strings.Cut(w.Value, "/"); ok && !w.IsFlag() && strings.Contains(host, ".") && host != "." && host != ".." {
			return "http://" + w.Value
		}
	}
	return ""
}

// mentions reports whether a command names a file.
func mentions(cmd *shell.Command, base string) bool {
	for _, w := range cmd.Words {
		if path.Base(w.Value) == base {
			return true
		}
	}
	for _, r := range cmd.Redirects {
		if path.Base(r.Target.Value) == base {
			return true
		}
	}
	return false
}

// prefix is sudo and the like before apt-key, with a blank behind it.
func (k *key) prefix() string { return prefixOf(k.cmd) }

func prefixOf(cmd *shell.Command) string {
	var b strings.Builder
	for _, w := range cmd.Words[:max(cmd.Program(), 0)] {
		b.WriteString(w.Raw + " ")
	}
	return b.String()
}

// called tells a key from others of the file.
func (k *key) called() string {
	switch {
	case k.url != "":
		return "the key " + k.url
	case k.file.Raw != "":
		return "the key " + k.file.Value
	case k.request != nil && len(k.request.ids) > 0:
		return "the key " + k.request.ids[0]
	}
	return "the key"
}

// name is what the keyring is called: after the list of the repository, or after
// the site of the key.
func (k *key) name() string {
	for _, l := range k.lines {
		if strings.HasPrefix(l.file, "/etc/apt/sources.list.d/") {
			name := strings.TrimSuffix(path.Base(l.file), ".list")
			if isName(name) {
				return name
			}
		}
	}
	if owner, ok := strings.CutPrefix(k.lines[0].signer(), "launchpad/"); ok {
		return owner
	}
	for _, url := range []string{k.url, k.lines[0].url} {
		name, _, _ := strings.Cut(siteOf(hostOf(url)), ".")
		if isName(name) {
			return name
		}
	}
	return "repository"
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// armoredKeys are keys in armor whose names do not say so, by the beginning of
// their address without scheme. Sources: the installation pages of the vendors,
// which pass these keys to gpg --dearmor or keep them as .asc.
var armoredKeys = []string{
	"dl.yarnpkg.com/debian/pubkey.gpg",
	"dl.google.com/linux/linux_signing_key.pub",
	"dl-ssl.google.com/linux/linux_signing_key.pub",
	"download.docker.com/linux/ubuntu/gpg",
	"download.docker.com/linux/debian/gpg",
	"deb.nodesource.com/gpgkey/nodesource.gpg.key",
	"artifacts.elastic.co/GPG-KEY-elasticsearch",
	"apt.releases.hashicorp.com/gpg",
	"nginx.org/keys/nginx_signing.key",
	"pkg.jenkins.io/debian/jenkins.io.key",
	"apt.llvm.org/llvm-snapshot.gpg.key",
}

// isArmored reports whether the key is known to be in armor.
func (k *key) isArmored() bool {
	if k.file.Raw != "" {
		return strings.HasSuffix(k.file.Value, ".asc")
	}
	_, rest, _ := strings.Cut(k.url, "://")
	if strings.HasSuffix(rest, ".asc") {
		return true
	}
	for _, known := range armoredKeys {
		if rest == known {
			return true
		}
	}
	return false
}
