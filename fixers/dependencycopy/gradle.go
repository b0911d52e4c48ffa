package dependencycopy

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
)

// gradleTasks resolve dependencies and compile nothing.
var gradleTasks = map[string]bool{"dependencies": true, "resolveDependencies": true, "downloadDependencies": true}

// gradleResolve recognises gradle and gradlew with nothing but such tasks.
func gradleResolve(c call) (install, bool) {
	name, words := c.tool()
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
