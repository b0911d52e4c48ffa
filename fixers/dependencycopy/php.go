package dependencycopy

import (
	"path"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
)

// composerInstall recognises composer install. Where that runs scripts or lists
// classes of the source, a first one without scripts and autoloader can go ahead.
func composerInstall(c call) (install, bool) {
	inv, ok := pkgmgr.Recognise(c.cmd)
	if !ok || inv.Manager.Name != "composer" || inv.Action != pkgmgr.Install || verb(inv) != "install" && verb(inv) != "i" || len(inv.Operands) > 0 {
		return install{}, false
	}
	dir, known := c.lastOption(inv, "-d", "--working-dir")
	at, mapped := c.folder(c.in(dir))
	if !known || !mapped {
		return install{}, false
	}
	how := project.ComposerInstall{
		NoScripts:          inv.HasFlag("--no-scripts"),
		NoAutoloader:       inv.HasFlag("--no-autoloader"),
		NoPlugins:          inv.HasFlag("--no-plugins"),
		OptimizeAutoloader: inv.HasFlag("-o", "--optimize-autoloader", "-a", "--classmap-authoritative"),
	}
	in := install{program: "composer install", ecosystem: "php", at: at, writes: []string{"vendor"}, inTree: true}
	in.reads = project.Composer(c.context(), at.source, how)
	if in.reads.ReadsSource == "" || !c.context().HasFile(path.Join(at.source, "composer.lock")) {
		return in, true
	}
	how.NoScripts, how.NoAutoloader = true, true
	if reads := project.Composer(c.context(), at.source, how); reads.Complete() {
		reads.ReadsSource = in.reads.ReadsSource
		in.reads = reads
		in.ahead = []string{c.withFlags(inv.Verb, missing(inv, "--no-scripts", "--no-autoloader")...)}
	}
	return in, true
}

// missing are the options that an invocation does not have.
func missing(inv pkgmgr.Invocation, flags ...string) []string {
	var absent []string
	for _, f := range flags {
		if !inv.HasFlag(f) {
			absent = append(absent, f)
		}
	}
	return absent
}
