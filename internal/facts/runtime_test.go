package facts_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/facts"
)

func TestRuntimeImage(t *testing.T) {
	for ref, want := range map[string]string{
		"python:3.11":                       "python:3.11-slim",
		"python:3.11-slim":                  "",
		"node:20-alpine":                    "",
		"golang:1.22-bookworm":              "debian:bookworm-slim",
		"golang:1.22":                       "debian:bookworm-slim",
		"golang:1.10":                       "debian:stable-slim",
		"golang":                            "debian:stable-slim",
		"tomcat":                            "tomcat",
		"tomcat:9-jdk17-temurin":            "tomcat:9-jre17-temurin",
		"tomcat:9-jdk17-corretto":           "tomcat:9-jdk17-corretto",
		"tomcat:8-jdk8-slim":                "tomcat:8-jdk8-slim",
		"golang:1.20-buster":                "debian:stable-slim", // archived
		"golang:1.22-alpine3.20":            "alpine:3.20",
		"golang:alpine":                     "alpine:3",
		"golang:1.22@sha256:0":              "",
		"golang:1.22-windowsservercore":     "",
		"mirror.gcr.io/library/golang:1.21": "mirror.gcr.io/library/debian:bookworm-slim",
		"rust:1.80-slim-bookworm":           "debian:bookworm-slim",
		"eclipse-temurin:17-jdk":            "eclipse-temurin:17-jre",
		"eclipse-temurin:21-jdk-alpine":     "eclipse-temurin:21-jre-alpine",
		"eclipse-temurin:17-jre":            "",
		"openjdk:8":                         "openjdk:8-jre",
		"openjdk:8u212-jdk-slim":            "openjdk:8u212-jre-slim",
		"openjdk:17-slim":                   "",
		"maven:3.9-eclipse-temurin-17":      "eclipse-temurin:17-jre",
		"maven:3-jdk-8":                     "openjdk:8-jre",
		"maven:latest":                      "",
		"gradle:8.5-jdk17-alpine":           "eclipse-temurin:17-jre-alpine",
		"gradle:jdk8":                       "",
	} {
		got, ok := facts.RuntimeImage(ref)
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("RuntimeImage(%s) is %q, want %q", ref, got, want)
		}
	}
}

func TestDotnetRuntime(t *testing.T) {
	for ref, want := range map[string]string{
		"mcr.microsoft.com/dotnet/sdk:8.0":        "mcr.microsoft.com/dotnet/aspnet:8.0",
		"mcr.microsoft.com/dotnet/sdk:8.0-jammy":  "mcr.microsoft.com/dotnet/aspnet:8.0-jammy",
		"mcr.microsoft.com/dotnet/sdk:8.0-alpine": "mcr.microsoft.com/dotnet/aspnet:8.0-alpine",
		"mcr.microsoft.com/dotnet/sdk:8.0.100":    "", // the version of an SDK
		"mcr.microsoft.com/dotnet/core/sdk:3.1":   "mcr.microsoft.com/dotnet/core/aspnet:3.1",
	} {
		if got, _ := facts.ASPNetRuntime(ref); got != want {
			t.Errorf("ASPNetRuntime(%s) is %q, want %q", ref, got, want)
		}
		if got, _ := facts.DotnetRuntime(ref); got != strings.ReplaceAll(want, "aspnet", "runtime") {
			t.Errorf("DotnetRuntime(%s) is %q", ref, got)
		}
	}
}

func TestDotnetGlobalization(t *testing.T) {
	for ref, want := range map[string]bool{
		"mcr.microsoft.com/dotnet/sdk:8.0-alpine":      true,
		"mcr.microsoft.com/dotnet/sdk:6.0-alpine3.16":  true,
		"mcr.microsoft.com/dotnet/sdk:6.0-alpine3.15":  false,
		"mcr.microsoft.com/dotnet/core/sdk:3.1-alpine": false,
	} {
		if _, _, got := facts.DotnetGlobalization(ref); got != want {
			t.Errorf("DotnetGlobalization(%s) is known: %v", ref, got)
		}
	}
}
