package kubernetesuser

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/deploy"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// manifest completes the pods of a file.
func (d *document) manifest() {
	for _, document := range d.Documents {
		for _, workload := range deploy.Workloads(document) {
			p := pod{document: d, Workload: workload}
			p.run()
		}
	}
}

// A pod is one workload with the containers that run the image.
type pod struct {
	*document
	deploy.Workload
	together bool // the pod's own securityContext may speak for all containers
}

// A member is a container that runs the image as a user that it may say.
type member struct {
	deploy.Container
	user user
	was  user // before all fixes
}

func (p *pod) run() {
	var members []member
	for _, c := range p.Containers {
		built, reason := p.index.Image(c.Image, p.name)
		if reason != "" || built.Dockerfile != p.pass.Path {
			continue
		}
		m := member{c, p.userOf(built.Target), read(p.pass.Original, p.pass.Context, built.Target)}
		if sentence := p.refusal(m, m.user); sentence != "" {
			p.found(m, c.At, "%s", sentence)
			continue
		}
		if reason := p.obstacle(m); reason != "" {
			p.found(m, c.At, "container %s: %s", c.Name, reason)
			continue
		}
		if m.user.isNonRoot() && p.agrees(m) {
			members = append(members, m)
		}
	}
	p.together = p.isOneUser(members)
	for _, m := range members {
		if sentence := p.refusal(m, m.was); sentence != "" {
			p.note(m.At, "mended: %s", sentence)
		}
		p.complete(m)
		p.noteRebuild(m.At, m.user, m.was)
	}
}

// found reports what keeps a container as it is, with both places.
func (p *pod) found(m member, at *yaml.Node, format string, args ...any) {
	p.pass.Decline(m.user.at, "%s:%d: "+format, append([]any{p.name, at.Line}, args...)...)
}

// refusal is the sentence with which the kubelet refuses the container if its
// image runs as a user, "" if it does not (kubernetes/pkg/kubelet/kuberuntime/security_context.go,
// verifyRunAsNonRoot).
func (p *pod) refusal(m member, u user) string {
	nonRoot, runAs := p.Effective(m.Container, "runAsNonRoot"), p.Effective(m.Container, "runAsUser")
	switch {
	case nonRoot == nil || nonRoot.Value != "true":
		return ""
	case runAs != nil && runAs.Value == "0":
		return "container's runAsUser breaks non-root policy"
	case runAs != nil:
		return ""
	case u.uid == 0:
		return "container has runAsNonRoot and image will run as root"
	case u.name != "":
		return fmt.Sprintf("container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root", u.name)
	}
	return ""
}

// obstacle is why nothing is said for a container although it runs the image.
func (p *pod) obstacle(m member) string {
	_, context := yamledit.Get(m.Node, "securityContext")
	if _, privileged := yamledit.Get(context, "privileged"); privileged != nil && privileged.Value == "true" {
		return "it is privileged"
	}
	if p.Effective(m.Container, "windowsOptions") != nil {
		return "it runs under Windows"
	}
	if m.user.uid < 0 && m.user.name == "" {
		return m.user.reason
	}
	return ""
}

// agrees reports whether what the file says goes together with the image, and
// tells what does not.
func (p *pod) agrees(m member) bool {
	if runAs := p.Effective(m.Container, "runAsUser"); runAs != nil && runAs.Value != strconv.Itoa(m.user.uid) {
		p.found(m, runAs, "container %s has runAsUser %s, and the image runs as %d", m.Name, runAs.Value, m.user.uid)
		return false
	}
	if nonRoot := p.Effective(m.Container, "runAsNonRoot"); nonRoot != nil && nonRoot.Value != "true" {
		p.found(m, nonRoot, "container %s has runAsNonRoot %s, and the image runs as %d", m.Name, nonRoot.Value, m.user.uid)
		return false
	}
	return true
}

// isOneUser reports whether the pod's own securityContext may speak for all
// containers: they all run the image as one user, and Kubernetes, not Knative,
// reads it.
func (p *pod) isOneUser(members []member) bool {
	return p.OwnContext && len(members) > 0 && len(members) == len(p.Containers) &&
		!slices.ContainsFunc(members, func(m member) bool {
			return m.user.uid != members[0].user.uid || m.user.gid != members[0].user.gid
		})
}

// complete puts in what the file does not say yet.
func (p *pod) complete(m member) {
	owner := m.Node
	if p.level(m) == podLevel {
		owner = p.Pod
	}
	missing := p.numbers(m)
	if p.pass.Settings.RestrictedProfile && p.Effective(m.Container, "seccompProfile") == nil {
		missing = append(missing, yamledit.Entry{Key: "seccompProfile", Value: yamledit.Mapping(yamledit.Entry{Key: "type", Value: yamledit.Scalar("RuntimeDefault")})})
	}
	if owner == m.Node {
		p.put(m, owner, append(missing, p.restricted(m)...))
	} else {
		p.put(m, owner, missing)
		p.put(m, m.Node, p.restricted(m))
	}
	if p.index.OpenShift() == "" && p.OwnContext && p.WritesVolume(m.Container) && p.Effective(m.Container, "fsGroup") == nil {
		if len(p.Containers) > 1 && !p.together {
			p.notes = append(p.notes, fmt.Sprintf("%s:%d: fsGroup is left out: the pod runs other images too", p.name, m.Node.Line))
			return
		}
		group := m.user.gid
		if group <= 0 {
			group = m.user.uid
		}
		p.put(m, p.Pod, []yamledit.Entry{{Key: "fsGroup", Value: number(group)}})
	}
}

// numbers are the entries about the user that do not hold yet.
func (p *pod) numbers(m member) []yamledit.Entry {
	var missing []yamledit.Entry
	add := func(key string, value yamledit.Value) {
		if p.Effective(m.Container, key) == nil {
			missing = append(missing, yamledit.Entry{Key: key, Value: value})
		}
	}
	for _, e := range p.wanted(m.user) {
		add(e.Key, e.Value)
	}
	return missing
}

// wanted are the entries that say a user. OpenShift chooses the number itself.
func (w *writing) wanted(u user) []yamledit.Entry {
	entries := []yamledit.Entry{{Key: "runAsNonRoot", Value: yamledit.Scalar("true")}}
	if w.index.OpenShift() != "" {
		return entries
	}
	entries = append(entries, yamledit.Entry{Key: "runAsUser", Value: number(u.uid)})
	if u.gid > 0 {
		entries = append(entries, yamledit.Entry{Key: "runAsGroup", Value: number(u.gid)})
	}
	return entries
}

func number(n int) yamledit.Value { return yamledit.Scalar(strconv.Itoa(n)) }

type level int

const (
	containerLevel level = iota
	podLevel
)

// level says which securityContext the file keeps its user in.
func (p *pod) level(m member) level {
	_, own := yamledit.Get(m.Node, "securityContext")
	_, pods := yamledit.Get(p.Pod, "securityContext")
	switch {
	case pods == nil || !p.together || saysUser(own):
		return containerLevel
	case saysUser(pods) || own == nil:
		return podLevel
	}
	return containerLevel
}

func saysUser(context *yaml.Node) bool {
	for _, name := range []string{"runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup"} {
		if key, _ := yamledit.Get(context, name); key != nil {
			return true
		}
	}
	return false
}
