package facts

// programs are what images run without installing them by name: programs of the
// full official images, or of packages that others recommend, with their packages
// in Debian and Ubuntu.
//
// Left out: what the base system or a dependency of much else brings (openssl,
// perl, python3, gpg before its own package), and what the shell has itself.
//
// Source: the contents of the packages in Debian bookworm
// (https://packages.debian.org/bookworm/<package>).
var programs = map[string]string{
	"curl": "curl", "wget": "wget", "git": "git", "hg": "mercurial", "svn": "subversion",
	"ssh": "openssh-client", "scp": "openssh-client", "ssh-keygen": "openssh-client", "ssh-keyscan": "openssh-client",
	"gpg": "gnupg", "ps": "procps", "pgrep": "procps", "pkill": "procps", "top": "procps", "free": "procps", "watch": "procps",
	"file": "file", "convert": "imagemagick", "identify": "imagemagick", "mogrify": "imagemagick",
	"unzip": "unzip", "bzip2": "bzip2", "xz": "xz-utils", "patch": "patch", "make": "make", "gcc": "gcc",
}

// PackageOfProgram returns the package of Debian that has a program which images
// run without naming it, false for any other program.
func PackageOfProgram(name string) (pkg string, ok bool) {
	pkg, ok = programs[name]
	return pkg, ok
}

// alpinePrograms are what images of Alpine bring beyond its base, by repository: the
// packages of the programs in them.
// Sources: the Dockerfiles of https://github.com/carlossg/docker-maven (alpine) and
// https://github.com/dotnet/dotnet-docker (src/sdk).
var alpinePrograms = map[string]map[string]string{
	"maven":                        {"bash": "bash", "curl": "curl", "git": "git", "ssh": "openssh-client", "ps": "procps"},
	"gradle":                       {"bash": "bash", "curl": "curl", "git": "git", "ssh": "openssh-client", "unzip": "unzip", "wget": "wget"},
	"mcr.microsoft.com/dotnet/sdk": {"curl": "curl", "git": "git"},
}

// AlpineProgram is the package of a program that an image of Alpine's brings beyond
// the base, false where it brings none.
func AlpineProgram(ref, program string) (pkg string, ok bool) {
	pkg, ok = alpinePrograms[ParseRef(ref).Repository][program]
	return pkg, ok
}
