package facts

import (
	"slices"
	"testing"
)

func TestImage(t *testing.T) {
	for _, test := range []struct {
		ref  string
		want Family
	}{
		{"python:3.11-slim-bullseye", Family{Distro: Debian, Release: "bullseye", Slim: true}},
		{"python:3.11-bookworm", Family{Distro: Debian, Release: "bookworm"}},
		{"python:3.11", Family{Distro: Debian, Floating: true, Possible: []string{"bullseye", "bookworm", "trixie"}}},
		{"python:3.12-slim", Family{Distro: Debian, Floating: true, Possible: []string{"bookworm", "trixie"}, Slim: true}},
		{"python:3.8", Family{Distro: Debian, Release: "bookworm"}},
		{"python:3.8.5", Family{Distro: Debian, Floating: true, Possible: []string{"buster", "bullseye", "bookworm"}}},
		{"python:3.1", Family{Distro: Debian, Floating: true}},
		{"python", Family{Distro: Debian, Floating: true}},
		{"ruby:2.7-slim", Family{Distro: Debian, Release: "bullseye", Slim: true}},
		{"node:20-bookworm-slim", Family{Distro: Debian, Release: "bookworm", Slim: true}},
		{"node:20-alpine3.19", Family{Distro: Alpine, Release: "3.19"}},
		{"node:lts-alpine", Family{Distro: Alpine, Floating: true}},
		{"docker.io/library/python:3.9-buster", Family{Distro: Debian, Release: "buster"}},
		{"public.ecr.aws/docker/library/ruby:3.1", Family{Distro: Debian, Release: "bookworm"}},
		{"arm64v8/debian:12", Family{Distro: Debian, Release: "bookworm"}},
		{"debian:12.5-slim", Family{Distro: Debian, Release: "bookworm", Slim: true}},
		{"debian:bookworm-20240101-slim", Family{Distro: Debian, Release: "bookworm", Slim: true}},
		{"debian", Family{Distro: Debian, Floating: true}},
		{"ubuntu:14.04.5", Family{Distro: Ubuntu, Release: "14.04"}},
		{"ubuntu:14.045", Family{Distro: Ubuntu, Floating: true}},
		{"ubuntu:22.04", Family{Distro: Ubuntu, Release: "22.04"}},
		{"ubuntu:noble-20240212", Family{Distro: Ubuntu, Release: "24.04"}},
		{"ubuntu", Family{Distro: Ubuntu, Floating: true, Possible: []string{"24.04", "26.04"}}},
		{"alpine:3.19.1", Family{Distro: Alpine, Release: "3.19"}},
		{"alpine:edge", Family{Distro: Alpine, Floating: true}},
		{"registry.access.redhat.com/ubi9/ubi-minimal:9.3", Family{Distro: RedHat, Release: "9", Flavor: "ubi", Minimal: true}},
		{"registry.access.redhat.com/ubi8", Family{Distro: RedHat, Release: "8", Flavor: "ubi"}},
		{"registry.access.redhat.com/ubi8-minimal:8.4", Family{Distro: RedHat, Release: "8", Flavor: "ubi", Minimal: true}},
		{"registry.access.redhat.com/ubi8/python-39", Family{Distro: RedHat, Release: "8", Flavor: "ubi"}},
		{"registry.access.redhat.com/ubi9/ubi-micro", Family{Distro: Distroless, Flavor: "ubi"}},
		{"centos:7", Family{Distro: RedHat, Release: "7", Flavor: "centos"}},
		{"centos:centos7.9.2009", Family{Distro: RedHat, Release: "7", Flavor: "centos"}},
		{"quay.io/centos/centos:stream9", Family{Distro: RedHat, Release: "9", Flavor: "centos"}},
		{"fedora:40", Family{Distro: RedHat, Release: "40", Flavor: "fedora"}},
		{"amazonlinux:2.0.20230307.0", Family{Distro: RedHat, Release: "2", Flavor: "amazon"}},
		{"mcr.microsoft.com/dotnet/aspnet:8.0-jammy", Family{Distro: Ubuntu, Release: "22.04"}},
		{"mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled", Family{Distro: Distroless, Flavor: "chiseled"}},
		{"mcr.microsoft.com/dotnet/aspnet:8.0.4", Family{Distro: Debian, Release: "bookworm"}},
		{"mcr.microsoft.com/dotnet/aspnet:10.0", Family{}},
		{"registry.docker.com/library/ruby:3.1-slim", Family{Distro: Debian, Release: "bookworm", Slim: true}},
		{"nvidia/cuda:12.2.0-devel-ubuntu22.04", Family{Distro: Ubuntu, Release: "22.04"}},
		{"nvidia/cuda:12.2.0-devel-ubi8", Family{Distro: RedHat, Release: "8", Flavor: "ubi"}},
		{"python:3.9-windowsservercore-ltsc2022", Family{Distro: Windows}},
		{"gcr.io/distroless/static-debian12:nonroot", Family{Distro: Distroless}},
		{"scratch", Family{Distro: Scratch}},
		{"busybox:1.36", Family{Distro: Busybox}},
		{"localhost:5000/app", Family{}},
		{"localhost:5000/app:1.2-bookworm", Family{Distro: Debian, Release: "bookworm"}},
		{"tomcat:9", Family{}}, // by way of openjdk or eclipse-temurin
		{"python:$TAG", Family{}},
		{"", Family{}},
	} {
		got := Image(test.ref)
		if !slices.Equal(got.Possible, test.want.Possible) {
			t.Errorf("Image(%q).Possible = %v, want %v", test.ref, got.Possible, test.want.Possible)
		}
		got.Possible, test.want.Possible = nil, nil
		if got.Distro != test.want.Distro || got.Release != test.want.Release || got.Floating != test.want.Floating ||
			got.Slim != test.want.Slim || got.Minimal != test.want.Minimal || got.Flavor != test.want.Flavor {
			t.Errorf("Image(%q) = %+v, want %+v", test.ref, got, test.want)
		}
	}
}

