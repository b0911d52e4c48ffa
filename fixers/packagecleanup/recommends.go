package packagecleanup

import (
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// A recommendation is a package that apt installs beside others because they
// recommend it, and that images rely on without naming it.
type recommendation struct {
	by     []string // the packages that recommend it
	adds   string
	unless []string // packages that bring it, or stand for it
	shown  []string // what in the file shows that it is used; none: it always may be
}

// recommendations is the table.
//
// A row says when a package is needed; that it is recommended is read off the index of
// the release ([facts.Brings]) where that is known and has the package. Source of
// the rows: the Recommends fields of Debian bookworm and Ubuntu 18.04 and 22.04
// (https://packages.debian.org, https://packages.ubuntu.com). curl and wget
// recommend ca-certificates by way of their libraries. Of what apt would install
// beside xvfb in bookworm, the two rows and what they depend on are all; beside
// php-pear there is nothing.
var recommendations = []recommendation{
	{by: []string{"curl", "wget", "git", "git-core", "aria2", "lynx", "apt-transport-https", "docker.io"}, adds: "ca-certificates", unless: []string{"ca-certificates-java", "software-properties-common", "openjdk-*", "default-jre*", "default-jdk*", "python3-pip", "python3-requests", "python3-certifi"}},
	{by: []string{"git", "git-core", "mercurial"}, adds: "openssh-client", unless: []string{"ssh", "openssh-server"}, shown: []string{"git@", "ssh://", "ssh-keyscan", "ssh-keygen", "ssh-agent", "scp ", "GIT_SSH", ".ssh", "type=ssh"}},
	{by: []string{"git", "git-core"}, adds: "patch", shown: []string{"patch -p", "| patch", "patch <"}},
	{by: []string{"gcc", "gcc-*", "gfortran"}, adds: "libc6-dev", unless: []string{"build-essential", "g++", "g++-*", "clang", "clang-*", "*-dev"}},
	{by: []string{"cmake"}, adds: "make", unless: []string{"build-essential", "ninja-build"}},
	{by: []string{"gnupg", "gnupg2", "gpg"}, adds: "dirmngr", shown: []string{"--keyserver", "--recv"}},
	{by: []string{"build-essential"}, adds: "gnupg", unless: []string{"gnupg2", "gpg", "software-properties-common"}, shown: []string{"apt-key ", "gpg "}}, // by way of dpkg-dev
	{by: []string{"software-properties-common"}, adds: "gpg-agent", unless: []string{"gnupg", "gnupg2", "gnupg-agent"}, shown: []string{"add-apt-repository"}},
	{by: []string{"xvfb"}, adds: "xauth", unless: []string{"xorg"}},
	{by: []string{"xvfb"}, adds: "xfonts-base", unless: []string{"xorg"}}, // by way of xserver-common
	{by: []string{"python-pip"}, adds: "python-setuptools"},
	{by: []string{"python-pip"}, adds: "python-wheel", shown: pipRuns},
	{by: []string{"python-pip"}, adds: "build-essential", unless: []string{"gcc", "gcc-*", "g++", "g++-*"}, shown: pipRuns},
	{by: []string{"python-pip"}, adds: "python-dev", unless: []string{"python-all-dev", "python2-dev"}, shown: pipRuns},
	{by: []string{"python3-pip"}, adds: "python3-setuptools", shown: pipRuns}, // of 18.04 and before
	{by: []string{"python3-pip"}, adds: "python3-wheel", shown: pipRuns},
	{by: []string{"python3-pip"}, adds: "build-essential", unless: []string{"gcc", "gcc-*", "g++", "g++-*"}, shown: pipRuns},
	{by: []string{"python3-pip"}, adds: "python3-dev", unless: []string{"python3-all-dev"}, shown: pipRuns},
	{by: []string{"npm"}, adds: "build-essential"}, // by way of node-gyp
	{by: []string{"npm"}, adds: "git", shown: []string{"npm "}},
	{by: []string{"r-base", "r-base-core"}, adds: "r-base-dev"},
	{by: []string{"r-base-core", "r-base-dev"}, adds: "r-recommended", unless: []string{"r-base"}},
	{by: []string{"zip"}, adds: "unzip", shown: []string{"unzip "}},
	{by: []string{"graphicsmagick", "graphicsmagick-*", "libgraphicsmagick*", "libmagick*", "libvips*", "python3-wand"}, adds: "ghostscript"}, // which they run for PDF and PostScript
	{by: []string{"slapd"}, adds: "ldap-utils", shown: []string{"ldapadd", "ldapmodify", "ldapsearch"}},
	{by: []string{"openvpn"}, adds: "easy-rsa", shown: []string{"easyrsa", "easy-rsa"}},
	{by: []string{"apache2"}, adds: "ssl-cert", shown: []string{"snakeoil", "default-ssl"}},
}

// pipRuns show that pip may compile.
var pipRuns = []string{"pip install", "pip3 install", "-m pip", "setup.py"}

// reliant are packages whose recommended packages are the point of them, or are
// too many to tell which of them an image needs.
var reliant = []string{
	"*-desktop", "*-desktop-*", "task-*", "kde-*", "gnome*", "xfce4*", "lxde*", "lxqt*", "mate-*", "cinnamon*", "i3", "openbox", "fluxbox",
	"xorg", "xserver-*", "x11vnc", "xrdp", "tigervnc*", "tightvnc*", "novnc", "firefox*", "chromium*", "wine*", "steam*",
	"libreoffice*", "unoconv", "texlive*", "latexmk", "lyx", "asciidoc*", "dblatex", "docbook*", "inkscape", "gimp", "blender",
	"imagemagick*", "ghostscript", "gstreamer1.0-*", "libgstreamer*", "pulseaudio", "vlc*", "mplayer", "sox", "festival", "youtube-dl", "yt-dlp",
	"octave*", "gnuplot*", "sagemath", "opam", "haskell-platform", "golang", "golang-go", "golang-[0-9]*", "cargo", "rustc",
	"devscripts", "debhelper", "dpkg-dev", "dh-*", "git-buildpackage", "ubuntu-dev-tools", "equivs", "debootstrap", "ansible*",
	"docker-ce*", "qemu*", "libvirt*", "virt-*", "virtualbox*", "lxc*", "systemd*", "init", "dbus*", "linux-image*", "linux-headers*", "dkms", "grub*",
	"postfix", "exim4*", "dovecot*", "spamassassin", "clamav*", "amavisd*", "samba*", "winbind", "sssd*", "krb5-*", "slapd-*",
	"asterisk*", "collectd*", "munin*", "nagios*", "icinga*", "zabbix*", "cups*", "hplip*", "sane*", "kodi*", "freeswitch*", "snapd", "network-manager*",
	"mailutils", "bsd-mailx", "heirloom-mailx", "r-cran-*", "phpmyadmin", "roundcube*", "*postgis*",
	"php-imagick", "php*-imagick", "aptitude", "tasksel", "unattended-upgrades", "kubuntu*", "xubuntu*", "lubuntu*",
	"mysql-workbench*", "gazebo*", "ros-*", "cuda*", "nvidia-*", "mono-*", "android-*", "google-chrome*", "calibre", "wkhtmltopdf", "sphinx*", "doxygen*",
}

// boundTo recommend packages of their own version: beside a version that the file
// asks for, another could not be installed by name.
var boundTo = []string{"r-base*"}

// reliantWithout are packages that are reliant unless one of the others is there.
var reliantWithout = []struct {
	name   string
	others []string
}{
	{"yarn", []string{"nodejs", "node"}},
	{"cmake", []string{"gcc", "gcc-*", "g++", "g++-*", "clang", "clang-*", "build-essential"}},
}

// withCertificates are images that have ca-certificates beside those that package
// facts knows. Source: their Dockerfiles in
// https://github.com/docker-library/official-images/tree/master/library.
var withCertificates = map[string]bool{
	"php": true, "nginx": true, "wordpress": true, "drupal": true, "eclipse-temurin": true, "openjdk": true, "maven": true, "gradle": true,
	"jenkins/jenkins": true, "continuumio/miniconda3": true, "continuumio/anaconda3": true, "composer": true,
	"mcr.microsoft.com/dotnet/sdk": true, "mcr.microsoft.com/dotnet/aspnet": true, "mcr.microsoft.com/dotnet/runtime": true,
	"mcr.microsoft.com/dotnet/core/sdk": true, "mcr.microsoft.com/dotnet/core/aspnet": true, "mcr.microsoft.com/dotnet/core/runtime": true,
}

// packages are the packages that an image has for sure at a point.
type packages map[string]bool

// startOf returns what a stage begins with.
func startOf(s *build.Stage, base packages) packages {
	have := packages{}
	for p := range base {
		have[p] = true
	}
	if s.Base != nil {
		return have
	}
	known, _ := facts.Preinstalled(s.Ref)
	for _, p := range known {
		have[p] = true
	}
	if facts.ParseRef(s.Ref).Repository == "node" {
		have["node"] = true
	}
	if withCertificates[facts.ParseRef(s.Ref).Repository] {
		have["ca-certificates"] = true
	}
	return have
}

// install adds what a layer installs. What is recommended is there too: by itself,
// or because the fixer names it.
func (have packages) install(l *layer) {
	for _, inv := range l.uses("apt-get") {
		if inv.Action != pkgmgr.Install || inv.Command.Conditional {
			continue
		}
		var names []string
		for _, w := range inv.Packages() {
			names = append(names, pkgmgr.Name(w.Value))
			have[names[len(names)-1]] = true
		}
		if isBare(inv) {
			continue
		}
		for _, r := range recommendations {
			if slices.ContainsFunc(names, func(name string) bool { return matchAny(r.by, name) }) {
				have[r.adds] = have[r.adds] || !matchAnyIn(r.unless, have)
			}
		}
	}
}

// isBare reports whether the author has settled what happens to recommended
// packages.
func isBare(inv pkgmgr.Invocation) bool {
	if inv.HasFlag("--no-install-recommends", "--install-recommends", "--install-suggests", "--without-recommends", "--with-recommends", "-R") {
		return true
	}
	for _, w := range inv.Command.Words {
		if strings.Contains(w.Value, "Install-Recommends") {
			return true
		}
	}
	return false
}

// withoutRecommends adds --no-install-recommends, and the recommended packages
// that the image goes on to need.
func withoutRecommends(l *layer, inv pkgmgr.Invocation) {
	words := inv.Command.Words
	if isBare(inv) || len(inv.Operands) == 0 || inv.Verb < 0 || words[inv.Verb].Value != "install" || strings.HasSuffix(words[inv.Program].Value, "aptitude") ||
		strings.Contains(l.File.Text, "Install-Recommends") {
		return
	}
	named := maps.Clone(l.named)
	for _, w := range inv.Packages() {
		name := pkgmgr.Name(w.Value)
		switch {
		case !w.Literal && (w.Value == "" || !isPlain(name)):
			l.decline("the package list comes from " + w.Raw)
			return
		case strings.HasSuffix(w.Value, ".deb"):
			l.decline("what " + w.Value + " recommends is not known")
			return
		case matchAny(reliant, name), strings.Contains(w.Value, "=") && matchAny(boundTo, name):
			l.decline("the image may need what " + name + " recommends")
			return
		}
		named[name] = true
	}
	for _, r := range reliantWithout {
		if named[r.name] && !matchAnyIn(r.others, named) && !matchAnyIn(r.others, l.have) {
			l.decline("the image may need what " + r.name + " recommends")
			return
		}
	}
	missing := l.misses(inv, named)
	programs, reason := l.unnamedPrograms(inv, named)
	if reason != "" {
		l.decline(reason)
		return
	}
	missing = append(missing, programs...)
	for _, r := range programs {
		for _, further := range l.missesOf(r.adds, named) {
			missing = append(missing, recommendation{by: r.by, adds: further})
		}
	}
	if reason := l.pipNeeds(inv, missing); reason != "" {
		l.decline(reason)
		return
	}
	if len(missing) > 0 && !l.hasLists(inv) {
		l.decline(missing[0].adds + " would have to be named, and nothing here fetches package lists for it")
		return
	}
	if i := slices.IndexFunc(missing, func(r recommendation) bool { return r.adds != "ca-certificates" }); i >= 0 && l.autoremoves(inv) {
		l.decline(missing[i].adds + " would have to be named, and autoremove would leave it")
		return
	}
	l.review()
	l.addFlag("skip recommended packages", inv, "--no-install-recommends")
	for _, r := range missing {
		l.addRecommended(inv, r)
	}
}

// autoremoves reports whether the layer goes on to remove what nobody has asked for:
// what an install brought along, but not what it names.
func (l *layer) autoremoves(install pkgmgr.Invocation) bool {
	r := l.blockOf(install)
	return slices.ContainsFunc(r.script.Commands[at(r, install)+1:], func(c *shell.Command) bool {
		inv, ok := pkgmgr.Recognise(c)
		return ok && inv.Manager == aptManager && inv.Action == pkgmgr.Remove &&
			(inv.HasFlag("--auto-remove", "--autoremove") || inv.Verb >= 0 && strings.HasPrefix(c.Words[inv.Verb].Value, "auto"))
	})
}

// hasLists reports whether an update of the file, in the layer or before it,
// fetched the lists that an install reads.
func (l *layer) hasLists(inv pkgmgr.Invocation) bool {
	has := l.updated != nil
	for _, r := range l.runs {
		for _, c := range r.script.Commands {
			if c == inv.Command {
				return has
			}
			other, ok := pkgmgr.Recognise(c)
			switch {
			case removes(c, aptLists):
				has = false
			case ok && other.Manager == aptManager && other.Action == pkgmgr.Update:
				has = true
			}
		}
	}
	return has
}

// pipReleases are the releases without an index whose pip recommends what the table
// says. Others before them lack wheels, and after them Python 2 goes.
var pipReleases = []string{"jessie", "stretch", "buster", "14.04", "16.04"}

// pipNeeds declines where what pip recommends may have other names: in releases of which
// nothing is known, and in those that no longer have this pip.
func (l *layer) pipNeeds(inv pkgmgr.Invocation, missing []recommendation) string {
	_, known := releases(l.stage.Image)
	if !known && slices.Contains(pipReleases, l.stage.Image.Release) {
		return ""
	}
	for _, w := range inv.Packages() {
		by := pkgmgr.Name(w.Value)
		gone := known && by == "python-pip" && !l.recommends(by, "build-essential") && l.shows(pipRuns)
		adds := slices.ContainsFunc(missing, func(r recommendation) bool { return r.by[0] == by })
		if gone || !known && adds && (by == "python-pip" || by == "python3-pip") {
			return "the compiler and headers that " + by + " recommends may serve pip"
		}
	}
	return ""
}

// misses returns what an install would no longer bring along that the image may use,
// with the package that it names for that. named takes it in.
func (l *layer) misses(inv pkgmgr.Invocation, named packages) []recommendation {
	var missing []recommendation
	for _, w := range inv.Packages() {
		name := pkgmgr.Name(w.Value)
		if l.named[name] {
			continue // an install before this one has brought what it recommends
		}
		for _, adds := range l.missesOf(name, named) {
			missing = append(missing, recommendation{by: []string{name}, adds: adds})
		}
	}
	return missing
}

// missesOf returns what one package would no longer bring along.
func (l *layer) missesOf(name string, named packages) []string {
	var adds []string
	for _, r := range recommendations {
		switch {
		case !matchAny(r.by, name) || !l.recommends(name, r.adds):
		case named[r.adds] || l.have[r.adds] || matchAnyIn(r.unless, named) || matchAnyIn(r.unless, l.have):
		case len(r.shown) > 0 && !l.shows(r.shown):
		case r.adds == "gpg-agent" && !hasAgent(l.stage.Image):
		default:
			adds = append(adds, r.adds)
			named[r.adds] = true
		}
	}
	return adds
}

// recommends reports whether a package may bring another by recommendation, as far as
// the indices know both.
func (l *layer) recommends(name, adds string) bool {
	of, known := releases(l.stage.Image)
	if !known || !facts.IsBrought(adds) {
		return true
	}
	return slices.ContainsFunc(of, func(release string) bool {
		_, recommended := facts.Brings(release, name)
		return slices.Contains(recommended, adds)
	})
}

// addRecommended names a recommended package beside the one that recommends it.
func (l *layer) addRecommended(inv pkgmgr.Invocation, r recommendation) {
	for _, i := range inv.Operands {
		by := pkgmgr.Name(inv.Command.Words[i].Value)
		if !matchAny(r.by, by) {
			continue
		}
		l.edit("skip recommended packages", inv.Command.InsertAmong(inv.Operands, i, r.adds)...)
		l.named[r.adds], l.have[r.adds] = true, true
		l.change(fix.AddPackage, r.adds)
		i := slices.IndexFunc(l.along, func(a along) bool { return a.by == by })
		if i < 0 {
			i, l.along = len(l.along), append(l.along, along{by: by})
		}
		l.along[i].adds = append(l.along[i].adds, r.adds)
		return
	}
}

// along is what a package brought along as recommended, and the fix names.
type along struct {
	by   string
	adds []string
}

// alongNote tells what the fix names, and why.
//
//	ca-certificates is named, which curl brought along as recommended
//	xauth and xfonts-base are named, which xvfb brought along as recommended
//	named now, brought along as recommended before: ca-certificates (by curl), xauth and xfonts-base (by xvfb)
func alongNote(all []along) string {
	if len(all) == 1 {
		verb := " is named"
		if len(all[0].adds) > 1 {
			verb = " are named"
		}
		return list(all[0].adds) + verb + ", which " + all[0].by + " brought along as recommended"
	}
	parts := make([]string, len(all))
	for i, a := range all {
		parts[i] = list(a.adds) + " (by " + a.by + ")"
	}
	return "named now, brought along as recommended before: " + strings.Join(parts, ", ")
}

func list(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// hasAgent reports whether GnuPG 2, whose agent is a package of its own, is what
// the release has.
func hasAgent(f facts.Family) bool {
	switch f.Release {
	case "14.04", "16.04", "wheezy", "jessie", "stretch":
		return false
	}
	return f.Distro == facts.Ubuntu || f.Distro == facts.Debian
}
