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
// Only for programs of Rust and C, which always take the C library, and of Go where
// they are known to, and where the newer release has every package that the last stage
// installs.
func repairRelease(p *fix.Pass, last *build.Stage) {
	from, copied := soleSource(last)
	if copied == nil || from.IsImage() || last.Base != nil || facts.ParseRef(last.Ref).Repository != "debian" {
		return
	}
	built, runs := oldestRelease(from.Bottom().Image), last.Image.Release
	word := fromWord(last)
	if !facts.IsOlderRelease(runs, built) || strings.ContainsAny(word, "@$") || !takesLibc(p, last, from, built) {
		return
	}
	if from.Bottom().Image.Release == "" {
		built = from.Bottom().Image.Possible[len(from.Bottom().Image.Possible)-1]
	}
	for _, pkg := range packagesIn(last) {
		if !facts.HasPackage(built, pkg) {
			p.Decline(last.From.Span, "the program is built on %s and runs on %s, which is older, and %s has no package %s", built, runs, built, pkg)
			return
		}
	}
	newer := strings.Replace(word, runs, built, 1)
	if newer == word {
		newer, _ = facts.RuntimeImage(strings.TrimSuffix(word, facts.ParseRef(word).Tag) + built) // debian:11
	}
	p.Apply(last.From.Span, "run on "+built+", which the program is built on", fix.Fix{
		Safety:  fix.Review,
		Edits:   []edit.Edit{edit.Replace(last.From.Words()[0].Span, newer)},
		Reads:   wholeFile(last.From),
		Claims:  []string{"stages"},
		Changes: []fix.Change{{Kind: fix.ChangeBase, Subject: newer}},
		Notes:   []string{"the C library of " + runs + " is older than that of " + built},
	})
}

// oldestRelease is the release of an image, or the oldest of those that it may have.
func oldestRelease(image facts.Family) string {
	if image.Release == "" && len(image.Possible) > 0 {
		return image.Possible[0]
	}
	return image.Release
}

// takesLibc reports whether what a stage builds on a release needs a C library as new
// as there.
func takesLibc(p *fix.Pass, last, from *build.Stage, built string) bool {
	switch facts.ParseRef(from.Bottom().Ref).Repository {
	case "rust", "gcc":
		return true
	case "golang":
		// Since glibc 2.34, which came between the two, threads are in libc.so.6 under
		// that version: https://sourceware.org/glibc/wiki/Release/2.34.
		if !facts.IsOlderRelease("bullseye", built) || facts.IsOlderRelease("bullseye", last.Image.Release) || len(cgoBuilds(last, from)) == 0 {
			return false
		}
		texts := goTexts(p)
		return cgoModule(texts) != "" || slices.ContainsFunc(texts, usesResolver.MatchString)
	}
	return false
}
