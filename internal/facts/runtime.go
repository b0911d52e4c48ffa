package facts

import (
	"slices"
	"strconv"
	"strings"
)

// RuntimeImage is the reference of the smallest image on which what an image
// builds runs: of the same distribution, release and C library, with the
// language's run time where it has one, under the registry that ref names.
//
//	python:3.11              python:3.11-slim
//	golang:1.22-bookworm     debian:bookworm-slim
//	golang:1.22-alpine3.20   alpine:3.20
//	eclipse-temurin:17-jdk   eclipse-temurin:17-jre
//	maven:3.9-eclipse-temurin-17   eclipse-temurin:17-jre
//	tomcat:9-jdk17         tomcat:9-jre17
//
// Where a tag floats between releases it is the newest that the tag has stood on,
// and for a release that is archived the current one: programs run on a C library
// newer than that which they were built with. It is
// not ok where the tables do not know the image.
func RuntimeImage(ref string) (runtime string, ok bool) {
	r := ParseRef(ref)
	if r.Digest != "" {
		return "", false
	}
	switch r.Repository {
	case "ubuntu":
		return ref, Image(ref).Release != "" // it is slim
	case "golang", "rust", "gcc", "buildpack-deps", "debian", "alpine":
		return distributionOf(ref)
	case "eclipse-temurin", "openjdk", "java", "maven", "gradle", "ibm-semeru-runtimes":
		return javaRuntime(ref, r)
	case "tomcat":
		if tag := tomcatTag(r.Tag); tag != r.Tag {
			return beside(ref, r.Repository, "tomcat:"+tag), true
		}
		return ref, true
	}
	return SlimVariant(ref)
}

// beside is another official image of the registry that ref names.
func beside(ref, repository, other string) string {
	name, _ := splitTag(ref)
	return strings.TrimSuffix(name, repository) + other
}

// distributionOf is the plain image of the distribution under an image.
func distributionOf(ref string) (string, bool) {
	r, f := ParseRef(ref), Image(ref)
	switch {
	case f.Distro == Alpine && f.Release != "":
		return beside(ref, r.Repository, "alpine:"+f.Release), true
	case f.Distro == Alpine:
		return beside(ref, r.Repository, "alpine:3"), true
	case f.Distro != Debian:
		return "", false
	case IsArchived(f.Release):
		return beside(ref, r.Repository, "debian:stable-slim"), true
	case f.Release != "":
		return beside(ref, r.Repository, "debian:"+f.Release+"-slim"), true
	case len(f.Possible) > 0:
		return beside(ref, r.Repository, "debian:"+f.Possible[len(f.Possible)-1]+"-slim"), true
	}
	// The image goes to a new stable release with Debian's own (see
	// floatingLines), and stable is never behind it.
	return beside(ref, r.Repository, "debian:stable-slim"), r.Tag == "latest" || isVersion(r.Tag)
}

// archived are the Debian releases whose packages are on the mirrors no more, oldest
// first.
// Source: https://archive.debian.org/debian/dists/, looked at on 2026-11-25.
var archived = []string{"wheezy", "jessie", "stretch", "buster"}

// IsArchived reports whether the packages of a Debian release are on the mirrors no
// more, so that nothing can be installed in its images as they come.
func IsArchived(release string) bool { return slices.Contains(archived, release) }

// IsOlderRelease reports whether one release of Debian is known to be older than
// another.
func IsOlderRelease(release, than string) bool {
	order := append(slices.Clone(archived), DebianReleases()...)
	i, j := slices.Index(order, release), slices.Index(order, than)
	return i >= 0 && i < j
}

