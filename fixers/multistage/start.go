package multistage

import (
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// buildsAtStart is what commands call to install dependencies or to build. Those want
// what the build stage keeps: compilers, headers.
var buildsAtStart = regexp.MustCompile(`(?:^|[\s/])(?:` +
	`(?:pip[\d.]*|gem|npm|pnpm|yarn|bundler?|poetry|pipenv|composer(?:\.phar)?|conda|mamba)(?:\s+-\S+)*\s+(?:install|ci|i|sync|add|update|upgrade)` +
	`|uv\s+(?:pip\s+)?(?:sync|install)` +
	`|(?:yarn|bundle)(?:\s+-\S+)*$` +
	`|setup\.py\s+(?:build\w*|develop|install)` +
	`|go\s+(?:build|get|install|mod|run|test)|cargo\s+(?:build|install|run|test)|dotnet\s+(?:build|publish|restore|run|watch)|mvnw?|gradlew?` +
	`)(?:\s|$)`)

// maxScripts bounds the scripts that start scripts.
const maxScripts = 20

// startsBuild says why the running image may want the tools of the build stage, or
// "": it installs dependencies or builds when it starts, or what it starts comes from
// outside, such as a volume.
func (pl *plan) startsBuild() string {
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		inst := pl.stage.Last(name)
		if inst == nil {
			continue
		}
		if name := pl.installsLater(); name != "" {
			pl.inst = inst
			return name + " installs what its integrations require when it runs"
		}
		for _, c := range pl.stage.Script(inst).Commands {
			why := pl.commandBuilds(inst, c)
			if why == "" && pl.profile.runsSource() {
				why = pl.fromVolume(inst, c)
			}
			if why != "" {
				pl.inst = inst
				return why
			}
		}
	}
	return ""
}

// installsLater is the distribution among those installed that installs others when it
// runs, or "".
// Source: https://developers.home-assistant.io/docs/creating_integration_manifest#requirements.
func (pl *plan) installsLater() string {
	names, _ := pl.distributions()
	if pl.isPython() && slices.Contains(names, "homeassistant") {
		return "homeassistant"
	}
	return ""
}

// commandBuilds says what a command of ENTRYPOINT or CMD installs or builds, by itself
// or in the scripts of the build context that it starts; "" if nothing.
func (pl *plan) commandBuilds(inst *syntax.Instruction, c *shell.Command) string {
	bare := inst.Name == "ENTRYPOINT" && pl.stage.Last("CMD") != nil // CMD has the verb: ENTRYPOINT ["yarn"]
	if inv, ok := pkgmgr.Recognise(c); ok && inv.Action == pkgmgr.Install && !inv.Manager.System && (inv.Verb >= 0 || !bare) {
		return inst.Name + " installs dependencies when the container starts"
	}
	words := c.Values()
	if call := installIn(words); call != "" && !bare {
		return inst.Name + " runs " + call + " when the container starts"
	}
	if len(words) > 2 && isShell(path.Base(words[0])) && strings.HasPrefix(words[1], "-") && strings.HasSuffix(words[1], "c") {
		for _, command := range project.ShellCommands(words[2]) {
			if call := installIn(command); call != "" {
				return inst.Name + " runs " + call + " when the container starts"
			}
		}
	}
	if pl.pass.Context == nil {
		return ""
	}
	var seen []string
	for words := strings.Fields(strings.Join(words, " ")); len(words) > 0 && len(seen) < maxScripts; {
		file := pl.scriptOf(words[0], pl.stage.WorkdirAt(inst))
		words = words[1:]
		if file == "" || slices.Contains(seen, file) {
			continue
		}
		seen = append(seen, file)
		text, _ := pl.pass.Context.Read(file)
		isShell := isShellScript(file, text)
		if !isShell && !pl.profile.runsSource() {
			continue // the program, which was read as such
		}
		commandsOf := lineWords
		if isShell {
			commandsOf = scriptCommands
		}
		for _, command := range commandsOf(text) {
			if call := installIn(command); call != "" {
				return file + " runs " + call + " when the container starts"
			}
			if isShell {
				words = append(words, command...)
			}
		}
	}
	return ""
}

// scriptOf is the path in the build context of a file that a command names, by its path
// or as a program; "" if it comes from elsewhere.
func (pl *plan) scriptOf(word, workdir string) string {
	if word == "" || strings.HasPrefix(word, "-") || strings.Contains(word, "://") {
		return ""
	}
	names := []string{absolute(word, workdir)}
	if !strings.Contains(word, "/") {
		names = append(names, "/usr/local/bin/"+word, "/usr/bin/"+word, "/bin/"+word)
	}
	for _, name := range names {
		if file, from := pl.contextFile(&place{}, name); from != nil && pl.pass.Context.HasFile(file) {
			return file
		}
	}
	return ""
}

