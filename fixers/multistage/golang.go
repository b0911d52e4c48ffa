package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/shell"
)

// golang builds programs in the image of the Go distribution, and runs them on
// the plain image of the same distribution: with cgo or without, they find the C
// library that they were linked to. Certificates and time zones come along, which
// the Go image has and the plain one lacks.
//
// Not placed: "go run" at start, programs built for another system, and source
// that is copied over a folder of the image.
var golang = profile{
	name:       "Go",
	repository: "golang",
	alpine:     true,
	builds:     goBuilds,
	tree:       goProducts,
	needs:      goNeeds,
	toolchain:  []string{"/usr/local/go"},
	has:        []string{"libgcc"}, // gcc links it as needed, which C++ alone does
	buildTools: []string{"git", "make", "mercurial", "subversion", "bzr", "protobuf-compiler", "protoc", "upx", "upx-ucl", "golang"},
	buildEnv: []string{
		"CGO_", "GO111MODULE", "GOOS", "GOARCH", "GOARM", "GOARM64", "GOAMD64", "GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOSUMDB", "GONOPROXY", "GONOSUMCHECK", "GOINSECURE",
		"GOFLAGS", "GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE", "GOTOOLCHAIN", "GOROOT", "GOEXPERIMENT", "GOVCS",
	},
}

// goTools are programs that a Go build runs beside go itself.
var goTools = map[string]bool{
	"go": true, "make": true, "gofmt": true, "swag": true, "templ": true, "sqlc": true, "protoc": true, "buf": true, "golangci-lint": true, "upx": true, "strip": true,
}

// goBuildTools are programs that "go install pkg@version" brings for builds.
// Source: their own pages.
var goBuildTools = []string{
	"air", "reflex", "dlv", "swag", "templ", "sqlc", "mockgen", "mockery", "wire", "stringer", "golangci-lint", "gotestsum", "goimports", "gofumpt",
	"go-bindata", "packr", "packr2", "statik", "protoc-gen-go", "protoc-gen-go-grpc", "protoc-gen-grpc-gateway", "protoc-gen-openapiv2", "buf", "CompileDaemon", "oapi-codegen", "gqlgen", "staticcheck", "govulncheck", "xgo", "dep", "glide",
}

func goBuilds(pl *plan, at *place, e *effects.Effect) (bool, string) {
	if !goTools[e.Program] {
		return false, ""
	}
	switch {
	case e.Program == "make":
		pl.whole = "what make builds is not known"
		return true, ""
	case e.Program != "go":
		return true, ""
	}
	for _, a := range e.Command.Assigns {
		if a.Name == "GOOS" && a.Value.Value != "linux" {
			return true, brief(commandText(*e)) + ": it builds for another system"
		}
	}
	args := e.Command.Words[e.Command.Program()+1:]
	switch verb, rest := goVerb(args); verb {
	case "build":
		return true, pl.goBuild(at, e, rest)
	case "install", "get":
		return true, pl.goInstall(at, e, verb, rest)
	}
	return true, ""
}

// goVerb splits the arguments of go at its verb; -C is the verb's own option.
func goVerb(args []shell.Word) (string, []shell.Word) {
	if len(args) == 0 {
		return "", nil
	}
	return args[0].Value, args[1:]
}

// goValued are the options of go build that take a value (go help build).
var goValued = []string{
	"-o", "-C", "-p", "-asmflags", "-buildmode", "-buildvcs", "-compiler", "-gccgoflags", "-gcflags", "-installsuffix", "-ldflags", "-mod", "-modfile",
	"-overlay", "-pgo", "-pkgdir", "-tags", "-toolexec", "-covermode", "-coverpkg",
}

// goArguments are the options with values and the packages of a build.
func goArguments(args []shell.Word) (options map[string]shell.Word, packages []shell.Word) {
	options = map[string]shell.Word{}
	for i := 0; i < len(args); i++ {
		w := args[i]
		if !w.IsFlag() {
			packages = append(packages, w)
			continue
		}
		name := "-" + strings.TrimLeft(w.Value, "-")
		switch value, ok := w.After("="); {
		case ok:
			name, _, _ = strings.Cut(name, "=")
			options[name] = value
		case slices.Contains(goValued, name) && i+1 < len(args):
			i++
			options[name] = args[i]
		}
	}
	return options, packages
}

