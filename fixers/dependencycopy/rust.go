package dependencycopy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// cargoBuild recognises what compiles a package, ahead of which its crates can be
// fetched. cargo refuses a package without its source, so empty files stand in for
// it, which the COPY of the source overwrites:
//
//	COPY Cargo.toml Cargo.lock ./
//	RUN mkdir -p src && touch src/main.rs && cargo fetch
//
// Building against the stub would save more. It is not done: cargo goes by the
// times of files, and takes a source that is older than the stub's build for built.
// A file that uses cargo-chef has done all this.
func cargoBuild(c call) (install, bool) {
	name, words := c.cmd.Runs()
	if name != "cargo" || len(words) == 0 {
		return install{}, false
	}
	verb := words[0].Value
	switch verb {
	case "build", "b", "check", "test", "fetch", "vendor":
	default:
		return install{}, false
	}
	at, ok := c.folder(c.in(""))
	if !ok || c.context() != nil && !c.context().HasFile(path.Join(at.source, "Cargo.toml")) || c.usesChef() || c.mounts("cargo") {
		return install{}, false
	}
	in := install{program: "cargo " + verb, ecosystem: "rust", at: at}
	if c.context() == nil {
		return in, true
	}
	var stubs []string
	in.reads, stubs = project.CargoFetch(c.context(), at.source)
	if !in.reads.Complete() {
		return in, true
	}
	in.reads.ReadsSource = c.whyNotFetch(verb, at, words, stubs)
	if in.reads.ReadsSource == "" {
		in.reads.ReadsSource = "it compiles"
		in.ahead = []string{"mkdir -p src", "touch " + strings.Join(stubs, " "), "cargo fetch"}
		in.more = "cargo fetch downloads the crates of every platform"
	}
	return in, true
}

// whyNotFetch is why cargo fetch cannot go ahead of a command.
func (c call) whyNotFetch(verb string, at folder, words []shell.Word, stubs []string) string {
	user := c.stage.UserAt(c.run)
	switch {
	case verb == "fetch" || verb == "vendor":
		return "cargo refuses a package without its source"
	case hasOption(words, "--manifest-path", "--offline", "--frozen", "--config"):
		return "it is given options that cargo fetch would need too"
	case at.image != workdirAt(c.stage, c.run):
		return "it runs in another folder than the working directory"
	case user.Known && !user.IsRoot():
		return "it runs as " + user.Name + ", who may not write to the working directory"
	}
	for _, stub := range stubs {
		if _, ok := c.layout.delivered(at, path.Join(at.source, stub)); !ok {
			return "no COPY brings " + stub
		}
	}
	return ""
}

func hasOption(words []shell.Word, names ...string) bool {
	return slices.ContainsFunc(words, func(w shell.Word) bool {
		name, _, _ := strings.Cut(w.Value, "=")
		return slices.Contains(names, name)
	})
}

// usesChef reports whether the stage or its bases run cargo-chef.
func (c call) usesChef() bool {
	for _, s := range c.stage.Chain() {
		for _, inst := range s.Instructions {
			if inst.Name == "RUN" && strings.Contains(inst.Args.Text, "cargo chef") {
				return true
			}
		}
	}
	return false
}
