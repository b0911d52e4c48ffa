package kubernetesuser

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/yamledit"
)

// put adds entries to the securityContext of a pod or a container, which is made
// if there is none.
func (p *pod) put(m member, owner *yaml.Node, entries []yamledit.Entry) {
	if len(entries) == 0 {
		return
	}
	p.mention(m.user)
	_, context := yamledit.Get(owner, "securityContext")
	if context != nil {
		p.complement(context, entries)
		return
	}
	p.create(owner, entries)
}

// complement adds entries to a mapping: those about the user stand together, in
// their usual order.
func (d *document) complement(context *yaml.Node, entries []yamledit.Entry) {
	var rest []yamledit.Entry
	for _, e := range entries {
		if d.added(context, e.Key) {
			continue
		}
		if before := sibling(context, e.Key); before != nil {
			d.changes.PutAfter(context, before, e.Key, e.Value)
			continue
		}
		rest = append(rest, e)
	}
	for _, e := range rest {
		d.changes.Put(context, e.Key, e.Value)
	}
}

// sibling gives the key about the user behind which another one goes, nil if
// there is none.
func sibling(context *yaml.Node, name string) *yaml.Node {
	order := []string{"runAsNonRoot", "runAsUser", "runAsGroup"}
	for _, before := range slices.Backward(order[:max(slices.Index(order, name), 0)]) {
		if key, _ := yamledit.Get(context, before); key != nil {
			return key
		}
	}
	return nil
}

// create adds a securityContext: behind a container's other keys, or in front of
// a pod's containers.
func (p *pod) create(owner *yaml.Node, entries []yamledit.Entry) {
	if p.added(owner, "securityContext") {
		return
	}
	if owner != p.Pod {
		p.changes.Put(owner, "securityContext", yamledit.Mapping(entries...))
		return
	}
	if before := keyBefore(owner, "initContainers", "containers"); before != nil {
		p.changes.PutAfter(owner, before, "securityContext", yamledit.Mapping(entries...))
		return
	}
	p.changes.Put(owner, "securityContext", yamledit.Mapping(entries...))
}

// keyBefore gives the key in front of the first of names, nil if that comes first.
func keyBefore(mapping *yaml.Node, names ...string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if slices.Contains(names, mapping.Content[i].Value) {
			if i == 0 {
				return nil
			}
			return mapping.Content[i-2]
		}
	}
	return nil
}

// added reports whether a key was put into a mapping before, for another
// container of the pod, and notes that it is now.
func (d *document) added(mapping *yaml.Node, key string) bool {
	if d.done == nil {
		d.done = map[place]bool{}
	}
	at := place{mapping, key}
	before := d.done[at]
	d.done[at] = true
	return before
}

type place struct {
	mapping *yaml.Node
	key     string
}

// mention notes a user that the files come to say.
func (w *writing) mention(u user) {
	text := strconv.Itoa(u.uid)
	if len(w.numbers) == 0 {
		w.at = u.at
	}
	if !slices.Contains(w.numbers, text) {
		w.numbers = append(w.numbers, text)
	}
}

// restricted are the entries that the restricted Pod Security Standard asks of a
// container beside the user (Kubernetes, "Pod Security Standards", Restricted).
func (p *pod) restricted(m member) []yamledit.Entry {
	if !p.pass.Settings.RestrictedProfile {
		return nil
	}
	var missing []yamledit.Entry
	if escalation := p.Effective(m.Container, "allowPrivilegeEscalation"); escalation == nil {
		missing = append(missing, yamledit.Entry{Key: "allowPrivilegeEscalation", Value: yamledit.Scalar("false")})
	} else if escalation.Value != "false" {
		p.note(escalation, "container %s allows privilege escalation", m.Name)
	}
	_, context := yamledit.Get(m.Node, "securityContext")
	_, capabilities := yamledit.Get(context, "capabilities")
	drop := yamledit.Entry{Key: "drop", Value: yamledit.List("ALL")}
	if capabilities == nil {
		return append(missing, yamledit.Entry{Key: "capabilities", Value: yamledit.Mapping(drop)})
	}
	if _, dropped := yamledit.Get(capabilities, "drop"); dropped == nil {
		p.mention(m.user)
		p.complement(capabilities, []yamledit.Entry{drop})
	} else if !slices.ContainsFunc(dropped.Content, func(n *yaml.Node) bool { return n.Value == "ALL" }) {
		p.note(dropped, "container %s does not drop all capabilities", m.Name)
	}
	if _, added := yamledit.Get(capabilities, "add"); added != nil {
		for _, capability := range added.Content {
			if capability.Value != "NET_BIND_SERVICE" {
				p.note(capability, "container %s adds the capability %s", m.Name, capability.Value)
			}
		}
	}
	return missing
}

// noteRebuild tells that the numbers are those of the next image, where the fixes
// give its user another ID.
func (d *document) noteRebuild(at *yaml.Node, u, was user) {
	if u.uid == was.uid || len(d.numbers) == 0 {
		return
	}
	if was.name != "" {
		if id, ok := was.number(was.name); ok && id == u.uid {
			return
		}
	}
	d.note(at, "deploy it with an image of the changed Dockerfile: in earlier ones the user may have another ID")
}

func (d *document) note(at *yaml.Node, format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf("%s:%d: "+format, append([]any{d.name, at.Line}, args...)...))
}
