package project

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// mayRunDocker reports whether a file of this name is searched for commands
// that build images: CI files, Makefiles, scripts.
func mayRunDocker(name string) bool {
	switch name {
	case ".circleci/config.yml", ".drone.yml", ".travis.yml", "bitbucket-pipelines.yml", "package.json":
		return true
	}
	return baseMatches(name, ".gitlab-ci*.yml", "azure-pipelines*.yml", "cloudbuild*.yaml", "cloudbuild*.yml", "buildspec*.yml",
		"Jenkinsfile*", "Makefile*", "makefile", "GNUmakefile", "*.mk", "*.make", "justfile", "Justfile", "Taskfile.y*ml", "*.sh", "*.bash") ||
		strings.HasPrefix(name, ".gitlab/") && baseMatches(name, "*.yml", "*.yaml")
}

// maxCommandLine bounds the length of a line that is searched.
const maxCommandLine = 64 << 10

// commandBuilders reads "docker build -f X --target Y CONTEXT" and its like.
// It reads words, not the shell: a line with a word that is not literal gives
// what is literal in it and no more.
func commandBuilders(file builderFile) []Builder {
	var builders []Builder
	file.variables = assignments(file.text)
	var logical strings.Builder
	number, start := 0, 0
	for line := range strings.SplitSeq(file.text, "\n") {
		number++
		if start == 0 {
			start = number
		}
		line = strings.TrimRight(line, " \t\r")
		if joined, continues := strings.CutSuffix(line, `\`); continues && logical.Len() < maxCommandLine {
			logical.WriteString(joined + " ")
			continue
		}
		logical.WriteString(line)
		if logical.Len() < maxCommandLine {
			where := fmt.Sprintf("%s:%d", file.name, start)
			builders = append(builders, lineBuilders(file, where, logical.String())...)
		}
		logical.Reset()
		start = 0
	}
	return builders
}

func lineBuilders(file builderFile, where, line string) []Builder {
	if !strings.Contains(line, "build") || strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil
	}
	var builders []Builder
	folder := "" // where a "cd" on this line leads
	for _, words := range simpleCommands(line) {
		if len(words) == 2 && words[0] == "cd" {
			folder = words[1]
			continue
		}
		if arguments := buildArguments(words); arguments != nil {
			if builder, ok := commandBuilder(file, where, folder, arguments); ok {
				builders = append(builders, builder)
			}
		}
	}
	return builders
}

// simpleCommands splits a line into words, and these at ; & | and parentheses.
func simpleCommands(line string) [][]string {
	var commands [][]string
	var words []string
	var word strings.Builder
	inWord := false
	var quote byte
	endWord := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	endCommand := func() {
		endWord()
		if len(words) > 0 {
			commands = append(commands, words)
		}
		words = nil
	}
	expansion := 0 // depth of $( or ${, which hold blanks and parentheses
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == '$' && i+1 < len(line) && (line[i+1] == '(' || line[i+1] == '{'):
			word.WriteString(line[i : i+2])
			expansion, inWord = expansion+1, true
			i++
		case expansion > 0:
			word.WriteByte(c)
			if c == '(' || c == '{' {
				expansion++
			} else if c == ')' || c == '}' {
				expansion--
			}
		case c == ' ' || c == '\t':
			endWord()
		case c == '#' && !inWord:
			endCommand()
			return commands
		case strings.IndexByte(";&|()", c) >= 0:
			endCommand()
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	endCommand()
	return commands
}

// buildArguments gives the words after "docker build" and its like, which may
// stand behind sudo, a YAML key, an assignment; nil if there is none.
func buildArguments(words []string) []string {
	for i, word := range words {
		// make puts @, - and + before a command.
		switch path.Base(strings.TrimLeft(word, "@-+")) {
		case "docker", "podman", "nerdctl", "buildah", "$(DOCKER)", "${DOCKER}", "$DOCKER", "$(CONTAINER_ENGINE)", "$(CONTAINER_TOOL)":
		default:
			continue
		}
		rest := words[i+1:]
		for len(rest) > 0 {
			switch first := rest[0]; {
			case first == "build" || first == "bud":
				return append([]string{}, rest[1:]...)
			case first == "buildx" || first == "image" || first == "builder" || strings.HasPrefix(first, "-"):
				rest = rest[1:]
			default:
				return nil
			}
		}
	}
	return nil
}

// buildSwitches are the flags of docker build and buildx build that take no
// value (docker buildx build, "Options"). A flag that is not here takes one.
var buildSwitches = map[string]bool{
	"--check": true, "-D": true, "--debug": true, "--load": true, "--no-cache": true, "--pull": true, "--push": true,
	"-q": true, "--quiet": true, "--force-rm": true, "--rm": true, "--squash": true, "--compress": true, "--layers": true,
	"--stream": true, "--disable-content-trust": true, "--tls-verify": true, "--isolation-chroot": true,
}

func commandBuilder(file builderFile, where, folder string, arguments []string) (Builder, bool) {
	builder := Builder{Where: where}
	var name, context string
	var args []any
	var tags []string
	for i := 0; i < len(arguments); i++ {
		word := arguments[i]
		if !strings.HasPrefix(word, "-") || word == "-" {
			if context == "" {
				context = word
			}
			continue
		}
		flag, value, joined := strings.Cut(word, "=")
		if !joined && len(word) > 2 && word[:2] == "-f" && word[2] != '-' {
			flag, value, joined = "-f", word[2:], true
		}
		if !joined && !buildSwitches[flag] && i+1 < len(arguments) {
			i++
			value = arguments[i]
		}
		switch flag {
		case "-f", "--file":
			name = value
		case "--target":
			builder.setTarget(value)
		case "-t", "--tag":
			tags = append(tags, file.variables.expand(value))
		case "--build-arg":
			args = append(args, value)
		}
	}
	builder.Args, builder.Images = literalArgs(args), imageNames(tags)
	return placeBuild(builder, file, folder, workingFolder(name), workingFolder(context))
}

// workingFolder takes the spellings of the working folder off a path.
func workingFolder(value string) string {
	for _, here := range []string{"$(pwd)", "$PWD", "${PWD}", "$(PWD)", "$(CURDIR)", "${CURDIR}", "$(shell pwd)", "${{ github.workspace }}", "$CI_PROJECT_DIR", "${CI_PROJECT_DIR}"} {
		if rest, ok := strings.CutPrefix(value, here); ok {
			return "." + rest
		}
	}
	return value
}

// placeBuild finds the folder that the command runs in: the one, of the
// script's own and the repository's root, in which the Dockerfile is.
func placeBuild(builder Builder, file builderFile, folder, name, context string) (Builder, bool) {
	for _, base := range []string{path.Dir(file.name), "."} {
		base, ok := resolve(base, folder)
		if !ok {
			return builder, false
		}
		contextDir, contextKnown := resolve(base, context)
		contextKnown = contextKnown && context != "" && context != "-"
		dockerfile, ok := resolve(base, name)
		if name == "" {
			dockerfile, ok = path.Join(contextDir, "Dockerfile"), contextKnown
		}
		if !ok {
			continue
		}
		if info, err := fs.Stat(file.tree, dockerfile); err != nil || !info.Mode().IsRegular() {
			continue
		}
		builder.Dockerfile = dockerfile
		if contextKnown {
			if info, err := fs.Stat(file.tree, contextDir); err == nil && info.IsDir() {
				builder.Context = contextDir
			}
		}
		return builder, true
	}
	return builder, false
}
