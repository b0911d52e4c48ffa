package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// repairGo mends what a Go program lacks in a last stage that is none of Go's:
// the certificates that an image without any needs for HTTPS, and a build without
// the C library where the last stage has another.
func repairGo(p *fix.Pass, last *build.Stage) {
	from, copied := soleSourceOf(last, isGo)
	if copied == nil || !isGo(from) {
		return
	}
	if p.Context == nil {
		if last.Bottom().Image.Distro == facts.Alpine && from.Bottom().Image.Libc() == facts.Glibc && len(cgoBuilds(last, from)) > 0 {
			p.Decline(copied.Span, "whether the program takes the C library of %s, which %s lacks, cannot be told: the build context is not known", from.Bottom().Ref, last.Bottom().Ref)
		}
		return
	}
	texts := goTexts(p)
	if len(texts) == 0 {
		return
	}
	if last.Bottom().Image.Distro == facts.Alpine && from.Bottom().Image.Libc() == facts.Glibc {
		repairLibc(p, last, from, texts)
	}
	if !asksOverHTTPS(texts) || slices.ContainsFunc(last.Instructions, func(i *syntax.Instruction) bool { return namesCertificates(i.Args.Text) }) {
		return
	}
	c, _ := last.CopyOf(copied)
	switch bottom := last.Bottom(); { // Alpine and distroless have certificates
	case bottom.Ref == "scratch" || bottom.Image.Distro == facts.Busybox:
		copyCertificates(p, c)
	case facts.ParseRef(bottom.Ref).Repository == "debian":
		installCertificates(p, last, c)
	}
}

func isGo(s *build.Stage) bool { return facts.ParseRef(s.Bottom().Ref).Repository == "golang" }

// goTexts are the sources of the context without tests; none if one cannot be read.
func goTexts(p *fix.Pass) []string {
	if p.Context == nil {
		return nil
	}
	files, err := p.Context.Sources(".")
	if err != nil || len(files) > maxSources {
		return nil
	}
	var texts []string
	for _, f := range files {
		if path.Ext(f) != ".go" || strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := p.Context.Read(f)
		if err != nil {
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}

// httpsClient is what a program says that asks others over HTTPS.
var httpsClient = regexp.MustCompile(`http\.(?:Get|Post|PostForm|Head|NewRequest|NewRequestWithContext|Client|DefaultClient)\b`)

// asksOverHTTPS reports whether a source names an https:// address and asks for it, and
// brings no authorities of its own.
func asksOverHTTPS(texts []string) bool {
	has := func(sign string) bool {
		return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, sign) })
	}
	return slices.ContainsFunc(texts, httpsClient.MatchString) && has(`"https://`) && !has("x509roots") && !has("rootcerts")
}

// copyCertificates copies the authorities of the build stage into an image that has
// none.
//
//	FROM scratch                           =>  FROM scratch
//	                                           COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
//	COPY --from=build /app /app                COPY --from=build /app /app
func copyCertificates(p *fix.Pass, c build.Copy) {
	const authorities = "/etc/ssl/certs/ca-certificates.crt" // crypto/x509, root_linux.go
	line := c.Inst.Cased("COPY") + " --from=" + c.From + " " + authorities + " /etc/ssl/certs/"
	p.Apply(c.Inst.Span, "copy the certificates that the program needs for HTTPS", fix.Fix{
		Safety: fix.Review,
		Edits:  []edit.Edit{c.Inst.InsertAbove(line)},
		Reads:  wholeFile(c.Inst),
		Claims: []string{"stages"},
		Notes:  []string{"copied: " + authorities},
	})
}

// installCertificates installs the authorities on Debian, whose images have none.
//
//	FROM debian:bookworm-slim              =>  FROM debian:bookworm-slim
//	                                           RUN apt-get update && apt-get install -y ca-certificates && ...
//	COPY --from=build /app /app                COPY --from=build /app /app
//
// Not where the last stage installs what may recommend them.
func installCertificates(p *fix.Pass, last *build.Stage, c build.Copy) {
	const authorities = "ca-certificates"
	for _, s := range last.Chain() {
		for _, e := range commandsOf(s) {
			recommends := e.Kind == effects.Installs && !e.Install.HasFlag("--no-install-recommends")
			if e.Kind == effects.Opaque || e.Kind == effects.Installs && !e.Install.Literal() || recommends && slices.ContainsFunc(bringCertificates, func(pkg string) bool { return takes(e.Install, pkg) }) {
				return
			}
		}
	}
	if !last.UserAt(c.Inst).IsRoot() {
		p.Decline(c.Inst.Span, "the program needs %s for HTTPS, which would be installed as USER %s", authorities, last.UserAt(c.Inst).Name)
		return
	}
	installMissing(p, last, c, []string{authorities}, "the program needs for HTTPS", "which the program needs for HTTPS")
}

