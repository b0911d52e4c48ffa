package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
)

// An output of a builder: the folder that it leaves by default.
var outputsOf = []struct {
	words  []string
	leaves string // "" for nothing
}{
	{[]string{"next", "build"}, ".next"},
	{[]string{"nest", "build"}, "dist"},
	{[]string{"react-scripts", "build"}, "build"},
	{[]string{"vue-cli-service", "build"}, "dist"},
	{[]string{"prisma", "generate"}, ""},
	{[]string{"rimraf"}, ""}, {[]string{"rm"}, ""}, {[]string{"echo"}, ""}, {[]string{"eslint"}, ""}, {[]string{"prettier"}, ""}, {[]string{"jest"}, ""}, {[]string{"vitest"}, ""}, {[]string{"mocha"}, ""},
	{[]string{"tsc-alias"}, ""}, {[]string{"npm", "audit"}, ""}, {[]string{"mkdir"}, ""}, {[]string{"chmod"}, ""}, {[]string{"shx", "chmod"}, ""}, {[]string{"shx", "rm"}, ""}, {[]string{"del-cli"}, ""},
}

// nodeOutputs are the folders, below the working directory, that the build leaves,
// or what it runs that leaves other things.
func (pl *plan) nodeOutputs() (outputs []string, unknown string) {
	p, _ := pl.packageAtStart()
	for _, in := range pl.nodeInstalls {
		if in.runsSource {
			return nil, "what the install runs leaves is not known"
		}
	}
	for _, at := range pl.places {
		if !at.builds {
			continue
		}
		for _, e := range at.effects {
			if e.Command == nil || len(e.Command.Words) == 0 || e.Install.Manager != nil && e.Install.Action != pkgmgr.Other {
				continue
			}
			words := e.Command.Values()
			if !nodeTools[e.Program] && e.Install.Manager == nil {
				continue
			}
			commands, known := p.Programs(words)
			elsewhere := slices.ContainsFunc(words, func(w string) bool {
				name, _, _ := strings.Cut(w, "=")
				return slices.Contains([]string{"--prefix", "--cwd", "-C", "--dir", "--workspace", "--workspaces", "-w", "--filter", "-F", "workspace", "workspaces"}, name)
			})
			if elsewhere || e.Dir != pl.stage.WorkdirAt(nil) {
				return nil, brief(strings.Join(words, " ")) + " builds in another folder"
			}
			if !known {
				return nil, brief(strings.Join(words, " ")) + " cannot be followed"
			}
			for _, c := range commands {
				more, why := pl.outputOf(p, c)
				if why != "" {
					return nil, why
				}
				outputs = append(outputs, more...)
			}
		}
	}
	slices.Sort(outputs)
	return slices.Compact(outputs), ""
}

func (pl *plan) outputOf(p project.NodePackage, c []string) ([]string, string) {
	unknown := "what " + brief(strings.Join(c, " ")) + " leaves is not known"
	switch path.Base(c[0]) {
	case "tsc":
		dir := flagValue(c, "--outDir")
		if dir == "" {
			dir = pl.tsOutput(p, c)
		}
		if dir == "" || strings.HasPrefix(dir, "..") || path.Clean(dir) == "." {
			if slices.Contains(c, "--noEmit") {
				return nil, ""
			}
			return nil, unknown
		}
		return []string{firstPart(dir)}, ""
	case "babel", "swc":
		for _, flag := range []string{"-d", "--out-dir"} {
			if dir := flagValue(c, flag); dir != "" {
				return []string{firstPart(dir)}, ""
			}
		}
		return nil, unknown
	case "vite":
		return pl.viteOutput(p, c, unknown)
	case "cp", "copyfiles", "cpx", "cpy":
		dest := c[len(c)-1]
		if len(c) > 2 && !strings.ContainsAny(dest, "*$") && !strings.HasPrefix(dest, "/") && !strings.HasPrefix(dest, "..") {
			return []string{firstPart(dest)}, ""
		}
		return nil, unknown
	}
	for _, known := range outputsOf {
		if begins(c, [][]string{known.words}) {
			if known.leaves == "" {
				return nil, ""
			}
			return []string{known.leaves}, ""
		}
	}
	return nil, unknown
}

// viteOutput is the folder that Vite builds into: dist, or build.outDir.
func (pl *plan) viteOutput(p project.NodePackage, c []string, unknown string) ([]string, string) {
	if len(c) < 2 || c[1] != "build" {
		return nil, unknown
	}
	if dir := flagValue(c, "--outDir"); dir != "" {
		return []string{firstPart(dir)}, ""
	}
	matches, _ := pl.pass.Context.Glob(path.Join(p.Dir, "vite.config.*"))
	for _, file := range matches {
		text, err := pl.pass.Context.Read(file)
		if err != nil || strings.Contains(text, "outDir") || strings.Contains(text, "sveltekit") || strings.Contains(text, "remix") || strings.Contains(text, "root:") {
			return nil, unknown
		}
	}
	return []string{"dist"}, ""
}

func firstPart(dir string) string {
	first, _, _ := strings.Cut(path.Clean(dir), "/")
	return first
}

// flagValue is the value of "--flag value" or "--flag=value".
func flagValue(words []string, flag string) string {
	for i, w := range words {
		if value, ok := strings.CutPrefix(w, flag+"="); ok {
			return value
		}
		if w == flag && i+1 < len(words) {
			return words[i+1]
		}
	}
	return ""
}

// tsOutput is the folder, relative to the package's, that the settings of a tsc command
// name; "" for none.
func (pl *plan) tsOutput(p project.NodePackage, c []string) string {
	name := "tsconfig.json"
	for _, flag := range []string{"-p", "--project", "-b", "--build"} {
		if v := flagValue(c, flag); v != "" && !strings.HasPrefix(v, "-") {
			name = v
		}
	}
	if path.Ext(name) != ".json" {
		name = path.Join(name, "tsconfig.json")
	}
	output := project.TSOutput(pl.pass.Context, path.Join(p.Dir, name))
	if p.Dir == "" || p.Dir == "." {
		return output
	}
	below, within := strings.CutPrefix(output, p.Dir+"/")
	if !within {
		return ""
	}
	return below
}
