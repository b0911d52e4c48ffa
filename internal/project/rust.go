package project

import "path"

// Cargo says what "cargo fetch" and "cargo build" in dir read. Cargo refuses a
// package without src/main.rs, src/lib.rs or another target, so an install of
// dependencies alone does not exist: ReadsSource is never empty when there is
// a package, and Files are those that cargo-chef or a stub crate would need.
func Cargo(c *Context, dir string) Manifests {
	r := collect(c)
	dir = cleanPath(dir)
	r.cargoPackage(dir)
	for _, name := range []string{"Cargo.lock", ".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"} {
		r.optional(path.Join(dir, name))
	}
	return r.result()
}

func (r *collector) cargoPackage(dir string) {
	name := cleanPath(path.Join(dir, "Cargo.toml"))
	if r.seen[name] {
		return
	}
	manifest, ok := r.readTOML(name)
	if !ok {
		return
	}
	switch {
	case manifest["package"] == nil:
	case manifest.string("package", "build") != "" || r.hasFile(path.Join(dir, "build.rs")):
		r.source("%s has a build script, which may read the source", name)
	default:
		r.source("%s: cargo refuses a package without its source", name)
	}
	workspace := manifest.table("workspace")
	patterns := workspace.strings("members")
	for _, excluded := range workspace.strings("exclude") {
		patterns = append(patterns, "!"+excluded)
	}
	for _, folder := range r.members(dir, patterns, "Cargo.toml") {
		r.cargoPackage(folder)
	}
	r.cargoPaths(dir, name, manifest)
	r.cargoPaths(dir, name, workspace)
	targets := manifest.table("target")
	for _, target := range targets.keys() {
		r.cargoPaths(dir, name, targets.table(target))
	}
	patches := manifest.table("patch")
	for _, registry := range patches.keys() {
		r.cargoPaths(dir, name, table{"dependencies": patches[registry]})
	}
}

// cargoPaths follows the path dependencies of one table.
func (r *collector) cargoPaths(dir, name string, section table) {
	for _, kind := range []string{"dependencies", "dev-dependencies", "build-dependencies"} {
		dependencies := section.table(kind)
		for _, dependency := range dependencies.keys() {
			place := dependencies.string(dependency, "path")
			switch {
			case place == "":
			case path.IsAbs(place):
				r.source("%s: %s is at %s", name, dependency, place)
			default:
				r.cargoPackage(path.Join(dir, place))
			}
		}
	}
}
