package multistage

import (
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
