package main

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// An inventory is what must not get lost from a Dockerfile, as bags of plain
// text.
type inventory struct {
	comments   bag // whole comment lines
	copies     bag // what COPY and ADD take from the context or the network
	dests      bag // and where to, whatever the source
	packages   bag // operands of installs, anywhere in the file, each once
	kept       bag // those that the image keeps, each once; see keepPackages
	triggers   bag // the keywords under ONBUILD
	settings   bag // EXPOSE, VOLUME, LABEL, ENV ... of the last stage and its bases, by name
	cmd        string
	entrypoint string
	workdir    string
}

// A bag counts texts.
type bag map[string]int

// missing returns what b has more often than other, and is not excused.
func (b bag) missing(other bag, excused func(text string) bool) []string {
	var texts []string
	for text, n := range b {
		if other[text] < n && !excused(text) {
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	return texts
}

// takeInventory reads a file that BuildKit's parser accepts.
func takeInventory(text string, ast *parser.Node) inventory {
	inv := inventory{
		comments: bag{}, copies: bag{}, dests: bag{}, packages: bag{}, kept: bag{}, triggers: bag{}, settings: bag{},
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			inv.comments[commentText(line)]++
		}
	}
	stages := stagesOf(ast)
	if len(stages) > 0 {
		inv.workdir = facts.Workdir(chain(stages, len(stages)-1)[0].ref)
	}
	for i := range stages {
		dir := "" // the chain's, as far as the file says
		for _, s := range chain(stages, i) {
			for _, n := range s.nodes {
				if words := arguments(n); strings.EqualFold(n.Value, "WORKDIR") && len(words) == 1 {
					dir = resolve(dir, words[0])
				}
				if s.index == i {
					inv.add(n, dir)
				}
			}
		}
	}
	if len(stages) == 0 {
		return inv
	}
	for _, s := range chain(stages, len(stages)-1) {
		for _, n := range s.nodes {
			inv.addKept(n)
		}
	}
	inv.keepPackages(stages)
	return inv
}

// keepPackages adds the packages that the last stage and its bases install, and
// those of languages that a stage installs from which they copy: such packages
// lie in one folder.
func (inv inventory) keepPackages(stages []stage) {
	last := chain(stages, len(stages)-1)
	for i, s := range stages {
		isLast := slices.ContainsFunc(last, func(l stage) bool { return l.index == i })
		copied := slices.ContainsFunc(last, func(l stage) bool { return l.copiesFrom(s) })
		for _, n := range s.nodes {
			if !strings.EqualFold(n.Value, "RUN") || !isLast && !copied {
				continue
			}
			system, language := installed(commandText(n))
			for _, p := range language {
				inv.kept[p] = 1
			}
			for _, p := range system {
				if isLast {
					inv.kept[p] = 1
				}
			}
		}
	}
}

// copiesFrom reports whether a COPY of the stage names other in --from.
func (s stage) copiesFrom(other stage) bool {
	return slices.ContainsFunc(s.nodes, func(n *parser.Node) bool {
		return slices.ContainsFunc(n.Flags, func(f string) bool {
			from, ok := strings.CutPrefix(f, "--from=")
			return ok && (other.name != "" && strings.EqualFold(from, other.name) || from == strconv.Itoa(other.index))
		})
	})
}

func commentText(line string) string { return strings.TrimSpace(strings.TrimLeft(line, "#")) }

// resolve gives the path that a word means in a directory.
func resolve(dir, word string) string {
	if strings.HasPrefix(word, "/") || strings.HasPrefix(word, "$") {
		return path.Clean(word)
	}
	return path.Join(dir, word)
}

// add adds an instruction with what its words say in a working directory.
func (inv inventory) add(n *parser.Node, dir string) {
	switch strings.ToUpper(n.Value) {
	case "COPY", "ADD":
		words := arguments(n)
		if len(words) < 2 {
			return
		}
		inv.dests[resolve(dir, words[len(words)-1])]++
		if slices.ContainsFunc(n.Flags, func(f string) bool { return strings.HasPrefix(f, "--from=") }) {
			return
		}
		for _, source := range words[:len(words)-1] {
			inv.copies[source]++
		}
	case "RUN":
		system, language := installed(commandText(n))
		for _, p := range append(system, language...) {
			inv.packages[p] = 1
		}
	case "ONBUILD":
		for _, child := range n.Next.Children {
			inv.triggers[strings.ToUpper(child.Value)]++
		}
	}
}

// addKept adds an instruction of the last stage or one of its bases.
func (inv *inventory) addKept(n *parser.Node) {
	words := arguments(n)
	switch keyword := strings.ToUpper(n.Value); keyword {
	case "CMD":
		inv.cmd = commandLine(n)
	case "ENTRYPOINT":
		inv.entrypoint, inv.cmd = commandLine(n), "" // an ENTRYPOINT resets the CMD of its base
	case "ENV", "LABEL":
		for i := 0; i+2 < len(words); i += 3 {
			inv.settings[keyword+" "+words[i]] = 1
		}
	case "EXPOSE", "VOLUME", "STOPSIGNAL", "HEALTHCHECK":
		for _, w := range words {
			inv.settings[keyword+" "+w] = 1
		}
	case "WORKDIR":
		inv.workdir = strings.Join(words, " ")
	}
}

func commandLine(n *parser.Node) string {
	form := "shell "
	if n.Attributes["json"] {
		form = "exec "
	}
	return form + strings.Join(arguments(n), "\x00")
}

func arguments(n *parser.Node) []string {
	var words []string
	for a := n.Next; a != nil; a = a.Next {
		words = append(words, a.Value)
	}
	return words
}

// commandText is the whole text of a RUN, heredocs included.
func commandText(n *parser.Node) string {
	text := strings.Join(arguments(n), " ")
	for _, h := range n.Heredocs {
		text += "\n" + h.Content
	}
	return text
}

// A stage is a FROM and the nodes after it.
type stage struct {
	index     int
	ref, name string
	nodes     []*parser.Node
}

func stagesOf(ast *parser.Node) []stage {
	var stages []stage
	for _, n := range ast.Children {
		switch words := arguments(n); {
		case strings.EqualFold(n.Value, "FROM") && len(words) > 0:
			s := stage{index: len(stages), ref: strings.ToLower(words[0])}
			if len(words) == 3 {
				s.name = strings.ToLower(words[2])
			}
			stages = append(stages, s)
		case len(stages) > 0:
			last := &stages[len(stages)-1]
			last.nodes = append(last.nodes, n)
		}
	}
	return stages
}

// chain returns the stages that stage i is built on, itself last.
func chain(stages []stage, i int) []stage {
	for base := i - 1; base >= 0; base-- {
		if stages[base].name != "" && stages[base].name == stages[i].ref {
			return append(chain(stages, base), stages[i])
		}
	}
	return []stage{stages[i]}
}

// installers are package managers with the words that install.
var installers = map[string][]string{
	"apt-get": {"install"}, "apt": {"install"}, "aptitude": {"install"},
	"apk": {"add"},
	"dnf": {"install", "groupinstall"}, "yum": {"install", "groupinstall", "localinstall"},
	"microdnf": {"install"}, "tdnf": {"install"}, "zypper": {"install", "in"},
	"pacman": {"-S", "-Sy", "-Syu", "-Syyu"},
	"pip":    {"install"}, "pip2": {"install"}, "pip3": {"install"}, "uv": {"install", "add"},
	"poetry": {"add"}, "pipenv": {"install"}, "easy_install": {"easy_install"},
	"conda": {"install", "create"}, "mamba": {"install", "create"}, "micromamba": {"install", "create"},
	"npm": {"install", "i", "add"}, "yarn": {"add"}, "pnpm": {"add", "install", "i"},
	"gem": {"install"}, "composer": {"require"}, "go": {"install", "get"}, "cargo": {"install"},
	"cpanm": {"cpanm"}, "luarocks": {"install"}, "docker-php-ext-install": {"docker-php-ext-install"},
}

// systems are the installers of the distribution's packages; the others are
// languages'.
var systems = []string{"apt-get", "apt", "aptitude", "apk", "dnf", "yum", "microdnf", "tdnf", "zypper", "pacman"}

// installed returns the operands of installs in a command, in any shell's or
// nobody's grammar: what follows the word that installs up to the end of the
// simple command, but for options. Versions are cut off.
func installed(text string) (system, language []string) {
	for _, command := range commands(text) {
		var verbs []string
		ofSystem := false
		installing := false
		for i, word := range command {
			switch v, isInstaller := installers[path.Base(word)]; {
			case installing && i > 0 && (command[i-1] == "--virtual" || command[i-1] == "-t"):
				// the name of a group of apk's, the release of apt-get's
			case installing:
				switch name := packageName(word); {
				case name == "" || strings.HasPrefix(word, "-"):
				case ofSystem:
					system = append(system, name)
				default:
					language = append(language, name)
				}
			case isInstaller:
				verbs, ofSystem = v, slices.Contains(systems, path.Base(word))
				installing = slices.Contains(v, path.Base(word))
			case slices.Contains(verbs, word):
				installing = true
			}
		}
	}
	return system, language
}

// packageName cuts off what follows a name: =1.2, >=1.2, @edge, [extra], :amd64.
func packageName(word string) string {
	if i := strings.IndexAny(word, "=<>~!@[:"); i > 0 {
		word = word[:i]
	} else if i == 0 && word[0] != '@' {
		return ""
	}
	if strings.HasPrefix(word, "/dev/") || word == "1" || word == "2" {
		return "" // a redirect
	}
	return word
}

// commands cuts a text into words at blanks, and into commands at ; & | ( ) `
// and line ends. Quotes are dropped, and comments up to the end of the line.
func commands(text string) [][]string {
	var all [][]string
	var command []string
	word := ""
	endWord := func() {
		if word != "" {
			command = append(command, word)
		}
		word = ""
	}
	endCommand := func() {
		endWord()
		if len(command) > 0 {
			all = append(all, command)
		}
		command = nil
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '#':
			if word != "" {
				word += "#"
				continue
			}
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case ' ', '\t', '\r':
			endWord()
		case '"', '\'', '\\', '{', '}':
		case '&':
			if strings.HasSuffix(word, ">") {
				continue
			}
			endCommand()
		case ';', '|', '(', ')', '`', '\n':
			endCommand()
		default:
			word += string(c)
		}
	}
	endCommand()
	return all
}

