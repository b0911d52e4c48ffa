package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/shell"
)

// rust builds with Cargo, and runs on the plain image of the same distribution, with
// the libraries that the locked crates link.
//
// Not placed: "cargo run" at start, and crates that link a library of which it is
// not known whether the system's is taken.
var rust = profile{
	name:       "Rust",
	repository: "rust",
	alpine:     true,
	builds:     rustBuilds,
	tree:       rustProducts,
	needs:      rustNeeds,
	toolchain:  []string{"/usr/local/cargo", "/usr/local/rustup"},
	buildTools: rustTools,
	buildEnv:   rustEnv,
}

// rustup builds with Cargo too, which rustup or a package brings to Debian or Ubuntu.
// All that a program can link there are the -dev packages that the file installs.
var rustup = profile{
	name:       "Rust",
	builds:     rustBuilds,
	tree:       rustProducts,
	needs:      rustupNeeds,
	buildTools: append([]string{"curl", "wget"}, rustTools...),
	buildEnv:   rustEnv,
}

var (
	rustTools = []string{"git", "protobuf-compiler", "protoc"}
	rustEnv   = []string{"CARGO_", "RUSTFLAGS", "RUSTUP_", "RUSTC_", "OPENSSL_", "PKG_CONFIG", "PKG_CONFIG_"}
)

// buildsWithCargo reports whether a RUN of a plain image of a distribution runs Cargo.
func buildsWithCargo(s *build.Stage) bool {
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" || !strings.Contains(inst.Args.Text, "cargo") {
			continue
		}
		if slices.ContainsFunc(effects.Of(s, inst), func(e effects.Effect) bool { return e.Program == "cargo" }) {
			return true
		}
	}
	return false
}

func rustBuilds(pl *plan, at *place, e *effects.Effect) (bool, string) {
	switch {
	case e.Program == "rustup" || e.Program == "strip" || bringsRustup(*e):
		return true, ""
	case e.Program != "cargo":
		return false, ""
	}
	var words []string // without flags
	for _, w := range e.Command.Words[e.Command.Program()+1:] {
		if !w.IsFlag() && !strings.HasPrefix(w.Value, "+") {
			words = append(words, w.Value)
		}
	}
	if len(words) == 0 || words[0] != "install" {
		return true, ""
	}
	bin := "/usr/local/cargo/bin" // rust-lang/docker-rust: CARGO_HOME
	if pl.isBareDistribution() {
		bin = "/root/.cargo/bin" // https://rust-lang.github.io/rustup/installation
		if home, _ := pl.stage.EnvAt(at.inst, "HOME"); home != "" && home != "/root" {
			return true, brief(commandText(*e)) + ": it installs into a folder of its own"
		}
	}
	if pl.stage.EnvSetByStage("CARGO_HOME") || pl.stage.EnvSetByStage("CARGO_INSTALL_ROOT") || strings.Contains(commandText(*e), "--root") {
		return true, brief(commandText(*e)) + ": it installs into a folder of its own"
	}
	for _, name := range pl.startedNames() {
		if ofRegistry := len(words) > 1 && !strings.Contains(commandText(*e), "--path") && !strings.Contains(commandText(*e), "--git"); ofRegistry && !slices.Contains(words[1:], name) {
			continue // a tool of the build
		}
		e.Writes = append(e.Writes, path.Join(bin, name))
	}
	return true, ""
}

// bringsRustup reports whether a command runs rustup's installer, downloaded or from a
// pipe, or sets up the shell for what that brings:
//
//	curl https://sh.rustup.rs | sh -s -- -y && . $HOME/.cargo/env
func bringsRustup(e effects.Effect) bool {
	ofRustup := func(w shell.Word) bool {
		return strings.Contains(w.Raw, "sh.rustup.rs") || strings.HasPrefix(path.Base(w.Value), "rustup")
	}
	switch e.Program {
	case "sh", "bash":
		return e.Command.Piped != nil && slices.ContainsFunc(e.Command.Piped.Words, ofRustup) || slices.ContainsFunc(e.Command.Words[1:], ofRustup)
	case ".", "source":
		return slices.ContainsFunc(e.Command.Words[1:], func(w shell.Word) bool { return strings.Contains(w.Raw, ".cargo/env") })
	}
	return strings.HasPrefix(e.Program, "rustup")
}

func rustProducts(pl *plan) (tree, string) {
	if why := pl.startsCompiler(map[string]bool{"cargo": true, "cargo-watch": true}); why != "" {
		return tree{}, why
	}
	workdir := pl.stage.WorkdirAt(nil)
	for _, c := range pl.commandsAtStart() {
		for _, w := range c.Words {
			for _, field := range strings.Fields(w.Value) {
				name := absolute(field, workdir)
				if strings.Contains(name, "/target/") && isWithinAny(name, pl.roots) && (strings.Contains(name, "/release/") || strings.Contains(name, "/debug/")) {
					pl.places[pl.lastBuild()].addProduct(name)
				}
			}
		}
	}
	return tree{}, pl.takeProducts(rustReads)
}

var rustCalls = regexp.MustCompile(`Command::new\(\s*"([\w./-]+)"`)

func rustReads(pl *plan) (files []string, unknown string) {
	r, unread := pl.readSources(func(string) bool { return false }, ".rs")
	if unread != "" {
		return nil, unread + " cannot be read, which may name files that the program reads"
	}
	pl.literals = r.literals
	for _, text := range r.texts {
		for _, m := range rustCalls.FindAllStringSubmatch(text, -1) {
			pl.called = append(pl.called, m[1])
		}
	}
	isSource := func(file string) bool {
		return path.Ext(file) == ".rs" || strings.HasPrefix(path.Base(file), "Cargo.") || isMeta(file)
	}
	return outermost(append(pl.namedFiles(r.literals, isSource), pl.settingFiles(isSource)...)), ""
}

// crate is the name of a package in Cargo.lock.
var crate = regexp.MustCompile(`(?m)^name = "([^"]+)"`)

// rustupNeeds: what a program links is in the -dev packages, which have their own
// place.
func rustupNeeds(pl *plan) string {
	if pl.hasCertificates() {
		pl.require([]string{"ca-certificates"}, "a Rust program")
	}
	return pl.callsOfProgram()
}

// rustNeeds adds the libraries that the locked crates link.
func rustNeeds(pl *plan) string {
	lock := ""
	for _, in := range pl.inputs {
		if name := path.Join(in.name, "Cargo.lock"); in.dir && pl.fileOf(name) != "" {
			lock = pl.fileOf(name)
		} else if path.Base(in.name) == "Cargo.lock" {
			lock = in.file
		}
	}
	if lock == "" {
		return "without Cargo.lock it is not known which libraries the program links"
	}
	text, err := pl.pass.Context.Read(lock)
	if err != nil {
		return lock + " cannot be read, so which libraries the program links is not known"
	}
	var names []string
	for _, m := range crate.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	for _, name := range names {
		need, known := facts.CrateNeed(name)
		switch {
		case strings.HasSuffix(name, "-sys") && !known:
			return "the crate " + name + " links a library that is not known"
		case name == "openssl-sys" && slices.Contains(names, "openssl-src"):
			continue // compiled in
		case pl.stage.Image.Distro == facts.Alpine && len(need.Dev) > 0:
			return "the crate " + name + " links a library, and Alpine's names are not known"
		}
		if why := pl.needOf(name, facts.CrateNeed); why != "" {
			return why
		}
	}
	pl.require([]string{"ca-certificates"}, "a Rust program")
	return pl.callsOfProgram()
}
