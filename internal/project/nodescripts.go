package project

import (
	"path"
	"strings"
)

// lifecycleScripts are the scripts that an install runs in the project itself
// and in the members of its workspace (npm "Scripts", "Life Cycle Operation
// Order": npm ci, npm install; pnpm adds pnpm:devPreinstall).
var lifecycleScripts = []string{
	"pnpm:devPreinstall", "preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare", "dependencies",
}

// scriptReads says what a program reads of the context when an install runs it.
type scriptReads func(r *collector, p nodePackage, words []string)

// readsNothing is for programs that need no file of the project.
func readsNothing(*collector, nodePackage, []string) {}

// installPrograms are the programs known from install scripts. What is not
// here reads the source. Left out on purpose: node, tsc, nuxt, nuxi,
// svelte-kit, wxt, ngcc and lerna read the source or a configuration that is code;
// electron-builder and node-gyp build from it.
var installPrograms = map[string]scriptReads{
	"husky":                      readsNothing, // links .git/hooks; ends without an error where there is no .git
	"husky-install":              readsNothing,
	"is-ci":                      readsNothing,
	"is-in-ci":                   readsNothing,
	"in-publish":                 readsNothing,
	"not-in-publish":             readsNothing,
	"only-allow":                 readsNothing,
	"only-allow-yarn":            readsNothing,
	"check-node-version":         readsNothing,
	"check-engine":               readsNothing,
	"opencollective":             readsNothing,
	"opencollective-postinstall": readsNothing,
	"simple-git-hooks":           readsNothing, // reads package.json, or a file that names git hooks only
	"lefthook":                   readsNothing,
	"pre-commit":                 readsNothing,
	"ts-patch":                   readsNothing, // patches node_modules/typescript
	"patch-package":              patchPackage,
	"prisma":                     prisma,
	"playwright":                 readsNothing, // downloads browsers
	"puppeteer":                  readsNothing,
	"echo":                       readsNothing,
	"printf":                     readsNothing,
	"true":                       readsNothing,
	":":                          readsNothing,
	"exit":                       readsNothing,
	"yarn-deduplicate":           readsNothing,
}

// lifecycle notes what the install scripts of a package read.
func (p nodePackage) lifecycle(r *collector) {
	for _, name := range lifecycleScripts {
		if body := p.manifest.string("scripts", name); body != "" {
			p.script(r, name, name, body)
		}
	}
	// npm and yarn run node-gyp rebuild if there is no install script.
	if r.hasFile(path.Join(p.dir, "binding.gyp")) && p.manifest.string("scripts", "install") == "" && p.manifest.string("scripts", "preinstall") == "" {
		r.source("%s: binding.gyp builds an addon from the source", p.file)
	}
}

// script notes what the script name reads, once; entry is the lifecycle
// script that led to it.
func (p nodePackage) script(r *collector, entry, name, body string) {
	once := p.file + "\x00" + name
	if r.seen[once] {
		return
	}
	r.seen[once] = true
	if strings.ContainsAny(body, "`\n<>") || strings.Contains(body, "$(") {
		r.source("%s: %s runs %s", p.file, entry, shorten(body))
		return
	}
	for _, words := range simpleCommands(body) {
		p.scriptCommand(r, entry, words)
	}
}

// shorten keeps a reason readable.
func shorten(command string) string {
	const most = 60
	command = strings.Join(strings.Fields(command), " ")
	if len(command) > most {
		return command[:most] + "…"
	}
	return command
}

func (p nodePackage) scriptCommand(r *collector, entry string, words []string) {
	program, scripts := nodeProgram(words)
	for _, name := range scripts {
		// npm runs pre and post scripts around a script.
		for _, related := range []string{"pre" + name, name, "post" + name} {
			body := p.manifest.string("scripts", related)
			if body != "" {
				p.script(r, entry, related, body)
			} else if related == name {
				r.source("%s: %s runs the script %s, which is not there", p.file, entry, name)
			}
		}
	}
	if len(scripts) > 0 || len(program) == 0 {
		return
	}
	reads, known := installPrograms[path.Base(program[0])]
	if !known || strings.HasPrefix(program[0], ".") {
		r.source("%s: %s runs %s", p.file, entry, shorten(strings.Join(words, " ")))
		return
	}
	reads(r, p, program[1:])
}

