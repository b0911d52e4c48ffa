package accounts

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// A meaning is what an option says about an account.
type meaning uint8

const (
	other meaning = iota // nothing that matters here
	uid
	gid    // a primary group by name or number
	groups // supplementary groups
	home
	loginShell
	newName
	system
	nonUnique
	ownGroup   // a group of the account's name is made
	noOwnGroup // none is made
	force      // a group that exists is no error
	elsewhere  // accounts of another root directory
)

// An option is one that a tool takes.
type option struct {
	short byte   // 0 without one
	long  string // without dashes
	value bool
	means meaning
}

// A dialect is the options of one tool.
type dialect struct {
	options []option
	// longOnly: -name is read as --name, and letters are not clustered
	// (Perl's Getopt::Long as adduser configures it).
	longOnly bool
}

// shadowShared is what useradd, usermod, groupadd and groupmod all take.
var shadowShared = []option{
	{'g', "gid", true, gid},
	{'o', "non-unique", false, nonUnique},
	{'p', "password", true, other},
	{'P', "prefix", true, elsewhere},
	{'R', "root", true, elsewhere},
}

// shadowUseradd: useradd(8) of shadow 4.17. Red Hat's adduser is the same.
var shadowUseradd = &dialect{options: append([]option{
	{'b', "base-dir", true, other},
	{'c', "comment", true, other},
	{'d', "home-dir", true, home},
	{'e', "expiredate", true, other},
	{'f', "inactive", true, other},
	{'F', "add-subids-for-system", false, other},
	{'G', "groups", true, groups},
	{'k', "skel", true, other},
	{'K', "key", true, other},
	{'l', "no-log-init", false, other},
	{'m', "create-home", false, other},
	{'M', "no-create-home", false, other},
	{'N', "no-user-group", false, noOwnGroup},
	{'r', "system", false, system},
	{'s', "shell", true, loginShell},
	{'u', "uid", true, uid},
	{'U', "user-group", false, ownGroup},
	{'Z', "selinux-user", true, other},
	{0, "badname", false, other},
	{0, "badnames", false, other},
	{0, "btrfs-subvolume-home", false, other},
	// Older Red Hat and Debian releases only:
	{'n', "", false, noOwnGroup},
}, shadowShared...)}

// shadowUsermod: usermod(8).
var shadowUsermod = &dialect{options: append([]option{
	{'a', "append", false, other},
	{'b', "badname", false, other},
	{'c', "comment", true, other},
	{'d', "home", true, home},
	{'e', "expiredate", true, other},
	{'f', "inactive", true, other},
	{'G', "groups", true, groups},
	{'l', "login", true, newName},
	{'L', "lock", false, other},
	{'m', "move-home", false, other},
	{'r', "remove", false, other},
	{'s', "shell", true, loginShell},
	{'u', "uid", true, uid},
	{'U', "unlock", false, other},
	{'v', "add-subuids", true, other},
	{'V', "del-subuids", true, other},
	{'w', "add-subgids", true, other},
	{'W', "del-subgids", true, other},
	{'Z', "selinux-user", true, other},
}, shadowShared...)}

// shadowGroupadd: groupadd(8).
var shadowGroupadd = &dialect{options: append([]option{
	{'f', "force", false, force},
	{'K', "key", true, other},
	{'r', "system", false, system},
	{'U', "users", true, other},
}, shadowShared...)}

// shadowGroupmod: groupmod(8).
var shadowGroupmod = &dialect{options: append([]option{
	{'a', "append", false, other},
	{'n', "new-name", true, newName},
	{'U', "users", true, other},
}, shadowShared...)}

// busyboxAdduser: loginutils/adduser.c. -g is the comment, -G the group.
var busyboxAdduser = &dialect{options: []option{
	{'D', "disabled-password", false, other},
	{'g', "gecos", true, other},
	{'G', "ingroup", true, gid},
	{'h', "home", true, home},
	{'H', "no-create-home", false, other},
	{'k', "skel", true, other},
	{'s', "shell", true, loginShell},
	{'S', "system", false, system},
	{'u', "uid", true, uid},
	{0, "empty-password", false, other},
}}

// busyboxAddgroup: loginutils/addgroup.c.
var busyboxAddgroup = &dialect{options: []option{
	{'g', "gid", true, gid},
	{'S', "system", false, system},
}}

