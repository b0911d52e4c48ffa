package verify_test

import (
	"regexp"
	"strings"
	"testing"
)

// pythonFolder finds the folder of a Python's packages, which has its version.
var pythonFolder = regexp.MustCompile(`(/usr/local/lib/)python\d\.\d+/`)

// asStandIn gives a text, which is rewritten for the image that it names, the paths
// that its stand-in has: those of Python's packages have the version.
func asStandIn(text string) string {
	return pythonFolder.ReplaceAllString(text, "${1}python3.11/")
}

// golangMinor finds N in the tag 1.N of Go's images.
var golangMinor = regexp.MustCompile(`^1\.(\d+)`)

// standIn names the image of the lab that stands for one of the same family,
// whatever its version; "" if there is none: programs and packages of Alpine's are
// not to be had here.
func standIn(ref string) string {
	name, tag, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(ref, "docker.io/"), "library/"), ":")
	name, _, _ = strings.Cut(name, "@")
	slim := strings.Contains(tag, "slim")
	suffix := map[bool]string{true: "-slim"}[slim]
	switch {
	case strings.HasPrefix(name, "gcr.io/distroless/static"):
		return ref
	case name == "alpine":
		return "alpine:3.20"
	case strings.Contains(tag, "alpine"), strings.Contains(tag, "windows"), strings.Contains(tag, "nanoserver"):
		return ""
	}
	switch name {
	case "debian", "ubuntu":
		return "debian:bookworm-slim"
	case "python":
		return "online/python:3.11" + suffix
	case "node":
		return "node:20" + suffix
	case "ruby":
		return "ruby:3.1" + suffix
	case "golang":
		if m := golangMinor.FindStringSubmatch(tag); m != nil && len(m[1]) == 1 || m != nil && m[1] < "13" {
			return "gopath/golang:1.26"
		}
		return "golang:1.26"
	case "rust":
		return "rust:1.96-bookworm"
	case "maven":
		return "maven:3.9-eclipse-temurin-17"
	case "eclipse-temurin", "openjdk":
		if strings.Contains(tag, "jre") {
			return "eclipse-temurin:17-jre"
		}
		return "eclipse-temurin:17-jdk"
	}
	return ""
}

func TestStandInsAreOfTheSameFamily(t *testing.T) {
	for ref, want := range map[string]string{
		"python:3.8":                     "online/python:3.11",
		"python:3-slim-buster":           "online/python:3.11-slim",
		"golang:1.9":                     "gopath/golang:1.26",
		"golang:1.12.6-stretch":          "gopath/golang:1.26",
		"golang:1.13":                    "golang:1.26",
		"golang":                         "golang:1.26",
		"docker.io/library/node:10-slim": "node:20-slim",
		"node@sha256:0123":               "node:20",
		"node:lts-alpine":                "",
		"alpine":                         "alpine:3.20",
		"openjdk:8-jre-slim":             "eclipse-temurin:17-jre",
		"gcr.io/distroless/static-debian12:nonroot": "gcr.io/distroless/static-debian12:nonroot",
		"mcr.microsoft.com/dotnet/aspnet:8.0":       "",
	} {
		if got := standIn(ref); got != want {
			t.Errorf("standIn(%q) = %q, not %q", ref, got, want)
		}
	}
}

func TestPathsAreThoseOfTheStandIn(t *testing.T) {
	got := asStandIn("COPY --from=build /usr/local/lib/python3.6/site-packages /usr/local/lib/python3.6/site-packages\n")
	want := "COPY --from=build /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages\n"
	if got != want {
		t.Errorf("asStandIn gives %q, not %q", got, want)
	}
}
