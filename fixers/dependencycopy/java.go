package dependencycopy

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
)

// mavenGoals fetch what a build needs and compile nothing
// (maven.apache.org/plugins/maven-dependency-plugin).
var mavenGoals = map[string]bool{
	"dependency:go-offline": true, "dependency:resolve": true, "dependency:resolve-plugins": true, "de.qaware.maven:go-offline-maven-plugin:resolve-dependencies": true,
}

// mavenValues are the options of mvn that take a value.
var mavenValues = map[string]bool{"-f": true, "--file": true, "-s": true, "--settings": true, "-P": true, "-pl": true, "-D": true, "-T": true, "-gs": true}

// mavenResolve recognises mvn and mvnw with nothing but goals that fetch.
func mavenResolve(c call) (install, bool) {
	name, words := c.cmd.Runs()
	if name != "mvn" && name != "mvnw" {
		return install{}, false
	}
	goal := ""
	for i := 0; i < len(words); i++ {
		switch value := words[i].Value; {
		case value == "-f" || value == "--file" || value == "-s" || value == "--settings":
			return install{}, false // files of their own
		case mavenValues[value]:
			i++
		case words[i].IsFlag():
		case mavenGoals[value]:
			goal = value
		default:
			return install{}, false
		}
	}
	at, ok := c.folder(c.in(""))
	if !ok || goal == "" {
		return install{}, false
	}
	in := install{program: name + " " + goal, ecosystem: "maven", at: at, reads: project.Maven(c.context(), at.source)}
	if name == "mvnw" {
		wrapper := project.MavenWrapper(c.context(), at.source)
		in.reads = both(wrapper, in.reads)
	}
	return in, true
}

// gradleTasks resolve dependencies and compile nothing.
var gradleTasks = map[string]bool{"dependencies": true, "resolveDependencies": true, "downloadDependencies": true}

// gradleResolve recognises gradle and gradlew with nothing but such tasks.
func gradleResolve(c call) (install, bool) {
	name, words := c.cmd.Runs()
	if name != "gradle" && name != "gradlew" {
		return install{}, false
	}
	task := ""
	for _, w := range words {
		switch {
		case w.IsFlag():
		case gradleTasks[strings.TrimPrefix(w.Value, ":")]:
			task = w.Value
		default:
			return install{}, false
		}
	}
	at, ok := c.folder(c.in(""))
	if !ok || task == "" {
		return install{}, false
	}
	in := install{program: name + " " + task, ecosystem: "gradle", at: at, writes: []string{".gradle"}, inTree: true, reads: project.Gradle(c.context(), at.source)}
	if name == "gradlew" {
		wrapper := project.GradleWrapper(c.context(), at.source)
		in.reads = both(wrapper, in.reads)
	}
	return in, true
}

// both joins what two tools read.
func both(a, b project.Manifests) project.Manifests {
	join := func(x, y []string) []string {
		out := append([]string(nil), x...)
		for _, name := range y {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		return out
	}
	reason := a.ReadsSource
	if reason == "" {
		reason = b.ReadsSource
	}
	return project.Manifests{Files: join(a.Files, b.Files), Dirs: join(a.Dirs, b.Dirs), Missing: join(a.Missing, b.Missing), ReadsSource: reason}
}
