package aptkeyring

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// match pairs each key with its repositories: those of its own site, and else,
// where the stage hides no other source, the last that is left for the last key
// that is left.
func (c *change) match() {
	owners := map[*line][]*key{}
	for _, k := range c.keys {
		c.matchKeyring(k)
	}
	c.pair(owners, (*key).signs)
	// The very host tells repositories of one site apart.
	c.pair(owners, func(k *key, l *line) bool { return hostOf(k.url) != "" && hostOf(k.url) == hostOf(l.url) })
	paired := map[*key]bool{}
	for _, k := range c.keys {
		paired[k] = len(k.lines) > 0
	}
	c.pair(owners, func(k *key, l *line) bool { return isSameSite(k.url, l.url) && !paired[k] })
	c.pair(owners, func(k *key, l *line) bool { return isSameSite(k.url, l.url) })
	c.eliminate(owners)
	c.checkPairs(owners)
}

// pair gives the repositories that have no key yet the keys that fit.
func (c *change) pair(owners map[*line][]*key, fits func(*key, *line) bool) {
	for _, l := range c.lines {
		if l.keyed || len(owners[l]) > 0 {
			continue
		}
		for _, k := range c.keys {
			if k.keyring == "" && fits(k, l) {
				owners[l] = append(owners[l], k)
			}
		}
		switch keys := owners[l]; {
		case len(keys) == 1:
			keys[0].lines = append(keys[0].lines, l)
		case len(keys) > 1:
			for _, k := range keys {
				k.declined = first(k.declined, "several keys could be for "+hostOf(l.url))
			}
		}
	}
}

// matchKeyring pairs a key that has a keyring of its own with the source lines
// that name it already.
func (c *change) matchKeyring(k *key) {
	if k.keyring == "" {
		return
	}
	for _, l := range c.lines {
		if l.keyring == k.keyring {
			k.lines = append(k.lines, l)
		}
	}
	switch {
	case len(k.lines) == 0:
		k.declined = first(k.declined, "no source line names the keyring "+k.keyring)
	case c.countKeyring(k.keyring) > 1:
		k.declined = first(k.declined, "several keys go into the keyring "+k.keyring)
	case !strings.HasSuffix(k.keyring, ".gpg"):
		k.declined = first(k.declined, fmt.Sprintf("the keyring %s does not end in .gpg", k.keyring))
	}
}

func (c *change) countKeyring(name string) (n int) {
	for _, k := range c.keys {
		if k.keyring == name {
			n++
		}
	}
	return n
}

func first(reason, other string) string {
	if reason != "" {
		return reason
	}
	return other
}

func isSameSite(key, repository string) bool {
	site := siteOf(hostOf(key))
	return site != "" && site == siteOf(hostOf(repository))
}

// eliminate pairs the only key without repository with the only repositories
// without key.
func (c *change) eliminate(owners map[*line][]*key) {
	var keys []*key
	for _, k := range c.keys {
		if len(k.lines) == 0 {
			keys = append(keys, k)
		}
	}
	var lines []*line
	signers := map[string]bool{}
	for _, l := range c.lines {
		if len(owners[l]) == 0 && !l.keyed {
			lines = append(lines, l)
			signers[l.signer()] = true
			if l.maybeMirror() {
				return
			}
		}
	}
	if len(keys) != 1 || len(signers) != 1 || signers[""] || keys[0].keyring != "" || keys[0].isForOther() || c.hiddenSource() != "" {
		return
	}
	keys[0].lines = lines
	for _, l := range lines {
		owners[l] = keys
	}
}

// checkPairs declines the keys that have no repository, every key if a repository
// is left that any of them may be for, and those whose source line cannot be
// rewritten.
func (c *change) checkPairs(owners map[*line][]*key) {
	left := false // a key that is not paired
	for _, k := range c.keys {
		if len(k.lines) == 0 {
			left = true
			k.declined = first(k.declined, c.whyAlone(k))
		}
	}
	for _, l := range c.lines {
		if left || l.keyed || len(owners[l]) > 0 {
			continue
		}
		for _, k := range c.keys {
			if k.keyring == "" {
				k.declined = first(k.declined, k.called()+" may be for "+hostOrAddress(l.url)+" too")
			}
		}
	}
	for _, k := range c.keys {
		if mirror := k.mirror(); mirror != nil {
			k.declined = first(k.declined, mirror.url+" may be a mirror, which needs no key")
		}
		for _, l := range k.lines {
			k.declined = first(k.declined, whyNotLine(l))
		}
	}
}

