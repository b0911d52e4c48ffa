package project

import (
	"path"
	"slices"
)

// CargoStubs are what lets cargo accept a package without its source.
type CargoStubs struct {
	// Files stand in for sources, relative to the folder of Cargo.toml.
	Files []string

	// Script stands in for the build script, without which cargo does not build
	// what build scripts depend on; empty if there is none.
	Script string

	// Package is the name to remove what was built of the stubs by.
	Package string

	// Alone: the lockfile names nothing that would be fetched.
	Alone bool

	// Unbuildable says why stubs with an empty main cannot be built, with all
	// that the package depends on; empty if they can.
	Unbuildable string
}

// CargoFetch says what "cargo fetch" reads in dir once there are stubs. Build
// scripts are not run by it. Workspaces and dependencies by path want their own
// sources, so ReadsSource names them; so it does for targets at other places.
//
// Source: https://doc.rust-lang.org/cargo/reference/cargo-targets.html.
func CargoFetch(c *Context, dir string) (m Manifests, stubs CargoStubs) {
	r := collect(c)
	dir = cleanPath(dir)
	for _, stub := range []string{"src/main.rs", "src/lib.rs"} {
		if r.hasFile(path.Join(dir, stub)) {
			stubs.Files = append(stubs.Files, stub)
		}
	}
	if manifest, ok := r.readTOML(path.Join(dir, "Cargo.toml")); ok {
		name := cleanPath(path.Join(dir, "Cargo.toml"))
		r.cargoPackage(dir, name, manifest, stubs.Files)
		r.cargoStubs(dir, name, manifest, &stubs)
	}
	if lock, ok := r.readTOML(path.Join(dir, "Cargo.lock")); ok {
		packages, _ := lock["package"].([]any)
		stubs.Alone = len(packages) > 0 && !slices.ContainsFunc(packages, func(p any) bool {
			t, _ := p.(map[string]any)
			return table(t).string("source") != ""
		})
	}
	for _, name := range []string{".cargo/config.toml", ".cargo/config"} {
		name = path.Join(dir, name)
		if !r.hasFile(name) {
			continue
		}
		config, ok := r.readTOML(name)
		switch {
		case ok && (config["source"] != nil || config["paths"] != nil):
			r.source("%s takes crates from elsewhere", name)
		case ok && config["build"] != nil:
			stubs.Unbuildable = name + " says how to build"
		}
	}
	for _, name := range []string{"rust-toolchain.toml", "rust-toolchain"} {
		r.optional(path.Join(dir, name))
	}
	return r.result(), stubs
}

// cargoStubs says whether stubs can be built: cargo has to find every library and
// program that the manifest names among them. Targets that cargo finds by itself
// are not there yet, and not built.
func (r *collector) cargoStubs(dir, name string, manifest table, stubs *CargoStubs) {
	stubs.Package = manifest.string("package", "name")
	script, _ := manifest.at("package", "build").(string)
	if r.hasFile(path.Join(dir, "build.rs")) && manifest.at("package", "build") != false {
		stubs.Script = "build.rs"
	}
	places := []string{manifest.string("lib", "path")}
	programs, _ := manifest["bin"].([]any)
	for _, program := range programs {
		t, _ := program.(map[string]any)
		places = append(places, table(t).string("path"))
	}
	switch elsewhere := slices.IndexFunc(places, func(p string) bool { return p != "" && !slices.Contains(stubs.Files, p) }); {
	case stubs.Package == "":
		stubs.Unbuildable = name + " names no package"
	case script != "" && script != "build.rs":
		stubs.Unbuildable = name + " names the build script " + script
	case elsewhere >= 0:
		stubs.Unbuildable = name + " names " + places[elsewhere]
	}
}

func (r *collector) cargoPackage(dir, name string, manifest table, stubs []string) {
	switch {
	case manifest["workspace"] != nil || manifest.at("package", "workspace") != nil:
		r.source("%s is of a workspace, and cargo refuses one without its members", name)
	case manifest["package"] == nil:
		r.source("%s is of no package", name)
	case len(stubs) == 0:
		r.source("%s has neither src/main.rs nor src/lib.rs", name)
	case manifest.at("package", "default-run") != nil:
		r.source("%s names the program to run by default", name)
	case manifest["lib"] != nil && manifest.string("lib", "path") == "" && !r.hasFile(path.Join(dir, "src/lib.rs")):
		r.source("%s has a library without src/lib.rs", name)
	}
	for _, kind := range []string{"bin", "example", "test", "bench"} {
		targets, _ := manifest[kind].([]any)
		for _, target := range targets {
			t, _ := target.(map[string]any)
			isMain := kind == "bin" && table(t).string("name") == manifest.string("package", "name") && r.hasFile(path.Join(dir, "src/main.rs"))
			if table(t).string("path") == "" && !isMain {
				r.source("%s does not say where its %s %s is", name, kind, table(t).string("name"))
			}
		}
	}
	r.cargoPaths(name, manifest)
	targets := manifest.table("target")
	for _, target := range targets.keys() {
		r.cargoPaths(name, targets.table(target))
	}
	patches := manifest.table("patch")
	for _, registry := range patches.keys() {
		r.cargoPaths(name, table{"dependencies": patches[registry]})
	}
}

// cargoPaths looks for dependencies by path in one table.
func (r *collector) cargoPaths(name string, section table) {
	for _, kind := range []string{"dependencies", "dev-dependencies", "build-dependencies"} {
		dependencies := section.table(kind)
		for _, dependency := range dependencies.keys() {
			if place := dependencies.string(dependency, "path"); place != "" {
				r.source("%s: %s is at %s", name, dependency, place)
			}
		}
	}
}