// nodeProgram strips what stands before a program in a script: assignments,
// cross-env, npx, yarn and pnpm exec. For "npm run x" and its like it gives
// the names of the scripts in place of a program.
func nodeProgram(words []string) (program, scripts []string) {
	for len(words) > 0 {
		name, _, assigned := strings.Cut(words[0], "=")
		switch {
		case assigned && !strings.ContainsAny(name, "/.-") && name != "":
			words = words[1:]
		case words[0] == "cross-env" || words[0] == "env" || words[0] == "npx" || words[0] == "bunx" || words[0] == "pnpx":
			words = withoutFlags(words[1:])
		case words[0] == "run-s" || words[0] == "run-p" || words[0] == "npm-run-all":
			return nil, withoutAllFlags(words[1:])
		case words[0] == "npm" || words[0] == "yarn" || words[0] == "pnpm" || words[0] == "bun":
			return managerProgram(words)
		default:
			return words, nil
		}
	}
	return nil, nil
}

func managerProgram(words []string) (program, scripts []string) {
	manager, rest := words[0], withoutFlags(words[1:])
	if len(rest) == 0 {
		return words, nil
	}
	switch rest[0] {
	case "run", "run-script":
		rest = withoutFlags(rest[1:])
		if len(rest) == 0 {
			return words, nil
		}
		return nil, rest[:1]
	case "exec", "dlx", "x":
		return withoutFlags(rest[1:]), nil
	}
	// "yarn husky" and "pnpm husky" run a program or a script of that name.
	_, known := installPrograms[rest[0]]
	switch {
	case manager == "npm" || len(rest) != len(words)-1:
		return words, nil
	case known:
		return rest, nil
	case rest[0] != "install" && rest[0] != "add" && rest[0] != "rebuild" && rest[0] != "workspace" && rest[0] != "workspaces":
		return nil, rest[:1]
	}
	return words, nil
}

func withoutFlags(words []string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		words = words[1:]
	}
	return words
}

func withoutAllFlags(words []string) []string {
	var kept []string
	for _, word := range words {
		if !strings.HasPrefix(word, "-") {
			kept = append(kept, word)
		}
	}
	return kept
}

// patchPackage applies the patches in patches/ or --patch-dir.
func patchPackage(r *collector, p nodePackage, words []string) {
	dir := flagValue(words, "--patch-dir")
	if dir == "" {
		dir = "patches"
	}
	// Without the folder it says that there is nothing to apply.
	r.optionalDir(path.Join(p.dir, dir))
}

// prisma generate reads the schema: --schema, prisma.schema in package.json,
// else one of these two (Prisma CLI reference, "generate").
func prisma(r *collector, p nodePackage, words []string) {
	if len(words) == 0 || words[0] != "generate" {
		r.source("%s: an install script runs prisma %s", p.file, strings.Join(words, " "))
		return
	}
	for _, name := range []string{"prisma.config.ts", "prisma.config.js", "prisma.config.mjs", ".config/prisma.ts"} {
		if r.hasFile(path.Join(p.dir, name)) {
			r.source("%s: prisma generate evaluates %s", p.file, name)
			return
		}
	}
	schema := flagValue(words, "--schema")
	if schema == "" {
		schema = p.manifest.string("prisma", "schema")
	}
	if schema == "" {
		schema = "prisma/schema.prisma"
		if !r.hasFile(path.Join(p.dir, schema)) && r.hasFile(path.Join(p.dir, "schema.prisma")) {
			schema = "schema.prisma"
		}
	}
	full := path.Join(p.dir, schema)
	if r.hasDir(full) {
		r.dir(full, p.dir, p.file+": the Prisma schema is the project itself")
		return
	}
	r.file(full)
}

// flagValue gives the value of "--flag value" or "--flag=value".
func flagValue(words []string, flag string) string {
	for i, word := range words {
		if value, ok := strings.CutPrefix(word, flag+"="); ok {
			return value
		}
		if word == flag && i+1 < len(words) {
			return words[i+1]
		}
	}
	return ""
}
