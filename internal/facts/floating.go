package facts

import (
	"slices"
	"strconv"
	"strings"
)

// Dates as of which the tags below were seen, those of the files that say so.
const (
	// docker-library/docs at 0045499 and 007e83f (README.md of node, golang,
	// php, postgres, rust, nginx, eclipse-temurin, ruby), which name golang's tip
	// of that day; docker-library/repo-info, repos/node/local/24.21.0-slim.md
	// (created 2026-09-09) and repos/python/local/3.10.21.md (2026-08-13).
	seenImages = "2026-09-20"
	// docker-library/repo-info at 321a824, repos/debian/local/stable-20260918.md.
	seenDebian = "2026-09-18"
	// docker-library/docs, ubuntu/README.md that names jammy-20260731.1.
	seenUbuntu = "2026-07-31"
)

// A floatingLine says, for a line of versions of an official image, on which
// Debian or Ubuntu releases its tags without a release have stood, oldest first,
// or may stand since they exist, as of 2026-11-25: one that had not ended then may
// have moved on since. The line's own tag (python:3.8, not
// python:3.8.5) rests on one of them: for good where the line is no longer built.
type floatingLine struct {
	repository, line string
	ended            bool
	releases         []string
	current          string // of the line's own tag, where it is not the last one; unsure where that is not known
}

const unsure = "?"

