package facts

import (
	"slices"
	"strings"
)

// buildOnlyPackages are packages that only a build needs: compilers, build
// systems, headers of the language itself, tools that write source. Sorted.
//
// Not here:
//   - git, curl, wget, unzip, gnupg, ca-certificates…: helpers, which an entry
//     point may call; the caller looks for their use.
//   - lib*-dev: they stand for a run-time library, see RuntimePackages.
//   - what carries a run-time part that a program may load: gfortran and, on
//     Alpine and Red Hat, g++ and gcc; they are build-only, but see CompilerRuntime.
//   - nodejs, npm, default-jre, perl, python3: interpreters.
//   - openjdk-*-jdk, rustc and cargo in Debian are compilers, but `java` of the
//     JDK runs the application, so the JDK is not here.
//
// Sources: packages.debian.org (sections devel, libdevel), pkgs.alpinelinux.org,
// Fedora's group "Development Tools" (comps).
var buildOnlyPackages = []string{
	"alpine-sdk", "autoconf", "autoconf-archive", "autogen", "automake", "autopoint", "autotools-dev",
	"bison", "build-base", "build-essential", "byacc",
	"cargo", "ccache", "clang", "cmake", "cmake3", "cpp", "cython", "cython3",
	"debhelper", "devscripts", "dh-autoreconf", "dh-python", "dkms", "dpkg-dev",
	"elfutils-devel",
	"fakeroot", "flex",
	"g++", "g++-multilib", "gawk-devel", "gcc", "gcc-c++", "gcc-gfortran", "gcc-multilib", "gettext-devel", "gfortran", "glibc-devel",
	"glibc-headers",
	"intltool",
	"kernel-devel", "kernel-headers",
	"libc-dev", "libc6-dev", "libgcc-devel", "libpython-dev", "libpython2-dev", "libpython3-dev", "libruby-dev", "libstdc++-devel", "libtool",
	"libtool-bin", "linux-headers", "linux-headers-amd64", "linux-headers-generic", "linux-libc-dev",
	"m4", "make", "meson", "musl-dev",
	"nasm", "ninja", "ninja-build", "node-gyp",
	"patch", "patchutils", "perl-dev", "pkg-config", "pkgconf", "pkgconf-pkg-config", "pkgconfig", "python-all-dev", "python-dev", "python-dev-is-python3",
	"python-devel", "python2-dev", "python2-devel", "python2.7-dev", "python3-all-dev", "python3-dev", "python3-devel",
	"re2c", "redhat-rpm-config", "rpm-build", "rpmdevtools", "ruby-all-dev", "ruby-build", "ruby-dev", "ruby-devel", "rust", "rustc",
	"scons", "swig", "swig3.0", "swig4.0",
	"yasm",
}

// buildOnlyVersioned are the same where the name carries a version: gcc-12,
// python3.11-dev, linux-headers-6.1.0-18-amd64.
var buildOnlyVersioned = []struct{ prefix, suffix string }{
	{"autoconf", ""}, {"automake", ""},
	{"clang-", ""}, {"cpp-", ""}, {"g++-", ""}, {"gcc-", ""}, {"gfortran-", ""},
	{"linux-headers-", ""}, {"libstdc++-", "-dev"}, {"libgcc-", "-dev"},
	{"python2.", "-dev"}, {"python3.", "-dev"}, {"libpython3.", "-dev"}, {"ruby2.", "-dev"}, {"ruby3.", "-dev"},
}

// IsBuildOnly reports whether a Debian, Alpine or Red Hat package, named
// without version or architecture, is needed by builds alone. False means
// "not known to be": such a package stays in the runtime stage.
func IsBuildOnly(pkg string) bool {
	if _, found := slices.BinarySearch(buildOnlyPackages, pkg); found {
		return true
	}
	for _, v := range buildOnlyVersioned {
		middle, hasPrefix := strings.CutPrefix(pkg, v.prefix)
		middle, hasSuffix := strings.CutSuffix(middle, v.suffix)
		isNumber := startsWithDigit(middle) && (isVersion(middle) || v.prefix == "linux-headers-")
		if hasPrefix && hasSuffix && isNumber {
			return true
		}
	}
	return false
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// CompilerRuntime are the packages with the run-time libraries of a compiler
// that programs built with it may load and that a slim image of the
// distribution lacks. Debian's slim images have libgcc-s1 and libstdc++6
// (apt needs them) but neither libgomp1 (only with -fopenmp) nor libgfortran5.
//
// Sources: ldd of programs built by each compiler; contents of the packages
// gcc-12, gfortran-12 (packages.debian.org) and libstdc++, libgcc, libgomp,
// libgfortran (pkgs.alpinelinux.org). Red Hat images have libgcc and libstdc++.
func CompilerRuntime(image Family, compiler string) []string {
	distro := image.Distro
	base, _, _ := strings.Cut(compiler, "-")
	switch {
	case distro == Alpine && (base == "g++" || base == "build" || base == "alpine" || base == "clang"):
		return []string{"libgcc", "libstdc++"}
	case distro == Alpine && base == "gcc":
		return []string{"libgcc"}
	case distro == Alpine && base == "gfortran":
		return []string{"libgfortran"}
	case (distro == Debian || distro == Ubuntu) && base == "gfortran":
		return []string{fortranRuntime(image)}
	case distro == RedHat && compiler == "gcc-gfortran":
		return []string{"libgfortran"}
	}
	return nil
}

// fortranRuntime is the library of Fortran programs in a release of Debian or Ubuntu.
// Sources: https://packages.debian.org/libgfortran3, https://packages.ubuntu.com/libgfortran4.
func fortranRuntime(image Family) string {
	switch image.Release {
	case "wheezy", "jessie", "stretch", "12.04", "14.04", "16.04":
		return "libgfortran3"
	case "18.04":
		return "libgfortran4"
	}
	return "libgfortran5"
}