// losses says what of before is neither in after nor declared.
func losses(before, after inventory, changes []fix.Change) []breach {
	declared := func(kinds ...fix.ChangeKind) func(string) bool {
		return func(text string) bool {
			return slices.ContainsFunc(changes, func(c fix.Change) bool {
				return slices.Contains(kinds, c.Kind) && subjectIs(c, text)
			})
		}
	}
	nothing := func(string) bool { return false }
	var out []breach
	lost := func(what string, texts []string) {
		for _, t := range texts {
			out = append(out, breach{what, t})
		}
	}
	lost("comment lost", before.comments.missing(after.comments, declared(fix.DropComment)))
	lost("package lost", before.packages.missing(after.packages, declared(fix.DropPackage)))
	lost("package lost from the image", before.kept.missing(after.kept, declared(fix.DropPackage)))
	lost("copied path lost", before.copies.missing(after.copies, declared(fix.DropCopy)))
	lost("destination lost", before.dests.missing(after.dests, declared(fix.DropCopy)))
	lost("ONBUILD lost", before.triggers.missing(after.triggers, nothing))
	lost("setting lost", before.settings.missing(after.settings, declared(fix.ChangeEnv)))
	for _, c := range []struct{ what, before, after string }{
		{"CMD changed", before.cmd, after.cmd},
		{"ENTRYPOINT changed", before.entrypoint, after.entrypoint},
		{"WORKDIR changed", before.workdir, after.workdir},
	} {
		if c.before != c.after {
			out = append(out, breach{c.what, c.before + " => " + c.after})
		}
	}
	return out
}

// subjectIs reports whether a declared change is about the text.
func subjectIs(c fix.Change, text string) bool {
	switch c.Kind {
	case fix.DropComment:
		return commentText(c.Subject) == text
	case fix.DropPackage:
		return packageName(c.Subject) == text || c.Subject == text
	case fix.ChangeEnv:
		return text == "ENV "+c.Subject
	}
	return c.Subject == text
}
