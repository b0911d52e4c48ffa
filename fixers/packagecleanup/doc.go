// Package packagecleanup is the fixer package-cleanup: installs of packages leave
// nothing in a layer that the image does not need.
//
// Invariants: every installed package is still installed; what is cleaned up is
// what the same RUN left, and nothing later reads it; a stage that no image keeps
// is not cleaned up.
package packagecleanup

import "github.com/drydock-dev/drydock/internal/fix"

var doc = fix.Doc{
	Title: "Clean up after package managers",
	Why: `What a package manager downloads stays in the layer of the RUN that ran it: package lists, archives,
caches. A clean-up in a later RUN hides the files and frees nothing, so it has to stand in the same RUN.
"apt-get update" in a RUN of its own is cached by itself: the install after it then uses old lists, and
one day finds packages gone. Both belong into one RUN, each install with an update of its own.

Packages that others merely recommend are skipped, as the image's author did not ask for them. Where the
file may need one, such as ca-certificates for curl, it is named instead.`,
	Before: `FROM debian:bookworm
RUN apt-get update
RUN apt-get -y install \
      git \
      # needed by the importer
      libxml2
`,
	After: `FROM debian:bookworm
RUN apt-get update \
  && apt-get -y install --no-install-recommends \
      ca-certificates \
      git \
      # needed by the importer
      libxml2 \
  && rm -rf /var/lib/apt/lists/*
`,
	Refuses: []string{
		"Recommended packages of a package list that comes from a variable, or that the image may well need.",
		"Recommended packages, where a program runs later that one of them may bring, and the index of the release does not say which.",
		"Package lists that a later install in the stage, in a stage built on it or in an ONBUILD still reads, unless each such install can fetch its own: behind a new repository without an update, under a condition, or in a script it cannot.",
		"An install in exec form, in a function, or run by a user who may not remove the lists.",
		"Recommended packages and package lists of an ONBUILD, which an image built on this one may use.",
		"The cache of Yarn 2 and later, which can be the packages themselves.",
	},
	Safety: fix.Review,
}
