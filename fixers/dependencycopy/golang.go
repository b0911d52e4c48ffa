package dependencycopy

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
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
		return install{}, false
	}
	in := install{program: "go " + verb, ecosystem: golang, at: at, reads: project.GoModules(c.context(), at.source)}
	switch {
	case verb == "mod download" || verb == "mod verify":
		return in, verb == "mod download" && len(rest) == 0
	case !goCompiles[verb] || !in.reads.Complete() || !c.canDownload(at):
		return install{}, false
	}
	in.reads.ReadsSource = "it compiles"
	in.ahead, in.more = []string{"go mod download"}, "go mod download fetches every module that go.mod names, those of tests too"
	if at.image != workdirAt(c.stage, c.run) || dir != "" {
		in.ahead = nil // go mod download on its own would run in another folder than the build
	}
	return in, len(in.ahead) > 0
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

// canDownload reports whether go mod download works here and saves something:
// modules are in use and copied, there are any, and they are not fetched through a cache
// mount or vendored already.
func (c call) canDownload(at folder) bool {
	if !c.context().HasFile(path.Join(at.source, "go.sum")) || c.context().IsDir(path.Join(at.source, "vendor")) {
		return false
	}
	if _, ok := c.layout.delivered(at, path.Join(at.source, "go.mod")); !ok {
		return false // no COPY brings it: the build is without modules
	}
	if mode, _ := c.stage.EnvAt(c.run, "GO111MODULE"); mode == "off" {
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
	// Modules came with Go 1.11.
	repository, tag, _ := strings.Cut(c.stage.Bottom().Ref, ":")
	if m := goTag.FindStringSubmatch(tag); m != nil && path.Base(repository) == "golang" {
		minor, err := strconv.Atoi(m[1])
		return err == nil && minor >= 11
	}
	return true
}
