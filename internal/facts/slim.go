package facts

import (
	"slices"
	"strings"
)

// A slimScheme says how an image names its slim variants and since when they
// are built.
type slimScheme struct {
	// codenameFirst: node has 20-bookworm-slim, the others 3.11-slim-bookworm.
	codenameFirst bool
	// since is, for each major line, the first version whose every tag has a
	// slim one; a major line that is neither listed nor newer than the last
	// listed has none.
	since []string
	// codenames whose slim variant is built wherever the full one is.
	codenames []string
	// words are tags without a number that have a slim one.
	words []string
}

// slimSchemes, by Ref.Repository.
//
// Left out: openjdk, erlang, elixir, haskell, pypy, swift (their tags combine
// more than version and release), and slim of jessie and older (named in
// either order, or missing).
//
// Sources: generate-stackbrew-library.sh of docker-library/python, ruby and
// perl and rust-lang/docker-rust, stackbrew.js of nodejs/docker-node, and the
// histories of https://github.com/docker-library/official-images/tree/master/library.
var slimSchemes = map[string]slimScheme{
	"node": {
		codenameFirst: true,
		since:         []string{"4.2"},
		codenames:     []string{"buster", "bullseye", "bookworm", "trixie"},
		words:         []string{"latest", "current", "lts", "boron", "carbon", "dubnium", "erbium", "fermium", "gallium", "hydrogen", "iron", "jod", "krypton"},
	},
	"perl": {
		since:     []string{"5.30"},
		codenames: []string{"buster", "bullseye", "bookworm", "trixie"},
		words:     []string{"latest"},
	},
	"python": {
		since:     []string{"2.7.9", "3.4.3"},
		codenames: []string{"stretch", "buster", "bullseye", "bookworm", "trixie"},
		words:     []string{"latest"},
	},
	"ruby": {
		since:     []string{"2.2"},
		codenames: []string{"stretch", "buster", "bullseye", "bookworm", "trixie"},
		words:     []string{"latest"},
	},
	"rust": {
		since:     []string{"1.30"},
		codenames: []string{"buster", "bullseye", "bookworm", "trixie"},
		words:     []string{"latest"},
	},
}

// SlimVariant is the reference of the slim variant of the same image, version
// and Debian release, under the registry that the reference names:
// python:3.11-bookworm gives python:3.11-slim-bookworm, python gives
// python:slim. It is not ok where the image is slim already, is another
// variant (alpine, onbuild, windows), is pinned by digest, or is so old that
// the slim one was not built for every such tag.
func SlimVariant(ref string) (slim string, ok bool) {
	r := ParseRef(ref)
	if r.Digest != "" {
		return "", false
	}
	tag, ok := slimTag(r)
	if !ok {
		return "", false
	}
	name, _ := splitTag(ref)
	return name + ":" + tag, true
}

func slimTag(r Ref) (string, bool) {
	if r.Repository == "debian" {
		return slimDebianTag(r.Tag)
	}
	scheme, ok := slimSchemes[r.Repository]
	if !ok {
		return "", false
	}
	version, codename := r.Tag, ""
	if dash := strings.LastIndexByte(r.Tag, '-'); dash >= 0 && codenames[r.Tag[dash+1:]].Distro == Debian {
		version, codename = r.Tag[:dash], r.Tag[dash+1:]
	} else if codenames[r.Tag].Distro == Debian {
		version, codename = "", r.Tag
	}
	if codename != "" && !slices.Contains(scheme.codenames, codename) || !scheme.hasVersion(version) {
		return "", false
	}
	if version == "latest" {
		version = ""
	}
	parts := []string{version, "slim", codename}
	if scheme.codenameFirst {
		parts = []string{version, codename, "slim"}
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "-"), true
}

// hasVersion reports whether each image of a version ("3.11.4", "3.15-rc",
// "lts", "" for the newest) has a slim one.
func (s slimScheme) hasVersion(version string) bool {
	version = strings.TrimSuffix(version, "-rc")
	if version == "" || slices.Contains(s.words, version) {
		return true
	}
	if !startsWithDigit(version) || !isVersion(strings.NewReplacer("a", "", "b", "", "rc", "").Replace(version)) {
		return false
	}
	for _, since := range slices.Backward(s.since) {
		sinceMajor, _, _ := strings.Cut(since, ".")
		if versionSince(version, sinceMajor) {
			return versionSince(version, since)
		}
	}
	return false
}

// slimDebianTag: bookworm, bookworm-20240101, 12, 12.5, stable; not latest,
// which has no slim of its own name.
func slimDebianTag(tag string) (string, bool) {
	name, date, _ := strings.Cut(tag, "-")
	if date != "" && !isVersion(date) {
		return "", false
	}
	number, _, _ := strings.Cut(name, ".")
	known := codenames[name].Distro == Debian && name != "wheezy" ||
		debianNumbers[number] != "" && number != "7" && isVersion(name) ||
		name == "stable" || name == "oldstable" || name == "testing" || name == "unstable"
	return tag + "-slim", known
}
