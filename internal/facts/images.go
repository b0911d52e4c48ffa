package facts

import (
	"slices"
	"strings"
)

// images are well-known images on top of a distribution: the distribution
// that they have when the tag names none.
//
// Not here, for want of one answer: mysql (Oracle Linux, Debian before 8.0.27),
// mongo and rabbitmq (Debian, then Ubuntu), tomcat, maven and gradle (Debian
// by way of openjdk, then Ubuntu by way of eclipse-temurin), openjdk (see
// openjdkImage), cassandra, solr, clojure, mariadb, neo4j, zookeeper.
//
// Sources: the Dockerfiles named in
// https://github.com/docker-library/official-images/tree/master/library.
var images = map[string]Distro{
	"buildpack-deps": Debian,
	"drupal":         Debian,
	"elixir":         Debian,
	"erlang":         Debian,
	"gcc":            Debian,
	"golang":         Debian,
	"haproxy":        Debian,
	"haskell":        Debian,
	"httpd":          Debian,
	"joomla":         Debian,
	"mediawiki":      Debian,
	"memcached":      Debian,
	"nextcloud":      Debian,
	"nginx":          Debian,
	"node":           Debian,
	"perl":           Debian,
	"php":            Debian,
	"postgres":       Debian,
	"pypy":           Debian,
	"python":         Debian,
	"redis":          Debian,
	"redmine":        Debian,
	"ruby":           Debian,
	"rust":           Debian,
	"valkey/valkey":  Debian,
	"wordpress":      Debian,

	"nginxinc/nginx-unprivileged": Debian,
	"jenkins/jenkins":             Debian,
	"r-base":                      Debian,
	"continuumio/miniconda3":      Debian,
	"continuumio/anaconda3":       Debian,

	"eclipse-temurin":   Ubuntu,
	"adoptopenjdk":      Ubuntu,
	"swift":             Ubuntu,
	"nvidia/cuda":       Ubuntu,
	"phusion/baseimage": Ubuntu,

	"caddy":            Alpine,
	"composer":         Alpine,
	"consul":           Alpine,
	"docker":           Alpine,
	"hashicorp/consul": Alpine,
	"hashicorp/vault":  Alpine,
	"registry":         Alpine,
	"vault":            Alpine,
	"grafana/grafana":  Alpine,

	"amazoncorretto": RedHat,

	"prom/prometheus":    Busybox,
	"prom/alertmanager":  Busybox,
	"prom/node-exporter": Busybox,

	"cgr.dev/chainguard/static": Distroless,
}

// dotnetReleases are the Debian releases of .NET images whose tag names none;
// they do not move. Since 10.0 they are Ubuntu's.
// Source: https://github.com/dotnet/dotnet-docker/blob/main/documentation/supported-platforms.md.
var dotnetReleases = map[string]string{
	"5.0": "buster", "6.0": "bullseye", "7.0": "bullseye", "8.0": "bookworm", "9.0": "bookworm",
}

// dotnetImage reads 8.0, 8.0.4, 8.0.100 (sdk) of mcr.microsoft.com/dotnet.
func dotnetImage(tag string) Family {
	parts := strings.SplitN(tag, ".", 3)
	if len(parts) < 2 || !isVersion(tag) {
		return Family{}
	}
	release := dotnetReleases[parts[0]+"."+parts[1]]
	if release == "" {
		return Family{}
	}
	return Family{Distro: Debian, Release: release}
}

// knownImage is what the tables say of an image whose tag names no distribution.
func knownImage(r Ref) Family {
	if slices.Contains(dotnetImages, r.Repository) {
		return dotnetImage(r.Tag)
	}
	if r.Repository == "openjdk" {
		return openjdkImage(r)
	}
	distro := images[r.Repository]
	if distro == Unknown {
		return Family{}
	}
	if distro == RedHat {
		return Family{Distro: RedHat, Flavor: "amazon", Floating: true}
	}
	return float(Family{Distro: distro}, r)
}

// openjdkImage: openjdk is Debian's up to 11 and in its slim variants, and Oracle
// Linux' from 12 on.
// Source: https://github.com/docker-library/docs/blob/master/openjdk/README.md.
func openjdkImage(r Ref) Family {
	version, ok := versionOf(r)
	major, _, _ := strings.Cut(version, ".")
	major, _, _ = strings.Cut(major, "u")
	slim := slices.Contains(strings.Split(r.Tag, "-"), "slim")
	switch {
	case !ok || !isVersion(major): // openjdk:slim is 18's, of 2022
		return Family{}
	case slim || len(major) == 1 || major == "10" || major == "11":
		return float(Family{Distro: Debian}, r)
	}
	return Family{Distro: RedHat, Flavor: "oracle", Floating: true}
}
