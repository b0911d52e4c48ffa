package facts

import (
	"slices"
	"strconv"
	"strings"
)

// JavaVersion is the major version of Java in an image, as its tag says it: 17 of
// eclipse-temurin:17-jre-alpine, of maven:3.9-eclipse-temurin-17 and of
// gradle:8.5-jdk17, 8 of openjdk:8u332.
func JavaVersion(ref string) (major int, ok bool) {
	r := ParseRef(ref)
	tag := r.Tag
	switch r.Repository {
	case "eclipse-temurin", "openjdk", "java", "amazoncorretto":
	case "maven":
		_, jdk, _ := strings.Cut(tag, "-")
		if _, tag, ok = mavenJDK(jdk); !ok {
			return 0, false
		}
	case "gradle":
		parts := strings.Split(tag, "-")
		i := slices.IndexFunc(parts, func(p string) bool { return strings.HasPrefix(p, "jdk") })
		if i < 0 {
			return 0, false
		}
		tag = strings.TrimPrefix(parts[i], "jdk")
	default:
		return 0, false
	}
	end := strings.IndexFunc(tag, func(c rune) bool { return c < '0' || c > '9' })
	if end < 0 {
		end = len(tag)
	}
	major, err := strconv.Atoi(tag[:end])
	return major, err == nil
}

// javaVariants are the tags of eclipse-temurin behind the version, and the last version
// of Java that each is built for; 0 for all.
// Source: https://github.com/docker-library/official-images/blob/master/library/eclipse-temurin.
var javaVariants = map[string]int{"": 0, "jre": 0, "jdk": 0, "jre-alpine": 0, "jdk-alpine": 0, "jre-noble": 0, "jdk-noble": 0, "jre-jammy": 21, "jdk-jammy": 21}

// WithJava is the image of the same vendor and variant with another version of Java,
// one that is supported for long: eclipse-temurin:17-jre with 21 is
// eclipse-temurin:21-jre. It is not ok where the table does not say that there is one.
func WithJava(ref string, major int) (other string, ok bool) {
	r := ParseRef(ref)
	version, variant, _ := strings.Cut(r.Tag, "-")
	last, known := javaVariants[variant]
	_, err := strconv.Atoi(version)
	switch {
	case r.Repository != "eclipse-temurin" || r.Digest != "" || err != nil || !known:
		return "", false
	case last > 0 && major > last || !slices.Contains([]int{8, 11, 17, 21, 25}, major):
		return "", false
	}
	name, _ := splitTag(ref)
	return name + ":" + strconv.Itoa(major) + strings.TrimPrefix(r.Tag, version), true
}
