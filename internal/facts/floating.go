package facts

// TableDate is when the floating tags were last looked at. A line that had not
// ended then may have moved on since.
const TableDate = "2026-11-23"

// floatingLines say, for a line of versions of an official image, on which
// Debian releases its tags without a release have stood, oldest first. ended
// means that the line is no longer built, so that the line's own tag
// (python:3.8, not python:3.8.5) rests on the last of them for good.
//
// How they moved: the docker-library images go to a new Debian release within
// weeks (bullseye 2021-08-14, bookworm 2023-06-10, trixie 2025-08-09), in all
// lines that are alive. Ruby 2.7 and 3.0 have no bookworm variant, as they do
// not build with OpenSSL 3.
//
// Left out where the history is not sure: node before 18, golang before 1.20
// and 1.23 (ended in the very month of trixie), and every tag that names no
// minor version (python:3, ruby:latest).
//
// Sources: https://github.com/docker-library/official-images/commits/master/library/python
// (and ruby, node, golang), https://devguide.python.org/versions/,
// https://www.ruby-lang.org/en/downloads/branches/, https://nodejs.org/en/about/previous-releases.
var floatingLines = []struct {
	repository, line string
	ended            bool
	releases         []string
}{
	{"golang", "1.20", true, []string{"bullseye", "bookworm"}},
	{"golang", "1.21", true, []string{"bookworm"}},
	{"golang", "1.22", true, []string{"bookworm"}},
	{"golang", "1.25", false, []string{"bookworm", "trixie"}},

	{"node", "18", true, []string{"bullseye", "bookworm"}},
	{"node", "20", false, []string{"bullseye", "bookworm", "trixie"}},
	{"node", "22", false, []string{"bookworm", "trixie"}},
	{"node", "24", false, []string{"bookworm", "trixie"}},

	{"python", "2.7", true, []string{"wheezy", "jessie", "stretch", "buster"}},
	{"python", "3.5", true, []string{"jessie", "stretch", "buster"}},
	{"python", "3.6", true, []string{"jessie", "stretch", "buster", "bullseye"}},
	{"python", "3.7", true, []string{"stretch", "buster", "bullseye", "bookworm"}},
	{"python", "3.8", true, []string{"buster", "bullseye", "bookworm"}},
	{"python", "3.9", true, []string{"buster", "bullseye", "bookworm", "trixie"}},
	{"python", "3.10", false, []string{"bullseye", "bookworm", "trixie"}},
	{"python", "3.11", false, []string{"bullseye", "bookworm", "trixie"}},
	{"python", "3.12", false, []string{"bookworm", "trixie"}},
	{"python", "3.13", false, []string{"bookworm", "trixie"}},
	{"python", "3.14", false, []string{"trixie"}},

	{"ruby", "2.7", true, []string{"buster", "bullseye"}},
	{"ruby", "3.0", true, []string{"buster", "bullseye"}},
	{"ruby", "3.1", true, []string{"bullseye", "bookworm"}},
	{"ruby", "3.2", false, []string{"bullseye", "bookworm", "trixie"}},
	{"ruby", "3.3", false, []string{"bookworm", "trixie"}},
	{"ruby", "3.4", false, []string{"bookworm", "trixie"}},
}
