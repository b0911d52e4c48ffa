package verify

import (
	"io/fs"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/drydock-dev/drydock/internal/verify/elf"
	"github.com/drydock-dev/drydock/internal/verify/image"
	"github.com/drydock-dev/drydock/internal/verify/probe"
)

// The line that is shown of a program's last words is the one that says why.
func TestTheTellingLineIsShown(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "",
		"starting\nready\n": ": ready",
		"Traceback:\nFileNotFoundError: 'settings.ini'\nWorker exiting\n": ": FileNotFoundError: 'settings.ini'",
		"sh: 1: app: not found\n": ": sh: 1: app: not found",
	} {
		if got := lastLine(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAcceptedCoversWhatItNames(t *testing.T) {
	for _, c := range []struct {
		accept, subject string
		check           Check
		want            bool
	}{
		{"files", "/src/a.go", CheckFiles, true},
		{"files:/src/**", "/src/a/b.go", CheckFiles, true},
		{"files:/src/**", "/app/a.go", CheckFiles, false},
		{"files:/src/*", "/src/a/b.go", CheckFiles, false},
		{"config:Env.*", "Env.PATH", CheckConfig, true},
		{"config:Env.*", "Cmd", CheckConfig, false},
		{"config", "/src/a.go", CheckFiles, false},
	} {
		a, err := ParseAccepted(c.accept)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.covers(c.check, c.subject); got != c.want {
			t.Errorf("%s of %s %s: %v", c.accept, c.check, c.subject, got)
		}
	}
	for _, bad := range []string{"", "nothing", "files:["} {
		if _, err := ParseAccepted(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// A command that failed may start: that is what a repair is for.
func TestStart(t *testing.T) {
	up, done := probe.Result{Up: true}, probe.Result{}
	broken, missing := probe.Result{ExitCode: 1}, probe.Result{Fault: "no such file", ExitCode: 127}
	for _, c := range []struct {
		before, after probe.Result
		found         bool
	}{
		{up, up, false},
		{up, broken, true},
		{up, done, true},
		{done, up, true},
		{done, missing, true},
		{broken, broken, false},
		{broken, missing, true},
		{broken, up, false},
		{missing, done, false},
	} {
		c.before.Command, c.after.Command = []string{"app"}, []string{"app"}
		compared := comparison{before: &observation{probe: &c.before}, after: &observation{probe: &c.after}}
		compared.start()
		if found := len(compared.found) > 0; found != c.found {
			t.Errorf("%s, then %s: found %v", started(compared.before), started(compared.after), compared.found)
		}
	}
}

// Certificates are missed by what looks for them, itself or in a library.
func TestCertificates(t *testing.T) {
	const crypto = "/usr/lib/libcrypto.so.3"
	for name, c := range map[string]struct {
		program elf.Object
		missed  bool
	}{
		"a C program":              {elf.Object{Needed: []string{"libc.so.6"}}, false},
		"a C program with OpenSSL": {elf.Object{Needed: []string{"libcrypto.so.3"}}, true},
		"a Go program":             {elf.Object{Authorities: true}, true},
	} {
		of := func(program *elf.Object) *observation {
			return &observation{image: &image.Image{
				Layers: make([]image.Layer, 2),
				Files: map[string]*image.File{
					"/usr": {Mode: fs.ModeDir}, "/usr/lib": {Mode: fs.ModeDir},
					crypto: {Object: &elf.Object{Authorities: true}}, "/app": {Layer: 1, Object: program},
				},
			}}
		}
		compared := comparison{before: of(&c.program), after: of(&c.program)}
		compared.after.image.Config.RootFS.DiffIDs = []digest.Digest{"sha256:base", "sha256:app"}
		compared.bases.after.Config.RootFS.DiffIDs = []digest.Digest{"sha256:base"}
		compared.before.image.Files["/etc"] = &image.File{Mode: fs.ModeDir}
		compared.before.image.Files["/etc/ssl"] = &image.File{Mode: fs.ModeDir}
		compared.before.image.Files["/etc/ssl/cert.pem"] = &image.File{Size: 1}
		if compared.certificates(); (len(compared.found) > 0) != c.missed {
			t.Errorf("%s: %v", name, compared.found)
		}
	}
}

func TestScripts(t *testing.T) {
	const interpreter = "/usr/bin/python3.11"
	known := image.Config{}
	known.RootFS.DiffIDs = []digest.Digest{"sha256:base"}
	of := func(layer int, owned string) *observation {
		i := &image.Image{
			Layers: make([]image.Layer, 2),
			Files: map[string]*image.File{
				"/usr": {Mode: fs.ModeDir}, "/usr/bin": {Mode: fs.ModeDir},
				"/usr/platform.py":            {Layer: layer, Interpreter: interpreter},
				"/var/lib/dpkg/info/rpm.list": {Text: []byte(owned + "\n")},
			},
		}
		i.Config.RootFS.DiffIDs = []digest.Digest{"sha256:base", "sha256:app"}
		return &observation{image: i}
	}
	for name, c := range map[string]struct {
		layer int
		owned string
		base  image.Config
		found bool
	}{
		"of the base image":           {0, "", known, false},
		"that a COPY brought":         {1, "", known, true},
		"of a base that is not known": {0, "", image.Config{}, true},
		"of a package":                {1, "/usr/platform.py", known, false},
	} {
		compared := comparison{before: of(c.layer, c.owned), after: of(c.layer, c.owned)}
		compared.before.image.Files[interpreter] = &image.File{}
		compared.bases.after.Config = c.base
		if compared.scripts(); (len(compared.found) > 0) != c.found {
			t.Errorf("a script %s: %v", name, compared.found)
		}
	}
}

func TestJunk(t *testing.T) {
	for name, want := range map[string]bool{
		"/go/pkg/sumdb/sum.golang.org/latest":               true, // what Go knows of the checksums of modules
		"/go/pkg/mod/cache/download/a/@v/v1.0.0.info":       true,
		"/app/.yarn/install-state.gz":                       true, // what Yarn notes of an install, beside the modules
		"/usr/local/cargo/.global-cache":                    true, // when Cargo last used what is in its caches
		"/go/pkg/linux_amd64/a.a":                           true, // a compiled package, which only the compiler reads
		"/srv/app/package-lock.json":                        true,
		"/srv/app/settings.ini":                             false,
		"/usr/local/include/python3.11/greenlet/greenlet.h": true,
	} {
		if isJunk(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
