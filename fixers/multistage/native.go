package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
)

// native builds C and C++ in an image of a distribution with compilers, and
// runs on the slim one of the same release, with the libraries of the -dev packages.
//
// Not placed: what is installed into /usr/local of the gcc images, beside what they
// have there, or elsewhere than below one folder; and C++ out of the gcc images,
// whose C++ library is newer than Debian's.
var native = profile{
	name:       "C",
	alpine:     true,
	builds:     nativeBuilds,
	tree:       nativeProducts,
	needs:      nativeNeeds,
	buildTools: []string{"git", "subversion", "doxygen", "gdb", "valgrind", "cppcheck", "lcov"},
	buildEnv:   []string{"CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "CMAKE_", "CC", "CXX", "CCACHE_"},
}

var nativeTools = map[string]bool{
	"make": true, "cmake": true, "gcc": true, "g++": true, "cc": true, "c++": true, "clang": true, "clang++": true, "ninja": true, "meson": true, "configure": true,
	"autoreconf": true, "autogen.sh": true, "bootstrap.sh": true, "strip": true, "ld": true, "ar": true,
}

func nativeBuilds(pl *plan, at *place, e *effects.Effect) (bool, string) {
	if e.Program == "ldconfig" && pl.local {
		return true, "" // it runs again behind what is copied
	}
	if !nativeTools[e.Program] {
		return false, ""
	}
	text := commandText(*e)
	for _, w := range e.Command.Words {
		for _, option := range []string{"--prefix=", "-DCMAKE_INSTALL_PREFIX=", "PREFIX=", "prefix=", "DESTDIR="} {
			if value, ok := strings.CutPrefix(w.Value, option); ok {
				pl.prefix = value
				if !w.Literal || !strings.HasPrefix(value, "/") {
					return true, "the prefix that it installs into comes from " + w.Raw
				}
			}
		}
	}
	switch installs := strings.Contains(text, " install") || strings.Contains(text, "--install") || strings.Contains(text, "--target install"); {
	case installs && (pl.prefix == "" || pl.prefix == localPrefix) && pl.isBareDistribution():
		return true, pl.installsLocally(e)
	case installs && (pl.prefix == "" || isShared(pl.prefix)):
		return true, brief(text) + ": it installs beside what the image has"
	case installs:
		pl.whole = "" // what is installed is what counts
		e.Writes = append(e.Writes, path.Clean(pl.prefix))
		return true, ""
	case e.Program == "gcc" || e.Program == "g++" || e.Program == "cc" || e.Program == "c++" || strings.HasPrefix(e.Program, "clang"):
		return true, pl.compilerOutput(at, e)
	case e.Program == "make" || e.Program == "cmake" || e.Program == "ninja" || e.Program == "meson":
		if pl.prefix == "" {
			pl.whole = "what " + e.Program + " builds is not known"
		}
	}
	return true, ""
}

// compilerOutput notes the file that a compiler's -o names.
func (pl *plan) compilerOutput(at *place, e *effects.Effect) string {
	words := e.Command.Words
	for i, w := range words {
		if w.Value != "-o" || i+1 >= len(words) {
			continue
		}
		value, ok := pl.valueAt(at, words[i+1])
		if !ok || e.Dir == "" && !strings.HasPrefix(value, "/") {
			return brief(commandText(*e)) + ": the name of what it builds comes from " + words[i+1].Raw
		}
		e.Writes = append(e.Writes, absolute(value, e.Dir))
		return ""
	}
	e.Writes = append(e.Writes, path.Join(e.Dir, "a.out"))
	return ""
}

func nativeProducts(pl *plan) (tree, string) {
	if why := pl.startsCompiler(nativeTools); why != "" {
		return tree{}, why
	}
	why := pl.takeProducts(nativeReads)
	pl.gained = pl.gained && !pl.removesSource()
	return tree{}, why
}

var cppEndings = []string{".cpp", ".cc", ".cxx", ".hpp", ".hh"}

func nativeReads(pl *plan) (files []string, unknown string) {
	r, unread := pl.readSources(func(string) bool { return false }, append([]string{".c", ".h"}, cppEndings...)...)
	if unread != "" {
		return nil, unread + " cannot be read, which may name files that the program reads"
	}
	pl.cpp = slices.ContainsFunc(r.files, func(f string) bool { return slices.Contains(cppEndings, path.Ext(f)) })
	isSource := func(file string) bool {
		ext := path.Ext(file)
		return ext == ".c" || ext == ".h" || slices.Contains(cppEndings, ext) || isMeta(file) || slices.Contains([]string{"CMakeLists.txt", "configure", "configure.ac", "meson.build"}, path.Base(file))
	}
	return outermost(append(pl.namedFiles(r.literals, isSource), pl.settingFiles(isSource)...)), ""
}

func nativeNeeds(pl *plan) string {
	if facts.ParseRef(pl.stage.Ref).Repository == "gcc" && (pl.cpp || !pl.readAll) {
		return "the C++ library of " + fromWord(pl.stage) + " is newer than that of " + pl.slim
	}
	pl.certificates()
	return pl.callsOfProgram()
}

// tlsLibraries are the beginnings of the names of libraries that speak TLS and look
// for the authorities where ca-certificates puts them.
var tlsLibraries = []string{"libcurl", "libssl", "libgnutls", "libmbedtls", "libneon", "libsoup"}

// bringCertificates recommend ca-certificates, or depend on a library that does.
// Source: the Recommends of libcurl4, libcurl3-gnutls and wget in Debian bookworm and
// Ubuntu 22.04.
var bringCertificates = []string{"cargo", "cmake", "curl", "git", "libcurl4-gnutls-dev", "libcurl4-openssl-dev", "wget"}

// certificates keeps the certificates of the authorities for a program that links
// TLS, where the single stage has them as something that a package recommends, or
// in its image.
func (pl *plan) certificates() {
	library := ""
	for _, at := range pl.places {
		for _, name := range at.kept {
			if at.runtime && slices.ContainsFunc(tlsLibraries, func(l string) bool { return strings.HasPrefix(name, l) }) {
				library = name
			}
		}
	}
	if library != "" && pl.hasCertificates() && pl.stage.Image.Distro != facts.Alpine {
		pl.require([]string{"ca-certificates"}, library)
	}
}

// hasCertificates reports whether the single stage has the certificates of the
// authorities without naming them.
func (pl *plan) hasCertificates() bool {
	there, _ := facts.Preinstalled(pl.stage.Ref)
	recommends := !strings.Contains(pl.stage.From.File().Text, "Install-Recommends")
	return slices.Contains(there, "ca-certificates") || recommends && slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
			brings := func(name string) bool { return takes(e.Install, name) }
			return e.Kind == effects.Installs && !e.Install.HasFlag("--no-install-recommends") && slices.ContainsFunc(bringCertificates, brings)
		})
	})
}

// removesSource reports whether a build in C removes its source again, as it does with
// compilers that it needs for one RUN.
func (pl *plan) removesSource() bool {
	return len(pl.roots) > 0 && !slices.ContainsFunc(pl.roots, func(root string) bool { return !pl.isCleared(root) })
}
