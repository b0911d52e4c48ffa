package main

import (
	"slices"
	"strings"
	"testing"
)

// stanzas is a small archive: apt and what it needs make the base image.
const stanzas = `Package: apt
Version: 2
Section: admin
Priority: important
Depends: libbase1

Package: libbase1
Version: 1
Section: libs

Package: libbase-dev
Version: 1
Section: libdevel
Depends: libbase1 (= 1), libc6-dev | libc-dev

Package: libc6-dev
Source: glibc (2.36)
Version: 2.36
Section: libdevel

Package: libown2
Source: own
Version: 2
Section: libs
Depends: libbase1

Package: libown-dev
Source: own
Version: 2
Section: libdevel
Depends: libown2 (= 2), libforeign3, own-tools
Provides: libown-old-dev

Package: own-tools
Source: own
Version: 2
Section: utils

Package: libforeign3
Version: 3
Section: libs

Package: libforeign-dev
Source: wrapper
Version: 1
Section: libdevel
Depends: libforeign3:amd64 (>= 3)

Package: default-own-dev
Source: defaults
Version: 1
Section: libdevel
Depends: libown-dev

Package: interpreter-dev
Source: interpreter
Version: 1
Section: devel
Depends: interpreter, libown-dev

Package: interpreter
Version: 1
Section: devel

Package: libheader-dev
Version: 1
Section: libdevel
`

func TestRuntimePackages(t *testing.T) {
	x := newIndex()
	err := x.read(strings.NewReader(stanzas))
	x.base = x.baseImage()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ claim, dev, want string }{
		{"a library pinned to its version is the answer", "libown-dev", "libown2"},
		{"a virtual package is its only provider", "libown-old-dev", "libown2"},
		{"another source's library, where there is no own", "libforeign-dev", "libforeign3"},
		{"a metapackage is what it depends on", "default-own-dev", "libown2"},
		{"the base image's packages are left out", "libbase-dev", ""},
		{"headers alone need nothing", "libheader-dev", ""},
		{"an interpreter may matter at run time", "interpreter-dev", "?"},
		{"a package of another name does not exist", "libnone-dev", "-"},
	} {
		if got := devCell(x, test.dev); got != test.want {
			t.Errorf("%s: %s gives %q, want %q", test.claim, test.dev, got, test.want)
		}
	}
}

func TestBaseImage(t *testing.T) {
	x := newIndex()
	err := x.read(strings.NewReader(stanzas))
	x.base = x.baseImage()
	if err != nil {
		t.Fatal(err)
	}
	if !x.base["libbase1"] || x.base["libown2"] || len(x.base) != 2 {
		t.Errorf("base image %v, want apt and libbase1", x.base)
	}
}

func TestParseDependencies(t *testing.T) {
	got := parseDependencies("libc6 (>= 2.34), libpq5 (= 15.3-0+deb12u1), a | b:any (<< 2)")
	want := []dependency{{name: "libc6"}, {name: "libpq5", exactly: "15.3-0+deb12u1"}, {name: "a"}, {name: "b", isAlternative: true}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
