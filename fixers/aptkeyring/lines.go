package aptkeyring

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A line is a command that names a repository to apt.
type line struct {
	stage *build.Stage
	inst  *syntax.Instruction
	cmd   *shell.Command
	word  int    // index in cmd.Words of the word that begins with deb
	url   string // of the repository, as written
	suite string // and its components
	parts []string
	file  string // that the line goes to; "" if not known
	adds  bool   // cmd is add-apt-repository

	download *shell.Command // cmd, where it downloads the list
	source   string         // what stands for a downloaded list

	keyring string // of its signed-by
	keyed   bool   // needs no key of the stage: signed-by, trusted=yes
}

// writers are the commands that write source lines from their arguments. The last
// two run such commands in a word.
var writers = []string{"echo", "printf", "add-apt-repository", "apt-add-repository", "sh", "bash"}

// readLines finds the repositories that the stage and those built on it name.
func (c *change) readLines() {
	for _, stage := range c.pass.Build.Stages {
		if !slices.Contains(stage.Chain(), c.stage) {
			continue
		}
		for _, inst := range stage.Instructions {
			for _, cmd := range runsOf(stage, inst) {
				l, ok := readLine(cmd)
				if !ok || l.isDistribution() {
					continue
				}
				l.stage, l.inst, l.cmd = stage, inst, cmd
				c.lines = append(c.lines, &l)
			}
		}
	}
}

func runsOf(stage *build.Stage, inst *syntax.Instruction) []*shell.Command {
	if inst.Name != "RUN" {
		return nil
	}
	return stage.Script(inst).Commands
}

// readLine reads a command that writes a source line or downloads a list.
func readLine(cmd *shell.Command) (line, bool) {
	name, args := cmd.Runs()
	if file := fileOf(cmd); (name == "curl" || name == "wget") && isSourceList(file) {
		if url := addressOf(cmd); url != "" {
			return line{download: cmd, url: url, file: file}, true
		}
	}
	if !slices.Contains(writers, name) {
		return line{}, false
	}
	first := len(cmd.Words) - len(args)
	for i, w := range args {
		text := w.Value
		if w.Value == "deb" || w.Value == "deb-src" {
			text = rawText(args[i:])
		}
		at := debs(text)
		if len(at) == 0 {
			continue
		}
		l := line{word: first + i, file: fileOf(cmd), adds: strings.HasSuffix(name, "-repository")}
		l.readOptions(text[at[0]:])
		if name == "sh" || name == "bash" {
			_, target, _ := strings.Cut(text, ">")
			l.file, _, _ = strings.Cut(strings.TrimLeft(target, "> "), " ")
		}
		return l, l.url != ""
	}
	return line{}, false
}

func rawText(words []shell.Word) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.Value
	}
	return strings.Join(parts, " ")
}

// readOptions reads what stands behind deb: [options] address.
func (l *line) readOptions(text string) {
	_, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimLeft(rest, " \t\\\r\n")
	if options, ok := strings.CutPrefix(rest, "["); ok {
		options, rest, _ = strings.Cut(options, "]")
		for _, o := range strings.Fields(options) {
			name, value, _ := strings.Cut(o, "=")
			switch name {
			case "signed-by":
				l.keyring, l.keyed = value, true
			case "trusted":
				l.keyed = l.keyed || value == "yes"
			}
		}
	}
	rest, _, _ = strings.Cut(strings.ReplaceAll(rest, `\n`, "\n"), "\n")
	fields := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(" \t\"'>", r) })
	if len(fields) > 0 && strings.Contains(fields[0], "://") {
		l.url = fields[0]
	}
	if len(fields) > 1 {
		l.suite, l.parts = fields[1], fields[2:]
	}
}

// debs returns where the lines of a text begin with deb or deb-src.
func debs(text string) []int {
	var at []int
	for i := range text {
		rest := text[i:]
		if !strings.HasPrefix(rest, "deb ") && !strings.HasPrefix(rest, "deb-src ") {
			continue
		}
		before := strings.TrimRight(text[:i], " \t")
		if before == "" || strings.HasSuffix(before, "\n") || strings.HasSuffix(before, `\n`) ||
			strings.HasSuffix(before, `"`) || strings.HasSuffix(before, "'") || strings.HasSuffix(before, "echo") {
			at = append(at, i)
		}
	}
	return at
}

