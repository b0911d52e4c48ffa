package facts

import (
	"slices"
	"strings"
)

// The packages that buildpack-deps adds to Debian, tier by tier; each tier has
// the one before it. Packages that only some releases have (bzr, libdb-dev,
// libmaxminddb-dev, libncursesw5-dev, mercurial's Python) stand in too: the
// list says what an application may have relied on.
//
// Source: https://github.com/docker-library/buildpack-deps/tree/master/debian (Dockerfiles of
// curl, scm and the full image).
var (
	buildpackCurl = []string{"ca-certificates", "curl", "gnupg", "netbase", "sq", "tzdata", "wget"}
	buildpackSCM  = []string{"git", "mercurial", "openssh-client", "procps", "subversion"}
	buildpackFull = []string{
		"autoconf", "automake", "bzip2", "default-libmysqlclient-dev", "dpkg-dev", "file", "g++", "gcc", "imagemagick",
		"libbz2-dev", "libc6-dev", "libcurl4-openssl-dev", "libdb-dev", "libevent-dev", "libffi-dev", "libgdbm-dev",
		"libglib2.0-dev", "libgmp-dev", "libjpeg-dev", "libkrb5-dev", "liblzma-dev", "libmagickcore-dev", "libmagickwand-dev",
		"libmaxminddb-dev", "libncurses5-dev", "libncursesw5-dev", "libpng-dev", "libpq-dev", "libreadline-dev", "libsqlite3-dev",
		"libssl-dev", "libtool", "libwebp-dev", "libxml2-dev", "libxslt-dev", "libyaml-dev", "make", "patch", "unzip", "xz-utils",
		"zlib1g-dev",
	}
)

// A buildpackTier names how much of buildpack-deps an image has.
type buildpackTier int

const (
	noTier buildpackTier = iota
	curlTier
	scmTier
	fullTier
)

// buildpackImages are the official images whose unmarked Debian variant is
// FROM buildpack-deps, with what they install on top.
// Sources: Dockerfile.template (or the Dockerfiles) of docker-library/python,
// ruby, golang, gcc, perl, erlang (erlang/docker-erlang-otp), nodejs/docker-node, rust-lang/docker-rust.
var buildpackImages = map[string]struct {
	tier buildpackTier
	adds []string
}{
	"buildpack-deps": {fullTier, nil},
	"elixir":         {fullTier, nil},
	"erlang":         {fullTier, nil},
	"gcc":            {fullTier, nil},
	"golang":         {scmTier, []string{"g++", "gcc", "libc6-dev", "make", "pkg-config"}},
	"node":           {fullTier, nil},
	"perl":           {fullTier, nil},
	"python":         {fullTier, []string{"libbluetooth-dev", "tk-dev", "uuid-dev"}},
	"ruby":           {fullTier, nil},
	"rust":           {fullTier, nil},
}

// slimAdds are what the slim variants install on top of debian:<release>-slim
// and keep, as far as every version does.
var slimAdds = map[string][]string{
	"python": {"ca-certificates", "netbase", "tzdata"},
	"ruby":   {"ca-certificates"},
	"rust":   {"ca-certificates", "gcc", "libc6-dev"},
}

// Preinstalled are the packages that an image has on top of Debian's base
// image, sorted, as far as the tables say: what a program may use without its
// Dockerfile installing it. known is false for images outside the tables.
func Preinstalled(ref string) (pkgs []string, known bool) {
	r := ParseRef(ref)
	if r.Repository == "debian" {
		return nil, true
	}
	image, ok := buildpackImages[r.Repository]
	if !ok {
		return nil, false
	}
	family := Image(ref)
	if family.Distro != Debian {
		return nil, false
	}
	if family.Slim {
		adds, ok := slimAdds[r.Repository]
		return slices.Clone(adds), ok || r.Repository == "node"
	}
	tier := image.tier
	if r.Repository == "buildpack-deps" {
		tier = tierOfTag(r.Tag)
	}
	pkgs = slices.Clone(image.adds)
	if tier >= curlTier {
		pkgs = append(pkgs, buildpackCurl...)
	}
	if tier >= scmTier {
		pkgs = append(pkgs, buildpackSCM...)
	}
	if tier >= fullTier {
		pkgs = append(pkgs, buildpackFull...)
	}
	slices.Sort(pkgs)
	return slices.Compact(pkgs), true
}

func tierOfTag(tag string) buildpackTier {
	switch {
	case tag == "curl" || strings.HasSuffix(tag, "-curl"):
		return curlTier
	case tag == "scm" || strings.HasSuffix(tag, "-scm"):
		return scmTier
	}
	return fullTier
}
