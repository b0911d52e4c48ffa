package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// repairMusl puts a program that is built on glibc on the distribution that it was
// built on, where the last stage is Alpine: "not found" is what its shell says of such
// a program, whose loader it has not.
//
//	FROM rust:1.80-bookworm AS build       =>  FROM rust:1.80-bookworm AS build
//	RUN cargo build --release                  RUN cargo build --release
//	FROM alpine:3.20                           FROM debian:bookworm-slim
//	                                           RUN apt-get update && apt-get install -y ca-certificates && ...
//	COPY --from=build /app/target/... /app     COPY --from=build /app/target/... /app
//
// Only for what Cargo builds. Not where a setting makes the program static or brings
// glibc to Alpine; declined where the last stage runs something, which may be Alpine's
// alone, or an account that Debian lacks, and where the libraries are not known. Go's
// programs are repairLibc's.
func repairMusl(p *fix.Pass, last *build.Stage) {
	from, copied := soleSourceOf(last, isRust)
	if copied == nil || !isRust(from) || last.Base != nil || facts.ParseRef(last.Ref).Repository != "alpine" || from.Bottom().Image.Libc() != facts.Glibc || hasGlibc(last) {
		return
	}
	c, _ := last.CopyOf(copied)
	if !startsCopied(last, c) || saysMusl(p, from) {
		return
	}
	unfit := "the program is built on the C library of " + from.Bottom().Ref + ", which " + last.Ref + " lacks"
	plain, known := facts.RuntimeImage(from.Bottom().Ref)
	pkgs, why := neededByCrates(p, from)
	switch user := last.FinalUser(); {
	case !known || strings.Contains(fromWord(last), "$"):
		why = "the image to run it on is not known"
	case p.Context == nil:
		why = "whether it takes it cannot be told without the build context"
	case slices.ContainsFunc(last.Instructions, func(i *syntax.Instruction) bool { return i.Name == "RUN" }):
		why = "what the last stage runs may be Alpine's alone"
	case !user.IsRoot() && strings.Trim(user.Name, "0123456789") != "" && user.Name != "nobody":
		why = "its account " + user.Name + " is Alpine's"
	case !last.UserAt(copied).IsRoot():
		why = "packages would be installed as USER " + last.UserAt(copied).Name
	}
	if why != "" {
		p.Decline(copied.Span, "%s: %s", unfit, why)
		return
	}
	slices.Sort(pkgs)
	var l ledger
	l.declare(fix.ChangeBase, plain)
	for _, pkg := range pkgs {
		l.declare(fix.AddPackage, pkg)
		l.note("added: %s, which %s lacks", pkg, plain)
	}
	l.note("%s", unfit)
	install := copied.Cased("RUN") + " " + strings.Join(installing(&l, bareInstall, pkgs), and(copied))
	p.Apply(last.From.Span, "run on "+plain+", whose C library the program is built on", fix.Fix{
		Safety:  fix.Review,
		Edits:   []edit.Edit{edit.Replace(last.From.Words()[0].Span, plain), copied.InsertAbove(install)},
		Reads:   wholeFile(copied),
		Claims:  []string{"stages"},
		Changes: l.changes,
		Notes:   l.notes,
	})
}

// neededByCrates are the packages that a program needs on the plain image of Debian, as
// in a split, or why they are not known.
func neededByCrates(p *fix.Pass, from *build.Stage) (pkgs []string, why string) {
	pl := newPlan(p, from, &rust)
	if why := pl.readInputs(len(pl.places)); why != "" {
		return nil, why
	}
	why = rustNeeds(pl)
	return pl.packages, why
}

func isRust(s *build.Stage) bool { return profileOf(s) == &rust }

// hasGlibc reports whether a stage on Alpine installs what runs programs for glibc.
func hasGlibc(s *build.Stage) bool {
	for _, st := range s.Chain() {
		if slices.ContainsFunc(packagesIn(st), func(name string) bool {
			return name == "gcompat" || name == "libc6-compat" || strings.HasPrefix(name, "glibc")
		}) {
			return true
		}
	}
	return false
}

// startsCopied reports whether what a stage starts is a file that a COPY brings.
func startsCopied(s *build.Stage, c build.Copy) bool {
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		inst := s.Last(name)
		if inst == nil {
			continue
		}
		for _, started := range s.Script(inst).Commands {
			program, _ := started.Runs()
			if program == "" {
				continue
			}
			if program == path.Base(c.Dest) || slices.ContainsFunc(c.Sources, func(src build.CopySource) bool { return path.Base(src.Path) == program }) {
				return true
			}
		}
	}
	return false
}

// saysMusl reports whether a stage, or Cargo's settings in the build context, ask for a
// program that needs no C library of its image.
func saysMusl(p *fix.Pass, s *build.Stage) bool {
	var texts []string
	for _, st := range s.Chain() {
		texts = append(texts, st.From.Args.Text)
		for _, inst := range st.Instructions {
			texts = append(texts, inst.Args.Text)
		}
	}
	for _, name := range []string{".cargo/config.toml", ".cargo/config", "Cross.toml"} {
		text, err := p.Context.Read(name)
		if err == nil {
			texts = append(texts, text)
		}
	}
	return slices.ContainsFunc(texts, func(text string) bool {
		return strings.Contains(text, "musl") || strings.Contains(text, "static") || strings.Contains(text, "--target")
	})
}
