package multistage

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/drydock-dev/drydock/internal/build/effects"
)

// java builds with Maven or Gradle, and runs on the run time of the same vendor,
// version and distribution. What CMD names as the program says what the build
// leaves, not the build file, which may compute it.
//
// Not placed: Maven and Gradle at start, programs that compile Java, and images
// whose JDK is not known.
var java = profile{
	name:         "Java",
	alpine:       true,
	anyDistro:    true,
	root:         true, // maven, eclipse-temurin: docker-library/docs
	builds:       javaBuilds,
	tree:         javaProducts,
	needs:        func(*plan) string { return "" },
	toolchain:    []string{"/usr/share/maven", "/opt/gradle"},
	buildSystems: []string{"maven", "gradle", "ant"},
	buildTools:   []string{"git", "unzip"},
	buildEnv:     []string{"MAVEN_", "GRADLE_", "M2_HOME", "MVN_"},
}

var javaTools = map[string]bool{"mvn": true, "mvnw": true, "gradle": true, "gradlew": true}

func javaBuilds(pl *plan, at *place, e *effects.Effect) (bool, string) {
	if !javaTools[e.Program] {
		return false, ""
	}
	for _, w := range e.Command.Words {
		if w.Value == "install" && e.Program == "mvn" && len(pl.inputs) == 0 {
			return false, "nothing tells what " + brief(commandText(*e)) + " builds"
		}
	}
	return true, ""
}

func javaProducts(pl *plan) (tree, string) {
	if why := pl.startsCompiler(javaTools); why != "" {
		return tree{}, why
	}
	for _, name := range pl.javaStarted() {
		pl.places[pl.lastBuild()].addProduct(name)
		if isArchive(name) && pl.buildFilesName("spring-boot-maven-plugin", "org.springframework.boot", "bootJar") {
			pl.note("kept: %s in one piece: which layers Spring Boot takes it apart into depends on its version", name)
		}
	}
	why := pl.takeProducts(javaReads)
	if pl.compiles {
		why = compilesJava
	}
	return tree{}, why
}

const compilesJava = "the source compiles Java, for which the run time is not enough"

// addProduct notes what the last command of a RUN that builds leaves.
func (at *place) addProduct(name string) {
	for i := range slices.Backward(at.effects) {
		if at.effects[i].Kind == effects.Compiles {
			if !slices.Contains(at.effects[i].Writes, name) {
				at.effects[i].Writes = append(at.effects[i].Writes, name)
			}
			return
		}
	}
}

// javaStarted are the files and folders that the build leaves for what the image
// starts: the archive behind -jar, the parts of a class path, a script below
// build/install.
func (pl *plan) javaStarted() (names []string) {
	workdir := pl.stage.WorkdirAt(nil)
	for _, part := range pl.pathsAtStart() {
		name := absolute(part, workdir)
		if !strings.Contains(part, "/") && !isArchive(part) || !isWithinAny(name, pl.roots) || slices.Contains(pl.roots, name) {
			continue
		}
		if pl.fileOf(name) == "" {
			names = append(names, pl.javaOutput(name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// pathsAtStart are the words of what the image starts, those of a class path one by
// one.
func (pl *plan) pathsAtStart() []string {
	var all []string
	for _, c := range pl.commandsAtStart() {
		for _, w := range c.Words {
			all = append(all, strings.FieldsFunc(w.Value, func(r rune) bool { return r == ':' || unicode.IsSpace(r) })...)
		}
	}
	return all
}

func isArchive(name string) bool {
	return strings.HasSuffix(name, ".jar") || strings.HasSuffix(name, ".war")
}

var gradleInstall = regexp.MustCompile(`^(.*/build/install/[^/]+)/bin/[^/]+$`)

// javaOutput is what has to be copied for a path of the build's output to work: a
// whole installation of Gradle's, the folder of a pattern or of an archive that is
// not known to hold its dependencies or has another name, or the file alone.
func (pl *plan) javaOutput(name string) string {
	if m := gradleInstall.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	if strings.ContainsAny(name, "*?[") || isArchive(name) && !pl.packsDependencies() {
		return path.Dir(name)
	}
	if isArchive(name) && pl.isNamedOtherwise(name) {
		pl.note("copied whole: %s: the build file has another name for %s, which may not be there", path.Dir(name), path.Base(name))
		return path.Dir(name)
	}
	return name
}

// packers are what puts the dependencies into the archive. Sources: Spring Boot's
// "Packaging Executable Archives", maven-shade-plugin, maven-assembly-plugin,
// Gradle's shadow plugin.
var packers = []string{"spring-boot-maven-plugin", "maven-shade-plugin", "jar-with-dependencies", "org.springframework.boot", "com.github.johnrengelman.shadow", "com.gradleup.shadow", "shadowJar", "bootJar"}

func (pl *plan) packsDependencies() bool { return pl.buildFilesName(packers...) }

// buildFilesName reports whether a build file of Maven's or Gradle's has one of some
// names in it.
func (pl *plan) buildFilesName(names ...string) bool {
	files, err := pl.pass.Context.Sources(".")
	if err != nil {
		return false
	}
	for _, f := range files {
		if base := path.Base(f); base != "pom.xml" && !strings.HasPrefix(base, "build.gradle") {
			continue
		}
		text, err := pl.pass.Context.Read(f)
		if err == nil && slices.ContainsFunc(names, func(n string) bool { return strings.Contains(text, n) }) {
			return true
		}
	}
	return false
}

// javaReads is the evidence of what a Java program reads and calls.
func javaReads(pl *plan) (files []string, unknown string) {
	skip := func(file string) bool { return strings.Contains(file, "src/test/") }
	r, unread := pl.readSources(skip, ".java", ".kt", ".scala", ".groovy")
	if unread != "" {
		return nil, unread + " cannot be read, which may name files that the program reads"
	}
	pl.literals = r.literals
	for _, text := range r.texts {
		if strings.Contains(text, "javax.tools") || strings.Contains(text, "com.sun.tools") {
			pl.compiles = true
			return nil, compilesJava
		}
		for _, m := range javaCalls.FindAllStringSubmatch(text, -1) {
			pl.called = append(pl.called, m[1])
		}
	}
	isSource := func(file string) bool {
		return strings.Contains(file, "src/") || slices.Contains([]string{".java", ".kt", ".scala", ".groovy", ".gradle", ".kts", ".class"}, path.Ext(file)) || path.Base(file) == "pom.xml" || isMeta(file)
	}
	named := append(pl.namedFiles(r.literals, isSource), pl.settingFiles(isSource)...)
	for _, root := range pl.roots { // Spring Boot, "Externalized Configuration"
		for _, usual := range []string{"config", "application.properties", "application.yml", "application.yaml"} {
			if name := path.Join(root, usual); pl.fileOf(name) != "" {
				named = append(named, name)
			}
		}
	}
	return outermost(named), ""
}

var javaCalls = regexp.MustCompile(`(?:ProcessBuilder|\.exec|listOf|List\.of|Arrays\.asList)\(\s*(?:new String\[\] *\{ *)?"([\w./-]+)`)
