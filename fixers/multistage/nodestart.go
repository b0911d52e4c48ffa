package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/project"
)

// startPrograms are the commands that CMD, ENTRYPOINT and HEALTHCHECK run in the
// end, through package.json. known is false where one cannot be followed.
func (pl *plan) startPrograms() (commands [][]string, known bool) {
	known = true
	p, hasPackage := pl.packageAtStart()
	for _, c := range pl.commandsAtStart() {
		words := c.Values()
		for _, inner := range unwrapShell(words) {
			programs, ok := p.Programs(inner)
			commands = append(commands, programs...)
			known = known && ok && (hasPackage || !runsScript(inner))
		}
	}
	for _, c := range commands {
		file, from := pl.contextFile(&place{}, absolute(c[0], pl.stage.WorkdirAt(nil)))
		known = known && (from == nil || !pl.pass.Context.HasFile(file)) // a script of its own
	}
	return commands, known
}

func runsScript(words []string) bool {
	return len(words) > 1 && slices.Contains([]string{"npm", "yarn", "pnpm"}, words[0])
}

// unwrapShell gives the commands in the text of "sh -c".
func unwrapShell(words []string) [][]string {
	if len(words) == 3 && isShell(path.Base(words[0])) && strings.HasPrefix(words[1], "-") && strings.HasSuffix(words[1], "c") {
		return project.ShellCommands(words[2])
	}
	for len(words) > 1 && slices.Contains([]string{"tini", "dumb-init", "--", "-g", "exec"}, path.Base(words[0])) {
		words = words[1:]
	}
	return [][]string{words}
}

// packageAtStart is the package.json in the working directory of the image.
func (pl *plan) packageAtStart() (project.NodePackage, bool) {
	if pl.pass.Context == nil {
		return project.NodePackage{}, false
	}
	file, from := pl.contextFile(&place{}, path.Join(pl.stage.WorkdirAt(nil), "package.json"))
	if from == nil {
		return project.NodePackage{}, false
	}
	return project.ReadNodePackage(pl.pass.Context, path.Dir(file))
}

// servers are programs that serve what is still being developed, by the words that
// begin their commands. Sources: the command line page of each.
var servers = [][]string{
	{"nodemon"}, {"ts-node-dev"}, {"tsnd"}, {"node-dev"}, {"supervisor"}, {"tsx", "watch"}, {"next", "dev"}, {"nuxt", "dev"}, {"nuxi", "dev"}, {"vite", "dev"}, {"vite", "serve"},
	{"ng", "serve"}, {"ng", "s"}, {"webpack-dev-server"}, {"webpack", "serve"}, {"react-scripts", "start"}, {"react-app-rewired", "start"}, {"craco", "start"}, {"vue-cli-service", "serve"},
	{"gatsby", "develop"}, {"astro", "dev"}, {"remix", "dev"}, {"nest", "start"}, {"expo"}, {"parcel"}, {"browser-sync"}, {"live-server"}, {"gulp"}, {"grunt"}, {"storybook"}, {"start-storybook"},
}

// builders are programs that build, in the same way.
var builders = [][]string{{"tsc"}, {"next", "build"}, {"vite", "build"}, {"webpack"}, {"ng", "build"}, {"nest", "build"}, {"react-scripts", "build"}, {"vue-cli-service", "build"}, {"nuxt", "build"}}

// developmentServer says why what the image starts is not for production, or "".
func (pl *plan) developmentServer() string {
	commands, _ := pl.startPrograms()
	for _, c := range commands {
		switch {
		case begins(c, servers) || path.Base(c[0]) == "vite" && (len(c) == 1 || strings.HasPrefix(c[1], "-")):
			return "the image starts " + brief(strings.Join(c, " ")) + ", which is for development"
		case begins(c, builders):
			return "the image builds when it starts: " + brief(strings.Join(c, " "))
		}
	}
	for _, w := range pl.commandsAtStart() {
		if text := " " + w.Text() + " "; strings.Contains(text, " run dev") || strings.Contains(text, " run watch ") || strings.Contains(text, "yarn dev") || strings.Contains(text, "pnpm dev") {
			return "the image starts " + brief(w.Text()) + ", which is for development"
		}
	}
	return ""
}

