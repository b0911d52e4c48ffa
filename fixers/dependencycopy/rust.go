package dependencycopy

import (
	"github.com/drydock-dev/drydock/internal/project"
)

// cargoBuild recognises the commands of cargo that fetch dependencies. None of
// them runs without the source: cargo refuses a package that has no target. What
// people do instead, a stub main.rs or cargo-chef, is theirs to choose.
func cargoBuild(c call) (install, bool) {
	name, words := c.cmd.Runs()
	if name != "cargo" || len(words) == 0 {
		return install{}, false
	}
	switch words[0].Value {
	case "build", "fetch", "b", "vendor":
	default:
		return install{}, false
	}
	at, ok := c.folder(c.in(""))
	if !ok || c.context() != nil && !c.context().HasFile(clean(at.source+"/Cargo.toml")) {
		return install{}, false
	}
	in := install{program: "cargo " + words[0].Value, ecosystem: "rust", at: at, reads: project.Cargo(c.context(), at.source)}
	if in.reads.ReadsSource == "" {
		in.reads.ReadsSource = "cargo refuses a package without its source"
	}
	return in, true
}
