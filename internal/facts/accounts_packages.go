package facts

import "slices"

// packageAccounts are accounts that installing a package makes with an ID that
// the distribution has fixed. Debian and Ubuntu fix none: their packages take
// the next free one.
//
// Sources: https://pagure.io/setup/blob/master/f/uidgid (Fedora, RHEL and
// relatives); main/postgresql-common's
// pre-install in https://gitlab.alpinelinux.org/alpine/aports (adduser -u 70).
var packageAccounts = []struct {
	distro   Distro
	packages []string
	account  Account
}{
	{Alpine, []string{"postgresql", "postgresql12", "postgresql13", "postgresql14", "postgresql15", "postgresql16", "postgresql17"},
		Account{"postgres", 70, 70, "postgres", "/var/lib/postgresql", "/bin/sh"}},
	{RedHat, []string{"httpd"}, Account{"apache", 48, 48, "apache", "/usr/share/httpd", "/sbin/nologin"}},
	{RedHat, []string{"mariadb-server", "mysql-server"}, Account{"mysql", 27, 27, "mysql", "/var/lib/mysql", ""}},
	{RedHat, []string{"postgresql-server"}, Account{"postgres", 26, 26, "postgres", "/var/lib/pgsql", "/bin/bash"}},
}

// PackageAccount is the account of that name that installing a package makes,
// where its ID is the same on every machine.
func PackageAccount(distro Distro, pkg, name string) (Account, bool) {
	for _, row := range packageAccounts {
		if row.distro == distro && row.account.Name == name && slices.Contains(row.packages, pkg) {
			return row.account, true
		}
	}
	return Account{}, false
}
