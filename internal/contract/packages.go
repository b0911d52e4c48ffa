package contract

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

// harmless are the options that an install may gain: they answer questions, leave
// nothing behind, or leave out what is only recommended. The ones that a manager's
// row names (AssumeYes, Recipe.NoCache) count too.
var harmless = map[string]bool{
	"--no-install-recommends":          true, // apt-get(8)
	"--no-recommends":                  true, // zypper(8)
	"--setopt=install_weak_deps=False": true, // dnf.conf(5)
	"--setopt=install_weak_deps=0":     true,
	"--nodocs":                         true, // microdnf
	"--setopt=tsflags=nodocs":          true, // yum.conf(5)
	"--non-interactive":                true, // zypper, before its verb
	"-qq":                              true, // apt-get(8): implies -y
	"--no-document":                    true, // gem
	"--no-audit":                       true, // npm
	"--no-fund":                        true, // npm
	keepPackages:                       true, // dnf.conf(5); under a cache mount only
}

// keepPackages makes dnf and yum keep what they download.
const keepPackages = "--setopt=keepcache=1"

// superseded are the options of an install that another one stands for, and each
// of them for the others: apk(8), where --no-cache fetches the index too.
var superseded = map[string]string{"--update": "--no-cache", "--update-cache": "--no-cache", "-U": "--no-cache"}

// A packageItem is one package of an install, or an install without packages such
// as "bundle install".
type packageItem struct {
	command *command
	manager *pkgmgr.Manager
	operand string   // as written, version included; "" without one
	name    string   // without the version
	options string   // those that are not harmless, in order
	eased   []string // the harmless ones
}

// A packageKey tells what an install installs, and how.
type packageKey struct{ manager, operand, options string }

func (p packageItem) key() packageKey { return packageKey{p.manager.Name, p.operand, p.options} }

func (k packageKey) compare(other packageKey) int {
	return cmp.Or(strings.Compare(k.manager, other.manager), strings.Compare(k.operand, other.operand), strings.Compare(k.options, other.options))
}

// inOrder returns the keys in order, so that the same difference always comes first.
func inOrder(index map[packageKey][]packageItem) []packageKey {
	return slices.SortedFunc(maps.Keys(index), packageKey.compare)
}

func (p packageItem) String() string {
	if p.operand == "" {
		return brief(p.command.text)
	}
	return p.operand
}

// items returns the packages of an install. They are read once.
func (c *command) items() []packageItem {
	if c.packages == nil {
		c.packages = c.readItems()
	}
	return c.packages
}

func (c *command) readItems() []packageItem {
	inv := c.inv
	item := packageItem{command: c, manager: inv.Manager}
	var options []string
	words := inv.Command.Words
	// "pip" and "python3 -m pip" install for different Pythons; the names of a
	// distribution's manager mean the same.
	if !inv.Manager.System {
		for _, w := range words[:inv.Program+1] {
			options = append(options, w.Raw)
		}
	}
	if inv.Verb >= 0 {
		options = append(options, words[inv.Verb].Raw)
	}
	for _, a := range inv.Command.Assigns {
		if a.Name != "DEBIAN_FRONTEND" {
			options = append(options, a.Name+"="+a.Value.Raw)
		}
	}
	operand := make(map[int]bool, len(inv.Operands))
	for _, i := range inv.Operands {
		operand[i] = true
	}
	for i := inv.Program + 1; i < len(words); i++ {
		switch raw := words[i].Raw; {
		case operand[i] || i == inv.Verb:
		case slices.Contains(inv.Manager.AssumeYes, raw): // --yes is -y
			item.eased = append(item.eased, inv.Manager.AssumeYes[0])
		case isHarmless(inv.Manager, raw):
			item.eased = append(item.eased, raw)
		default:
			options = append(options, raw)
		}
	}
	for _, r := range inv.Command.Redirects {
		options = append(options, r.Op+r.Target.Raw)
	}
	item.options = strings.Join(options, " ")
	if len(inv.Operands) == 0 {
		return []packageItem{item}
	}
	items := make([]packageItem, 0, len(inv.Operands))
	for _, i := range inv.Operands {
		item.operand = words[i].Value
		if !words[i].Literal {
			item.operand = words[i].Raw
		}
		item.name = pkgmgr.Name(item.operand)
		items = append(items, item)
	}
	return items
}

