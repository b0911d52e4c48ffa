package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// repairRelease puts the last stage on the release of Debian that a program was
// built on, where its own is older: the C library of the older one lacks the
// symbols, and the program does not start.
//
//	FROM rust:1.80-bookworm AS build       =>  FROM rust:1.80-bookworm AS build
//	FROM debian:bullseye-slim                  FROM debian:bookworm-slim
//	COPY --from=build /app/target/release/app  ...
//
// Only for programs of Rust and C, which always take the C library, and where the
// newer release has every package that the last stage installs.
func repairRelease(p *fix.Pass, last *build.Stage) {
	from, copied := soleSource(last)
	if copied == nil || from.IsImage() || last.Base != nil {
		return
	}
	builder := facts.ParseRef(from.Bottom().Ref).Repository
	if builder != "rust" && builder != "gcc" || facts.ParseRef(last.Ref).Repository != "debian" {
		return
	}
	releases := facts.DebianReleases()
	built, runs := from.Bottom().Image.Release, last.Image.Release
	i, j := slices.Index(releases, built), slices.Index(releases, runs)
	word := fromWord(last)
	if i < 0 || j < 0 || j >= i || !strings.Contains(word, runs) || strings.Contains(word, "@") {
		return
	}
	for _, pkg := range packagesIn(last) {
		if !facts.HasPackage(built, pkg) {
			p.Decline(last.From.Span, "the program is built on %s and runs on %s, which is older, and %s has no package %s", built, runs, built, pkg)
			return
		}
	}
	newer := strings.Replace(word, runs, built, 1)
	p.Apply(last.From.Span, "run on "+built+", which the program is built on", fix.Fix{
		Safety:  fix.Review,
		Edits:   []edit.Edit{edit.Replace(last.From.Words()[0].Span, newer)},
		Reads:   wholeFile(last.From),
		Claims:  []string{"stages"},
		Changes: []fix.Change{{Kind: fix.ChangeBase, Subject: newer}},
		Notes:   []string{"the C library of " + runs + " is older than that of " + built},
	})
}
