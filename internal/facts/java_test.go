package facts

import "testing"

func TestJavaVersion(t *testing.T) {
	for ref, want := range map[string]int{
		"eclipse-temurin:17-jre-alpine":    17,
		"maven:3.9-eclipse-temurin-21":     21,
		"maven:3-jdk-8":                    8,
		"gradle:8.5-jdk17-alpine":          17,
		"openjdk:8u332-jre":                8,
		"amazoncorretto:21":                21,
		"docker.io/library/openjdk:11-jre": 11,
		"maven:3.9":                        0,
		"eclipse-temurin:latest":           0,
		"python:3.11":                      0,
	} {
		if got, ok := JavaVersion(ref); got != want || ok != (want > 0) {
			t.Errorf("JavaVersion(%q) = %d, %v; want %d", ref, got, ok, want)
		}
	}
}

func TestWithJava(t *testing.T) {
	for _, c := range []struct {
		ref   string
		major int
		want  string
	}{
		{"eclipse-temurin:17-jre", 21, "eclipse-temurin:21-jre"},
		{"eclipse-temurin:17", 21, "eclipse-temurin:21"},
		{"docker.io/library/eclipse-temurin:17-jre-alpine", 25, "docker.io/library/eclipse-temurin:25-jre-alpine"},
		{"eclipse-temurin:17-jre-jammy", 21, "eclipse-temurin:21-jre-jammy"},
		{"eclipse-temurin:17-jre-jammy", 25, ""}, // from 24.04 on
		{"eclipse-temurin:17-jre-focal", 21, ""},
		{"eclipse-temurin:17.0.9_9-jre", 21, ""},
		{"eclipse-temurin:17-jre", 23, ""},
		{"openjdk:8-jre", 11, ""},
	} {
		if got, ok := WithJava(c.ref, c.major); got != c.want || ok != (c.want != "") {
			t.Errorf("WithJava(%q, %d) = %q, %v; want %q", c.ref, c.major, got, ok, c.want)
		}
	}
}
