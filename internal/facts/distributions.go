package facts

import "strings"

// distributionImages are the images that are a plain distribution. Their tag
// is the release, which family reads.
//
// Sources: https://github.com/docker-library/official-images/tree/master/library
// (debian, ubuntu, alpine, fedora, centos, rockylinux, almalinux, amazonlinux,
// oraclelinux, archlinux, photon, busybox), catalog.redhat.com (ubi),
// https://github.com/GoogleContainerTools/distroless, https://hub.docker.com/u/opensuse.
var distributionImages = map[string]func(tag string) Family{
	"debian":                                 debianTag,
	"bitnami/minideb":                        debianTag,
	"ubuntu":                                 ubuntuTag,
	"public.ecr.aws/ubuntu/ubuntu":           ubuntuTag,
	"alpine":                                 alpineTag,
	"busybox":                                func(string) Family { return Family{Distro: Busybox} },
	"fedora":                                 redHatTag("fedora"),
	"quay.io/fedora/fedora":                  redHatTag("fedora"),
	"registry.fedoraproject.org/fedora":      redHatTag("fedora"),
	"centos":                                 redHatTag("centos"),
	"quay.io/centos/centos":                  redHatTag("centos"),
	"rockylinux":                             redHatTag("rocky"),
	"rockylinux/rockylinux":                  redHatTag("rocky"),
	"almalinux":                              redHatTag("alma"),
	"almalinux/almalinux":                    redHatTag("alma"),
	"amazonlinux":                            redHatTag("amazon"),
	"public.ecr.aws/amazonlinux/amazonlinux": redHatTag("amazon"),
	"oraclelinux":                            redHatTag("oracle"),
	"container-registry.oracle.com/os/oraclelinux": redHatTag("oracle"),
	"archlinux":                               func(string) Family { return Family{Distro: Arch} },
	"archlinux/base":                          func(string) Family { return Family{Distro: Arch} },
	"archlinux/archlinux":                     func(string) Family { return Family{Distro: Arch} },
	"opensuse/leap":                           suseTag,
	"opensuse/tumbleweed":                     func(string) Family { return Family{Distro: SUSE} },
	"registry.suse.com/bci/bci-base":          suseTag,
	"photon":                                  func(string) Family { return Family{Distro: Mariner} },
	"mcr.microsoft.com/azurelinux/base/core":  func(string) Family { return Family{Distro: Mariner} },
	"mcr.microsoft.com/cbl-mariner/base/core": func(string) Family { return Family{Distro: Mariner} },
	"cgr.dev/chainguard/wolfi-base":           func(string) Family { return Family{Distro: Wolfi} },
}

// distributionImage reads the release of a plain distribution's image.
func distributionImage(r Ref) (Family, bool) {
	if family, ok := distributionImages[r.Repository]; ok {
		return family(r.Tag), true
	}
	if strings.HasPrefix(r.Repository, "gcr.io/distroless/") {
		return Family{Distro: Distroless}, true
	}
	if strings.HasPrefix(r.Repository, "mcr.microsoft.com/windows") {
		return Family{Distro: Windows}, true
	}
	return ubiImage(r.Repository)
}

// ubiImage reads registry.access.redhat.com/ubi9/ubi-minimal and its like; the
// release stands in the name.
func ubiImage(repository string) (Family, bool) {
	path, ok := strings.CutPrefix(repository, "registry.access.redhat.com/")
	if !ok {
		path, ok = strings.CutPrefix(repository, "registry.redhat.io/")
	}
	release, isUBI := strings.CutPrefix(path, "ubi")
	release, image, _ := strings.Cut(release, "/")
	image = strings.TrimSuffix(image, ":")
	minimal := strings.HasSuffix(release, "-minimal") || strings.HasSuffix(image, "-minimal")
	micro := strings.HasSuffix(release, "-micro") || strings.HasSuffix(image, "-micro")
	release, _, _ = strings.Cut(release, "-")
	if !ok || !isUBI || release == "" || !isVersion(release) {
		return Family{}, false
	}
	if micro {
		return Family{Distro: Distroless, Flavor: "ubi"}, true
	}
	return Family{Distro: RedHat, Release: release, Flavor: "ubi", Minimal: minimal}, true
}

// debianTag reads bookworm, bookworm-slim, bookworm-20240101, 12, 12.5-slim,
// stable, latest.
func debianTag(tag string) Family {
	f := familyOfTag(tag)
	if f.Distro == Debian {
		return f
	}
	name, _, _ := strings.Cut(tag, "-")
	number, _, _ := strings.Cut(name, ".")
	release := debianNumbers[number]
	f = Family{Distro: Debian, Release: release, Floating: release == "", Slim: f.Slim}
	if suite := debianSuites[name]; suite != "" {
		f.Current, f.AsOf = suite, seenDebian
	}
	return f
}

// debianSuites are the releases behind the names that pass from one to the next,
// at seenDebian. unstable is always sid, whose content moves every day.
var debianSuites = map[string]string{
	"latest": "trixie", "stable": "trixie", "oldstable": "bookworm", "oldoldstable": "bullseye",
	"testing": "forky", "unstable": "sid",
}

// ubuntuTag reads 24.04, 14.04.5, noble, noble-20240212, latest, rolling. latest is the
// newest release with long-term support, rolling the newest, devel the next.
func ubuntuTag(tag string) Family {
	if f := familyOfTag(tag); f.Distro == Ubuntu {
		return f
	}
	name, _, _ := strings.Cut(tag, "-")
	if release := name[:min(len(name), len("24.04"))]; len(release) == len("24.04") && release[2] == '.' && isVersion(name) && (name == release || name[len(release)] == '.') {
		return Family{Distro: Ubuntu, Release: release}
	}
	f := Family{Distro: Ubuntu, Floating: true}
	switch name {
	case "latest":
		f.Possible, f.Current, f.AsOf = []string{"24.04", "26.04"}, "26.04", seenUbuntu
	case "rolling":
		f.Possible, f.Current, f.AsOf = []string{"25.10", "26.04", "26.10"}, "26.04", seenUbuntu
	}
	return f
}

// alpineTag reads 3, 3.19, 3.19.1, latest, edge.
func alpineTag(tag string) Family {
	parts := strings.Split(tag, ".")
	if len(parts) < 2 || !isVersion(tag) {
		f := Family{Distro: Alpine, Floating: true}
		if tag == "latest" || tag == "3" {
			f.Current, f.AsOf = newestAlpine, seenImages
		}
		return f
	}
	return Family{Distro: Alpine, Release: parts[0] + "." + parts[1]}
}

// redHatTag reads the major release of 9, 9.3, 9-minimal, 9.3.20231119, stream9,
// centos7.9.2009, 40, 2023, 2018.03.
func redHatTag(flavor string) func(tag string) Family {
	return func(tag string) Family {
		name, variant, _ := strings.Cut(tag, "-")
		name = strings.TrimPrefix(strings.TrimPrefix(name, "stream"), "centos")
		major, _, _ := strings.Cut(name, ".")
		f := Family{Distro: RedHat, Flavor: flavor, Minimal: strings.Contains(variant, "minimal")}
		if flavor == "oracle" && strings.HasPrefix(variant, "slim") {
			f.Slim, f.Minimal = true, major != "7"
		}
		if major == "" || !isVersion(major) {
			f.Floating = true
			return f
		}
		f.Release = major
		return f
	}
}

// suseTag reads 15.5.
func suseTag(tag string) Family {
	if strings.Contains(tag, ".") && isVersion(tag) {
		return Family{Distro: SUSE, Release: tag}
	}
	return Family{Distro: SUSE, Floating: true}
}
