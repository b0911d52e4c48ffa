package facts

// A Group is a line of an image's /etc/group that no account has for its own.
type Group struct {
	Name string
	GID  int
}

// debianGroups: https://salsa.debian.org/debian/base-passwd/-/blob/master/group.master,
// the same in Ubuntu, less those that are accounts' own.
var debianGroups = []Group{
	{"adm", 4}, {"tty", 5}, {"disk", 6}, {"kmem", 15}, {"dialout", 20}, {"fax", 21}, {"voice", 22}, {"cdrom", 24}, {"floppy", 25},
	{"tape", 26}, {"sudo", 27}, {"audio", 29}, {"dip", 30}, {"operator", 37}, {"src", 40}, {"shadow", 42}, {"video", 44}, {"sasl", 45},
	{"plugdev", 46}, {"staff", 50}, {"users", 100},
}

// alpineGroups: https://gitlab.alpinelinux.org/alpine/aports/-/blob/master/main/alpine-baselayout/group.
var alpineGroups = []Group{
	{"wheel", 10}, {"audio", 18}, {"video", 27}, {"nogroup", 65533},
}

// GroupsOf are the groups of a plain distribution that accountsOf does not name,
// as far as they are the same in every release.
func GroupsOf(family Family) []Group {
	switch family.Distro {
	case Debian, Ubuntu:
		return debianGroups
	case Alpine:
		return alpineGroups
	}
	return nil
}