// javaRuntime is the image with a Java run time of the same vendor, version and
// distribution.
//
// Sources: https://github.com/docker-library/official-images/blob/master/library
// (eclipse-temurin, openjdk, maven, gradle). openjdk has no jre variants from 12
// on; java is openjdk's name of before 2017, up to version 9; maven's and gradle's own variants name the JDK that they are built on.
func javaRuntime(ref string, r Ref) (string, bool) {
	tag, vendor := r.Tag, r.Repository
	switch r.Repository {
	case "maven":
		_, jdk, ok := strings.Cut(tag, "-")
		if !ok {
			return "", false
		}
		vendor, tag, ok = mavenJDK(jdk)
		if !ok {
			return "", false
		}
	case "gradle":
		var ok bool
		if vendor, tag, ok = gradleJDK(tag); !ok {
			return "", false
		}
	}
	jre, ok := jreTag(vendor, tag)
	return beside(ref, r.Repository, vendor+":"+jre), ok
}

// tomcatTag is the tag of Tomcat on a run time beside one on a JDK: 9-jdk17-temurin
// gives 9-jre17-temurin. Corretto has none, and since Java 12 openjdk has none.
// Source: https://github.com/docker-library/official-images/blob/master/library/tomcat.
func tomcatTag(tag string) string {
	parts := strings.Split(tag, "-")
	for i, p := range parts {
		major, is := strings.CutPrefix(p, "jdk")
		openjdk := slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, "openjdk") })
		switch {
		case !is:
		case slices.Contains(parts, "corretto") || slices.Contains(parts, "slim") || openjdk && major != "8" && major != "11":
		case slices.Contains([]string{"8", "11", "17", "21"}, major):
			parts[i] = "jre" + major
		}
	}
	return strings.Join(parts, "-")
}

// jreTag is the tag of the run time beside a JDK's: 17-jdk-alpine gives
// 17-jre-alpine, 8 gives 8-jre.
func jreTag(vendor, tag string) (string, bool) {
	parts := strings.Split(tag, "-")
	if parts[0] == "" || !isVersion(strings.NewReplacer("u", "", "_", "").Replace(parts[0])) {
		return "", false
	}
	major, _, _ := strings.Cut(strings.SplitN(parts[0], "u", 2)[0], ".")
	if vendor == "openjdk" && major != "8" && major != "11" {
		return "", false
	}
	if slices.Contains(parts, "jre") {
		return "", false
	}
	rest := slices.DeleteFunc(slices.Clone(parts[1:]), func(p string) bool { return p == "jdk" })
	return strings.Join(append([]string{parts[0], "jre"}, rest...), "-"), true
}

// mavenJDK reads what stands behind maven's version: eclipse-temurin-17-alpine,
// openjdk-11-slim, jdk-8.
func mavenJDK(jdk string) (vendor, tag string, ok bool) {
	for _, v := range []struct{ prefix, vendor string }{
		{"eclipse-temurin-", "eclipse-temurin"}, {"openjdk-", "openjdk"}, {"jdk-", "openjdk"},
	} {
		if rest, is := strings.CutPrefix(jdk, v.prefix); is {
			return v.vendor, rest, true
		}
	}
	return "", "", false
}

// gradleJDK reads jdk17, 8.5-jdk17-alpine, 7.4.2-jdk11-jammy. The images are
// built on eclipse-temurin since gradle 7.3; those for JDK 17 and later always were.
func gradleJDK(tag string) (vendor, jdk string, ok bool) {
	parts := strings.Split(tag, "-")
	for i, p := range parts {
		version, is := strings.CutPrefix(p, "jdk")
		if !is || version == "" || !isVersion(version) {
			continue
		}
		if major := len(version); major < 2 || version < "17" {
			return "", "", false
		}
		return "eclipse-temurin", strings.Join(append([]string{version}, parts[i+1:]...), "-"), true
	}
	return "", "", false
}

// IsLanguageImage reports whether an image is one of a language's that the tables of
// run times know: its ENTRYPOINT, if any, passes the command on, and its variables
// are for its own tools.
func IsLanguageImage(ref string) bool {
	r := ParseRef(ref)
	switch r.Repository {
	case "golang", "rust", "gcc", "eclipse-temurin", "openjdk", "java", "maven", "gradle", "ibm-semeru-runtimes", "amazoncorretto":
		return true
	}
	return strings.HasPrefix(r.Repository, "mcr.microsoft.com/dotnet/")
}

