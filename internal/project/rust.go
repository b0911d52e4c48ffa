package project

import "path"

// CargoFetch says what "cargo fetch" reads in dir once there are stubs: empty files
// that let cargo accept the package without its source, relative to dir. Build
// scripts are not run by it. Workspaces and dependencies by path want their own
// sources, so ReadsSource names them; so it does for targets at other places.
//
// Source: https://doc.rust-lang.org/cargo/reference/cargo-targets.html.
func CargoFetch(c *Context, dir string) (m Manifests, stubs []string) {
	r := collect(c)
	dir = cleanPath(dir)
	for _, stub := range []string{"src/main.rs", "src/lib.rs"} {
		if r.hasFile(path.Join(dir, stub)) {
			stubs = append(stubs, stub)
		}
	}
	r.cargoPackage(dir, stubs)
	r.file(path.Join(dir, "Cargo.lock"))
	for _, name := range []string{".cargo/config.toml", ".cargo/config"} {
		name = path.Join(dir, name)
		if !r.hasFile(name) {
			continue
		}
		if config, ok := r.readTOML(name); ok && (config["source"] != nil || config["paths"] != nil) {
			r.source("%s takes crates from elsewhere", name)
		}
	}
	for _, name := range []string{"rust-toolchain.toml", "rust-toolchain"} {
		r.optional(path.Join(dir, name))
	}
	return r.result(), stubs
}

func (r *collector) cargoPackage(dir string, stubs []string) {
	name := cleanPath(path.Join(dir, "Cargo.toml"))
	manifest, ok := r.readTOML(name)
	if !ok {
		return
	}
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
