package aptkeyring

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
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
	src, ok := c.driverSource(l)
	if !ok {
		return unknown
	}
	if src.KeyURL != k.url {
		return fmt.Sprintf("the packages for %s are signed by %s", c.release.name, src.KeyURL)
	}
	_, address, _ := strings.Cut(src.Line, "] ")
	if number, ok := strings.CutPrefix(address, "https://packages.microsoft.com/debian/"); ok {
		number, _, _ = strings.Cut(number, "/")
		if !strings.Contains(l.url, "/debian/"+number+"/") {
			return fmt.Sprintf("the downloaded list is not for the release of the base image, %s", c.release.name)
		}
	}
	l.source, k.path = src.Line, src.Keyring
	return ""
}

// driverSource is the source of a driver that the stages install, on the host of
// a downloaded list.
func (c *change) driverSource(l *line) (facts.DebSource, bool) {
	for _, inst := range l.stage.Instructions {
		for _, cmd := range runsOf(l.stage, inst) {
			inv, ok := pkgmgr.Recognise(cmd)
			if !ok || inv.Action != pkgmgr.Install {
				continue
			}
			for _, w := range inv.Packages() {
				driver, ok := facts.DriverOfPackage(pkgmgr.Name(w.Value))
				if !ok {
					continue
				}
				if src, ok := driver.Source[c.release.name]; ok && hostOf(src.KeyURL) == hostOf(l.url) {
					return src, true
				}
			}
		}
	}
	return facts.DebSource{}, false
}
