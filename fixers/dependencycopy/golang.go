package dependencycopy

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

const golang = "go"

// goCompiles are the commands of go that fetch modules and read the source.
var goCompiles = map[string]bool{
	"build": true, "install": true, "test": true, "vet": true, "run": true, "generate": true, "get": true, "list": true, "mod tidy": true, "mod vendor": true,
}

// goModules recognises go mod download, which moves, and what compiles, ahead of
// which the modules can be downloaded.
func goModules(c call) (install, bool) {
	name, words := c.cmd.Runs()
	if name != "go" || len(words) == 0 {
		return install{}, false
	}
	dir, verb, rest := "", words[0].Value, words[1:]
	if verb == "-C" && len(words) > 2 {
		dir, verb, rest = words[1].Value, words[2].Value, words[3:]
	}
	if verb == "mod" && len(rest) > 0 {
		verb, rest = "mod "+rest[0].Value, rest[1:]
	}
	for _, w := range rest {
		// go install example.com/tool@latest needs no module of the context.
		if !w.IsFlag() && strings.Contains(w.Value, "@") || w.Value == "-mod=vendor" {
			return install{}, false
		}
	}
	at, ok := c.moduleAt(c.in(dir))
	if !ok {
		return c.goGet(verb, rest, dir)
	}
	in := install{program: "go " + verb, ecosystem: golang, at: at, reads: project.GoModules(c.context(), at.source)}
	switch {
	case verb == "mod download" || verb == "mod verify":
		return in, verb == "mod download" && !slices.ContainsFunc(rest, func(w shell.Word) bool { return !w.IsFlag() })
	case goCompiles[verb] && !c.hasModules(at):
		return c.goGet(verb, rest, dir)
	case !goCompiles[verb] || !in.reads.Complete() || !c.canDownload(at):
		return install{}, false
	}
	in.reads.ReadsSource = "it compiles"
	in.ahead, in.more = []string{c.goModDownload()}, "go mod download fetches every module that go.mod names, those of tests too"
	if at.image != workdirAt(c.stage, c.run) || dir != "" {
		in.ahead = nil // go mod download on its own would run in another folder than the build
	}
	return in, len(in.ahead) > 0
}

// goGet is a go get in an image without modules that fetches what the source imports.
func (c call) goGet(verb string, args []shell.Word, dir string) (install, bool) {
	named := slices.ContainsFunc(args, func(w shell.Word) bool { return !w.IsFlag() && !strings.HasPrefix(w.Value, ".") })
	if verb != "get" || named {
		return install{}, false
	}
	at, ok := c.folder(c.in(dir))
	return install{program: "go get", ecosystem: golang, at: at, reads: reading("without modules its imports say what is fetched")}, ok
}

// moduleAt gives the folder of the go.mod that a command in an image folder is
// in.
func (c call) moduleAt(image string) (folder, bool) {
	at, ok := c.folder(image)
	for ok && c.context() != nil && !c.context().HasFile(path.Join(at.source, "go.mod")) {
		if at.source == "." || at.image == "/" {
			return folder{}, false
		}
		at, ok = c.folder(path.Dir(at.image))
	}
	return at, ok
}

var goTag = regexp.MustCompile(`^1\.([0-9]+)`)

// canDownload reports whether go mod download saves something where modules are in
// use: there are any, and they are not fetched through a cache mount or vendored already.
func (c call) canDownload(at folder) bool {
	if !c.context().HasFile(path.Join(at.source, "go.sum")) || c.context().IsDir(path.Join(at.source, "vendor")) {
		return false
	}
	if flags, _ := c.stage.EnvAt(c.run, "GOFLAGS"); strings.Contains(flags, "-mod=vendor") {
		return false
	}
	for _, f := range c.run.Flags {
		if f.Name == "mount" && strings.Contains(f.Value, "/pkg/mod") {
			return false
		}
	}
	return true
}

// hasModules reports whether the build of a folder with a go.mod uses modules.
func (c call) hasModules(at folder) bool {
	mode := c.moduleMode()
	if _, ok := c.layout.delivered(at, path.Join(at.source, "go.mod")); !ok || mode == "off" {
		return false // no COPY brings the go.mod, or the author leaves it out of account
	}
	switch minor, ok := c.goVersion(); {
	case ok && minor < firstWithModules:
		return false
	case ok && minor >= firstWithModulesOnly, mode == "on":
		return true
	}
	return !c.isBelowGopath(at.image)
}

// The Go releases, 1.x, that can use modules, and that use them wherever there is a
// go.mod. Between the two "go mod" refuses to work below $GOPATH/src unless
// GO111MODULE is on. See https://go.dev/doc/go1.11#modules and
// https://go.dev/doc/go1.13#modules.
const (
	firstWithModules     = 11
	firstWithModulesOnly = 13
)

// goVersion is the x of Go 1.x in an image of Go's.
func (c call) goVersion() (minor int, ok bool) {
	ref := facts.ParseRef(c.stage.Bottom().Ref)
	if path.Base(ref.Repository) != "golang" {
		return 0, false
	}
	if m := goTag.FindStringSubmatch(ref.Tag); m != nil {
		minor, err := strconv.Atoi(m[1])
		return minor, err == nil
	}
	first, _, _ := strings.Cut(ref.Tag, "-")
	return firstWithModulesOnly, slices.Contains([]string{"1", "latest", "alpine"}, first)
}

// moduleMode is GO111MODULE as the command has it.
func (c call) moduleMode() string {
	mode, _ := c.stage.EnvAt(c.run, "GO111MODULE")
	for _, a := range c.cmd.Assigns {
		if a.Name == "GO111MODULE" {
			mode = a.Value.Value
		}
	}
	return mode
}

// compilerVariables are what commands set for the compiler alone; what else they set
// may say where modules come from and go to: GOPROXY, GOPATH.
var compilerVariables = []string{"CGO_ENABLED", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS", "GOOS", "GOARCH", "GOARM", "GOARM64", "GOAMD64", "GO386", "GOMIPS", "GOEXPERIMENT", "CC", "CXX"}

// goModDownload is the command that fetches the modules, with the variables of the
// one that compiles them.
func (c call) goModDownload() string {
	words := []string{}
	for _, a := range c.cmd.Assigns {
		if !slices.Contains(compilerVariables, a.Name) {
			words = append(words, a.Name+"="+a.Value.Raw)
		}
	}
	return strings.Join(append(words, "go mod download"), " ")
}

// isBelowGopath reports whether a folder may lie where Go looks for packages that are
// no modules: $GOPATH/src.
func (c call) isBelowGopath(image string) bool {
	gopath, ok := c.stage.EnvAt(c.run, "GOPATH")
	if !ok {
		return strings.Contains(image, "/go/src/")
	}
	return slices.ContainsFunc(strings.Split(gopath, ":"), func(dir string) bool {
		_, below := below(path.Join(dir, "src"), image)
		return below
	})
}
