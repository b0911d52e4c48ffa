package accounts

import (
	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

// ofTable is an account as the tables of facts have it.
func ofTable(a facts.Account) Account {
	return Account{Name: Literal(a.Name), UID: number(a.UID), Group: Literal(a.Group), GID: number(a.GID), Home: a.Home}
}

// ofImage is what the tables know of an image from outside the file.
func ofImage(ref string) *Known {
	k := &Known{Ref: ref, Family: facts.Image(ref), files: map[string]*file{}}
	for _, a := range facts.Accounts(ref) {
		k.Users = append(k.Users, ofTable(a))
		if a.Group != "" {
			k.Groups = append(k.Groups, Group{Name: Literal(a.Group), GID: number(a.GID)})
		}
	}
	for _, g := range facts.GroupsOf(k.Family) {
		k.Groups = append(k.Groups, Group{Name: Literal(g.Name), GID: number(g.GID)})
	}
	if ref != "scratch" && k.Family.Distro != facts.Windows {
		k.Groups = append(k.Groups, Group{Name: Literal("root"), GID: number(0)})
	}
	k.Complete = facts.IsKnownImage(ref) || ref == "scratch"
	return k
}

// distroByManager tells an image's distribution by the package manager that the
// stage runs.
func distroByManager(s *build.Stage) facts.Distro {
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		for _, c := range s.Script(inst).Commands {
			inv, ok := pkgmgr.Recognise(c)
			if !ok || !inv.Manager.System {
				continue
			}
			switch inv.Manager.Name {
			case "apt-get", "apt":
				return facts.Debian
			case "apk":
				return facts.Alpine
			case "dnf", "yum", "microdnf":
				return facts.RedHat
			case "zypper":
				return facts.SUSE
			case "pacman":
				return facts.Arch
			case "tdnf":
				return facts.Mariner
			}
		}
	}
	return facts.Unknown
}

func (k *Known) image() string {
	if k.Ref == "" {
		return "is not known and"
	}
	return k.Ref
}
