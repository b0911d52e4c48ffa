package dependencycopy

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/shell"
)

// mavenOffline fetches what a build needs, plugins included. The version is fixed:
// that which Maven before 3.9 takes by itself leaves out a third of what the plugins
// need. This one runs on Java 8 and Maven 3.2.5
// (maven.apache.org/plugins/maven-dependency-plugin).
const mavenOffline = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:go-offline"

// mavenGoals fetch what a build needs and compile nothing.
var mavenGoals = map[string]bool{
	"dependency:go-offline": true, "dependency:resolve": true, "dependency:resolve-plugins": true,
	"de.qaware.maven:go-offline-maven-plugin:resolve-dependencies": true, mavenOffline: true,
}

// mavenPhases are those of the default lifecycle that read the source
// (maven.apache.org/guides/introduction/introduction-to-the-lifecycle.html).
var mavenPhases = map[string]bool{
	"generate-sources": true, "process-resources": true, "compile": true, "process-classes": true, "test-compile": true, "test": true,
	"prepare-package": true, "package": true, "integration-test": true, "verify": true, "install": true, "deploy": true,
}

// mavenValues are the options of mvn that take a value (mvn --help).
var mavenValues = map[string]bool{
	"-f": true, "--file": true, "-s": true, "--settings": true, "-gs": true, "--global-settings": true, "-t": true, "--toolchains": true, "-gt": true, "--global-toolchains": true,
	"-P": true, "--activate-profiles": true, "-pl": true, "--projects": true, "-rf": true, "--resume-from": true,
	"-D": true, "--define": true, "-T": true, "--threads": true, "-b": true, "--builder": true, "-l": true, "--log-file": true,
	"--color": true, "-emp": true, "--encrypt-master-password": true, "-ep": true, "--encrypt-password": true,
}

// A mavenCall is a command of mvn or mvnw, read.
type mavenCall struct {
	program string
	flags   []string // as written, with their values
	goals   []string
	file    string   // --file
	files   []string // that other options name
}

// maven reads a command. Words that are not literal may be goals or files.
func (c call) maven() (m mavenCall, ok bool) {
	name, words := c.tool()
	if name != "mvn" && name != "mvnw" {
		return m, false
	}
	m.program = name
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch flag, value, joined := strings.Cut(w.Value, "="); {
		case w.Value == "-o" || w.Value == "--offline" || w.Value == "-h" || w.Value == "--help" || w.Value == "-v" || w.Value == "--version":
			return m, false
		case w.IsFlag() && mavenValues[flag] && !strings.HasPrefix(flag, "-D"):
			taken := w.Raw
			if !joined {
				if i++; i == len(words) {
					return m, false
				}
				value, taken = words[i].Value, taken+" "+words[i].Raw
				w = words[i]
			}
			if !m.option(flag, value, w) {
				return m, false
			}
			m.flags = append(m.flags, taken)
		case w.Value == "-D" || w.Value == "--define":
			return m, false // nobody writes it apart from its value
		case w.IsFlag():
			m.flags = append(m.flags, w.Raw)
		case !w.Literal || strings.Contains(w.Value, "/"):
			return m, false
		default:
			m.goals = append(m.goals, w.Value)
		}
	}
	return m, true
}

// option takes note of the files that an option with a value names.
func (m *mavenCall) option(flag, value string, w shell.Word) bool {
	switch flag {
	case "-f", "--file":
		m.file = value
		return w.Literal
	case "-s", "--settings", "-gs", "--global-settings", "-t", "--toolchains", "-gt", "--global-toolchains":
		m.files = append(m.files, value)
		return w.Literal
	}
	return true
}

// fetches reports whether all goals do nothing but fetch.
func (m mavenCall) fetches() bool {
	other := slices.ContainsFunc(m.goals, func(goal string) bool { return !mavenGoals[goal] })
	return len(m.goals) > 0 && !other
}

// copies reports whether a goal fetches dependencies and puts them somewhere.
func (m mavenCall) copies() bool { return slices.Contains(m.goals, "dependency:copy-dependencies") }

// compiles reports whether a phase reads the source.
func (m mavenCall) compiles() bool {
	return slices.ContainsFunc(m.goals, func(goal string) bool { return mavenPhases[goal] })
}

// mavenResolve recognises mvn and mvnw with nothing but goals that fetch, which
// moves, and what compiles, ahead of which dependencies and plugins can be fetched.
func mavenResolve(c call) (install, bool) {
	m, ok := c.maven()
	if !ok || !m.fetches() && !m.copies() && (!m.compiles() || c.mounts("/.m2")) {
		return install{}, false
	}
	dir, base := c.dir, "pom.xml"
	if m.file != "" {
		dir, base = c.in(path.Dir(m.file)), path.Base(m.file)
	}
	at, ok := c.folder(dir)
	if !ok || c.context() != nil && !c.context().HasFile(path.Join(at.source, "pom.xml")) || base != "pom.xml" {
		return install{}, false
	}
	in := install{program: m.program + " " + m.goals[len(m.goals)-1], ecosystem: "maven", at: at, reads: project.Maven(c.context(), at.source)}
	if m.program == "mvnw" {
		in.reads = both(project.MavenWrapper(c.context(), at.source), in.reads)
	}
	c.mavenFiles(&in, m)
	switch {
	case m.fetches() || !in.reads.Complete():
		return in, true
	case m.copies():
		in.reads.ReadsSource = "it writes beside the source"
		return in, true
	case javaSeven.MatchString(c.stage.Bottom().Ref):
		return install{}, false
	}
	in.reads.ReadsSource = "it compiles"
	in.ahead = []string{c.ahead(append(m.flags, mavenOffline, "--fail-never")...)}
	in.more = "go-offline fetches what any phase needs; what it cannot fetch is left to the build, by --fail-never"
	return in, true
}

// mavenFiles adds the settings that options name, where they are of the context.
func (c call) mavenFiles(in *install, m mavenCall) {
	if c.context() == nil {
		return
	}
	for _, name := range m.files {
		image := c.in(name)
		source, ok := c.layout.fileAt(image)
		switch {
		case ok && in.at.imageOf(source) == image:
			in.reads.Files = append(in.reads.Files, source)
		case ok:
			in.reads.ReadsSource = name + " lies elsewhere in the build context"
		}
	}
}

// javaSeven are images of a Java that cannot run mavenOffline.
var javaSeven = regexp.MustCompile(`(java|jdk|jre)[:-]?7\b`)