func TestFamilyTools(t *testing.T) {
	for _, test := range []struct {
		ref, manager string
		libc         Libc
		accounts     AccountTools
	}{
		{"python:3.11-slim", "apt-get", Glibc, ShadowTools},
		{"ubuntu:24.04", "apt-get", Glibc, ShadowTools},
		{"alpine:3.19", "apk", Musl, BusyboxTools},
		{"centos:7", "yum", Glibc, ShadowTools},
		{"fedora:40", "dnf", Glibc, NoAccountTools},
		{"rockylinux:9", "dnf", Glibc, ShadowTools},
		{"rockylinux:9-minimal", "microdnf", Glibc, NoAccountTools},
		{"amazonlinux:2", "yum", Glibc, NoAccountTools},
		{"amazonlinux:2023", "dnf", Glibc, NoAccountTools},
		{"registry.access.redhat.com/ubi9/ubi-minimal", "microdnf", Glibc, NoAccountTools},
		{"opensuse/leap:15.5", "zypper", Glibc, NoAccountTools},
		{"archlinux", "pacman", Glibc, ShadowTools},
		{"cgr.dev/chainguard/wolfi-base", "apk", Glibc, BusyboxTools},
		{"mcr.microsoft.com/cbl-mariner/base/core:2.0", "tdnf", Glibc, NoAccountTools},
		{"gcr.io/distroless/static", "", UnknownLibc, NoAccountTools},
		{"example.org/unknown", "", UnknownLibc, NoAccountTools},
	} {
		f := Image(test.ref)
		if f.PackageManager() != test.manager || f.Libc() != test.libc || f.AccountTools() != test.accounts {
			t.Errorf("%s: %q, %q, %v", test.ref, f.PackageManager(), f.Libc(), f.AccountTools())
		}
	}
}

