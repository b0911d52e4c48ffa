package facts

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// debbring.tsv.gz, ubuntubring.tsv.gz: which packages hold the programs that
// Dockerfiles run, and which of these come along with a package, per release.
// Source: dists/<release>/**/{binary-amd64/Packages,Contents-*}.gz; gen/contents.go
// lists the programs, gen/bring.go holds the rule and the format.
var (
	//go:embed debbring.tsv.gz
	debbringGzip []byte
	//go:embed ubuntubring.tsv.gz
	ubuntubringGzip []byte
)

var (
	debianBrings = sync.OnceValue(func() bringTable { return decodeBringTable(debbringGzip) })
	ubuntuBrings = sync.OnceValue(func() bringTable { return decodeBringTable(ubuntubringGzip) })
)

// A bringTable is a releaseTable whose cells are numbers of sets.
type bringTable struct {
	releaseTable
	sets []string
}

func decodeBringTable(gz []byte) bringTable {
	t := bringTable{releaseTable: decodeReleaseTable(gz)}
	sets, _, _ := strings.Cut(t.rows, "\n\n")
	t.sets = strings.Split(sets, "\n")
	t.starts = t.starts[min(len(t.sets)+1, len(t.starts)):]
	return t
}

// set is the set in the cell of a row: two lists of packages with blanks between. Both
// are "" where the table does not have the release.
func (t bringTable) set(key, release string) (depends, recommended string) {
	column := slices.Index(t.releases, release)
	row, found := t.row(key)
	if column < 0 || !found {
		return "", ""
	}
	if !strings.Contains(row, "\t") {
		column = 0 // one cell for all releases
	}
	number, err := strconv.Atoi(field(row, column))
	if err != nil || number >= len(t.sets) {
		return "", "" // nothing in this release
	}
	depends, recommended, _ = strings.Cut(t.sets[number], "\t")
	return depends, recommended
}

func bringsOf(release string) bringTable {
	if strings.Contains(release, ".") { // only Ubuntu's are numbers
		return ubuntuBrings()
	}
	return debianBrings()
}

// BringReleases are the releases of a distribution that [Brings] and [Holders] know,
// oldest first.
func BringReleases(d Distro) []string {
	switch d {
	case Debian:
		return []string{"bullseye", "bookworm", "trixie"}
	case Ubuntu:
		return []string{"18.04", "20.04", "22.04", "24.04", "26.04"}
	}
	return nil
}

// HasBrings reports whether [Brings] and [Holders] know a release.
func HasBrings(release string) bool {
	return slices.Contains(BringReleases(Debian), release) || slices.Contains(BringReleases(Ubuntu), release)
}

// Holders are the packages of a release of Debian ("bookworm") or Ubuntu ("22.04")
// that hold a program, without what the base image has; none for a program or a
// release that the tables do not have.
func Holders(release, program string) []string {
	holders, _ := bringsOf(release).set("/"+program, release)
	return strings.Fields(holders)
}

// Brings are the packages of [Holders] and [SilentlyUsed] that apt installs in a release
// together with a package: those that it depends on, directly or not, and those that
// come only because it, or what it depends on, recommends them. Both are sorted.
func Brings(release, pkg string) (depends, recommended []string) {
	first, second := bringsOf(release).set(pkg, release)
	return strings.Fields(first), strings.Fields(second)
}

// Programs are what Dockerfiles run that a package of another name may bring along,
// sorted: what [Holders] and [Brings] know.
//
// Left out: what every base image has (sed, perl, gzip), what only other packages'
// scripts run (ucf, debconf's), and what half the archive recommends, which would
// make the tables large: ca-certificates and openssl, fontconfig, D-Bus, X's tools.
var Programs = []string{
	"7z", "7za", "aclocal", "add-apt-repository", "ant", "ar", "aria2c", "as", "autoconf", "automake", "autoreconf", "bc", "bison", "bunzip2", "bzip2",
	"bzr", "c++", "cc", "clang", "cmake", "convert", "cpio", "cpp", "cron", "crontab", "curl", "dig", "dirmngr", "dot", "dpkg-architecture",
	"dpkg-buildpackage", "fakeroot", "ffmpeg", "file", "flex", "free", "fuser", "g++", "gcc", "gem", "gfortran", "git", "gpg", "gpg-agent", "gs", "hg",
	"host", "identify", "ifconfig", "ip", "java", "javac", "jq", "killall", "lame", "ld", "ldapadd", "ldapmodify", "ldapsearch", "less", "libtoolize",
	"lsb_release", "lsof", "lynx", "lzma", "m4", "make", "mogrify", "msgfmt", "mvn", "mysql", "nc", "netstat", "ninja", "node", "npm", "nslookup",
	"patch", "pdftoppm", "pdftotext", "pgrep", "php", "ping", "pip", "pip3", "pkg-config", "pkill", "ps", "psql", "python", "python3", "redis-cli",
	"rsvg-convert", "rsync", "ruby", "scp", "sftp", "sox", "sqlite3", "ss", "ssh", "ssh-add", "ssh-agent", "ssh-keygen", "ssh-keyscan", "strip", "sudo",
	"svn", "sysctl", "telnet", "top", "unrar", "unxz", "unzip", "w3m", "watch", "wget", "xmllint", "xsltproc", "xz", "zip", "zstd",
}

// SilentlyUsed are packages that images use without running a program of theirs:
// [Brings] knows them, too.
var SilentlyUsed = []string{
	"build-essential", "gpg-agent", "libc6-dev", "python-dev", "python-setuptools", "python-wheel", "python3-dev", "python3-setuptools",
	"python3-wheel", "r-base-dev", "ssl-cert", "easy-rsa", "xauth", "xfonts-base",
}

// IsBrought reports whether a package is [SilentlyUsed].
func IsBrought(pkg string) bool { return slices.Contains(SilentlyUsed, pkg) }
