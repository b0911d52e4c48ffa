package multistage

import (
	"go/build"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// packageMain is what makes a program of a package.
var packageMain = regexp.MustCompile(`(?m)^package main\b`)

// isGoLibrary reports whether a folder of the source holds a package that is no
// program, of which go build and go install leave no file.
//
//	RUN go install example.org/app/store  =>  nothing is in /go/bin
func (pl *plan) isGoLibrary(dir string) bool {
	folder, ok := pl.folderOf(dir)
	if !ok {
		return false
	}
	files, err := pl.pass.Context.Glob(path.Join(folder, "*.go"))
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
	if err != nil || len(files) == 0 {
		return false
	}
	return !slices.ContainsFunc(files, func(f string) bool {
		text, err := pl.pass.Context.Read(f)
		return err != nil || packageMain.MatchString(text)
	})
}

// goPrograms are the names of the programs that a pattern such as "./..." matches,
// as far as the context tells. Folders that go passes over hold none (go help
// packages).
func (pl *plan) goPrograms(dir, pattern string) []string {
	below := path.Join(dir, strings.TrimSuffix(strings.TrimSuffix(pattern, "..."), "/"))
	if !strings.HasPrefix(pattern, ".") {
		below = pl.packageFolder(strings.TrimSuffix(strings.TrimSuffix(pattern, "..."), "/"))
	}
	folder, ok := pl.folderOf(below)
	if !ok {
		return nil
	}
	files, err := pl.pass.Context.Sources(folder)
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range files {
		of := path.Dir(f)
		if folder != "." {
			of = path.Dir(strings.TrimPrefix(f, folder+"/"))
		}
		if path.Ext(f) != ".go" || strings.HasSuffix(f, "_test.go") || pl.isPassedOver(folder, of) || !pl.isInBuild(f) {
			continue
		}
		if text, err := pl.pass.Context.Read(f); err != nil || !packageMain.MatchString(text) {
			continue
		}
		if name, why := pl.goName(path.Join(below, of), nil); why == "" && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// isPassedOver reports whether "..." does not reach a folder below another: it or one
// above it is vendored, of tests, hidden, or a module of its own.
func (pl *plan) isPassedOver(folder, of string) bool {
	for dir := of; dir != "."; dir = path.Dir(dir) {
		base := path.Base(dir)
		if base == "vendor" || base == "testdata" || base[0] == '_' || base[0] == '.' || pl.pass.Context.Has(path.Join(folder, dir, "go.mod")) {
			return true
		}
	}
	return false
}

// buildsForLinux are builds that differ in what constraints of files ask for besides
// the system: a file that all of them take is in the build, whatever the platform, the
// version of Go and CGO_ENABLED.
var buildsForLinux = []build.Context{
	{GOOS: "linux", GOARCH: "amd64", Compiler: "gc", CgoEnabled: true, ReleaseTags: build.Default.ReleaseTags},
	{GOOS: "linux", GOARCH: "arm64", Compiler: "gc"},
}

// isInBuild reports whether the name of a Go file and its constraints let it into every
// build for Linux.
func (pl *plan) isInBuild(file string) bool {
	for _, b := range buildsForLinux {
		b.OpenFile = func(string) (io.ReadCloser, error) {
			text, err := pl.pass.Context.Read(file)
			return io.NopCloser(strings.NewReader(text)), err
		}
		if matched, err := b.MatchFile(path.Split(file)); err != nil || !matched {
			return false
		}
	}
	return true
}

// packageFolder is the folder of the image that holds a package of the source: below
// that of its module, or in the GOPATH.
func (pl *plan) packageFolder(importPath string) string {
	for _, root := range pl.roots {
		text, err := pl.pass.Context.Read(pl.fileOf(path.Join(root, "go.mod")))
		module := modfile.ModulePath([]byte(text))
		if err == nil && module != "" && isWithin(importPath, module) {
			return path.Join(root, strings.TrimPrefix(importPath, module))
		}
	}
	return path.Join("/go/src", importPath)
}

// folderOf is the folder of the context that a COPY before the last build put at a
// name.
func (pl *plan) folderOf(name string) (folder string, found bool) {
	for _, s := range slices.Backward(pl.inputs) {
		if s.dir && s.file != "" && isWithin(name, s.name) {
			return path.Join(s.file, strings.TrimPrefix(name, s.name)), true
		}
	}
	return "", false
}
