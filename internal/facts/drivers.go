package facts

import (
	"path"
	"slices"
	"strings"
)

// A Driver is a database client that a vendor ships outside Debian, and what
// of it must exist in an image that runs with it.
type Driver struct {
	Name string // as its vendor calls it

	// How a Dockerfile shows it: the packages that it installs, the beginnings
	// of the archives that it downloads, the directories that it unpacks to.
	Packages []string
	Archives []string
	Library  string // the beginning of its library's file name
	Dir      string // files stand below it, version included: /opt/oracle/instantclient_19_8

	// What the runtime stage needs.
	Install   []string             // vendor packages to install there; copying their files is not enough
	Debian    []string             // packages of Debian, the same name in every release
	DebianDev []string             // -dev packages whose RuntimePackages it loads as well
	Env       []string             // NAME=value for the installing command
	Config    []string             // files outside Dir that must exist (globs)
	Ldconfig  bool                 // Dir must be in /etc/ld.so.conf.d and ldconfig run, or in LD_LIBRARY_PATH
	Links     []SonameLink         // links that the release needs besides
	Source    map[string]DebSource // the vendor's repository by Debian release
	Tools     []string             // packages needed to set it up, not to run it
}

// A SonameLink is a symbolic link that a driver needs in some releases.
type SonameLink struct{ Release, Link, Target string }

// A DebSource is a vendor's apt repository.
type DebSource struct {
	Line    string // for a file in /etc/apt/sources.list.d; its signed-by names Keyring
	KeyURL  string // ASCII-armoured
	Keyring string // where the dearmoured key goes
}

// microsoft17 and microsoft18 are Microsoft's repositories by release: the
// packages' postinst registers the driver in /etc/odbcinst.ini by odbcinst -i
// -d, and their preinst demands the licence. Trixie's is signed with another
// key, and has the packages of version 17 since 2026-04-30.
//
// Sources: https://learn.microsoft.com/sql/connect/odbc/linux-mac/installing-the-microsoft-odbc-driver-for-sql-server,
// https://packages.microsoft.com/config/debian/, https://packages.microsoft.com/keys/,
// https://packages.microsoft.com/repos/microsoft-debian-trixie-prod/pool/main/m/.
var (
	microsoft17 = map[string]DebSource{
		"bullseye": microsoftDeb("11", "bullseye", "microsoft.asc"),
		"bookworm": microsoftDeb("12", "bookworm", "microsoft.asc"),
		"trixie":   microsoftDeb("13", "trixie", "microsoft-2025.asc"),
	}
	microsoft18 = map[string]DebSource{
		"bullseye": microsoftDeb("11", "bullseye", "microsoft.asc"),
		"bookworm": microsoftDeb("12", "bookworm", "microsoft.asc"),
		"trixie":   microsoftDeb("13", "trixie", "microsoft-2025.asc"),
	}
)

func microsoftDeb(number, codename, key string) DebSource {
	const keyring = "/usr/share/keyrings/microsoft-prod.gpg"
	return DebSource{
		Line:    "deb [arch=amd64,arm64,armhf signed-by=" + keyring + "] https://packages.microsoft.com/debian/" + number + "/prod " + codename + " main",
		KeyURL:  "https://packages.microsoft.com/keys/" + key,
		Keyring: keyring,
	}
}

