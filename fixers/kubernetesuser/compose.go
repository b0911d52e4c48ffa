package kubernetesuser

import (
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/deploy"
)

// compose makes the users of services numbers.
//
//	user: app  =>  user: "1001"
//
// Rejected: users that come from the environment; names that the image does not
// have. A number that is not the image's is a finding.
func (d *document) compose() {
	for _, document := range d.Documents {
		for _, s := range deploy.Services(document) {
			built, reason := d.index.Service(d.name, s)
			if reason == "" && built.Dockerfile == d.pass.Path && s.User != nil {
				d.service(s, d.userOf(built.Target))
			}
		}
	}
}

func (d *document) service(s deploy.Service, u user) {
	text := s.User.Value
	if text == "" || strings.Contains(text, "$") || u.known == nil {
		return
	}
	name, group, grouped := strings.Cut(text, ":")
	id, ok := numeric(name, u.number)
	if !ok {
		d.pass.Decline(u.at, "%s:%d: service %s runs as %s, an account whose ID is not known", d.name, s.User.Line, s.Name, name)
		return
	}
	if u.uid >= 0 && id != u.uid {
		d.pass.Decline(u.at, "%s:%d: service %s runs as %s, and the image as %d", d.name, s.User.Line, s.Name, text, u.uid)
		return
	}
	if !u.isNonRoot() {
		return
	}
	number := strconv.Itoa(id)
	if grouped {
		gid, ok := numeric(group, u.group)
		if !ok {
			d.pass.Decline(u.at, "%s:%d: the ID of the group %s is not known", d.name, s.User.Line, group)
			return
		}
		number += ":" + strconv.Itoa(gid)
	}
	if number != text {
		d.mention(u)
		d.changes.SetString(s.User, number)
	}
}

// numeric gives the ID that a user or group is, or has.
func numeric(text string, number func(name string) (int, bool)) (int, bool) {
	if id, err := strconv.Atoi(text); err == nil {
		return id, true
	}
	return number(text)
}
