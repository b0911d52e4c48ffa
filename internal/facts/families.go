package facts

import "strings"

// A Distro is a family of distributions that share a package manager, a libc
// and the names of the base accounts. The zero value is Unknown.
type Distro int

const (
	Unknown Distro = iota
	Debian
	Ubuntu
	Alpine
	RedHat // Fedora, CentOS, RHEL and UBI, Rocky, Alma, Oracle, Amazon Linux
	SUSE
	Arch
	Wolfi   // and Chainguard images
	Mariner // Azure Linux, CBL-Mariner, VMware Photon: rpm with tdnf
	Distroless
	Busybox
	Scratch
	Windows
)

var distroNames = [...]string{
	"unknown", "Debian", "Ubuntu", "Alpine", "Red Hat", "SUSE", "Arch", "Wolfi", "Azure Linux",
	"distroless", "BusyBox", "scratch", "Windows",
}

func (d Distro) String() string {
	if d < 0 || int(d) >= len(distroNames) {
		return "unknown"
	}
	return distroNames[d]
}

// A Family is what an image's reference says about its distribution. The zero
// value means that nothing is known.
type Family struct {
	Distro Distro
	// Release as the distribution writes it in names: "bookworm", "24.04",
	// "3.19" (Alpine), "9" (Red Hat's major, "2023" for Amazon Linux, "40" for
	// Fedora). "" means not known for sure; see Possible.
	Release string
	// Floating is set where the tag names no release and its image moves to a
	// newer release when the maintainers do (python:3.11, node:lts).
	Floating bool
	// Possible are, where Release is "", the releases that the tag has pointed
	// to as far as floatingLines tells or that its line is built for too, oldest first; none
	// where that is not known either.
	Possible []string
	// Current is, where Release is "", the release that the tag stood on at AsOf
	// ("2026-09-20"), and will leave one day. "" means not known. What is made of
	// it must stay right when the tag moves, or name AsOf to the reader.
	Current, AsOf string
	// Slim is set for the variant without the build tools (-slim).
	Slim bool
	// Minimal is set for ubi-minimal and its like, with microdnf for dnf.
	Minimal bool
	// Flavor tells Red Hat's relatives apart where it matters: "fedora",
	// "centos", "ubi", "amazon", "oracle", "rocky", "alma"; and images without
	// a package manager: "chiseled", "distroless", "ubi", "" for Google's.
	Flavor string
}

// ReleaseNow is the release that the image stands on, as far as it is known: the
// certain one, with asOf "", or the one of a day, asOf.
func (f Family) ReleaseNow() (release, asOf string) {
	if f.Release != "" {
		return f.Release, ""
	}
	return f.Current, f.AsOf
}

// PackageManager is the command that installs packages: "apt-get", "apk",
// "dnf", "microdnf", "yum", "zypper", "pacman", "tdnf"; "" where there is none
// or where it is not known.
func (f Family) PackageManager() string {
	switch f.Distro {
	case Debian, Ubuntu:
		return "apt-get"
	case Alpine, Wolfi:
		return "apk"
	case RedHat:
		return f.redHatPackageManager()
	case SUSE:
		return "zypper"
	case Arch:
		return "pacman"
	case Mariner:
		return "tdnf"
	}
	return ""
}

// redHatPackageManager: dnf came with Fedora 22, RHEL 8 and Amazon Linux 2023.
func (f Family) redHatPackageManager() string {
	switch {
	case f.Minimal:
		return "microdnf"
	case f.Release == "":
		return ""
	case f.Flavor == "fedora":
		return "dnf"
	case f.Flavor == "amazon" && f.Release != "2023":
		return "yum"
	case f.Release == "5" || f.Release == "6" || f.Release == "7":
		return "yum"
	}
	return "dnf"
}

// A Libc is the C library that programs of an image link.
type Libc string

const (
	UnknownLibc Libc = ""
	Glibc       Libc = "glibc"
	Musl        Libc = "musl"
)

// Libc is the C library of the distribution. Scratch has none, BusyBox images
// come with one of three, distroless static has none: all unknown here.
func (f Family) Libc() Libc {
	switch f.Distro {
	case Debian, Ubuntu, RedHat, SUSE, Arch, Wolfi, Mariner:
		return Glibc
	case Alpine:
		return Musl
	}
	return UnknownLibc
}

// AccountTools says which commands make accounts in an image.
type AccountTools int

const (
	NoAccountTools AccountTools = iota // none, or not known
	ShadowTools                        // groupadd -g, useradd -u
	BusyboxTools                       // addgroup -g, adduser -u -D -G
)

// AccountTools are the commands of the unmodified base image. Debian's and
// Ubuntu's have passwd's useradd (adduser is gone from Ubuntu 24.04's and
// Debian trixie's); Alpine, Wolfi and BusyBox have BusyBox's adduser. Of Red
// Hat's, ubi-minimal and amazonlinux lack shadow-utils; the ones known to have
// it are listed.
func (f Family) AccountTools() AccountTools {
	switch f.Distro {
	case Debian, Ubuntu, Arch:
		return ShadowTools
	case Alpine, Busybox, Wolfi:
		return BusyboxTools
	case RedHat:
		if !f.Minimal && (f.Flavor == "ubi" || f.Flavor == "centos" || f.Flavor == "rocky" || f.Flavor == "alma") {
			return ShadowTools
		}
	}
	return NoAccountTools
}

