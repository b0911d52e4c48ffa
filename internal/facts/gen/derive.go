package main

import (
	"maps"
	"slices"
	"strings"
)

// The rule. A -dev package links the development symlink libfoo.so of a
// library, so Debian's policy 8.4 makes it depend on the library's package
// (= its own version). Hence the runtime packages of a -dev package are
//
//  1. the shared library packages that it depends on and that are built from
//     the same source or pinned to the same version, with those of its sibling
//     -dev packages (libmariadb-dev-compat, libmariadb-dev, libmariadb3);
//  2. else the other shared library packages that it depends on;
//  3. else what the -dev packages that it depends on stand for (metapackages
//     such as default-libmysqlclient-dev and libjpeg-dev).
//
// The libraries' own dependencies come by apt. Packages that the base image
// has already are left out of the answer.

// runtimePackages are the packages that a program built with p needs at run
// time, sorted. They are not known where p has no library of its own and
// depends on something else (php-dev on php-cli, python3-dev on python3): an
// interpreter, a tool or data may matter at run time.
func (x *index) runtimePackages(p *debPackage) (pkgs []string, known bool) {
	d := x.derive(p, map[string]bool{})
	if !d.areOwn && d.hasOther {
		return nil, false
	}
	slices.Sort(d.libraries)
	pkgs = slices.Compact(d.libraries)
	return slices.DeleteFunc(pkgs, func(name string) bool { return x.base[name] }), true
}

// A derivation is what the Depends of one -dev package give.
type derivation struct {
	libraries []string
	areOwn    bool // by clause 1
	hasOther  bool // depends on a package that is neither -dev, library, toolchain nor base
}

func (x *index) derive(p *debPackage, seen map[string]bool) derivation {
	if seen[p.name] {
		return derivation{}
	}
	seen[p.name] = true
	var own, foreign []string
	var devs []*debPackage
	var result derivation
	for _, dep := range p.depends {
		q := x.lookup(dep.name)
		switch {
		case dep.isAlternative:
		case q == nil:
			result.hasOther = true
		case q.isToolchain():
		case q.isDev():
			devs = append(devs, q)
		case !q.isLibrary():
			result.hasOther = result.hasOther || !x.base[q.name]
		case q.source == p.source || dep.exactly != "" && dep.exactly == p.version:
			own = append(own, q.name)
		default:
			foreign = append(foreign, q.name)
		}
	}
	for _, dev := range devs {
		if dev.source != p.source {
			continue
		}
		if sibling := x.derive(dev, maps.Clone(seen)); sibling.areOwn {
			own = append(own, sibling.libraries...)
		}
	}
	switch {
	case len(own) > 0:
		result.libraries, result.areOwn = own, true
		return result
	case len(foreign) > 0:
		result.libraries = foreign
		return result
	}
	for _, dev := range devs {
		below := x.derive(dev, seen)
		result.libraries = append(result.libraries, below.libraries...)
		result.hasOther = result.hasOther || below.hasOther && !below.areOwn
	}
	return result
}

// isDev reports whether p is for building: libpq-dev, and in section libdevel
// also libstdc++-12-dev's like; its documentation is not.
func (p *debPackage) isDev() bool {
	return strings.HasSuffix(p.name, "-dev") || p.section == "libdevel" && !strings.HasSuffix(p.name, "-doc")
}

// isToolchain reports whether p belongs to the compiler or the C library,
// whose run-time parts (libc6, libgcc-s1, libstdc++6) are in every base image.
func (p *debPackage) isToolchain() bool {
	return p.source == "glibc" || p.source == "linux" || strings.HasPrefix(p.source, "gcc-") ||
		p.source == "pkg-config" || p.source == "pkgconf"
}

// notShared are the endings of packages in section libs that hold no shared
// library that a program links.
var notShared = []string{
	"-dev", "-doc", "-dbg", "-dbgsym", "-bin", "-tools", "-utils", "-devtools",
	"-headers", "-common", "-data", "-examples", "-perl", "-static",
}

// isLibrary reports whether p holds shared libraries that programs link.
func (p *debPackage) isLibrary() bool {
	if p.section != "libs" && p.section != "oldlibs" {
		return false
	}
	if p.name == "rpcsvc-proto" { // rpcgen and .x files
		return false
	}
	return !p.isDev() && !slices.ContainsFunc(notShared, func(end string) bool { return strings.HasSuffix(p.name, end) })
}