func isHarmless(m *pkgmgr.Manager, option string) bool {
	return harmless[option] || m.Name == "apk" && superseded[option] != "" || m.Recipe.SkipsCache(option) || slices.Contains(m.AssumeYes, option)
}

// installs indexes the packages that the stages install.
func installs(stages []*stage) map[packageKey][]packageItem {
	index := map[packageKey][]packageItem{}
	for _, s := range stages {
		for _, r := range s.runs {
			for _, cmd := range r.commands {
				if cmd.role != install {
					continue
				}
				for _, p := range cmd.items() {
					index[p.key()] = append(index[p.key()], p)
				}
			}
		}
	}
	return index
}

// packages checks that an image has the packages that it had, and that every
// install does what it did. What the image itself keeps (its chain of stages) and
// what is merely installed to build it are told apart.
func (c *comparison) packages(before, after *stage) {
	c.comparePackages(installs(before.chain()), installs(after.chain()))
	if before.isFed() || after.isFed() {
		c.comparePackages(installs(before.feeds()), installs(after.feeds()))
	}
}

func (c *comparison) comparePackages(before, after map[packageKey][]packageItem) {
	for _, key := range inOrder(before) {
		items := before[key]
		p := items[0]
		matches := after[key]
		if len(matches) == 0 {
			if !c.mayDrop(p) {
				c.differs("the package %s (%s) is not installed as before", p, p.manager.Name)
			}
			continue
		}
		for i, item := range items {
			// Its counterpart comes first: a file may install a package hundreds of times.
			if i >= len(matches) || c.otherInstall(item, matches[i]) != "" {
				c.keptInstall(item, matches)
			}
		}
	}
	for _, key := range inOrder(after) {
		p := after[key][0]
		if len(before[key]) > 0 {
			continue
		}
		if !c.mayAdd(p) {
			c.differs("the package %s (%s) is new or installed with other options", p, p.manager.Name)
		} else if p.command.ranked < listsFresh {
			c.differs("the package %s is installed without package lists", p)
		}
	}
}

func (c *comparison) mayDrop(p packageItem) bool {
	return p.operand != "" && c.declared.has(fix.DropPackage, p.operand, p.name) || c.declared.has(fix.DropCommand, p.command.text)
}

func (c *comparison) mayAdd(p packageItem) bool {
	return p.operand != "" && c.declared.has(fix.AddPackage, p.operand, p.name) || c.declared.has(fix.AddCommand, p.command.text)
}

// keptInstall checks that one of the installs of the same package does what it
// did before.
func (c *comparison) keptInstall(before packageItem, after []packageItem) {
	reason := ""
	for _, p := range after {
		why := c.otherInstall(before, p)
		if why == "" {
			return
		}
		reason = why
	}
	c.differs("the install of %s %s", before, reason)
}

func (c *comparison) otherInstall(before, after packageItem) string {
	for _, option := range before.eased {
		fetchesToo := func(other string) bool { return other == superseded[option] || superseded[other] != "" }
		if superseded[option] != "" && slices.ContainsFunc(after.eased, fetchesToo) {
			continue
		}
		// The cache is wanted where a mount keeps it.
		if !slices.Contains(after.eased, option) && !(before.manager.Recipe.SkipsCache(option) && after.command.run.caches(before.manager)) {
			return "has lost " + option
		}
	}
	if slices.Contains(after.eased, keepPackages) && !slices.Contains(before.eased, keepPackages) && !after.command.run.caches(after.manager) {
		return "keeps its packages in the image"
	}
	if after.command.ranked < before.command.ranked {
		return "has no package lists any more"
	}
	return c.different(before.command, after.command)
}