func TestSlimVariant(t *testing.T) {
	for ref, want := range map[string]string{
		"python:3.11":                           "python:3.11-slim",
		"python:3.11.4":                         "python:3.11.4-slim",
		"python:3.11-bookworm":                  "python:3.11-slim-bookworm",
		"python:3":                              "python:3-slim",
		"python":                                "python:slim",
		"python:latest":                         "python:slim",
		"python:bookworm":                       "python:slim-bookworm",
		"python:3.15-rc":                        "python:3.15-rc-slim",
		"python:3.13.0b1":                       "python:3.13.0b1-slim",
		"python:2.7":                            "python:2.7-slim",
		"python:2":                              "python:2-slim",
		"docker.io/library/python:3.9":          "docker.io/library/python:3.9-slim",
		"public.ecr.aws/docker/library/node:20": "public.ecr.aws/docker/library/node:20-slim",
		"localhost:5000/python:3.9":             "", // another python for all we know
		"node:20":                               "node:20-slim",
		"node:20-bookworm":                      "node:20-bookworm-slim",
		"node:lts":                              "node:lts-slim",
		"node:lts-bookworm":                     "node:lts-bookworm-slim",
		"node":                                  "node:slim",
		"node:bookworm":                         "node:bookworm-slim",
		"node:8.11.4-stretch":                   "", // had none
		"node:0.12":                             "",
		"ruby:3.2":                              "ruby:3.2-slim",
		"ruby:2.7.8-buster":                     "ruby:2.7.8-slim-buster",
		"ruby:2.1":                              "",
		"rust:1.75-bookworm":                    "rust:1.75-slim-bookworm",
		"debian:bookworm":                       "debian:bookworm-slim",
		"debian:12":                             "debian:12-slim",
		"debian:bookworm-20240101":              "debian:bookworm-20240101-slim",
		"debian":                                "",
		"debian:wheezy":                         "",
		"debian:bookworm-slim":                  "",
		"debian:bookworm-backports":             "",
		"python:2.7-jessie":                     "",
		"python:2.7.7":                          "",
		"python:3.3":                            "",
		"python:3.11-slim":                      "",
		"python:3.11-slim-bookworm":             "",
		"python:3.11-alpine":                    "",
		"python:3.5-onbuild":                    "",
		"python:3.11-windowsservercore":         "",
		"python:3.11-jammy":                     "",
		"python:3.11@sha256:0123":               "",
		"python:${TAG}":                         "",
		"php:8.2":                               "",
		"golang:1.22":                           "",
		"mycorp/python:3.11":                    "",
	} {
		got, ok := SlimVariant(ref)
		if got != want || ok != (want != "") {
			t.Errorf("SlimVariant(%q) = %q, %v; want %q", ref, got, ok, want)
		}
	}
}

func TestPreinstalled(t *testing.T) {
	for _, test := range []struct {
		ref, has, hasNot string
	}{
		{"python:3.11", "libpq-dev", "unixodbc-dev"},
		{"python:3.11-slim", "tzdata", "gcc"},
		{"ruby:3.2-slim-bookworm", "ca-certificates", "tzdata"},
		{"golang:1.22", "git", "libpq-dev"},
		{"buildpack-deps:bookworm-curl", "wget", "git"},
		{"buildpack-deps:bookworm-scm", "git", "gcc"},
		{"buildpack-deps:bookworm", "gcc", "tk-dev"},
	} {
		pkgs, known := Preinstalled(test.ref)
		if !known || !slices.Contains(pkgs, test.has) || slices.Contains(pkgs, test.hasNot) || !slices.IsSorted(pkgs) {
			t.Errorf("Preinstalled(%q) = %v, %v", test.ref, pkgs, known)
		}
	}
	for _, ref := range []string{"python:3.11-alpine", "mycorp/python:3.11", "tomcat:9", "buildpack-deps:jammy"} {
		if pkgs, known := Preinstalled(ref); known {
			t.Errorf("Preinstalled(%q) = %v, want not known", ref, pkgs)
		}
	}
}

