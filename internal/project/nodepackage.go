package project

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A NodePackage is what a package.json says about running the package.
type NodePackage struct {
	Dir string // context path of its folder

	// Dependencies are the names under dependencies and optionalDependencies,
	// Dev those under devDependencies, each sorted.
	Dependencies, Dev []string

	// Workspaces: other packages of the context belong to it.
	Workspaces bool

	manifest table
}

// ReadNodePackage reads the package.json in a folder; not ok if there is none or
// it cannot be read.
func ReadNodePackage(c *Context, dir string) (p NodePackage, ok bool) {
	text, err := c.Read(path.Join(dir, "package.json"))
	if err != nil {
		return p, false
	}
	p.Dir = cleanPath(dir)
	if json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &p.manifest) != nil {
		return p, false
	}
	p.Dependencies = append(p.manifest.table("dependencies").keys(), p.manifest.table("optionalDependencies").keys()...)
	slices.Sort(p.Dependencies)
	p.Dev = p.manifest.table("devDependencies").keys()
	p.Workspaces = p.manifest.at("workspaces") != nil || c.HasFile(path.Join(dir, "pnpm-workspace.yaml"))
	return p, true
}

// maxScriptDepth bounds scripts that run scripts.
const maxScriptDepth = 8

// Programs are the commands that a command of npm, yarn or pnpm runs in the end:
// "npm start" gives those of the start script, with the pre and post scripts
// around it. Any other command is itself. known is false where a script cannot be
// read for sure.
func (p NodePackage) Programs(words []string) (commands [][]string, known bool) {
	return p.programs(words, 0)
}

func (p NodePackage) programs(words []string, depth int) (commands [][]string, known bool) {
	if depth > maxScriptDepth {
		return nil, false
	}
	program, scripts := nodeProgram(words)
	if isManager(program) && len(program) > 1 && slices.Contains([]string{"start", "test", "stop", "restart"}, program[1]) {
		program, scripts = nil, program[1:2]
	}
	if len(program) > 0 {
		return [][]string{program}, true
	}
	known = true
	for _, name := range scripts {
		body := p.manifest.string("scripts", name)
		if body == "" && name == "start" {
			body = "node server.js" // npm start without a script
		}
		if body == "" {
			return nil, false
		}
		for _, text := range []string{p.manifest.string("scripts", "pre"+name), body, p.manifest.string("scripts", "post"+name)} {
			if strings.ContainsAny(text, "`\n") || strings.Contains(text, "$(") {
				return nil, false
			}
			for _, inner := range simpleCommands(text) {
				more, ok := p.programs(inner, depth+1)
				commands, known = append(commands, more...), known && ok
			}
		}
	}
	return commands, known
}

// Commands are those of all scripts, by the scripts' names, as they are written.
func (p NodePackage) Commands() [][]string {
	var all [][]string
	for _, name := range p.manifest.table("scripts").keys() {
		all = append(all, simpleCommands(p.manifest.string("scripts", name))...)
	}
	return all
}

func isManager(words []string) bool {
	return len(words) > 0 && (words[0] == "npm" || words[0] == "yarn" || words[0] == "pnpm" || words[0] == "bun")
}

// ShellCommands splits the text of "sh -c" into commands and these into words.
func ShellCommands(text string) [][]string { return simpleCommands(text) }

var (
	yarnEntry = regexp.MustCompile(`(?m)^"?(@?[^@\s"]+)@`)
	pnpmEntry = regexp.MustCompile(`(?m)^  '?/?(@?[^@\s/']+(?:/[^@\s/']+)?)[@/]\d`)
)

// NodeLocked are the names of all packages that the lockfile in a folder names,
// sorted; not ok if there is no lockfile that can be read.
func NodeLocked(c *Context, dir string) (names []string, ok bool) {
	for _, name := range []string{"package-lock.json", "npm-shrinkwrap.json"} {
		text, err := c.Read(path.Join(dir, name))
		if err != nil {
			continue
		}
		var lock table
		if json.Unmarshal([]byte(text), &lock) != nil {
			return nil, false
		}
		for key := range lock.table("packages") {
			if at := strings.LastIndex(key, "node_modules/"); at >= 0 {
				names = append(names, key[at+len("node_modules/"):])
			}
		}
		names = append(names, lockedBelow(lock.table("dependencies"), 0)...)
		slices.Sort(names)
		return slices.Compact(names), true
	}
	for name, entry := range map[string]*regexp.Regexp{"yarn.lock": yarnEntry, "pnpm-lock.yaml": pnpmEntry} {
		text, err := c.Read(path.Join(dir, name))
		if err != nil {
			continue
		}
		for _, m := range entry.FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
		slices.Sort(names)
		return slices.Compact(names), true
	}
	return nil, false
}

// NodeCompiles reports whether an install of what a package.json names may compile, or
// needs a program to fetch: only a package-lock.json of npm 7 or later, whose packages
// are marked where they have scripts that an install runs, tells that it does not.
// Source: https://docs.npmjs.com/cli/configuring-npm/package-lock-json, hasInstallScript.
func NodeCompiles(c *Context, dir string) bool {
	pkg, ok := ReadNodePackage(c, dir)
	text, err := c.Read(path.Join(dir, "package-lock.json"))
	var lock table
	if !ok || err != nil || json.Unmarshal([]byte(text), &lock) != nil || len(lock.table("packages")) == 0 {
		return true
	}
	for _, name := range lifecycleScripts {
		if pkg.manifest.string("scripts", name) != "" {
			return true
		}
	}
	if c.HasFile(path.Join(dir, "binding.gyp")) {
		return true
	}
	for key := range lock.table("packages") {
		script, _ := lock.at("packages", key, "hasInstallScript").(bool)
		if script || strings.HasPrefix(lock.string("packages", key, "resolved"), "git") {
			return true
		}
	}
	return false
}

func lockedBelow(dependencies table, depth int) []string {
	if depth > 50 {
		return nil
	}
	var names []string
	for _, name := range dependencies.keys() {
		names = append(names, name)
		names = append(names, lockedBelow(dependencies.table(name, "dependencies"), depth+1)...)
	}
	return names
}