// fileOf is the file that the output of a command goes to, by a redirect, an
// option of curl or wget, or tee.
func fileOf(cmd *shell.Command) string {
	for _, r := range cmd.Redirects {
		if r.Writes() && r.Target.Value != "/dev/null" {
			return r.Target.Value
		}
	}
	name, args := cmd.Runs()
	for i, w := range args {
		if (name == "curl" && (w.Value == "-o" || w.Value == "--output") || name == "wget" && (w.Value == "-O" || w.Value == "--output-document")) && i+1 < len(args) {
			return args[i+1].Value
		}
	}
	for _, other := range cmd.Script.Commands {
		tee, args := other.Runs()
		if other.Piped != cmd || tee != "tee" {
			continue
		}
		for _, w := range args {
			if !w.IsFlag() {
				return w.Value
			}
		}
	}
	return ""
}

func isSourceList(file string) bool {
	return strings.HasPrefix(file, "/etc/apt/sources.list")
}

// hostOf is the host of an address as far as it is literal.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	host := rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:@"))]
	if len(host) < len(rest) && rest[len(host)] != '/' && rest[len(host)] != '?' {
		return ""
	}
	_, at, found := strings.Cut(host, "@")
	if found {
		host = at
	}
	host, _, _ = strings.Cut(host, ":")
	return strings.ToLower(host)
}

// siteOf is the domain that a host belongs to: dl.yarnpkg.com is of yarnpkg.com.
// It is "" for a host that is none, such as localhost.
func siteOf(host string) string {
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return site
}

// isDistribution reports whether the keys for a repository come with Debian or
// Ubuntu: it is on a host of theirs, or a mirror with a component of theirs.
func (l *line) isDistribution() bool {
	host := hostOf(l.url)
	for _, own := range []string{"debian.org", "debian.net", "ubuntu.com"} {
		if host == own || strings.HasSuffix(host, "."+own) {
			return true
		}
	}
	return l.maybeMirror() && slices.Contains(l.parts, "main") && slices.ContainsFunc(l.parts, func(component string) bool {
		return slices.Contains([]string{"contrib", "non-free", "non-free-firmware", "universe", "multiverse", "restricted"}, component)
	})
}

// launchpad are the hosts of the PPAs, which are mirrors of nothing. All of one
// owner's are signed by one key.
//
// Source: https://help.launchpad.net/Packaging/PPA.
var launchpad = []string{"ppa.launchpad.net", "ppa.launchpadcontent.net"}

// signer is what the repositories that one key signs have in common: their host, and
// the owner of PPAs; "" if that is not literal.
func (l *line) signer() string {
	host := hostOf(l.url)
	if !slices.Contains(launchpad, host) {
		return host
	}
	_, folders, _ := strings.Cut(l.url, host+"/")
	owner, _, _ := strings.Cut(folders, "/")
	if !isName(owner) {
		return ""
	}
	return "launchpad/" + owner
}

// maybeMirror reports whether a repository could be a mirror of the distribution.
// Vendors name folders /debian and suites bookworm too.
func (l *line) maybeMirror() bool {
	if slices.Contains(launchpad, hostOf(l.url)) {
		return false
	}
	switch path.Base(strings.TrimSuffix(l.url, "/")) {
	case "debian", "debian-security", "ubuntu", "ubuntu-ports":
	default:
		return false
	}
	codename, _, _ := strings.Cut(l.suite, "-")
	return facts.Image("debian:"+codename).Release != "" || facts.Image("ubuntu:"+codename).Release != "" || l.suite == "stable" || l.suite == "unstable" || l.suite == "testing"
}

func hasWord(words []shell.Word, value string) bool {
	return slices.ContainsFunc(words, func(w shell.Word) bool { return w.Value == value })
}