// Every line names releases that the tags can have, in order, and is found by
// its own tag.
func TestFloatingLines(t *testing.T) {
	order := []string{"wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "20.04", "22.04", "24.04", "26.04"}
	seen := map[string]bool{}
	for _, line := range floatingLines {
		key := line.repository + ":" + line.line
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		last := -1
		for _, release := range line.releases {
			at := slices.Index(order, release)
			if at <= last {
				t.Errorf("%s: %s is out of order", key, release)
			}
			last = at
		}
		if line.current != "" && line.current != unsure && !slices.Contains(line.releases, line.current) {
			t.Errorf("%s: %s is none of its releases", key, line.current)
		}
		family := Image(key)
		release, asOf := family.ReleaseNow()
		if family.Distro != Debian && family.Distro != Ubuntu || (release == "") != (line.current == unsure) || line.ended && asOf != "" {
			t.Errorf("Image(%q) = %+v", key, family)
		}
	}
	for _, row := range newestTags {
		for _, tag := range row.tags {
			key := row.repository + ":" + tag
			if release, asOf := Image(key).ReleaseNow(); release != row.release || asOf == "" {
				t.Errorf("Image(%q) is of %q as of %q", key, release, asOf)
			}
		}
	}
}

func TestReleaseNow(t *testing.T) {
	for _, test := range []struct{ ref, release, asOf string }{
		{"python:3.7", "bookworm", ""}, // ended: final
		{"python:3.7-slim", "bookworm", ""},
		{"python:3.10-slim", "trixie", ""},
		{"python:3.7.3", "", ""}, // one of three
		{"python:3.12-slim", "trixie", seenImages},
		{"python", "trixie", seenImages},
		{"python:slim", "trixie", seenImages},
		{"python:3-slim", "trixie", seenImages},
		{"python:2-slim", "buster", ""},
		{"python:3.4", "", ""},
		{"python:3.12-bookworm", "bookworm", ""},
		{"python:3.12-alpine", "3.24", seenImages},
		{"python:3.7-alpine", "", ""},
		{"python:alpine", "3.24", seenImages},
		{"python:3.12-alpine3.20", "3.20", ""},
		{"ruby:3.2-slim", "trixie", ""},
		{"ruby:2.4", "", ""},
		{"node:20", "bookworm", ""},
		{"node:20-slim", "bookworm", ""},
		{"node:22-slim", "bookworm", seenImages},
		{"node:26", "trixie", seenImages},
		{"node:latest", "trixie", seenImages},
		{"node:lts", "", ""}, // moves from 24 to 26
		{"rust:1.75", "bookworm", ""},
		{"rust:1.64.0-slim", "bullseye", ""},
		{"rust:1.70", "", ""}, // bookworm came in its weeks
		{"rust:1", "trixie", seenImages},
		{"golang:1.22", "bookworm", ""},
		{"golang:1.23", "", ""},
		{"golang:1", "trixie", seenImages},
		{"golang", "trixie", seenImages},
		{"php:8.2-apache", "trixie", seenImages},
		{"php:8.2", "trixie", seenImages},
		{"php:apache", "trixie", seenImages},
		{"php:7-fpm", "bullseye", ""},
		{"php:7.2.3", "", ""},
		{"php:8.2-fpm-alpine", "3.24", seenImages},
		{"openjdk:8-jdk", "bullseye", ""},
		{"openjdk:11-jre-slim", "bullseye", ""},
		{"openjdk:8u222-jre", "", ""},
		{"openjdk:17", "", ""},
		{"eclipse-temurin:21-jre", "26.04", seenImages},
		{"postgres:16", "trixie", seenImages},
		{"nginx:stable", "trixie", seenImages},
		{"debian", "trixie", seenDebian},
		{"debian:stable-slim", "trixie", seenDebian},
		{"debian:oldstable", "bookworm", seenDebian},
		{"ubuntu", "26.04", seenUbuntu},
		{"ubuntu:rolling", "26.04", seenUbuntu},
		{"ubuntu:devel", "", ""},
		{"ubuntu:artful", "17.10", ""},
		{"ubuntu:24.04", "24.04", ""},
		{"alpine:3.20", "3.20", ""},
		{"alpine", "3.24", seenImages},
		{"alpine:edge", "", ""},
	} {
		if release, asOf := Image(test.ref).ReleaseNow(); release != test.release || asOf != test.asOf {
			t.Errorf("%s: %q as of %q, want %q as of %q", test.ref, release, asOf, test.release, test.asOf)
		}
	}
	for ref, distro := range map[string]Distro{
		"openjdk:17": RedHat, "openjdk:17-slim": Debian, "openjdk:10-jre": Debian, "openjdk:7": Debian, "openjdk": Unknown, "openjdk:17-ea-nanoserver": Windows,
		"openjdk:slim": Unknown, "openjdk:8-alpine": Alpine, "openjdk:12-ea-16-jdk-oraclelinux7": RedHat,
	} {
		if got := Image(ref).Distro; got != distro {
			t.Errorf("%s: %v, want %v", ref, got, distro)
		}
	}
}
