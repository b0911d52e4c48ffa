package facts

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// An Account is a line of an image's /etc/passwd.
type Account struct {
	Name  string
	UID   int
	GID   int    // of the primary group
	Group string // name of the primary group; "" where not known
	Home  string // "" where it is not known or differs between versions
	Shell string // likewise
}

// LookupAccount is the account of that name in an image that the tables know:
// first the image's own accounts (node in node:20), then its distribution's
// (www-data). It is not found where the image, or its distribution, is not
// known, or where the ID varies in a way that the tag does not tell.
func LookupAccount(ref, name string) (Account, bool) {
	accounts := Accounts(ref)
	i := slices.IndexFunc(accounts, func(a Account) bool { return a.Name == name })
	if i < 0 {
		return Account{}, false
	}
	return accounts[i], true
}

// Accounts are the known accounts of an image, the image's own first, then
// root, then its distribution's. None are known of an image outside the tables.
func Accounts(ref string) []Account {
	r, family := ParseRef(ref), Image(ref)
	var accounts []Account
	for _, row := range accountRows()[r.Repository] {
		if row.matches(r, family) && !hasName(accounts, row.account.Name) {
			accounts = append(accounts, row.account)
		}
	}
	for _, a := range accountsOf(family) {
		if !hasName(accounts, a.Name) {
			accounts = append(accounts, a)
		}
	}
	return accounts
}

func hasName(accounts []Account, name string) bool {
	return slices.ContainsFunc(accounts, func(a Account) bool { return a.Name == name })
}

// IsFreeID reports whether an image is known to have neither user nor group of
// that ID, which is from 1000 on. Of images outside the tables it is not known.
func IsFreeID(ref string, id int) bool {
	r := ParseRef(ref)
	if id < 1000 || !isKnownImage(r) {
		return false
	}
	family := Image(ref)
	if id == 1000 && family.Distro == Ubuntu && family.Release == "" {
		return false // taken by ubuntu since 23.04
	}
	for _, row := range accountRows()[r.Repository] { // under any tag: a row's condition may be too strict
		if row.account.UID == id || row.account.GID == id {
			return false
		}
	}
	return !slices.ContainsFunc(accountsOf(family), func(a Account) bool { return a.UID == id || a.GID == id })
}

// DefaultUser is the user that an image runs as where a Dockerfile says nothing
// else: root for distributions and most official images. It is not known for
// images outside the tables.
func DefaultUser(ref string) (Account, bool) {
	r, family := ParseRef(ref), Image(ref)
	var named bool // some version of the image has another default
	for _, row := range accountRows()[r.Repository] {
		if !row.runsAs {
			continue
		}
		if row.matches(r, family) {
			return row.account, true
		}
		named = named || len(row.tagHas) == 0
	}
	if named || !isKnownImage(r) || r.Tag == "" || family.Distro == Windows {
		return Account{}, false
	}
	if family.Distro == Distroless && !strings.HasPrefix(r.Repository, "gcr.io/distroless/") {
		return Account{}, false // chiseled images run as the app's user
	}
	return root, true
}

// IsKnownImage reports whether the tables hold the image, so that an account that
// Accounts does not list is not one of its own.
func IsKnownImage(ref string) bool { return isKnownImage(ParseRef(ref)) }

// isKnownImage reports whether the tables hold the image, under whichever tag.
func isKnownImage(r Ref) bool {
	if r.Repository == "" {
		return false
	}
	if _, ok := images[r.Repository]; ok {
		return true
	}
	_, ok := distributionImage(r)
	return ok
}

// accountRows are the rows of imageAccounts by repository, in their order.
var accountRows = sync.OnceValue(func() map[string][]imageAccount {
	rows := map[string][]imageAccount{}
	for _, row := range imageAccounts {
		for _, repository := range row.repositories {
			rows[repository] = append(rows[repository], row)
		}
	}
	return rows
})