// codenames are the Debian and Ubuntu releases that tags name.
// Sources: https://www.debian.org/releases/, https://wiki.ubuntu.com/Releases.
var codenames = map[string]Family{
	"wheezy":   {Distro: Debian, Release: "wheezy"},
	"jessie":   {Distro: Debian, Release: "jessie"},
	"stretch":  {Distro: Debian, Release: "stretch"},
	"buster":   {Distro: Debian, Release: "buster"},
	"bullseye": {Distro: Debian, Release: "bullseye"},
	"bookworm": {Distro: Debian, Release: "bookworm"},
	"trixie":   {Distro: Debian, Release: "trixie"},
	"forky":    {Distro: Debian, Release: "forky"},
	"sid":      {Distro: Debian, Release: "sid"},
	"precise":  {Distro: Ubuntu, Release: "12.04"},
	"quantal":  {Distro: Ubuntu, Release: "12.10"},
	"raring":   {Distro: Ubuntu, Release: "13.04"},
	"saucy":    {Distro: Ubuntu, Release: "13.10"},
	"trusty":   {Distro: Ubuntu, Release: "14.04"},
	"utopic":   {Distro: Ubuntu, Release: "14.10"},
	"vivid":    {Distro: Ubuntu, Release: "15.04"},
	"wily":     {Distro: Ubuntu, Release: "15.10"},
	"xenial":   {Distro: Ubuntu, Release: "16.04"},
	"yakkety":  {Distro: Ubuntu, Release: "16.10"},
	"zesty":    {Distro: Ubuntu, Release: "17.04"},
	"artful":   {Distro: Ubuntu, Release: "17.10"},
	"bionic":   {Distro: Ubuntu, Release: "18.04"},
	"cosmic":   {Distro: Ubuntu, Release: "18.10"},
	"disco":    {Distro: Ubuntu, Release: "19.04"},
	"eoan":     {Distro: Ubuntu, Release: "19.10"},
	"focal":    {Distro: Ubuntu, Release: "20.04"},
	"groovy":   {Distro: Ubuntu, Release: "20.10"},
	"hirsute":  {Distro: Ubuntu, Release: "21.04"},
	"impish":   {Distro: Ubuntu, Release: "21.10"},
	"jammy":    {Distro: Ubuntu, Release: "22.04"},
	"kinetic":  {Distro: Ubuntu, Release: "22.10"},
	"lunar":    {Distro: Ubuntu, Release: "23.04"},
	"mantic":   {Distro: Ubuntu, Release: "23.10"},
	"noble":    {Distro: Ubuntu, Release: "24.04"},
	"oracular": {Distro: Ubuntu, Release: "24.10"},
	"plucky":   {Distro: Ubuntu, Release: "25.04"},
	"questing": {Distro: Ubuntu, Release: "25.10"},
	"resolute": {Distro: Ubuntu, Release: "26.04"},
	"stonking": {Distro: Ubuntu, Release: "26.10"},
}

// debianNumbers are the code names of Debian's numbered releases.
var debianNumbers = map[string]string{
	"7": "wheezy", "8": "jessie", "9": "stretch", "10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie",
}

// Image says which distribution an image reference stands for: from the tag
// where the tag names it, else from the tables of known images.
func Image(ref string) Family {
	r := ParseRef(ref)
	if r.Repository == "" {
		return Family{}
	}
	if r.Repository == "scratch" {
		return Family{Distro: Scratch}
	}
	fromTag := familyOfTag(r.Tag)
	if fromTag.Distro == Windows {
		return fromTag
	}
	if f, ok := distributionImage(r); ok {
		return f
	}
	if fromTag.Distro == Alpine && fromTag.Release == "" {
		return floatAlpine(fromTag, r)
	}
	if fromTag.Distro != Unknown {
		return fromTag
	}
	f := knownImage(r)
	f.Slim = fromTag.Slim
	return f
}

// familyOfTag reads the tokens of a tag: 3.11-slim-bookworm, 20-alpine3.19,
// 8.0-jammy-chiseled, 1.2-ubuntu22.04, 3.9-windowsservercore-ltsc2022.
func familyOfTag(tag string) Family {
	var f Family
	slim := false
	for token := range strings.SplitSeq(strings.ToLower(tag), "-") {
		if token == "slim" {
			slim = true
			continue
		}
		if f.Distro == Unknown {
			f = familyOfToken(token)
		}
		if token == "chiseled" || token == "distroless" {
			f = Family{Distro: Distroless, Flavor: token}
			break
		}
	}
	f.Slim = slim
	return f
}

func familyOfToken(token string) Family {
	if f, ok := codenames[token]; ok {
		return f
	}
	if strings.HasPrefix(token, "windows") || strings.HasPrefix(token, "nanoserver") {
		return Family{Distro: Windows}
	}
	if version, ok := strings.CutPrefix(token, "alpine"); ok && isVersion(version) {
		return Family{Distro: Alpine, Release: version, Floating: version == ""}
	}
	if version, ok := strings.CutPrefix(token, "ubuntu"); ok && strings.Contains(version, ".") && isVersion(version) {
		return Family{Distro: Ubuntu, Release: version}
	}
	if number, ok := strings.CutPrefix(token, "debian"); ok && debianNumbers[number] != "" {
		return Family{Distro: Debian, Release: debianNumbers[number]}
	}
	for _, t := range redHatTokens {
		if version, ok := strings.CutPrefix(token, t.prefix); ok && version != "" && isVersion(version) {
			return Family{Distro: RedHat, Release: version, Flavor: t.flavor}
		}
	}
	return Family{}
}

// redHatTokens are how tags name Red Hat's relatives: ubi9, centos7, al2023.
var redHatTokens = []struct{ prefix, flavor string }{
	{"ubi", "ubi"}, {"centos", "centos"}, {"fedora", "fedora"}, {"oraclelinux", "oracle"},
	{"rockylinux", "rocky"}, {"almalinux", "alma"}, {"amazonlinux", "amazon"}, {"al", "amazon"},
}

// isVersion reports whether s consists of digits and dots; "" does.
func isVersion(s string) bool { return strings.Trim(s, "0123456789.") == "" }
