package multistage

import (
	"path"
	"slices"
	"strings"
)

// jdkTools are programs that a JDK has and a run time lacks.
// Source: https://docs.oracle.com/en/java/javase/21/docs/specs/man.
var jdkTools = []string{"jar", "javac", "javap", "jcmd", "jdb", "jdeps", "jhsdb", "jinfo", "jlink", "jmap", "jps", "jshell", "jstack", "jstat"}

// needsJDK says why a program or its image may need the JDK, or "".
func (pl *plan) needsJDK() string {
	if pl.pass.Context == nil {
		return "the build context is not known"
	}
	for _, inst := range pl.stage.Instructions {
		for _, w := range strings.FieldsFunc(inst.Args.Text, isSeparator) {
			if slices.Contains(jdkTools, strings.Trim(path.Base(w), `[],`)) {
				return inst.Name + " names " + w
			}
			if strings.Contains(w, "/jvm/") || inst.Name == "ENV" && strings.Contains(w, "jdk") {
				return inst.Name + " names a folder of the JDK"
			}
		}
	}
	if _, unread := javaReads(pl); pl.compiles {
		return compilesJava
	} else if unread != "" {
		return unread
	}
	r, _ := pl.readSources(isTest, ".sh")
	for _, text := range r.texts {
		for _, w := range strings.FieldsFunc(text, isSeparator) {
			if slices.Contains(jdkTools, path.Base(w)) {
				return "a script names " + w
			}
		}
	}
	return pl.callsOfProgram()
}