// matches reports whether the row holds for an image of one of its repositories.
func (row imageAccount) matches(r Ref, family Family) bool {
	switch {
	case r.Tag == "" && row.since != "": // a digest alone tells no version
		return false
	case row.variant == onAlpine && family.Distro != Alpine:
		return false
	case row.variant == notOnAlpine && (family.Distro == Alpine || family.Distro == Windows || family.Distro == Distroless):
		return false
	case family.Distro == Windows:
		return false
	case len(row.tagHas) > 0 && !slices.ContainsFunc(strings.Split(r.Tag, "-"), func(token string) bool { return slices.Contains(row.tagHas, token) }):
		return false
	}
	return versionSince(r.Tag, row.since)
}

// versionSince reports whether every image that the tag can stand for is of
// version since or later. A part that the tag leaves out is the newest: 6
// stands for 6.17, latest for the newest of all.
func versionSince(tag, since string) bool {
	if since == "" {
		return true
	}
	name, _, _ := strings.Cut(tag, "-")
	name = strings.TrimPrefix(name, "v")
	if !startsWithDigit(name) {
		return !slices.Contains(oldNames, name)
	}
	have := strings.Split(name, ".")
	for i, want := range strings.Split(since, ".") {
		if i == len(have) {
			return true
		}
		h, err := strconv.Atoi(have[i])
		if err != nil {
			return false
		}
		w, _ := strconv.Atoi(want) // the tables' versions are numbers; a test says so
		if h != w {
			return h > w
		}
	}
	return true
}

// oldNames are names of versions that are older than any since of the table.
var oldNames = []string{"argon"} // Node.js 4

// accountsOf are the accounts of a plain distribution, root included, as far as
// they are the same in every release that the family admits.
//
// Left out: Debian's _apt (UID 100 up to bookworm, 42 in trixie), gnats (gone
// since bookworm), systemd's and Alpine's accounts that came and went (adm,
// operator, postmaster, at, squid, xfs, cyrus, vpopmail, smmsp, postgres).
//
// It may return a table, which is not to be written to.
func accountsOf(family Family) []Account {
	switch family.Distro {
	case Debian:
		return debianAccounts
	case Ubuntu:
		return ubuntuAccounts(family)
	case Alpine:
		return alpineAccounts
	case RedHat:
		return redHatAccounts(family)
	case SUSE, Arch, Mariner:
		return []Account{root}
	case Wolfi:
		return distrolessAccounts
	case Distroless:
		if family.Flavor != "" {
			return []Account{root}
		}
		return distrolessAccounts
	case Busybox:
		return busyboxAccounts
	}
	return nil
}

// ubuntuAccounts: images since 23.04 have the user ubuntu, 1000
// (https://bugs.launchpad.net/cloud-images/+bug/2005129).
func ubuntuAccounts(family Family) []Account {
	accounts := slices.Clip(debianAccounts)
	if family.Release >= "23.04" || len(family.Possible) > 0 && family.Possible[0] >= "23.04" {
		accounts = append(accounts, Account{"ubuntu", 1000, 1000, "ubuntu", "/home/ubuntu", "/bin/bash"})
	}
	return accounts
}

// redHatAccounts: nobody is 65534 since Fedora 27, RHEL 8 and Amazon Linux
// 2023, and was 99 before.
func redHatAccounts(family Family) []Account {
	accounts := slices.Clip(redHatBaseAccounts)
	old := family.Release == "5" || family.Release == "6" || family.Release == "7" ||
		family.Flavor == "amazon" && family.Release != "2023"
	switch {
	case family.Release == "":
	case family.Flavor == "fedora" && len(family.Release) < 2:
	case family.Flavor == "fedora" && family.Release < "27":
		accounts = append(accounts, Account{"nobody", 99, 99, "nobody", "/", "/sbin/nologin"})
	case old && family.Flavor != "fedora":
		accounts = append(accounts, Account{"nobody", 99, 99, "nobody", "/", "/sbin/nologin"})
	default:
		accounts = append(accounts, Account{"nobody", 65534, 65534, "nobody", "/", "/sbin/nologin"})
	}
	return accounts
}