// floatingLines: the docker-library images go to a new Debian release within
// weeks (bullseye 2021-08-14, bookworm 2023-06-10, trixie 2025-08-09), in all
// lines that are alive. Node.js is the exception: 22 and 24 are built for trixie
// too, and stay on bookworm. Ruby 2.7 and 3.0 have no bookworm variant, as they
// do not build with OpenSSL 3.
//
// Of node before 12, python 3.4 and ruby before 2.4 the history is not sure: they
// ended before the release behind the last one here. Left out for that: golang
// before 1.20.
//
// Sources: the stored files above; for what has ended, docs/node/README.md of
// 2021-07 and 2022-08, docs/openjdk/README.md of 2022-06 (8u332), php's tags of
// 2018-06, 2019-09 and 2022-05, node:16's of 16.20.2, ruby 3.2.9's;
// https://devguide.python.org/versions/ (3.10 ended in 2026-10),
// https://www.ruby-lang.org/en/downloads/branches/ (3.2 in 2026-03),
// https://nodejs.org/en/about/previous-releases (20 in 2026-04),
// https://www.php.net/eol.php, https://go.dev/doc/devel/release.
var floatingLines = []floatingLine{
	{"golang", "1.20", true, []string{"bullseye", "bookworm"}, ""},
	{"golang", "1.21", true, []string{"bookworm"}, ""},
	{"golang", "1.22", true, []string{"bookworm"}, ""},
	{"golang", "1.23", true, []string{"bookworm", "trixie"}, unsure}, // ended in the very month of trixie
	{"golang", "1.24", true, []string{"bookworm", "trixie"}, ""},
	{"golang", "1.25", true, []string{"bookworm", "trixie"}, ""},
	{"golang", "1.26", false, []string{"trixie"}, ""},
	{"golang", "1.27", false, []string{"trixie"}, ""},

	{"node", "4", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"node", "5", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"node", "6", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"node", "7", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"node", "8", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"node", "9", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"node", "10", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"node", "11", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"node", "12", true, []string{"stretch"}, ""},
	{"node", "14", true, []string{"stretch", "buster"}, ""},
	{"node", "16", true, []string{"buster", "bookworm"}, ""},
	{"node", "18", true, []string{"bullseye", "bookworm"}, ""},
	{"node", "20", true, []string{"bullseye", "bookworm"}, ""},
	{"node", "22", false, []string{"bookworm", "trixie"}, "bookworm"},
	{"node", "24", false, []string{"bookworm", "trixie"}, "bookworm"},
	{"node", "26", false, []string{"trixie"}, ""},
	{"node", "lts", false, []string{"bookworm", "trixie"}, unsure}, // from 24 to 26 in the weeks after seenImages

	{"openjdk", "8", true, []string{"jessie", "stretch", "buster", "bullseye"}, ""},
	{"openjdk", "11", true, []string{"stretch", "buster", "bullseye"}, ""},

	{"php", "5.6", true, []string{"jessie", "stretch"}, ""},
	{"php", "7.0", true, []string{"jessie", "stretch"}, ""},
	{"php", "7.1", true, []string{"jessie", "stretch", "buster"}, ""},
	{"php", "7.2", true, []string{"stretch", "buster"}, ""},
	{"php", "7.3", true, []string{"stretch", "buster", "bullseye"}, unsure},
	{"php", "7.4", true, []string{"buster", "bullseye"}, ""},
	{"php", "8.0", true, []string{"buster", "bullseye", "bookworm"}, unsure},
	{"php", "8.1", true, []string{"bullseye", "bookworm", "trixie"}, unsure},
	{"php", "8.2", false, []string{"bullseye", "bookworm", "trixie"}, ""},
	{"php", "8.3", false, []string{"bookworm", "trixie"}, ""},
	{"php", "8.4", false, []string{"bookworm", "trixie"}, ""},
	{"php", "8.5", false, []string{"trixie"}, ""},

	{"postgres", "14", false, []string{"bullseye", "bookworm", "trixie"}, ""},
	{"postgres", "15", false, []string{"bullseye", "bookworm", "trixie"}, ""},
	{"postgres", "16", false, []string{"bookworm", "trixie"}, ""},
	{"postgres", "17", false, []string{"bookworm", "trixie"}, ""},
	{"postgres", "18", false, []string{"trixie"}, ""},

	{"python", "2.7", true, []string{"wheezy", "jessie", "stretch", "buster"}, ""},
	{"python", "3.4", true, []string{"wheezy", "jessie", "stretch"}, unsure},
	{"python", "3.5", true, []string{"jessie", "stretch", "buster"}, ""},
	{"python", "3.6", true, []string{"jessie", "stretch", "buster", "bullseye"}, ""},
	{"python", "3.7", true, []string{"stretch", "buster", "bullseye", "bookworm"}, ""},
	{"python", "3.8", true, []string{"buster", "bullseye", "bookworm"}, ""},
	{"python", "3.9", true, []string{"buster", "bullseye", "bookworm", "trixie"}, ""},
	{"python", "3.10", true, []string{"bullseye", "bookworm", "trixie"}, ""},
	{"python", "3.11", false, []string{"bullseye", "bookworm", "trixie"}, ""},
	{"python", "3.12", false, []string{"bookworm", "trixie"}, ""},
	{"python", "3.13", false, []string{"bookworm", "trixie"}, ""},
	{"python", "3.14", false, []string{"trixie"}, ""},

	{"ruby", "2.1", true, []string{"wheezy", "jessie", "stretch"}, unsure},
	{"ruby", "2.2", true, []string{"wheezy", "jessie", "stretch"}, unsure},
	{"ruby", "2.3", true, []string{"wheezy", "jessie", "stretch"}, unsure},
	{"ruby", "2.4", true, []string{"jessie", "stretch", "buster"}, unsure},
	{"ruby", "2.5", true, []string{"stretch", "buster"}, unsure},
	{"ruby", "2.6", true, []string{"stretch", "buster", "bullseye"}, unsure},
	{"ruby", "2.7", true, []string{"buster", "bullseye"}, ""},
	{"ruby", "3.0", true, []string{"buster", "bullseye"}, ""},
	{"ruby", "3.1", true, []string{"bullseye", "bookworm"}, ""},
	{"ruby", "3.2", true, []string{"bullseye", "bookworm", "trixie"}, ""},
	{"ruby", "3.3", false, []string{"bookworm", "trixie"}, ""},
	{"ruby", "3.4", false, []string{"bookworm", "trixie"}, ""},
	{"ruby", "4.0", false, []string{"trixie"}, ""},

	{"eclipse-temurin", "11", false, []string{"20.04", "22.04", "24.04", "26.04"}, ""},
	{"eclipse-temurin", "17", false, []string{"20.04", "22.04", "24.04", "26.04"}, ""},
	{"eclipse-temurin", "21", false, []string{"22.04", "24.04", "26.04"}, ""},
	{"eclipse-temurin", "25", false, []string{"24.04", "26.04"}, ""},
	{"eclipse-temurin", "26", false, []string{"26.04"}, ""},
}

// briefLines are lines of versions that end when the next begins, weeks later: their
// tags rest on the release of their time for good. Left out are those that a new
// release of Debian came in the midst of: Rust 1.54 and 1.55, 1.70, 1.89.
//
// Sources: https://doc.rust-lang.org/stable/releases.html (1.56 on 2021-10-21, 1.69
// on 2023-04-20, 1.71 on 2023-07-13, 1.88 on 2025-06-26, 1.90 on 2025-09-18), held
// against the dates above.
var briefLines = []struct {
	repository  string
	first, last int // minor versions of 1
	release     string
}{
	{"rust", 56, 69, "bullseye"},
	{"rust", 71, 88, "bookworm"},
	{"rust", 90, 95, "trixie"},
}

