package kubernetesuser

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/deploy"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// values completes the securityContext in the values of a Helm chart, where the
// chart has a place for it.
func (d *document) values() {
	for _, document := range d.Documents {
		for _, v := range deploy.Values(document) {
			built, reason := d.index.Image(v.Image, d.name)
			if reason == "" && built.Dockerfile == d.pass.Path {
				d.value(v, d.userOf(built.Target), read(d.pass.Original, d.pass.Context, built.Target))
			}
		}
	}
}

func (d *document) value(v deploy.Value, u, was user) {
	contexts := slices.DeleteFunc([]*yaml.Node{v.Context, v.PodContext}, func(n *yaml.Node) bool { return n == nil })
	switch {
	case u.uid < 0:
		d.pass.Decline(u.at, "%s:%d: %s", d.name, v.At.Line, u.reason)
		return
	case !u.isNonRoot():
		return
	case len(contexts) == 0:
		d.pass.Decline(u.at, "%s:%d: the chart has no securityContext among its values here", d.name, v.At.Line)
		return
	}
	for _, want := range []struct{ key, value string }{{"runAsUser", strconv.Itoa(u.uid)}, {"runAsNonRoot", "true"}} {
		for _, context := range contexts {
			if _, is := yamledit.Get(context, want.key); is != nil && is.Tag != "!!null" && is.Value != want.value {
				d.pass.Decline(u.at, "%s:%d: %s is %s, and the image runs as %d", d.name, is.Line, want.key, is.Value, u.uid)
				return
			}
		}
	}
	target := contexts[0]
	for _, context := range contexts {
		if saysUser(context) && !saysUser(target) {
			target = context
		}
	}
	var missing []yamledit.Entry
	add := func(key string, value yamledit.Value) {
		if !slices.ContainsFunc(contexts, func(context *yaml.Node) bool { is, _ := yamledit.Get(context, key); return is != nil }) {
			missing = append(missing, yamledit.Entry{Key: key, Value: value})
		}
	}
	for _, e := range d.wanted(u) {
		add(e.Key, e.Value)
	}
	if len(missing) > 0 {
		d.mention(u)
		d.complement(target, missing)
		d.noteRebuild(v.At, u, was)
	}
}