// scriptCommands are the commands of a shell script.
func scriptCommands(text string) [][]string {
	var all [][]string
	for line := range joinedLines(text) {
		all = append(all, project.ShellCommands(line)...)
	}
	return all
}

// lineWords are the words of each line of a text that is no shell script.
func lineWords(text string) [][]string {
	var all [][]string
	for line := range joinedLines(text) {
		if fields := strings.FieldsFunc(line, isSeparator); len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			all = append(all, fields)
		}
	}
	return all
}

// joinedLines are the lines of a text, those that a backslash continues as one.
func joinedLines(text string) iter.Seq[string] {
	return strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n")
}

// isShellScript reports whether a file is for a shell, by its ending or first line:
// #!/bin/sh -e, #!/usr/bin/env bash.
func isShellScript(file, text string) bool {
	if ext := path.Ext(file); ext == ".sh" || ext == ".bash" {
		return true
	}
	first, _, _ := strings.Cut(text, "\n")
	interpreter, found := strings.CutPrefix(first, "#!")
	return found && slices.ContainsFunc(strings.Fields(interpreter), func(w string) bool { return strings.HasSuffix(w, "sh") })
}

// installIn is the part of a command that installs dependencies or builds, or "". What
// is printed is none.
func installIn(command []string) string {
	for len(command) > 0 && slices.Contains([]string{"if", "then", "else", "elif", "do", "while", "until", "!", "{"}, command[0]) {
		command = command[1:]
	}
	if len(command) == 0 || slices.Contains([]string{"echo", "printf", "log", "print", "logger"}, command[0]) {
		return ""
	}
	return strings.Trim(buildsAtStart.FindString(strings.Join(command, " ")), " /")
}

// fromVolume says that a command starts what no instruction puts into the image, or
// what none of them brings where it can be read, or "".
func (pl *plan) fromVolume(inst *syntax.Instruction, c *shell.Command) string {
	if pl.pass.Context == nil {
		return ""
	}
	word := startedFile(c)
	if word == "" {
		return ""
	}
	name := absolute(word, pl.stage.WorkdirAt(inst))
	if _, from := pl.contextFile(&place{}, name); from != nil || isWithinAny(name, pl.tree.paths) {
		return ""
	}
	switch {
	case !pl.isMade(name):
		return word + " is not in the image: a volume may bring the application"
	case !pl.sameRef && pl.isDownloaded(name):
		return word + " is downloaded, so what it needs of the full image is not known"
	}
	return ""
}

// startedFile is the path of what a command starts, or of the script that it gives to an
// interpreter; "" if that is a program of the system or of the dependencies.
func startedFile(c *shell.Command) string {
	words := c.Words
	if len(words) > 0 && words[0].Value == "exec" {
		words = words[1:]
	}
	isScript := len(words) > 0 && isInterpreter(words[0].Value)
	if isScript {
		words = words[1:]
	}
	for isScript && len(words) > 0 && slices.Contains(plainFlags, words[0].Value) {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	word := words[0].Value
	switch {
	case strings.HasPrefix(word, "-") || strings.Contains(word, "://") || strings.Contains(word, "$"):
		return ""
	case isScript && path.Ext(word) == "" || !isScript && !strings.Contains(word, "/"):
		return ""
	case isWithinAny(word, systemFolders):
		return ""
	}
	return word
}

// isInterpreter reports whether a program runs the script that it is given:
// python3.11, /usr/bin/ruby, sh.
func isInterpreter(program string) bool {
	name := strings.TrimRight(path.Base(program), "0123456789.")
	return name == "python" || name == "ruby" || name == "php" || name == "sh" || name == "bash"
}

// plainFlags are those of interpreters that stand before the script and take no word:
// python(1), ruby(1), bash(1).
var plainFlags = []string{"-u", "-B", "-E", "-O", "-s", "-S", "-e", "-x", "-ex", "-w"}

// systemFolders have the programs of packages and of dependencies.
var systemFolders = []string{"/bin", "/sbin", "/lib", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/local", "/usr/share", "/opt"}

// isDownloaded reports whether a file is from what a RUN downloads or unpacks.
func (pl *plan) isDownloaded(name string) bool {
	return slices.ContainsFunc(pl.places, func(at *place) bool {
		return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
			return e.Kind == effects.Fetches && slices.ContainsFunc(e.Writes, func(w string) bool { return isWithin(name, strings.TrimSuffix(w, "/")) })
		})
	})
}

// isMade reports whether some instruction may make a file: a copy of unknown
// content, or a command that writes it or a whole folder.
func (pl *plan) isMade(name string) bool {
	for _, at := range pl.places {
		if c, ok := pl.stage.CopyOf(at.inst); ok && (c.Dest == "" || c.From != "" && isWithin(name, c.Dest)) {
			return true
		}
		for _, e := range at.effects {
			for _, w := range e.Writes {
				if w == name || strings.HasSuffix(w, "/") && isWithin(name, w) {
					return true
				}
			}
		}
	}
	return false
}
