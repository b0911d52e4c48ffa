package project

import (
	"fmt"
	"path"
	"strings"
)

// Maven says what "mvn dependency:go-offline" and "dependency:resolve" in dir
// read: the POMs of the project, its modules and its parents, and .mvn.
// Phases such as package read the source, which is the caller's to know.
func Maven(c *Context, dir string) Manifests {
	r := collect(c)
	r.pom(path.Join(dir, "pom.xml"))
	r.optionalDir(path.Join(dir, ".mvn"))
	return r.result()
}

// MavenWrapper says what ./mvnw in dir needs on top of Maven.
func MavenWrapper(c *Context, dir string) Manifests {
	r := collect(c)
	r.file(path.Join(dir, "mvnw"))
	r.optionalDir(path.Join(dir, ".mvn"))
	return r.result()
}

func (r *collector) pom(name string) {
	name = cleanPath(name)
	text, ok := r.read(name)
	if !ok {
		return
	}
	here := path.Dir(name)
	hasParent, parentPath := false, "../pom.xml"
	for _, element := range r.xmlElements(name, text, "parent", "relativePath", "module", "systemPath", "url") {
		place := strings.TrimPrefix(strings.NewReplacer("${project.basedir}", ".", "${basedir}", ".").Replace(element.text), "file://")
		switch {
		case element.name == "parent" && element.parent == "project":
			hasParent = true
		case element.name == "relativePath" && element.parent == "parent":
			parentPath = place // empty: not from the context
		case element.name == "module" && element.parent == "modules":
			r.pomModule(name, place)
		case element.name == "systemPath":
			r.pomFile(name, place)
		case element.name == "url" && strings.HasPrefix(element.text, "file:"):
			r.pomRepository(name, strings.TrimPrefix(place, "file:"))
		}
	}
	if hasParent && parentPath != "" {
		full := path.Join(here, parentPath)
		if r.hasDir(full) {
			full = path.Join(full, "pom.xml")
		}
		if r.hasFile(full) {
			r.pom(full)
		}
	}
}

func (r *collector) pomModule(name, place string) {
	full := path.Join(path.Dir(name), place)
	switch {
	case strings.Contains(place, "$"):
		r.source("%s: the module %s is computed", name, place)
	case r.hasFile(full):
		r.pom(full)
	default:
		r.pom(path.Join(full, "pom.xml"))
	}
}

func (r *collector) pomFile(name, place string) {
	if strings.Contains(place, "$") || path.IsAbs(place) {
		r.source("%s: a system dependency is at %s", name, place)
		return
	}
	r.file(path.Join(path.Dir(name), place))
}

func (r *collector) pomRepository(name, place string) {
	if strings.Contains(place, "$") || path.IsAbs(place) {
		r.source("%s: a repository is at %s", name, place)
		return
	}
	r.dir(path.Join(path.Dir(name), place), path.Dir(name), name+": a repository is the project itself")
}

// Gradle says what "gradle dependencies" and the like in dir read: the build
// scripts of all projects, gradle/, buildSrc and included builds. Build
// scripts are programs; one that opens files counts as reading the source.
func Gradle(c *Context, dir string) Manifests {
	r := collect(c)
	var settings string
	for _, name := range []string{"settings.gradle", "settings.gradle.kts"} {
		if r.optional(path.Join(dir, name)) {
			settings = cleanPath(path.Join(dir, name))
		}
	}
	if !r.gradleBuild(dir) && settings == "" {
		r.file(path.Join(dir, "build.gradle"))
	}
	r.optional(path.Join(dir, "gradle.properties"))
	r.optional(path.Join(dir, "gradle.lockfile"))
	r.optionalDir(path.Join(dir, "gradle"))
	r.optionalDir(path.Join(dir, "buildSrc"))
	if settings != "" {
		r.gradleScript(dir, settings)
	}
	return r.result()
}

// GradleWrapper says what ./gradlew in dir needs on top of Gradle.
func GradleWrapper(c *Context, dir string) Manifests {
	r := collect(c)
	r.file(path.Join(dir, "gradlew"))
	r.optionalDir(path.Join(dir, "gradle"))
	return r.result()
}