// workdirs are the working directories that images set, where it is not the root.
// Sources: the Dockerfile of each in https://github.com/docker-library.
var workdirs = map[string]string{
	"golang": "/go", "composer": "/app", "gradle": "/home/gradle", "php": "/var/www/html", "httpd": "/usr/local/apache2",
	"tomcat": "/usr/local/tomcat", "wordpress": "/var/www/html", "redmine": "/usr/src/redmine", "drupal": "/opt/drupal",
}

// Workdir is the working directory of an image of a known distribution. PHP's
// command-line images stay in the root.
func Workdir(ref string) string {
	r := ParseRef(ref)
	dir, ok := workdirs[r.Repository]
	if !ok || r.Repository == "php" && !strings.Contains(r.Tag, "apache") && !strings.Contains(r.Tag, "fpm") {
		return "/"
	}
	return dir
}

// DotnetRuntime is the image with the run time beside an SDK's image of .NET, for all
// but web applications. SDK versions of three parts (8.0.100) have no counterpart. What
// Alpine's run time lacks see DotnetGlobalization.
// Source: https://github.com/dotnet/dotnet-docker/blob/main/documentation/image-variants.md.
func DotnetRuntime(sdk string) (image string, ok bool) { return besideSDK(sdk, "runtime") }

// ASPNetRuntime is DotnetRuntime for a web application: the image with ASP.NET too.
func ASPNetRuntime(sdk string) (image string, ok bool) { return besideSDK(sdk, "aspnet") }

func besideSDK(sdk, name string) (image string, ok bool) {
	r := ParseRef(sdk)
	repository, is := strings.CutSuffix(r.Repository, "/sdk")
	version, variant, _ := strings.Cut(r.Tag, "-")
	if !is || !strings.HasPrefix(repository, "mcr.microsoft.com/dotnet") || r.Digest != "" ||
		strings.Count(version, ".") != 1 || !isVersion(version) || strings.Contains(variant, "windows") || strings.Contains(variant, "nanoserver") {
		return "", false
	}
	return repository + "/" + name + ":" + r.Tag, true
}

// DotnetPort is the variable with which ASP.NET's image of the version of an SDK's
// image says where to listen, and the port. The SDK's image sets it to nothing, so that
// Kestrel has its own default, localhost:5000. It is not ok for versions before 3.0.
// Sources: https://github.com/dotnet/dotnet-docker, src/sdk and src/aspnet;
// https://learn.microsoft.com/dotnet/core/compatibility/containers/8.0/aspnet-port.
func DotnetPort(sdk string) (variable, port string, ok bool) {
	version, _, _ := strings.Cut(ParseRef(sdk).Tag, ".")
	major, err := strconv.Atoi(version)
	switch {
	case err != nil || major < 3:
		return "", "", false
	case major < 8:
		return "ASPNETCORE_URLS", "80", true
	}
	return "ASPNETCORE_HTTP_PORTS", "8080", true
}

// DotnetGlobalization is what Alpine's run time of .NET lacks of the SDK's image: the
// packages with ICU and the time zones, and the value of
// DOTNET_SYSTEM_GLOBALIZATION_INVARIANT, which the run time's image sets to true. It
// is not ok for versions before 6.0, and for releases before Alpine 3.16, which had
// all of ICU's data in icu-libs.
// Source: https://github.com/dotnet/dotnet-docker, src/sdk and src/runtime-deps.
func DotnetGlobalization(sdk string) (pkgs []string, invariant string, ok bool) {
	r, release := ParseRef(sdk), Image(sdk).Release
	version, _, _ := strings.Cut(r.Tag, ".")
	major, err := strconv.Atoi(version)
	minor, _ := strconv.Atoi(strings.TrimPrefix(release, "3."))
	old := release != "" && minor < 16
	return []string{"icu-data-full", "icu-libs", "tzdata"}, "false", err == nil && major >= 6 && !old
}