func (pl *plan) goBuild(at *place, e *effects.Effect, args []shell.Word) string {
	options, packages := goArguments(args)
	dir := e.Dir
	if c, ok := options["-C"]; ok {
		dir = absolute(c.Value, dir)
	}
	if dir == "" {
		return brief(commandText(*e)) + ": the folder that it builds in is not known"
	}
	o, named := options["-o"]
	if !named {
		name, why := pl.goName(dir, packages)
		if why != "" || name == "" {
			return why
		}
		e.Writes = append(e.Writes, path.Join(dir, name))
		return ""
	}
	value, ok := pl.valueAt(at, o)
	if !ok {
		return brief(commandText(*e)) + ": the name of what it builds comes from " + o.Raw
	}
	if value == "/dev/null" {
		return ""
	}
	full := absolute(value, dir)
	if strings.HasSuffix(value, "/") || value == "." {
		name, why := pl.goName(dir, packages)
		if why != "" {
			return why
		}
		if name == "" {
			full += "/"
		}
		full += "/" + name
	}
	e.Writes = append(e.Writes, path.Clean(full))
	return ""
}

// valueAt is a word of a RUN with its variables replaced; it is not known where
// a build argument says it.
func (pl *plan) valueAt(at *place, w shell.Word) (string, bool) {
	return w.Expand(func(name string) (string, bool) {
		if pl.stage.IsArgAt(at.inst, name) {
			return "", false
		}
		return pl.stage.EnvAt(at.inst, name)
	})
}

var majorSuffix = regexp.MustCompile(`^v[0-9]+$`)

// lastElement is the name of the program that a package's path gives (go help
// build): the last element that is no major version.
func lastElement(importPath string) string {
	base := path.Base(importPath)
	if majorSuffix.MatchString(base) && strings.Contains(importPath, "/") {
		return path.Base(path.Dir(importPath))
	}
	return base
}

// goName is the name that a build without -o gives, "" for a build of several
// packages or of a library, which leaves nothing.
func (pl *plan) goName(dir string, packages []shell.Word) (name, declined string) {
	switch {
	case len(packages) > 0 && strings.HasSuffix(packages[0].Value, ".go"):
		return strings.TrimSuffix(path.Base(packages[0].Value), ".go"), ""
	case len(packages) > 1 || len(packages) == 1 && strings.Contains(packages[0].Value, "..."):
		return "", ""
	case len(packages) == 1 && !packages[0].Literal:
		return "", "the package that is built comes from " + packages[0].Raw
	}
	target := dir
	if len(packages) == 1 {
		p := packages[0].Value
		if p != "." && !strings.HasPrefix(p, "./") && !strings.HasPrefix(p, "../") && !strings.HasPrefix(p, "/") {
			p, _, _ = strings.Cut(p, "@")
			pl.foreign = pl.foreign || !isWithinAny("/go/src/"+p, pl.roots)
			if pl.isGoLibrary(pl.packageFolder(p)) {
				return "", ""
			}
			return lastElement(p), ""
		}
		target = absolute(p, dir)
	}
	if pl.isGoLibrary(target) {
		return "", ""
	}
	for root := target; ; root = path.Dir(root) {
		if file := pl.fileOf(path.Join(root, "go.mod")); file != "" {
			text, err := pl.pass.Context.Read(file)
			module := modfile.ModulePath([]byte(text))
			if err != nil || module == "" {
				return "", "the module's name in " + file + " is not known"
			}
			return lastElement(path.Join(module, strings.TrimPrefix(target, root))), ""
		}
		if root == "/" || root == "." {
			break
		}
	}
	return path.Base(target), "" // in a GOPATH
}

// goInstall reads "go install": programs go to GOBIN.
func (pl *plan) goInstall(at *place, e *effects.Effect, verb string, args []shell.Word) string {
	_, packages := goArguments(args)
	bin, why := pl.goBin(at)
	if verb == "get" { // it fetches, and before Go 1.17 installs what are programs
		packages = slices.DeleteFunc(packages, func(w shell.Word) bool {
			return !strings.Contains(w.Value, "/cmd/") && !pl.isStarted(path.Join(bin, lastElement(w.Value)))
		})
		if len(packages) == 0 || slices.ContainsFunc(args, func(w shell.Word) bool { return w.Value == "-d" }) {
			return ""
		}
		if dir := pl.stage.WorkdirAt(nil); isWithin(dir, path.Join(path.Dir(bin), "src")) && !isWithinAny(dir, pl.roots) {
			return "the image runs in " + dir + ", the source that " + brief(commandText(*e)) + " fetches"
		}
	}
	if why != "" {
		return why
	}
	if len(packages) == 0 {
		packages = []shell.Word{{Raw: ".", Value: ".", Literal: true}}
	}
	for _, p := range packages {
		name, _, _ := strings.Cut(path.Base(p.Value), "@")
		switch tool := path.Join(bin, name); {
		case !p.Literal:
			return "the package that is installed comes from " + p.Raw
		case strings.Contains(p.Value, "@") && slices.Contains(goBuildTools, name) && !pl.isStarted(tool):
			pl.leave(tool, "only a build needs it")
			continue
		case strings.Contains(p.Value, "..."):
			for _, name := range append(pl.startedNames(), pl.goPrograms(e.Dir, p.Value)...) {
				e.Writes = append(e.Writes, path.Join(bin, name))
			}
			continue
		}
		name, why := pl.goName(e.Dir, []shell.Word{p})
		if why != "" {
			return why
		}
		if name != "" {
			e.Writes = append(e.Writes, path.Join(bin, name))
		}
	}
	return ""
}

