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

// Every line names releases that the tags can have, in order.
func TestFloatingLines(t *testing.T) {
	order := []string{"wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie"}
	seen := map[string]bool{}
	for _, line := range floatingLines {
		key := line.repository + ":" + line.line
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		if images[line.repository] != Debian {
			t.Errorf("%s is not known as a Debian image", line.repository)
		}
		last := -1
		for _, release := range line.releases {
			at := slices.Index(order, release)
			if at <= last {
				t.Errorf("%s: %s is out of order", key, release)
			}
			last = at
		}
	}
}