// drivers is the table.
//
// Sources: for Microsoft's see microsoft18; Oracle:
// https://www.oracle.com/database/technologies/instant-client/linux-x86-64-downloads.html
// (installation notes: libaio, ldconfig) and
// https://python-oracledb.readthedocs.io/en/latest/user_guide/installation.html.
// Debian trixie and Ubuntu 24.04 renamed libaio.so.1 to libaio.so.1t64, which
// Oracle's libraries do not know.
var drivers = []Driver{
	{
		Name:     "Microsoft ODBC Driver 17 for SQL Server",
		Packages: []string{"msodbcsql17"},
		Library:  "libmsodbcsql-17",
		Dir:      "/opt/microsoft/msodbcsql17",
		Install:  []string{"msodbcsql17"},
		Debian:   []string{"odbcinst", "unixodbc"},
		Env:      []string{"ACCEPT_EULA=Y"},
		Config:   []string{"/etc/odbcinst.ini"},
		Source:   microsoft17,
		Tools:    []string{"ca-certificates", "curl", "gnupg"},
	},
	{
		Name:     "Microsoft ODBC Driver 18 for SQL Server",
		Packages: []string{"msodbcsql18"},
		Library:  "libmsodbcsql-18",
		Dir:      "/opt/microsoft/msodbcsql18",
		Install:  []string{"msodbcsql18"},
		Debian:   []string{"odbcinst", "unixodbc"},
		Env:      []string{"ACCEPT_EULA=Y"},
		Config:   []string{"/etc/odbcinst.ini"},
		Source:   microsoft18,
		Tools:    []string{"ca-certificates", "curl", "gnupg"},
	},
	{
		Name:     "sqlcmd and bcp for Microsoft ODBC Driver 17",
		Packages: []string{"mssql-tools"},
		Dir:      "/opt/mssql-tools",
		Install:  []string{"mssql-tools"}, // depends on msodbcsql17
		Env:      []string{"ACCEPT_EULA=Y"},
		Source:   microsoft17,
		Tools:    []string{"ca-certificates", "curl", "gnupg"},
	},
	{
		Name:     "sqlcmd and bcp for Microsoft ODBC Driver 18",
		Packages: []string{"mssql-tools18"},
		Dir:      "/opt/mssql-tools18",
		Install:  []string{"mssql-tools18"}, // depends on msodbcsql18
		Env:      []string{"ACCEPT_EULA=Y"},
		Source:   microsoft18,
		Tools:    []string{"ca-certificates", "curl", "gnupg"},
	},
	{
		Name:      "Oracle Instant Client",
		Archives:  []string{"instantclient-basic-", "instantclient-basiclite-", "instantclient-sdk-", "instantclient-sqlplus-", "instantclient-odbc-"},
		Dir:       "/opt/oracle/instantclient",
		DebianDev: []string{"libaio-dev"}, // libaio1, in trixie libaio1t64
		Config:    []string{"/etc/ld.so.conf.d/*.conf"},
		Ldconfig:  true,
		Links: []SonameLink{
			{"trixie", "/usr/lib/x86_64-linux-gnu/libaio.so.1", "libaio.so.1t64"},
		},
		Tools: []string{"unzip"},
	},
}

// DriverOfPackage is the driver that a package installs.
func DriverOfPackage(pkg string) (Driver, bool) {
	return findDriver(func(d Driver) bool { return slices.Contains(d.Packages, pkg) })
}

// DriverOfArchive is the driver in an archive of that file name or URL.
func DriverOfArchive(nameOrURL string) (Driver, bool) {
	name := nameOrURL[strings.LastIndexByte(nameOrURL, '/')+1:]
	return findDriver(func(d Driver) bool {
		return slices.ContainsFunc(d.Archives, func(begin string) bool { return strings.HasPrefix(name, begin) })
	})
}

// DriverOfPath is the driver whose files stand at or below an absolute path
// such as /opt/oracle/instantclient_21_4.
func DriverOfPath(name string) (Driver, bool) {
	return findDriver(func(d Driver) bool {
		rest, ok := strings.CutPrefix(name, d.Dir)
		return ok && (rest == "" || rest[0] == '/' || rest[0] == '_')
	})
}

// DriverOfLibrary is the driver whose library a path or pattern names, such as
// /usr/lib/libmsodbcsql-17.*.
func DriverOfLibrary(library string) (Driver, bool) {
	name := library[strings.LastIndexByte(library, '/')+1:]
	return findDriver(func(d Driver) bool { return d.Library != "" && strings.HasPrefix(name, d.Library+".") })
}

// HoldsDriver reports whether a folder is made for the files of a driver alone:
// /opt/oracle.
func HoldsDriver(folder string) bool {
	_, ok := findDriver(func(d Driver) bool {
		return strings.TrimSuffix(folder, "/") == path.Dir(d.Dir) && path.Dir(d.Dir) != "/opt"
	})
	return ok
}

func findDriver(match func(Driver) bool) (Driver, bool) {
	i := slices.IndexFunc(drivers, match)
	if i < 0 {
		return Driver{}, false
	}
	return drivers[i], true
}

// RuntimePackages are the Debian packages that the driver needs in a release,
// besides Install, sorted. known is false where the release is not in the
// package tables.
func (d Driver) RuntimePackages(release string) (pkgs []string, known bool) {
	return runtimeOf(release, d.DebianDev, d.Debian)
}

// runtimeOf joins the packages that -dev packages stand for with others.
func runtimeOf(release string, devs, others []string) (pkgs []string, known bool) {
	pkgs = slices.Clone(others)
	for _, dev := range devs {
		more, ok := RuntimePackages(release, dev)
		if !ok {
			return nil, false
		}
		pkgs = append(pkgs, more...)
	}
	slices.Sort(pkgs)
	return slices.Compact(pkgs), true
}
