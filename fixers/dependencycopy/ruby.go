package dependencycopy

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
)

// bundleInstall recognises bundle install.
func bundleInstall(c call) (install, bool) {
	inv, ok := pkgmgr.Recognise(c.cmd)
	if !ok || inv.Manager.Name != "bundle" || inv.Action != pkgmgr.Install || inv.HasFlag("--version", "-v") {
		return install{}, false
	}
	gemfile, known := c.lastOption(inv, "--gemfile")
	if !known {
		return install{}, false
	}
	if set, ok := c.stage.EnvAt(c.run, "BUNDLE_GEMFILE"); gemfile == "" && ok {
		gemfile = set
	}
	at, ok := c.folder(c.in(path.Dir(gemfile)))
	if !ok {
		return install{}, false
	}
	in := install{program: "bundle install", ecosystem: "ruby", at: at}
	name := ""
	if gemfile != "" {
		name = path.Base(gemfile)
	}
	in.reads = project.Bundler(c.context(), at.source, name)
	if dir := c.bundlePath(inv); dir != "" {
		in.writes, in.inTree = []string{dir}, true
	}
	// Without a lockfile bundler writes one beside the Gemfile.
	in.inTree = in.inTree || !c.context().HasFile(path.Join(at.source, "Gemfile.lock")) && name == ""
	return in, true
}

// bundlePath is the folder beside the Gemfile that the gems go into, "" if they go
// elsewhere (bundler.io/man/bundle-config.1.html, "path" and "deployment").
func (c call) bundlePath(inv pkgmgr.Invocation) string {
	if dir, _ := c.lastOption(inv, "--path"); dir != "" && !path.IsAbs(dir) {
		return path.Clean(dir)
	}
	dir, set := c.stage.EnvAt(c.run, "BUNDLE_PATH")
	switch {
	case set && !path.IsAbs(dir):
		return path.Clean(dir)
	case set:
		return ""
	}
	deployment, _ := c.stage.EnvAt(c.run, "BUNDLE_DEPLOYMENT")
	if inv.HasFlag("--deployment") || deployment != "" && deployment != "false" && deployment != "0" || c.configuresBundle() {
		return "vendor/bundle"
	}
	return ""
}

// configuresBundle reports whether an earlier command sets bundler's path or
// deployment.
func (c call) configuresBundle() bool {
	for _, inst := range c.stage.Instructions[:c.stage.IndexOf(c.run)+1] {
		if inst.Name != "RUN" {
			continue
		}
		for _, cmd := range c.stage.Script(inst).Commands {
			inv, ok := pkgmgr.Recognise(cmd)
			if !ok || inv.Manager.Name != "bundle" || inv.Action != pkgmgr.Other {
				continue
			}
			for _, w := range cmd.Words {
				if w.Value == "deployment" || strings.HasPrefix(w.Value, "vendor") {
					return true
				}
			}
		}
	}
	return false
}
