package aptkeyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// bringers are the packages that bring another one along: always, or only with
// what they recommend. Source: packages.debian.org and packages.ubuntu.com.
var bringers = map[string]struct{ always, recommending []string }{
	"ca-certificates": {
		always:       []string{"ca-certificates", "software-properties-common", "ca-certificates-java", "default-jre-headless", "default-jdk"},
		recommending: []string{"curl", "wget", "git", "libcurl4-openssl-dev", "apt-transport-https"},
	},
	"gnupg": {
		// Not dpkg-dev, which recommends it up to bookworm: such an install is
		// often made without recommendations later.
		always: []string{"gnupg", "gnupg2", "gpg", "software-properties-common"},
	},
	"dirmngr": {always: []string{"dirmngr", "gnupg", "gnupg2"}},
	"curl":    {always: []string{"curl"}},
	"wget":    {always: []string{"wget"}},
}

// purposes say in a note what a package is for.
var purposes = map[string]string{
	"ca-certificates": "which the https download of the key needs",
	"gnupg":           "whose gpg reads the key",
	"dirmngr":         "which asks the key server for gpg",
	"curl":            "which downloads the key",
	"wget":            "which downloads the key",
}

// tools looks for what keeping a key needs. What is missing goes into an install
// before it; the reason says that there is none.
func (c *change) tools(k *key) string {
	for _, pkg := range c.missing(k) {
		if c.installBefore(k) == nil {
			return fmt.Sprintf("no install before apt-key could take in %s, which the key needs", pkg)
		}
	}
	return ""
}

// missing are the packages that keeping a key needs and nothing before it brings.
func (c *change) missing(k *key) []string {
	var needed []string
	switch {
	case k.request != nil && !c.release.noAptKey: // which needs just what gpg does
	case k.request != nil && c.hasPackage(k, "gnupg"):
		needed = append(needed, "dirmngr") // gpg alone has none
	case k.request != nil:
		needed = append(needed, "gnupg") // depends on dirmngr
	case !k.armored:
		needed = append(needed, "gnupg")
	}
	if k.file.Raw == "" && k.request == nil {
		for cmd := k.cmd.Piped; cmd != nil; cmd = cmd.Piped {
			name, _ := cmd.Runs()
			if name == "curl" || name == "wget" {
				needed = append(needed, name)
				if strings.HasPrefix(k.url, "https:") {
					needed = append(needed, "ca-certificates")
				}
			}
		}
	}
	return slices.DeleteFunc(needed, func(pkg string) bool { return c.hasPackage(k, pkg) })
}

// hasPackage reports whether the image may have a package at a key. An image that
// the tables do not know may have anything.
func (c *change) hasPackage(k *key, pkg string) bool {
	ref := c.stage.Bottom().Ref
	base, known := facts.Preinstalled(ref)
	plain := facts.ParseRef(ref).Repository == "ubuntu"
	if !known && !plain || slices.Contains(base, pkg) || c.release.gnupg && pkg == "gnupg" {
		return true
	}
	by := bringers[pkg]
	for _, inv := range c.installs(k) {
		recommends := !inv.HasFlag("--no-install-recommends") && !strings.Contains(inv.Command.Text(), "Install-Recommends")
		for _, w := range inv.Packages() {
			name := pkgmgr.Name(w.Value)
			if !w.Literal || slices.Contains(by.always, name) || recommends && slices.Contains(by.recommending, name) {
				return true
			}
		}
	}
	return false
}

// installs are the installs that run before a key.
func (c *change) installs(k *key) []pkgmgr.Invocation {
	var all []pkgmgr.Invocation
	for _, cmd := range c.before(k) {
		if inv, ok := pkgmgr.Recognise(cmd); ok && inv.Manager.Name == "apt-get" && inv.Action == pkgmgr.Install {
			all = append(all, inv)
		}
	}
	return all
}

// installBefore is the last install of the stage before a key that a package can
// join, or nil.
func (c *change) installBefore(k *key) *pkgmgr.Invocation {
	installs := c.installs(k)
	for i := len(installs) - 1; i >= 0; i-- {
		inv := installs[i]
		cmd := inv.Command
		if c.pass.Build.StageOf(cmd.Script.Inst) == c.stage && len(inv.Operands) > 0 && inv.Literal() &&
			!cmd.Conditional && !cmd.Subshell && cmd.Script.Form != shell.Exec && !isPinned(inv) {
			return &inv
		}
	}
	return nil
}

// isPinned reports whether an install takes its packages from elsewhere than the
// distribution's usual release.
func isPinned(inv pkgmgr.Invocation) bool {
	return inv.HasFlag("-t", "--target-release", "--default-release") ||
		slices.ContainsFunc(inv.Packages(), func(w shell.Word) bool { return strings.HasPrefix(w.Value, "/") || strings.HasPrefix(w.Value, "./") })
}

// installTools adds the missing packages to the installs before the keys.
func (c *change) installTools(keys []*key) {
	added := map[string]bool{}
	for _, k := range keys {
		inv := c.installBefore(k)
		for _, pkg := range c.missing(k) {
			if added[pkg] {
				continue
			}
			added[pkg] = true
			c.edits = append(c.edits, inv.Command.InsertAmong(inv.Operands, inv.Operands[len(inv.Operands)-1], pkg)...)
			c.changes = append(c.changes, fix.Change{Kind: fix.AddPackage, Subject: pkg})
			c.notes = append(c.notes, fmt.Sprintf("added: %s, %s", pkg, purposes[pkg]))
			c.reads = append(c.reads, inv.Command.Script.Inst.Span)
		}
	}
}