// debianAdduser: adduser(8) of Debian, which is addgroup(8) as well.
var debianAdduser = &dialect{longOnly: true, options: []option{
	{0, "add-extra-groups", false, other},
	{0, "add_extra_groups", false, other},
	{0, "allow-all-names", false, other},
	{0, "allow-bad-names", false, other},
	{0, "allow-badname", false, other},
	{0, "comment", true, other},
	{'c', "conf", true, other},
	{0, "debug", false, other},
	{0, "disabled-login", false, other},
	{0, "disabled-password", false, other},
	{0, "encrypt-home", false, other},
	{0, "firstgid", true, other},
	{0, "firstuid", true, other},
	{0, "force-badname", false, other},
	{0, "gecos", true, other},
	{0, "gid", true, gid},
	{0, "group", false, ownGroup},
	{0, "home", true, home},
	{0, "ingroup", true, gid},
	{0, "lastgid", true, other},
	{0, "lastuid", true, other},
	{0, "no-create-home", false, other},
	{'q', "quiet", false, other},
	{0, "shell", true, loginShell},
	{0, "system", false, system},
	{0, "uid", true, uid},
	{0, "verbose", false, other},
}}

// anyDelete: userdel, groupdel, deluser, delgroup of either family.
var anyDelete = &dialect{options: []option{
	{'f', "force", false, other},
	{'r', "remove", false, other},
	{'Z', "selinux-user", false, other},
	{0, "remove-home", false, other},
	{0, "remove-all-files", false, other},
	{0, "system", false, other},
	{0, "quiet", false, other},
	{'q', "", false, other},
}}

// arguments are a command's words, sorted by a dialect.
type arguments struct {
	values   map[meaning]shell.Word
	flags    map[meaning]bool
	operands []shell.Word
}

// read sorts words into options and operands. It reports false for an option
// that the dialect does not have, or one without its value.
func (d *dialect) read(words []shell.Word) (arguments, bool) {
	a := arguments{values: map[meaning]shell.Word{}, flags: map[meaning]bool{}}
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w.Value == "--":
			a.operands = append(a.operands, words[i+1:]...)
			return a, true
		case !w.IsFlag():
			a.operands = append(a.operands, w)
		case strings.HasPrefix(w.Value, "--") || d.longOnly:
			n, ok := d.long(w, words[i+1:], &a)
			if !ok {
				return a, false
			}
			i += n
		default:
			n, ok := d.cluster(w, words[i+1:], &a)
			if !ok {
				return a, false
			}
			i += n
		}
	}
	return a, true
}

// long reads --name, --name=value or --name value, the name cut short at will.
// It returns how many of the next words are taken.
func (d *dialect) long(w shell.Word, next []shell.Word, a *arguments) (int, bool) {
	name, _, joined := strings.Cut(strings.TrimLeft(w.Value, "-"), "=")
	o, ok := d.byName(name)
	switch {
	case !ok:
		return 0, false
	case !o.value:
		a.flags[o.means] = true
		return 0, !joined
	case joined:
		value, ok := w.After("=")
		a.values[o.means] = value
		return 0, ok
	case len(next) == 0:
		return 0, false
	}
	a.values[o.means] = next[0]
	return 1, true
}

// byName returns the option of that name, or the only one that begins with it.
func (d *dialect) byName(name string) (option, bool) {
	var found []option
	for _, o := range d.options {
		if o.long == name && name != "" || d.longOnly && len(name) == 1 && o.short == name[0] {
			return o, true
		}
		if strings.HasPrefix(o.long, name) {
			found = append(found, o)
		}
	}
	if len(found) != 1 || name == "" {
		return option{}, false
	}
	return found[0], true
}

// cluster reads -abc, -uVALUE and -u VALUE.
func (d *dialect) cluster(w shell.Word, next []shell.Word, a *arguments) (int, bool) {
	for i := 1; i < len(w.Value); i++ {
		o, ok := d.byLetter(w.Value[i])
		switch {
		case !ok:
			return 0, false
		case !o.value:
			a.flags[o.means] = true
			continue
		case i+1 < len(w.Value):
			value, ok := w.After(w.Value[:i+1])
			a.values[o.means] = value
			return 0, ok
		case len(next) == 0:
			return 0, false
		}
		a.values[o.means] = next[0]
		return 1, true
	}
	return 0, true
}

func (d *dialect) byLetter(letter byte) (option, bool) {
	for _, o := range d.options {
		if o.short == letter {
			return o, true
		}
	}
	return option{}, false
}
