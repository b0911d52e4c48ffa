package dependencycopy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// cargoBuild recognises what compiles a package, ahead of which the crates that it
// depends on can be compiled. cargo refuses a package without its source, so stubs
// stand in for it, which the COPY of the source overwrites:
//
//	COPY Cargo.toml Cargo.lock ./
//	RUN mkdir -p src && echo 'fn main() {}' >src/main.rs && cargo build --release && cargo clean --release -p NAME
//
// cargo goes by the times of files, and takes a source that is older than the
// stub's build for built: cargo clean removes all that came of the stubs, and
// leaves the crates. Where that is not certain, the crates are fetched alone:
//
//	RUN mkdir -p src && touch src/main.rs && cargo fetch
//
// A file that uses cargo-chef has done all this.
func cargoBuild(c call) (install, bool) {
	name, words := c.cmd.Runs()
	if name != "cargo" || len(words) == 0 {
		return install{}, false
	}
	verb := words[0].Value
	switch verb {
	case "build", "b", "check", "test", "fetch", "vendor":
	case "install":
		if !c.installsPackage(words[1:]) {
			return install{}, false
		}
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
	var stubs project.CargoStubs
	in.reads, stubs = project.CargoFetch(c.context(), at.source)
	switch {
	case stubs.Alone:
		return install{}, false
	case !in.reads.Complete():
		return in, true
	}
	if in.reads.ReadsSource = c.whyNotFetch(verb, at, words, stubs.Files); in.reads.ReadsSource != "" {
		return in, true
	}
	in.reads.ReadsSource = "it compiles"
	if options, ok := c.buildsStubs(at, words, stubs); ok {
		in.writes, in.inTree = []string{"target"}, true
		in.ahead = append(stubCommands(stubs), c.cmd.Text(), "cargo clean "+options+"-p "+stubs.Package)
		in.does = in.program + " on a stub"
		in.more = "the crates are built with an empty " + stubs.Files[0] + "; cargo clean removes what came of it"
		return in, true
	}
	in.ahead = []string{"mkdir -p src", "touch " + strings.Join(stubs.Files, " "), "cargo fetch"}
	in.more = "cargo fetch downloads the crates of every platform"
	return in, true
}

// installsPackage reports whether cargo install is given the package of the folder.
func (c call) installsPackage(words []shell.Word) bool {
	for i, w := range words {
		switch {
		case w.Value == "--path=." || w.Value == "--path=./":
			return true
		case w.Value == "--path" && i+1 < len(words) && path.Clean(words[i+1].Value) == ".":
			return true
		}
	}
	return false
}

// stubCommands write the stubs.
func stubCommands(stubs project.CargoStubs) []string {
	commands := []string{"mkdir -p src"}
	for _, name := range stubs.Files {
		if name == "src/lib.rs" {
			commands = append(commands, "touch "+name)
			continue
		}
		commands = append(commands, "echo 'fn main() {}' >"+name)
	}
	if stubs.Script != "" {
		commands = append(commands, "echo 'fn main() {}' >"+stubs.Script)
	}
	return commands
}

// cargoOptions are those of cargo build that concern the crates alone, and whether
// they take a value (doc.rust-lang.org/cargo/commands/cargo-build.html).
var cargoOptions = map[string]bool{
	"--release": false, "-r": false, "--locked": false, "--all-features": false, "--no-default-features": false,
	"-v": false, "-vv": false, "--verbose": false, "-q": false, "--quiet": false, "--path": true,
	"-F": true, "--features": true, "--target": true, "-j": true, "--jobs": true,
}

// buildsStubs reports whether a command can run on the stubs, and with which
// options cargo clean removes all that comes of them. It has to look where the
// build writes.
func (c call) buildsStubs(at folder, words []shell.Word, stubs project.CargoStubs) (options string, ok bool) {
	verb := words[0].Value
	if stubs.Unbuildable != "" || verb != "build" && verb != "b" && verb != "install" || c.cmd != c.script.Commands[len(c.script.Commands)-1] && c.removesTarget() {
		return "", false
	}
	if _, delivered := c.layout.delivered(at, path.Join(at.source, stubs.Script)); stubs.Script != "" && !delivered {
		return "", false
	}
	for _, name := range []string{"CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_TARGET"} {
		if _, set := c.stage.EnvAt(c.run, name); set || len(c.cmd.Assigns) > 0 {
			return "", false
		}
	}
	if verb == "install" {
		options = "--release "
	}
	for i := 1; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i].Value, "=")
		takes, known := cargoOptions[name]
		if !known || !words[i].Literal {
			return "", false
		}
		if takes && !joined {
			if i++; i == len(words) || !words[i].Literal {
				return "", false
			}
			value = words[i].Value
		}
		switch name {
		case "--release", "-r":
			options += "--release "
		case "--target":
			if !strings.Contains(value, "-linux-") {
				return "", false // it may have no standard library, which the stub needs
			}
			options += "--target " + value + " "
		}
	}
	return options, true
}

// removesTarget reports whether the RUN removes what it built, which a layer of its
// own would keep.
func (c call) removesTarget() bool {
	return slices.ContainsFunc(c.script.Commands, func(cmd *shell.Command) bool {
		name, args := cmd.Runs()
		return (name == "rm" || name == "cargo") && slices.ContainsFunc(args, func(w shell.Word) bool {
			return w.Value == "clean" || !w.Literal || slices.Contains(strings.Split(w.Value, "/"), "target")
		})
	})
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