func begins(command []string, with [][]string) bool {
	return slices.ContainsFunc(with, func(w []string) bool {
		return len(command) >= len(w) && path.Base(command[0]) == w[0] && slices.Equal(command[1:len(w)], w[1:])
	})
}

// drivesBrowser says that the application runs a browser, or "".
func (pl *plan) drivesBrowser() string {
	for _, in := range pl.nodeInstalls {
		if in.file == "" {
			continue
		}
		p, _ := project.ReadNodePackage(pl.pass.Context, in.file)
		for _, name := range p.Dependencies {
			if facts.DrivesBrowser(name) {
				return name + " runs a browser, whose libraries are not known"
			}
		}
	}
	return ""
}

// nodeEndings are those of the files in which JavaScript names packages.
var nodeEndings = []string{".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".coffee"}

var nodeCalls = regexp.MustCompile("(?:exec|spawn|execFile|execSync|spawnSync|execFileSync|execa|execaSync|execaCommand)\\(\\s*['\"`]([\\w./-]+)")

// readNode reads the application's own files, without tests and the settings of
// tools, and notes the programs that they start.
func (pl *plan) readNode() (reading, string) {
	r, unread := pl.readSources(isNodeTooling, nodeEndings...)
	pl.readAll = unread == ""
	pl.literals = r.literals
	for _, text := range r.texts {
		for _, m := range nodeCalls.FindAllStringSubmatch(text, -1) {
			pl.called = append(pl.called, m[1])
		}
	}
	return r, unread
}

// isNodeTooling reports whether a file is a test, or the settings of a tool of
// development. Those that a server loads are not: next.config.js and its like.
func isNodeTooling(file string) bool {
	base := path.Base(file)
	if strings.HasPrefix(base, "next.config.") || strings.HasPrefix(base, "nuxt.config.") || strings.HasPrefix(base, "ecosystem.config.") {
		return false
	}
	for _, part := range strings.Split(path.Dir(file), "/") {
		if slices.Contains([]string{"test", "tests", "__tests__", "__mocks__", "spec", "e2e", "cypress", ".storybook", "stories"}, part) {
			return true
		}
	}
	dotted := strings.Split(base, ".")
	return len(dotted) > 2 && slices.Contains([]string{"config", "conf", "test", "spec", "stories", "e2e-spec", "d"}, dotted[len(dotted)-2]) ||
		strings.HasPrefix(base, ".") || base == "gulpfile.js" || base == "Gruntfile.js"
}

// developmentStays says why the dependencies of development have to reach the
// runtime stage, or "": none of them is named by what runs.
func (pl *plan) developmentStays(p project.NodePackage, r reading, unread string) string {
	commands, known := pl.startPrograms()
	switch {
	case unread != "":
		return unread + " cannot be read"
	case !known:
		return "what the image starts cannot be followed"
	}
	if command := pl.putsPackages(p); command != "" {
		return command + " puts a package among them"
	}
	for _, c := range commands {
		program := path.Base(c[0])
		if program != "node" && !isHelper(program) && !slices.Contains(p.Dependencies, program) {
			return "the image starts " + program
		}
		for _, w := range c {
			if name := ofPackages(w, p.Dev); name != "" {
				return "the image starts " + name
			}
		}
	}
	for _, literal := range r.literals {
		if name := ofPackages(literal, p.Dev); name != "" {
			return "the source names " + name
		}
	}
	if pl.pass.Context.HasFile(path.Join(p.Dir, "next.config.ts")) {
		return "next.config.ts is compiled when the server starts"
	}
	for _, name := range append(slices.Clone(p.Dependencies), p.Dev...) {
		if name == "prisma" || name == "@prisma/client" {
			return "Prisma keeps its client among them"
		}
	}
	return ""
}

// isHelper reports whether a program is none of npm's.
func isHelper(program string) bool {
	return slices.Contains([]string{"curl", "wget", "echo", "sleep", "cd", "export", "exit", "true", "test", "[", "sh", "tini", "dumb-init"}, program)
}

// ofPackages is the package that a module's name stands in, if it is one of the
// given ones.
func ofPackages(module string, packages []string) string {
	for _, name := range packages {
		if module == name || strings.HasPrefix(module, name+"/") {
			return name
		}
	}
	return ""
}
