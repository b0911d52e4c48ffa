package pkgmgr

// apt: apt-get(8), apt(8). Its lists are only of use to a later install.
var apt = &Manager{
	Name:     "apt-get",
	Programs: []string{"apt-get", "apt", "aptitude"},
	System:   true,
	Verbs: map[string]Action{
		"update": Update, "install": Install, "reinstall": Install, "build-dep": Install, "satisfy": Install,
		"upgrade": Upgrade, "dist-upgrade": Upgrade, "full-upgrade": Upgrade, "safe-upgrade": Upgrade,
		"remove": Remove, "purge": Remove, "autoremove": Remove, "autopurge": Remove,
		"clean": Clean, "autoclean": Clean, "distclean": Clean, "dist-clean": Clean,
		"source": Other, "download": Other, "check": Other, "search": Other, "show": Other, "list": Other, "policy": Other,
	},
	ValueFlags: []string{"-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a", "--host-architecture"},
	AssumeYes:  []string{"-y", "--yes", "--assume-yes", "--force-yes"},
	Recipe:     Recipe{Clean: "rm -rf /var/lib/apt/lists/*", Paths: []string{"/var/lib/apt/lists", "/var/cache/apt"}},
}

// apk: apk(8).
var apk = &Manager{
	Name:     "apk",
	Programs: []string{"apk"},
	System:   true,
	Verbs: map[string]Action{
		"add": Install, "update": Update, "upgrade": Upgrade, "fix": Upgrade, "del": Remove, "cache clean": Clean,
		"info": Other, "search": Other, "fetch": Other, "version": Other, "list": Other,
	},
	ValueFlags: []string{"-t", "--virtual", "-X", "--repository", "-p", "--root", "--keys-dir", "--repositories-file", "--cache-dir", "--cache-max-age", "--arch", "--wait"},
	Recipe:     Recipe{NoCache: "--no-cache", Paths: []string{"/var/cache/apk", "/etc/apk/cache", "/lib/apk/db"}},
}

// rpmVerbs are the commands that dnf, microdnf, yum and tdnf share: dnf(8), yum(8).
var rpmVerbs = map[string]Action{
	"install": Install, "localinstall": Install, "reinstall": Install, "groupinstall": Install, "group install": Install, "module install": Install,
	"builddep": Install, "makecache": Update, "check-update": Update,
	"update": Upgrade, "upgrade": Upgrade, "distro-sync": Upgrade, "update-minimal": Upgrade, "upgrade-minimal": Upgrade,
	"remove": Remove, "erase": Remove, "autoremove": Remove,
	"clean all": Clean, "clean packages": Clean, "clean metadata": Clean, "clean expire-cache": Clean,
	"config-manager": Other, "module enable": Other, "module reset": Other, "module disable": Other, "repolist": Other, "download": Other, "info": Other, "list": Other, "search": Other,
}

var rpmValueFlags = []string{"-c", "--config", "-d", "--debuglevel", "-e", "-x", "--exclude", "--enablerepo", "--disablerepo", "--repo", "--repoid", "--installroot", "--releasever", "--setopt"}

var rpmYes = []string{"-y", "--assumeyes"}

var dnf = &Manager{
	Name: "dnf", Programs: []string{"dnf", "dnf5"}, System: true,
	Verbs: rpmVerbs, ValueFlags: rpmValueFlags, AssumeYes: rpmYes,
	Recipe: Recipe{Clean: "dnf clean all", Paths: []string{"/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"}},
}

var microdnf = &Manager{
	Name: "microdnf", Programs: []string{"microdnf"}, System: true,
	Verbs: rpmVerbs, ValueFlags: rpmValueFlags, AssumeYes: rpmYes,
	Recipe: Recipe{Clean: "microdnf clean all", Paths: []string{"/var/cache/yum", "/var/cache/dnf"}},
}

var yum = &Manager{
	Name: "yum", Programs: []string{"yum"}, System: true,
	Verbs: rpmVerbs, ValueFlags: rpmValueFlags, AssumeYes: rpmYes,
	Recipe: Recipe{Clean: "yum clean all", Paths: []string{"/var/cache/yum", "/var/cache/dnf"}},
}

var tdnf = &Manager{
	Name: "tdnf", Programs: []string{"tdnf"}, System: true,
	Verbs: rpmVerbs, ValueFlags: rpmValueFlags, AssumeYes: rpmYes,
	Recipe: Recipe{Clean: "tdnf clean all", Paths: []string{"/var/cache/tdnf"}},
}

// zypper: zypper(8).
var zypper = &Manager{
	Name: "zypper", Programs: []string{"zypper"}, System: true,
	Verbs: map[string]Action{
		"install": Install, "in": Install, "source-install": Install, "si": Install,
		"refresh": Update, "ref": Update, "update": Upgrade, "up": Upgrade, "patch": Upgrade, "dist-upgrade": Upgrade, "dup": Upgrade,
		"remove": Remove, "rm": Remove, "clean": Clean, "cc": Clean,
		"addrepo": Other, "ar": Other, "removerepo": Other, "rr": Other, "modifyrepo": Other, "mr": Other, "lr": Other, "search": Other,
	},
	ValueFlags: []string{"-t", "--type", "-r", "--repo", "--from", "-R", "--root", "-p", "--plus-repo", "-C"},
	AssumeYes:  []string{"-y", "--no-confirm", "-n", "--non-interactive"},
	Recipe:     Recipe{Clean: "zypper clean --all", Paths: []string{"/var/cache/zypp"}},
}

// pacman: pacman(8). Recognised so that its packages are known; not cleaned up,
// since Arch images are rolling and rarely kept.
var pacman = &Manager{
	Name: "pacman", Programs: []string{"pacman"}, System: true,
	FlagVerbs: []FlagVerb{{"-Sc", Clean}, {"-S", Install}, {"-U", Install}, {"-R", Remove}, {"-Q", Other}},
	Verbs:     map[string]Action{},
	AssumeYes: []string{"--noconfirm"},
}