// newestTags are the tags that name no line: they go along with the newest, and
// so the releases behind them are those of one day.
var newestTags = []struct {
	repository string
	tags       []string
	release    string
}{
	{"eclipse-temurin", []string{"latest"}, "26.04"},
	{"golang", []string{"latest", "1"}, "trixie"},
	{"nginx", []string{"latest", "mainline", "stable", "1"}, "trixie"},
	{"node", []string{"latest", "current"}, "trixie"},
	{"php", []string{"latest", "8"}, "trixie"},
	{"postgres", []string{"latest"}, "trixie"},
	{"python", []string{"latest", "3"}, "trixie"},
	{"ruby", []string{"latest", "3", "4"}, "trixie"},
	{"rust", []string{"latest", "1"}, "trixie"},
}

// lastOfMajor name the line that a tag with a major version alone stays with,
// since none follows.
var lastOfMajor = map[string]string{
	"php:5": "5.6", "php:7": "7.4", "python:2": "2.7", "ruby:2": "2.7",
}

// variants are the parts of a tag beside the version that say nothing about the
// distribution.
var variants = map[string][]string{
	"debian":          {"slim"},
	"eclipse-temurin": {"jdk", "jre"},
	"nginx":           {"perl"},
	"node":            {"slim"},
	"openjdk":         {"jdk", "jre", "slim"},
	"php":             {"cli", "apache", "fpm", "zts"},
	"python":          {"slim"},
	"ruby":            {"slim"},
	"rust":            {"slim"},
}

// versionOf is the version of a tag whose other parts are variants of the image,
// "latest" where it names none: 3.11 of 3.11-slim, latest of apache.
func versionOf(r Ref) (version string, ok bool) {
	for part := range strings.SplitSeq(r.Tag, "-") {
		switch {
		case slices.Contains(variants[r.Repository], part):
		case version != "":
			return "", false
		default:
			version = part
		}
	}
	if version == "" {
		version = "latest"
	}
	return version, true
}

// float says of a family, whose tag names no release, what is known of it.
func float(f Family, r Ref) Family {
	f.Floating = true
	version, ok := versionOf(r)
	if !ok {
		return f
	}
	if line := lastOfMajor[r.Repository+":"+version]; line != "" {
		version = line
	}
	for _, row := range newestTags {
		if row.repository == r.Repository && slices.Contains(row.tags, version) {
			f.Current, f.AsOf = row.release, seenImages
		}
	}
	for _, line := range briefLines {
		minor, ok := minorOfOne(version)
		if ok && line.repository == r.Repository && line.first <= minor && minor <= line.last {
			f.Release, f.Floating = line.release, false
		}
	}
	for _, line := range floatingLines {
		if line.repository != r.Repository || !hasVersionPrefix(version, line.line) {
			continue
		}
		f.Possible = slices.Clone(line.releases)
		current := line.current
		if current == "" {
			current = line.releases[len(line.releases)-1]
		}
		switch {
		case version != line.line || current == unsure:
		case line.ended:
			f.Release, f.Possible, f.Floating = current, nil, false
		default:
			f.Current, f.AsOf = current, seenImages
		}
	}
	return f
}

// minorOfOne is 75 of 1.75 and of 1.75.0.
func minorOfOne(version string) (minor int, ok bool) {
	rest, ok := strings.CutPrefix(version, "1.")
	if !ok {
		return 0, false
	}
	rest, _, _ = strings.Cut(rest, ".")
	minor, err := strconv.Atoi(rest)
	return minor, err == nil
}

// hasVersionPrefix reports whether version is line or a later part of it:
// 3.11.4 is of line 3.11, 3.1 is not of line 3.11. OpenJDK writes 8u332.
func hasVersionPrefix(version, line string) bool {
	rest, ok := strings.CutPrefix(version, line)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == 'u')
}

// newestAlpine is the Alpine release of alpine:latest, and of the -alpine tags of
// the lines that are alive, at seenImages.
const newestAlpine = "3.24"

// floatAlpine says the same of a tag -alpine without a release.
func floatAlpine(f Family, r Ref) Family {
	r.Tag = strings.Trim(strings.Replace("-"+r.Tag, "-alpine", "", 1), "-")
	debian := float(Family{Distro: Debian}, r)
	if debian.AsOf != "" {
		f.Current, f.AsOf = newestAlpine, debian.AsOf
	}
	return f
}
