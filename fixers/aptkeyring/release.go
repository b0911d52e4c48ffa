package aptkeyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
)

// A release is what its apt can do.
type release struct {
	name      string // "" if it is one of several
	asOf      string // the day on which the image was seen on it; "" if it stays
	armored   bool   // signed-by may name an armored key: apt 1.4
	hasFolder bool   // the package apt has /etc/apt/keyrings: apt 2.4
	gnupg     bool   // the plain image has gpg
	noAptKey  bool   // apt-key is gone, so that nothing says that its tools are there
	why       string // why its keys cannot be kept so
}

// oldest are the releases before the newest kind, by what their apt can do; a
// release that is not here is younger.
//
// Sources: sources.list(5) and apt's changelog, 1.1 (signed-by), 1.4~beta1
// (armored keyrings), 2.4 (/etc/apt/keyrings); packages.debian.org and
// packages.ubuntu.com for the versions.
var oldest = map[string]release{
	"wheezy": {why: "the apt of Debian wheezy knows no signed-by"},
	"jessie": {why: "the apt of Debian jessie knows no signed-by"},
	"12.04":  {why: "the apt of Ubuntu 12.04 knows no signed-by"},
	"12.10":  {why: "the apt of Ubuntu 12.10 knows no signed-by"},
	"13.04":  {why: "the apt of Ubuntu 13.04 knows no signed-by"},
	"13.10":  {why: "the apt of Ubuntu 13.10 knows no signed-by"},
	"14.04":  {why: "the apt of Ubuntu 14.04 knows no signed-by"},
	"14.10":  {why: "the apt of Ubuntu 14.10 knows no signed-by"},
	"15.04":  {why: "the apt of Ubuntu 15.04 knows no signed-by"},
	"15.10":  {why: "the apt of Ubuntu 15.10 knows no signed-by"},

	"16.04": {gnupg: true},
	"16.10": {gnupg: true},

	"stretch":  {armored: true},
	"buster":   {armored: true},
	"bullseye": {armored: true},
	"17.04":    {armored: true, gnupg: true},
	"17.10":    {armored: true},
	"18.04":    {armored: true},
	"18.10":    {armored: true},
	"19.04":    {armored: true},
	"19.10":    {armored: true},
	"20.04":    {armored: true},
	"20.10":    {armored: true},
	"21.04":    {armored: true},
	"21.10":    {armored: true},
}

// lastWithAptKey are the releases that are not in oldest and have apt-key. Source:
// apt's changelog, 2.9.8.
var lastWithAptKey = []string{"bookworm", "22.04", "22.10", "23.04", "23.10", "24.04"}

// releaseOf says what the apt of a stage can do.
func releaseOf(stage *build.Stage) release {
	family, ref := stage.Image, stage.Bottom().Ref
	switch {
	case ref == "":
		return release{why: "the base image comes from a variable"}
	case family.Distro == facts.Unknown:
		return release{why: fmt.Sprintf("the distribution of %s is not known", ref)}
	case family.Distro != facts.Debian && family.Distro != facts.Ubuntu:
		return release{why: fmt.Sprintf("%s is no Debian image", ref)}
	}
	if name, asOf := family.ReleaseNow(); name != "" {
		r := named(name) // a tag moves on to newer ones only, which know what this one does
		r.asOf = asOf
		return r
	}
	switch {
	case len(family.Possible) > 0:
		r := release{armored: true, hasFolder: true}
		for _, name := range family.Possible {
			other := named(name)
			if other.why != "" {
				return other
			}
			r.armored, r.hasFolder = r.armored && other.armored, r.hasFolder && other.hasFolder
			r.noAptKey = r.noAptKey || other.noAptKey
		}
		return r
	case isNewest(ref):
		return release{noAptKey: true} // of stretch or xenial, or later
	}
	return release{why: fmt.Sprintf("the release of %s is not known", ref)}
}

func named(name string) release {
	r, old := oldest[name]
	if !old {
		r = release{armored: true, hasFolder: true, noAptKey: !slices.Contains(lastWithAptKey, name)}
	}
	r.name = name
	return r
}

// isNewest reports whether an image without a release was rebuilt on the current
// one as long as it lived: redis:latest, jenkins/jenkins:lts. Images of others
// stand still: phusion/baseimage:latest.
func isNewest(ref string) bool {
	r := facts.ParseRef(ref)
	switch r.Tag {
	case "latest", "lts", "stable", "slim":
		return r.Repository == "jenkins/jenkins" || r.Repository != "adoptopenjdk" && !strings.Contains(r.Repository, "/")
	}
	return false
}
