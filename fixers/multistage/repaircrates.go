package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// systemCrates are crates that link the system's library in every build but one that
// has the library's own source beside them: openssl-src. Others (libz-sys,
// libsqlite3-sys) may have it compiled in.
var systemCrates = []string{"alsa-sys", "mysqlclient-sys", "openssl-sys", "pq-sys"}

// repairCrates installs the packages whose libraries a Rust program loads, where a last
// stage on Debian forgets them: the image builds, and the program does not start.
//
//	FROM rust:1.80 AS build                =>  FROM rust:1.80 AS build
//	RUN cargo build --release                  RUN cargo build --release
//	FROM debian:bookworm-slim                  FROM debian:bookworm-slim
//	                                           RUN apt-get update && apt-get install -y libssl3 && ...
//	COPY --from=build /app/target/... /app     COPY --from=build /app/target/... /app
//
// Only with a Cargo.lock that names a crate of systemCrates, where every package of
// the last stage can be read and it copies no libraries.
func repairCrates(p *fix.Pass, last *build.Stage) {
	from, copied := soleSourceOf(last, isRust)
	if copied == nil || !isRust(from) || p.Context == nil || last.Bottom().Image.Distro != facts.Debian || saysMusl(p, from) {
		return
	}
	there, known := facts.Preinstalled(last.Bottom().Ref)
	c, _ := last.CopyOf(copied)
	if !known || !startsCopied(last, c) || copiesLibraries(last) || !readableInstalls(last) {
		return
	}
	for _, s := range last.Chain() {
		there = append(there, packagesIn(s)...)
	}
	pkgs, why := librariesOfCrates(p, from, last, there)
	if slices.ContainsFunc(pkgs, func(pkg string) bool { return strings.HasPrefix(pkg, "libssl") }) {
		pkgs = append([]string{"ca-certificates"}, pkgs...) // which would have brought it
	}
	switch {
	case why != "":
		p.Decline(copied.Span, "%s", why)
	case len(pkgs) == 0:
	case !last.UserAt(copied).IsRoot():
		p.Decline(copied.Span, "the program loads the library of %s, which would be installed as USER %s", pkgs[0], last.UserAt(copied).Name)
	default:
		installMissing(p, last, c, pkgs, "the program needs", "without which the program does not start")
	}
}

// librariesOfCrates are the packages with the libraries that the locked crates of the
// build context link, of the release of the last stage, without what is there or is
// brought by it; none without a lockfile.
func librariesOfCrates(p *fix.Pass, from, last *build.Stage, there []string) (pkgs []string, declined string) {
	text, err := p.Context.Read("Cargo.lock")
	if err != nil {
		return nil, ""
	}
	var names []string
	for _, m := range crate.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	for _, name := range names {
		if !slices.Contains(systemCrates, name) || name == "openssl-sys" && slices.Contains(names, "openssl-src") {
			continue
		}
		need, _ := facts.CrateNeed(name)
		for _, dev := range need.Dev {
			linked, _, known := runtimePackages(from.Bottom().Image, dev)
			libraries, _, has := runtimePackages(last.Bottom().Image, dev)
			switch {
			case !known || !has:
				return nil, "the crate " + name + " links the library of " + dev + ", whose name differs between the releases of " + last.Bottom().Ref
			case !slices.EqualFunc(linked, libraries, isSameLibrary):
				return nil, "the crate " + name + " links the library of " + dev + " as " + from.Bottom().Ref + " has it, and " + last.Bottom().Ref + " has another version"
			}
			pkgs = append(pkgs, slices.DeleteFunc(slices.Clone(libraries), func(pkg string) bool { return slices.Contains(pkgs, pkg) || isBrought(pkg, there) })...)
		}
	}
	return pkgs, ""
}

// isSameLibrary reports whether packages of two releases hold the same library: t64 is
// a new name (https://wiki.debian.org/ReleaseGoals/64bit-time).
func isSameLibrary(a, b string) bool {
	return strings.TrimSuffix(a, "t64") == strings.TrimSuffix(b, "t64")
}
