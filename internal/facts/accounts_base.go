package facts

var root = Account{"root", 0, 0, "root", "/root", ""}

// debianAccounts: https://salsa.debian.org/debian/base-passwd/-/blob/master/passwd.master,
// the same in Ubuntu (the shells since jessie and 14.04). irc's home is /run/ircd or /var/run/ircd.
var debianAccounts = []Account{
	root,
	{"daemon", 1, 1, "daemon", "/usr/sbin", "/usr/sbin/nologin"},
	{"bin", 2, 2, "bin", "/bin", "/usr/sbin/nologin"},
	{"sys", 3, 3, "sys", "/dev", "/usr/sbin/nologin"},
	{"sync", 4, 65534, "nogroup", "/bin", "/bin/sync"},
	{"games", 5, 60, "games", "/usr/games", "/usr/sbin/nologin"},
	{"man", 6, 12, "man", "/var/cache/man", "/usr/sbin/nologin"},
	{"lp", 7, 7, "lp", "/var/spool/lpd", "/usr/sbin/nologin"},
	{"mail", 8, 8, "mail", "/var/mail", "/usr/sbin/nologin"},
	{"news", 9, 9, "news", "/var/spool/news", "/usr/sbin/nologin"},
	{"uucp", 10, 10, "uucp", "/var/spool/uucp", "/usr/sbin/nologin"},
	{"proxy", 13, 13, "proxy", "/bin", "/usr/sbin/nologin"},
	{"www-data", 33, 33, "www-data", "/var/www", "/usr/sbin/nologin"},
	{"backup", 34, 34, "backup", "/var/backups", "/usr/sbin/nologin"},
	{"list", 38, 38, "list", "/var/list", "/usr/sbin/nologin"},
	{"irc", 39, 39, "irc", "", "/usr/sbin/nologin"},
	{"nobody", 65534, 65534, "nogroup", "/nonexistent", "/usr/sbin/nologin"},
}

// alpineAccounts: https://gitlab.alpinelinux.org/alpine/aports/-/blob/master/main/alpine-baselayout/passwd,
// less the ones that current releases dropped.
var alpineAccounts = []Account{
	root,
	{"bin", 1, 1, "bin", "/bin", "/sbin/nologin"},
	{"daemon", 2, 2, "daemon", "/sbin", "/sbin/nologin"},
	{"lp", 4, 7, "lp", "/var/spool/lpd", "/sbin/nologin"},
	{"sync", 5, 0, "root", "/sbin", "/bin/sync"},
	{"shutdown", 6, 0, "root", "/sbin", "/sbin/shutdown"},
	{"halt", 7, 0, "root", "/sbin", "/sbin/halt"},
	{"mail", 8, 12, "mail", "", "/sbin/nologin"},
	{"news", 9, 13, "news", "", "/sbin/nologin"},
	{"uucp", 10, 14, "uucp", "", "/sbin/nologin"},
	{"cron", 16, 16, "cron", "", "/sbin/nologin"},
	{"ftp", 21, 21, "ftp", "", "/sbin/nologin"},
	{"sshd", 22, 22, "sshd", "", "/sbin/nologin"},
	{"games", 35, 35, "games", "/usr/games", "/sbin/nologin"},
	{"ntp", 123, 123, "ntp", "", "/sbin/nologin"},
	{"guest", 405, 100, "users", "/dev/null", "/sbin/nologin"},
	{"nobody", 65534, 65534, "nobody", "/", "/sbin/nologin"},
}

// redHatBaseAccounts: https://pagure.io/setup/blob/master/f/passwd; nobody differs, see redHatAccounts.
var redHatBaseAccounts = []Account{
	root,
	{"bin", 1, 1, "bin", "/bin", ""},
	{"daemon", 2, 2, "daemon", "/sbin", ""},
	{"adm", 3, 4, "adm", "/var/adm", ""},
	{"lp", 4, 7, "lp", "/var/spool/lpd", ""},
	{"sync", 5, 0, "root", "/sbin", "/bin/sync"},
	{"shutdown", 6, 0, "root", "/sbin", "/sbin/shutdown"},
	{"halt", 7, 0, "root", "/sbin", "/sbin/halt"},
	{"mail", 8, 12, "mail", "/var/spool/mail", ""},
	{"operator", 11, 0, "root", "/root", ""},
	{"games", 12, 100, "users", "/usr/games", ""},
	{"ftp", 14, 50, "ftp", "/var/ftp", ""},
}

// distrolessAccounts: https://github.com/GoogleContainerTools/distroless/blob/main/common/variables.bzl
// and apko's Wolfi bases, https://github.com/chainguard-images/images.
var distrolessAccounts = []Account{
	root,
	{"nonroot", 65532, 65532, "nonroot", "/home/nonroot", ""},
	{"nobody", 65534, 65534, "nobody", "", ""},
}

// busyboxAccounts: Buildroot's system/skeleton/etc/passwd, from which
// https://github.com/docker-library/busybox takes it.
var busyboxAccounts = []Account{
	root,
	{"daemon", 1, 1, "daemon", "/usr/sbin", "/bin/false"},
	{"bin", 2, 2, "bin", "/bin", "/bin/false"},
	{"sys", 3, 3, "sys", "/dev", "/bin/false"},
	{"mail", 8, 8, "mail", "/var/spool/mail", "/bin/false"},
	{"www-data", 33, 33, "www-data", "/var/www", "/bin/false"},
	{"operator", 37, 37, "operator", "", "/bin/false"},
	{"nobody", 65534, 65534, "", "/home", "/bin/false"},
}