func namesCertificates(text string) bool {
	for _, sign := range []string{"cert", "/etc/ssl", ".crt", ".pem", "/etc ", "/ /"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// usesResolver is what makes a Go program take the C library where there is a
// compiler (go doc net, "Name Resolution"; go doc os/user).
var usesResolver = regexp.MustCompile(`"(?:net|net/http|os/user|google\.golang\.org/grpc|github\.com/gin-gonic/gin|github\.com/labstack/echo/v4)"`)

// repairLibc builds without the C library where the last stage has another:
// "not found" is what its shell says of such a program.
//
//	FROM golang:1.22 AS build              =>  FROM golang:1.22 AS build
//	RUN go build -o /app .                     RUN CGO_ENABLED=0 go build -o /app .
//	FROM alpine:3.20                           FROM alpine:3.20
//
// A program that is partly in C is declined: no setting helps it.
func repairLibc(p *fix.Pass, last, from *build.Stage, texts []string) {
	builds := cgoBuilds(last, from)
	if len(builds) == 0 {
		return
	}
	if module := cgoModule(texts); module != "" {
		p.Decline(builds[0].Span, "%s is built on the C library of %s, which %s lacks", module, from.Bottom().Ref, last.Bottom().Ref)
		return
	}
	if !slices.ContainsFunc(texts, usesResolver.MatchString) {
		return
	}
	f := fix.Fix{Safety: fix.Review, Reads: wholeFile(builds[0].Script.Inst), Claims: []string{"stages"}}
	for _, c := range builds {
		text := strings.Join(strings.Fields(c.Text()), " ")
		f.Edits = append(f.Edits, edit.Insert(c.Span.Start, "CGO_ENABLED=0 "))
		f.Changes = append(f.Changes, fix.Change{Kind: fix.DropCommand, Subject: text}, fix.Change{Kind: fix.AddCommand, Subject: "CGO_ENABLED=0 " + text})
	}
	p.Apply(builds[0].Span, "build without the C library, which is another in the last stage", f)
}

// cgoBuilds are the commands of a stage that may build on the C library; none where
// a setting keeps them from it, or the last stage has a library for them.
func cgoBuilds(last, from *build.Stage) (builds []*shell.Command) {
	if hasGlibc(last) {
		return nil
	}
	for _, e := range commandsOf(from) {
		if e.Program != "go" || len(e.Command.Words) < 2 || e.Command.Words[e.Command.Program()+1].Value != "build" && e.Command.Words[e.Command.Program()+1].Value != "install" {
			continue
		}
		value, _ := from.EnvAt(e.Command.Script.Inst, "CGO_ENABLED")
		for _, a := range e.Command.Assigns {
			if a.Name == "CGO_ENABLED" {
				value = a.Value.Value
			}
		}
		text := e.Command.Script.Inst.Args.Text
		if value != "" || from.EnvSetByStage("CGO_ENABLED") || strings.Contains(text, "CGO_ENABLED") || strings.Contains(text, "static") || strings.Contains(text, "netgo") || strings.Contains(text, "GOOS=") && !strings.Contains(text, "GOOS=linux") {
			return nil
		}
		if e.Command.Script.Form != shell.Exec {
			builds = append(builds, e.Command)
		}
	}
	return builds
}

// cgoModules are modules that are in C.
var cgoModules = []string{"github.com/mattn/go-sqlite3", "gorm.io/driver/sqlite", "github.com/confluentinc/confluent-kafka-go", "github.com/ceph/go-ceph", "github.com/libgit2/git2go", "gopkg.in/gographics/imagick", "github.com/h2non/bimg", "gocv.io/x/gocv", "github.com/google/gopacket/pcap", "github.com/godror/godror"}

// cgoModule is what of a program is in C, "" if nothing is known to be.
func cgoModule(texts []string) string {
	if slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, `import "C"`) }) {
		return `the source, which imports "C",`
	}
	for _, module := range cgoModules {
		if slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, `"`+module) }) {
			return module
		}
	}
	return ""
}
