package multistage

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// repairJava gives the last stage the version of Java that its program is compiled for,
// where its own is older: an older one does not load the classes
// (UnsupportedClassVersionError).
//
//	FROM maven:3.9-eclipse-temurin-21 AS build      =>  ...
//	RUN mvn package     # pom.xml has <java.version>21
//	FROM eclipse-temurin:17-jre                         FROM eclipse-temurin:21-jre
//	COPY --from=build /app/target/app.jar app.jar       COPY --from=build /app/target/app.jar app.jar
//
// Only where the build files of the context say that version, and one alone: a newer
// JDK compiles for an older Java too.
func repairJava(p *fix.Pass, last *build.Stage) {
	from, copied := soleSourceOf(last, func(s *build.Stage) bool { return profileOf(s) == &java })
	if copied == nil || profileOf(from) != &java || p.Context == nil || last.Base != nil {
		return
	}
	c, _ := last.CopyOf(copied)
	if !slices.ContainsFunc(c.Sources, func(src build.CopySource) bool { return isArchive(src.Path) }) {
		return
	}
	runs, known := facts.JavaVersion(last.Ref)
	builds, told := facts.JavaVersion(from.Bottom().Ref)
	target := javaTarget(p)
	if !known || !told || target <= runs || target > builds {
		return
	}
	newer, ok := facts.WithJava(fromWord(last), target)
	if !ok {
		p.Decline(last.From.Span, "the program is compiled for Java %d, and which image has that in place of %s is not known", target, fromWord(last))
		return
	}
	p.Apply(last.From.Span, "run on Java "+strconv.Itoa(target)+", which the program is compiled for", fix.Fix{
		Safety:  fix.Review,
		Edits:   []edit.Edit{edit.Replace(last.From.Words()[0].Span, newer)},
		Reads:   wholeFile(last.From),
		Claims:  []string{"stages"},
		Changes: []fix.Change{{Kind: fix.ChangeBase, Subject: newer}},
		Notes:   []string{"Java " + strconv.Itoa(runs) + " does not load classes for Java " + strconv.Itoa(target)},
	})
}

// javaTargets are the versions of Java that Maven's and Gradle's files compile for.
// Sources: https://maven.apache.org/plugins/maven-compiler-plugin/compile-mojo.html,
// https://docs.gradle.org/current/userguide/building_java_projects.html; of java.version,
// https://docs.spring.io/spring-boot/maven-plugin/using.html.
var javaTargets = map[string]*regexp.Regexp{
	"pom.xml":          regexp.MustCompile(`<(?:maven\.compiler\.(?:release|target)|java\.version)>\s*(?:1\.)?(\d+)\s*</`),
	"build.gradle":     gradleTargets,
	"build.gradle.kts": gradleTargets,
}

var gradleTargets = regexp.MustCompile(`(?m)^[^/\n]*(?:targetCompatibility\s*=\s*(?:JavaVersion\.VERSION_|['"]?)(?:1[._])?|JavaLanguageVersion\.of\(['"]?|options\.release(?:\.set\(|\s*=\s*))(\d+)`)

var xmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)

// javaTarget is the version of Java that the build files of the context compile for; 0
// if they name none or several.
func javaTarget(p *fix.Pass) int {
	files, err := p.Context.Sources(".")
	if err != nil {
		return 0
	}
	var named []string
	for _, file := range files {
		in := javaTargets[path.Base(file)]
		if in == nil {
			continue
		}
		text, err := p.Context.Read(file)
		if err != nil {
			return 0
		}
		text = xmlComment.ReplaceAllString(text, "")
		if strings.Contains(text, "<java.version>") && !strings.Contains(text, "spring-boot") && !strings.Contains(text, "${java.version}") {
			return 0 // a property of nobody's
		}
		for _, m := range in.FindAllStringSubmatch(text, -1) {
			named = append(named, m[1])
		}
	}
	slices.Sort(named)
	named = slices.Compact(named)
	if len(named) != 1 {
		return 0
	}
	target, _ := strconv.Atoi(named[0])
	return target
}