// gradleBuild notes the build script of one project, if it has one.
func (r *collector) gradleBuild(dir string) bool {
	for _, name := range []string{"build.gradle", "build.gradle.kts"} {
		full := cleanPath(path.Join(dir, name))
		if r.hasFile(full) {
			if r.file(full) {
				r.gradleScript(dir, full)
			}
			r.optional(path.Join(dir, "gradle.properties"))
			return true
		}
	}
	return false
}

// gradleOpens are the calls and properties of a build script that open files
// or run programs.
var gradleOpens = map[string]bool{
	"file": true, "files": true, "fileTree": true, "File": true, "FileInputStream": true, "projectDir": true, "execute": true,
}

// opensFiles reports whether tokens begin with such a call or assignment.
func opensFiles(tokens []rubyToken) bool {
	call := tokens[0].text[strings.LastIndexByte(tokens[0].text, '.')+1:]
	if call == "readText" || call == "commandLine" {
		return true
	}
	return gradleOpens[call] && len(tokens) > 1 && (tokens[1].text == "(" || tokens[1].text == "=")
}

// gradleScript reads a build or settings script that is noted already.
func (r *collector) gradleScript(dir, name string) {
	text, ok := r.text(name)
	if !ok {
		return
	}
	listing := false // inside an include that goes on over lines
	for number, line := range gradleLines(text) {
		here := fmt.Sprintf("%s:%d", name, number+1)
		tokens := rubyTokens(line)
		for i, token := range tokens {
			switch {
			case token.kind == rubyString && listing:
				r.gradleInclude(dir, here, token.text)
			case token.kind != rubyWord:
			case token.text == "include" && i == 0:
				listing = true
			case token.text == "includeBuild" && i == 0:
				if place := literalAfter(tokens[i+1:]); place != "" {
					r.dir(path.Join(dir, place), dir, here+" includes the project itself")
				} else {
					r.source("%s: the included build is computed", here)
				}
			case strings.TrimSuffix(token.text, ":") == "from" && strings.HasPrefix(tokens[0].text, "apply"):
				r.gradleApply(dir, here, literalAfter(tokens[i+1:]))
			case opensFiles(tokens[i:]):
				r.source("%s opens files", here)
			}
		}
		if n := len(tokens); n > 0 && tokens[n-1].text != "," && tokens[n-1].text != "(" {
			listing = false
		}
	}
}

// gradleInclude notes the project ":a:b", which lies in a/b.
func (r *collector) gradleInclude(dir, here, project string) {
	if strings.Contains(project, "$") {
		r.source("%s: the included project is computed", here)
		return
	}
	r.gradleBuild(path.Join(dir, strings.ReplaceAll(project, ":", "/")))
}

func (r *collector) gradleApply(dir, here, place string) {
	switch {
	case isURL(place):
	case place == "" || strings.Contains(place, "$") || path.IsAbs(place):
		r.source("%s applies a script whose name is computed", here)
	default:
		if full := cleanPath(path.Join(dir, place)); r.file(full) {
			r.gradleScript(dir, full)
		}
	}
}

// gradleLines empties comments.
func gradleLines(text string) []string {
	lines := strings.Split(text, "\n")
	comment := false
	for i, line := range lines {
		var kept strings.Builder
		for j := 0; j < len(line); {
			rest := line[j:]
			switch {
			case comment && strings.HasPrefix(rest, "*/"):
				comment = false
				j += 2
			case comment:
				j++
			case strings.HasPrefix(rest, "/*"):
				comment = true
				j += 2
			case strings.HasPrefix(rest, "//"):
				j = len(line)
			case rest[0] == '"' || rest[0] == '\'':
				_, end := quotedRuby(line, j)
				kept.WriteString(line[j:end])
				j = end
			default:
				kept.WriteByte(rest[0])
				j++
			}
		}
		lines[i] = kept.String()
	}
	return lines
}
