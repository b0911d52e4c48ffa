// Package elf reads what ELF files need at run time and finds what a file system
// lacks of it, by the rules of the dynamic loaders (ld.so(8)): DT_RPATH and
// DT_RUNPATH with $ORIGIN, the folders of ld.so.conf, and the standard ones.
package elf

import (
	"bytes"
	"debug/elf"
	"path"
	"strings"
)

// An Object is an ELF executable or shared library.
type Object struct {
	Interpreter string   // the dynamic loader of an executable; "" for a library and a static program
	Needed      []string // DT_NEEDED
	Runpath     []string // folders of DT_RUNPATH and DT_RPATH, $ORIGIN not replaced
	Machine     elf.Machine
	Executable  bool // it is a program, not a library
	Authorities bool // it names where certificates of the authorities lie
}

// Is reports whether b begins an ELF file.
func Is(b []byte) bool { return bytes.HasPrefix(b, []byte(elf.ELFMAG)) }

// Read reads an object. It reports false for what is no program or library, such
// as an object file, and for what is broken.
func Read(b []byte) (o *Object, ok bool) {
	// debug/elf is held to be safe on hostile input, save for its sections'
	// sizes; b bounds those.
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil || f.Type != elf.ET_DYN && f.Type != elf.ET_EXEC {
		return nil, false
	}
	defer f.Close()
	o = &Object{Machine: f.Machine, Executable: f.Type == elf.ET_EXEC, Authorities: namesAuthorities(b)}
	o.Needed, _ = f.ImportedLibraries()
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		values, _ := f.DynString(tag)
		for _, v := range values {
			o.Runpath = append(o.Runpath, strings.Split(v, ":")...)
		}
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz > 4096 {
			continue
		}
		text := make([]byte, p.Filesz)
		if _, err := p.ReadAt(text, 0); err == nil {
			o.Interpreter = strings.TrimRight(string(text), "\x00")
			o.Executable = true
		}
	}
	return o, true
}

// authorities are folders of certificates. Who speaks TLS without a library for it
// has one of them built in: Go (crypto/x509, root_linux.go), Rust (the crates
// openssl-probe and rustls-native-certs), OpenSSL itself.
var authorities = [][]byte{[]byte("/etc/ssl"), []byte("/usr/lib/ssl"), []byte("/etc/pki/tls"), []byte("ca-certificates")}

func namesAuthorities(b []byte) bool {
	for _, name := range authorities {
		if bytes.Contains(b, name) {
			return true
		}
	}
	return false
}

// A Libc is a kind of C library.
type Libc string

const (
	Glibc Libc = "glibc"
	Musl  Libc = "musl"
)

// Libc is the kind that o was linked with, "" if nothing tells.
func (o *Object) Libc() Libc {
	for _, name := range append([]string{path.Base(o.Interpreter)}, o.Needed...) {
		switch {
		case name == "libc.so", strings.HasPrefix(name, "libc.musl-"), strings.HasPrefix(name, "ld-musl-"):
			return Musl
		case strings.HasPrefix(name, "libc.so."), strings.HasPrefix(name, "ld-linux"):
			return Glibc
		}
	}
	return ""
}

// A Tree is a file system.
type Tree interface {
	// Resolve follows symlinks from an absolute path to a file, and reports false
	// if there is none.
	Resolve(path string) (real string, ok bool)
	// Object is the ELF file at a resolved path, nil for another file.
	Object(real string) *Object
	// LibraryDirs are the folders that /etc/ld.so.conf and what it includes name.
	LibraryDirs() []string
}

// A Missing is what an object needs and a tree lacks.
type Missing struct {
	Object string // path
	Name   string // of the library, or the path of the interpreter
	// Libc tells that the object is made for a kind of C library that the tree
	// does not have.
	Libc Libc
}

// standard are the folders that the loaders look at last: glibc's by multiarch
// (Debian, Ubuntu) and by lib64 (Red Hat), musl's.
var standard = []string{
	"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
	"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib",
}

// Check tells what one object at a resolved path needs that the tree lacks, and
// the resolved paths of the libraries that it loads directly.
func Check(t Tree, at string, o *Object) (missing []Missing, found []string) {
	if o.Interpreter != "" {
		if _, ok := t.Resolve(o.Interpreter); !ok {
			missing = append(missing, Missing{Object: at, Name: o.Interpreter, Libc: foreign(t, o)})
		}
	}
	for _, name := range o.Needed {
		real, ok := find(t, at, o, name)
		if !ok {
			missing = append(missing, Missing{Object: at, Name: name, Libc: foreign(t, o)})
			continue
		}
		found = append(found, real)
	}
	return missing, found
}

// find gives the library that the loader would take. One for another machine is
// passed over, as the loader does.
func find(t Tree, at string, o *Object, name string) (string, bool) {
	if strings.Contains(name, "/") {
		return t.Resolve(path.Join("/", name))
	}
	dirs := make([]string, 0, len(o.Runpath)+len(standard))
	origin := strings.NewReplacer("$ORIGIN", path.Dir(at), "${ORIGIN}", path.Dir(at))
	for _, d := range o.Runpath {
		if d != "" {
			dirs = append(dirs, origin.Replace(d))
		}
	}
	dirs = append(dirs, t.LibraryDirs()...)
	for _, d := range append(dirs, standard...) {
		real, ok := t.Resolve(path.Join("/", d, name))
		if !ok {
			continue
		}
		if lib := t.Object(real); lib != nil && lib.Machine == o.Machine {
			return real, true
		}
	}
	return "", false
}

// foreign gives o's kind of C library if the tree has the other kind only, or
// none.
func foreign(t Tree, o *Object) Libc {
	kind := o.Libc()
	if kind == "" {
		return ""
	}
	for _, loader := range loaders[kind] {
		if _, ok := t.Resolve(loader); ok {
			return ""
		}
	}
	return kind
}

var loaders = map[Libc][]string{
	Glibc: {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/x86_64-linux-gnu/libc.so.6"},
	Musl:  {"/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"},
}