// whyAlone is why a key has no repository.
func (c *change) whyAlone(k *key) string {
	switch hidden := c.hiddenSource(); {
	case hidden != "":
		return "the repository of " + k.called() + " may come from " + hidden
	case len(c.lines) == 0:
		return "no source line is seen that " + k.called() + " is for"
	}
	return "which repository " + k.called() + " is for is not certain"
}

// mirror is a repository of a key that may be a mirror of the distribution. The
// only repository on the site of a key is the vendor's.
func (k *key) mirror() *line {
	for _, l := range k.lines {
		if l.maybeMirror() && slices.ContainsFunc(k.lines, func(other *line) bool { return other.url != l.url }) {
			return l
		}
	}
	return nil
}

func hostOrAddress(url string) string {
	if host := hostOf(url); host != "" {
		return host
	}
	return url
}

// hiddenSource is something that brings source lines that are not seen, or "".
func (c *change) hiddenSource() string {
	for _, inst := range c.stage.Instructions {
		if copied, ok := c.stage.CopyOf(inst); ok && (isSourceList(copied.Dest) || strings.TrimSuffix(copied.Dest, "/") == "/etc/apt") {
			return inst.Name + " to " + copied.Dest
		}
		for _, cmd := range runsOf(c.stage, inst) {
			if bringsSource(cmd) {
				return brief(cmd.Text())
			}
		}
	}
	return ""
}

// bringsSource reports whether a command gives apt a repository in a way that
// readLine does not see. One from ppa: brings its key.
func bringsSource(cmd *shell.Command) bool {
	switch name, args := cmd.Runs(); name {
	case "add-apt-repository", "apt-add-repository":
		return slices.ContainsFunc(args, func(w shell.Word) bool {
			return strings.ContainsAny(w.Value, "$/") && !strings.HasPrefix(w.Value, "deb ") && !strings.HasPrefix(w.Value, "ppa:")
		})
	case "cp", "mv", "install", "cat":
		return isSourceList(fileOf(cmd)) || slices.ContainsFunc(args, func(w shell.Word) bool { return isSourceList(w.Value) })
	case "sed":
		return isSourceList(fileOf(cmd))
	}
	return false
}

func brief(text string) string {
	if len(text) > 50 {
		return text[:47] + "..."
	}
	return text
}

// whyNotLine is why a source line cannot be rewritten.
func whyNotLine(l *line) string {
	switch {
	case l.cmd.Script.Form == shell.Exec:
		return "the source line stands in exec form"
	case l.download != nil || l.keyring != "":
	case ownList(l.url) != "" && path.Base(l.file) != ownList(l.url):
		return fmt.Sprintf("a package from %s writes the list %s for the same repository, without a keyring", hostOf(l.url), ownList(l.url))
	case l.file != "" && !isSourceList(l.file):
		return "the source line goes to " + l.file
	case l.adds:
		return whyNotWrite(l)
	}
	return ""
}

// ownLists are repositories whose packages write a source line for themselves
// when they are installed, by the beginning of the address without scheme, with
// the name of that list. apt refuses two lines for one repository of which one
// names a keyring; a list of the same name is left to the author.
//
// Source: the postinst of google-chrome-stable, code, microsoft-edge-stable and
// teams; skypeforlinux's.
var ownLists = []struct{ address, list string }{
	{"dl.google.com/linux/chrome", "google-chrome.list"},
	{"packages.microsoft.com/repos/code", "vscode.list"},
	{"packages.microsoft.com/repos/vscode", "vscode.list"},
	{"packages.microsoft.com/repos/edge", "microsoft-edge.list"},
	{"packages.microsoft.com/repos/ms-teams", "teams.list"},
	{"repo.skype.com/deb", "skype-stable.list"},
}

func ownList(url string) string {
	_, address, _ := strings.Cut(url, "://")
	for _, own := range ownLists {
		if strings.HasPrefix(address, own.address) {
			return own.list
		}
	}
	return ""
}
