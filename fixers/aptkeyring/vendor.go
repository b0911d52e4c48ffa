package aptkeyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// knowSource looks up the repository of a downloaded list, by the driver that the
// stages install from it:
//
//	curl https://packages.microsoft.com/config/debian/12/prod.list > FILE
//	=>  echo "deb [… signed-by=/usr/share/keyrings/microsoft-prod.gpg] …" > FILE
//
// It returns why the list stays unknown.
func (c *change) knowSource(k *key, l *line) string {
	unknown := "the repository comes from the downloaded " + l.url
	if l.cmd.Step.Command() != l.cmd {
		return unknown
	}
	if c.release.name == "" && c.driverOf(l) != "" {
		return fmt.Sprintf("%s stands for several releases, and the source line of %s differs between them", c.stage.Bottom().Ref, c.driverOf(l))
	}
	src, ok := c.driverSource(l)
	if !ok {
		return unknown
	}
	if src.KeyURL != k.url {
		if hostOf(src.KeyURL) != hostOf(k.url) || k.wordOf(k.url) < 0 {
			return fmt.Sprintf("the packages for %s are signed by %s", c.release.name, src.KeyURL)
		}
		k.instead = src.KeyURL
		k.notes = append(k.notes, fmt.Sprintf("the packages for %s are signed by %s, not by %s", c.release.name, src.KeyURL, k.url))
	}
	l.source, k.path = src.Line, src.Keyring
	switch ref := c.stage.Bottom().Ref; {
	case c.release.asOf != "":
		k.notes = append(k.notes, fmt.Sprintf("the source line is for %s, the release of %s on %s; change it when the image moves to the next", c.release.name, ref, c.release.asOf))
	case !strings.Contains(l.url, releaseIn(src.Line)):
		k.notes = append(k.notes, fmt.Sprintf("the source line is for %s, the release of %s; %s was not", c.release.name, ref, l.url))
	}
	return ""
}

// wordOf is the index of an address in the command in front of apt-key, or -1.
func (k *key) wordOf(url string) int {
	if k.file.Raw != "" || k.cmd.Piped == nil {
		return -1
	}
	return slices.IndexFunc(k.cmd.Piped.Words, func(w shell.Word) bool { return w.Literal && w.Value == url })
}

// releaseIn is the part of a vendor's address that tells the release:
// "/debian/12/" of "deb [...] https://packages.microsoft.com/debian/12/prod bookworm main".
func releaseIn(sourceLine string) string {
	_, address, _ := strings.Cut(sourceLine, "://")
	_, folders, _ := strings.Cut(address, "/")
	parts := strings.SplitN(folders, "/", 3)
	if len(parts) < 3 {
		return folders
	}
	return "/" + parts[0] + "/" + parts[1] + "/"
}

// driverSource is the source of a driver that the stage installs, on the host of
// a downloaded list.
func (c *change) driverSource(l *line) (src facts.DebSource, ok bool) {
	for _, driver := range drivers(l) {
		if src, ok := driver.Source[c.release.name]; ok && hostOf(src.KeyURL) == hostOf(l.url) {
			return src, true
		}
	}
	return facts.DebSource{}, false
}

// driverOf names the driver that a downloaded list could be for.
func (c *change) driverOf(l *line) string {
	for _, driver := range drivers(l) {
		for _, src := range driver.Source {
			if hostOf(src.KeyURL) == hostOf(l.url) {
				return driver.Name
			}
		}
	}
	return ""
}

// drivers are those that the stage of a source line installs.
func drivers(l *line) []facts.Driver {
	var all []facts.Driver
	for _, inst := range l.stage.Instructions {
		for _, cmd := range runsOf(l.stage, inst) {
			inv, ok := pkgmgr.Recognise(cmd)
			if !ok || inv.Action != pkgmgr.Install {
				continue
			}
			for _, w := range inv.Packages() {
				if driver, ok := facts.DriverOfPackage(pkgmgr.Name(w.Value)); ok {
					all = append(all, driver)
				}
			}
		}
	}
	return all
}