// goBin is where "go install" puts programs.
func (pl *plan) goBin(at *place) (string, string) {
	for _, name := range []string{"GOBIN", "GOPATH"} {
		if !pl.stage.EnvSetByStage(name) {
			continue
		}
		value, ok := pl.stage.EnvAt(at.inst, name)
		if !ok || !strings.HasPrefix(value, "/") {
			return "", "ENV " + name + " puts programs where it cannot be told"
		}
		if name == "GOPATH" {
			value = path.Join(value, "bin")
		}
		return value, ""
	}
	return "/go/bin", ""
}

// startedNames are the names of the programs that CMD and ENTRYPOINT start.
func (pl *plan) startedNames() []string {
	var all []string
	for _, c := range pl.commandsAtStart() {
		if name, _ := c.Runs(); name != "" && !isShell(name) {
			all = append(all, name)
		}
	}
	return all
}

// goProducts says what the runtime stage gets: the programs, and what they read.
func goProducts(pl *plan) (tree, string) {
	if why := pl.startsCompiler(map[string]bool{"go": true, "air": true, "reflex": true, "CompileDaemon": true, "gow": true, "make": true, "dlv": true, "realize": true, "fresh": true}); why != "" {
		return tree{}, why
	}
	return tree{}, pl.takeProducts(goReads)
}

// goReads is the evidence of what a Go program reads and calls.
func goReads(pl *plan) (files []string, unknown string) {
	skip := func(file string) bool { return strings.HasSuffix(file, "_test.go") }
	r, unread := pl.readSources(skip, ".go")
	if unread != "" {
		return nil, unread + " cannot be read, which may name files that the program reads"
	}
	if text, err := pl.pass.Context.Read("go.mod"); err == nil {
		for _, framework := range []string{"github.com/beego/", "github.com/astaxie/beego", "github.com/revel/", "github.com/gobuffalo/buffalo"} {
			if strings.Contains(text, framework) {
				return nil, framework + "… finds its files by their usual places"
			}
		}
	}
	for _, text := range r.texts {
		for _, m := range goCalls.FindAllStringSubmatch(text, -1) {
			pl.called = append(pl.called, m[1])
			for _, w := range literalsOf(m[2]) {
				pl.called = append(pl.called, strings.Fields(w)...)
			}
		}
	}
	pl.literals = r.literals
	embedded := pl.goEmbedded(r)
	isSource := func(file string) bool {
		return strings.HasSuffix(file, ".go") || path.Base(file) == "go.mod" || path.Base(file) == "go.sum" || isMeta(file)
	}
	named := outermost(append(pl.namedFiles(r.literals, isSource), pl.settingFiles(isSource)...))
	named = slices.DeleteFunc(named, func(name string) bool {
		file := pl.fileOf(name)
		return slices.ContainsFunc(embedded, func(e string) bool { return isWithin(file, e) })
	})
	return named, ""
}

// goCalls are the programs that Go code starts.
var goCalls = regexp.MustCompile(`exec\.(?:Command|CommandContext|LookPath)\(\s*(?:[\w.()]+\s*,\s*)?"([^"]+)"([^)\n]*)`)

var goEmbed = regexp.MustCompile(`(?m)^//go:embed +(.+)$`)

// goEmbedded are the files that are compiled into the program.
func (pl *plan) goEmbedded(r reading) []string {
	var all []string
	for i, text := range r.texts {
		for _, m := range goEmbed.FindAllStringSubmatch(text, -1) {
			for _, pattern := range strings.Fields(m[1]) {
				pattern = strings.TrimPrefix(strings.Trim(pattern, "\"`\r"), "all:")
				if cut := strings.IndexAny(pattern, "*?["); cut >= 0 {
					pattern = pattern[:cut] + "x"
					pattern = path.Dir(pattern)
				}
				if full := path.Join(path.Dir(r.files[i]), pattern); full != "." {
					all = append(all, full)
				}
			}
		}
	}
	return all
}

// goNeeds adds what the Go image has and a Go program may use.
func goNeeds(pl *plan) string {
	pl.require([]string{"ca-certificates", "tzdata"}, "a Go program")
	return pl.callsOfProgram()
}
