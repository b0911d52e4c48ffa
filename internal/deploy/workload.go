package deploy

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// A Workload is a resource that runs pods.
type Workload struct {
	Kind, Name string
	Pod        *yaml.Node // the pod's spec
	Containers []Container
	// OwnContext reports whether the pod's own securityContext may be written:
	// Knative takes that of containers alone.
	OwnContext bool

	resource *yaml.Node
}

// A Container is one container of a pod.
type Container struct {
	Name  string
	Image string     // as [project.ImageName] gives it; "" if it is computed or not there
	Node  *yaml.Node // the container
	At    *yaml.Node // its image's value, or the container if it has none
}

// podSpecs says where the kinds that run pods hold the pod's spec (Kubernetes API
// reference, "Workload Resources"; Argo Rollouts, "Rollout Specification"; Knative
// Serving API, "Service"). The prefix is of the apiVersion: "v1" is the core.
var podSpecs = []struct {
	kind, group string
	path        []string
}{
	{"Pod", "v1", []string{"spec"}},
	{"PodTemplate", "v1", []string{"template", "spec"}},
	{"ReplicationController", "v1", []string{"spec", "template", "spec"}},
	{"Deployment", "apps/", []string{"spec", "template", "spec"}},
	{"Deployment", "extensions/", []string{"spec", "template", "spec"}},
	{"StatefulSet", "apps/", []string{"spec", "template", "spec"}},
	{"DaemonSet", "apps/", []string{"spec", "template", "spec"}},
	{"DaemonSet", "extensions/", []string{"spec", "template", "spec"}},
	{"ReplicaSet", "apps/", []string{"spec", "template", "spec"}},
	{"ReplicaSet", "extensions/", []string{"spec", "template", "spec"}},
	{"Job", "batch/", []string{"spec", "template", "spec"}},
	{"CronJob", "batch/", []string{"spec", "jobTemplate", "spec", "template", "spec"}},
	{"Rollout", "argoproj.io/", []string{"spec", "template", "spec"}},
	{"Service", knative, []string{"spec", "template", "spec"}},
	{"Configuration", knative, []string{"spec", "template", "spec"}},
}

const knative = "serving.knative.dev/"

// maxItems bounds the resources of a List.
const maxItems = 10_000

// Workloads gives the workloads of one document, those of a List each by itself.
func Workloads(document *yaml.Node) []Workload {
	if document.Kind == yaml.DocumentNode {
		document = document.Content[0]
	}
	kind, version := text(document, "kind"), text(document, "apiVersion")
	if _, items := yamledit.Get(document, "items"); items != nil && strings.HasSuffix(kind, "List") {
		var all []Workload
		if items.Kind == yaml.SequenceNode && len(items.Content) <= maxItems {
			for _, item := range items.Content {
				if item = yamledit.Follow(item); !strings.HasSuffix(text(item, "kind"), "List") {
					all = append(all, Workloads(item)...)
				}
			}
		}
		return all
	}
	for _, spec := range podSpecs {
		inGroup := version == spec.group || strings.HasSuffix(spec.group, "/") && strings.HasPrefix(version, spec.group)
		if kind != spec.kind || !inGroup {
			continue
		}
		pod := document
		for _, key := range spec.path {
			_, pod = yamledit.Get(pod, key)
		}
		if pod == nil || pod.Kind != yaml.MappingNode {
			return nil
		}
		_, metadata := yamledit.Get(document, "metadata")
		return []Workload{{
			Kind: kind, Name: text(metadata, "name"), Pod: pod, Containers: containers(pod),
			OwnContext: spec.group != knative, resource: document,
		}}
	}
	return nil
}

func containers(pod *yaml.Node) []Container {
	var all []Container
	for _, key := range []string{"initContainers", "containers", "ephemeralContainers"} {
		_, list := yamledit.Get(pod, key)
		if list == nil || list.Kind != yaml.SequenceNode {
			continue
		}
		for _, item := range list.Content {
			node := yamledit.Follow(item)
			if node.Kind != yaml.MappingNode {
				continue
			}
			c := Container{Name: text(node, "name"), Node: node, At: node}
			if _, image := yamledit.Get(node, "image"); image != nil && image.Kind == yaml.ScalarNode {
				c.Image, c.At = project.ImageName(image.Value), image
			}
			all = append(all, c)
		}
	}
	return all
}

func text(mapping *yaml.Node, key string) string {
	_, value := yamledit.Get(mapping, key)
	if value == nil || value.Kind != yaml.ScalarNode {
		return ""
	}
	return value.Value
}

// Effective gives the setting that holds for a container: its own, or else its
// pod's. nil if there is none.
func (w Workload) Effective(c Container, key string) *yaml.Node {
	for _, owner := range []*yaml.Node{c.Node, w.Pod} {
		_, context := yamledit.Get(owner, "securityContext")
		if _, value := yamledit.Get(context, key); value != nil && value.Tag != "!!null" {
			return value
		}
	}
	return nil
}

// WritesVolume reports whether a container mounts a volume that is its pod's to
// write, and which the cluster hands to fsGroup: a claim. An emptyDir is open to
// everyone, and the other kinds are read-only or not changed by fsGroup.
func (w Workload) WritesVolume(c Container) bool {
	claims := w.claims()
	_, mounts := yamledit.Get(c.Node, "volumeMounts")
	if mounts == nil || mounts.Kind != yaml.SequenceNode {
		return false
	}
	return slices.ContainsFunc(mounts.Content, func(mount *yaml.Node) bool {
		return slices.Contains(claims, text(mount, "name")) && text(mount, "readOnly") != "true"
	})
}

// claims lists the names of the volumes that are persistent claims.
func (w Workload) claims() []string {
	var names []string
	if _, volumes := yamledit.Get(w.Pod, "volumes"); volumes != nil && volumes.Kind == yaml.SequenceNode {
		for _, volume := range volumes.Content {
			_, claim := yamledit.Get(volume, "persistentVolumeClaim")
			_, ephemeral := yamledit.Get(volume, "ephemeral")
			if claim != nil && text(claim, "readOnly") != "true" || ephemeral != nil {
				names = append(names, text(volume, "name"))
			}
		}
	}
	_, spec := yamledit.Get(w.resource, "spec")
	if _, templates := yamledit.Get(spec, "volumeClaimTemplates"); templates != nil && templates.Kind == yaml.SequenceNode {
		for _, template := range templates.Content {
			_, metadata := yamledit.Get(template, "metadata")
			names = append(names, text(metadata, "name"))
		}
	}
	return names
}

// Template says why a file of manifests is a template although it parses, "" if
// it is none.
func Template(f *yamledit.File) string {
	for _, document := range f.Documents {
		if n := templated(document); n != nil {
			return fmt.Sprintf("it is a template: line %d has ${", n.Line)
		}
	}
	return ""
}

// templated gives a scalar of a resource that a tool such as envsubst replaces
// before the cluster reads it: "${NAME}" where no shell of a container, and no
// file of a ConfigMap, could mean it.
func templated(n *yaml.Node) *yaml.Node {
	switch n.Kind {
	case yaml.ScalarNode:
		if strings.Contains(n.Value, "${") && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			return n
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch n.Content[i].Value {
			case "args", "command", "env", "data", "stringData", "annotations":
				continue
			}
			if found := templated(n.Content[i+1]); found != nil {
				return found
			}
		}
	case yaml.DocumentNode, yaml.SequenceNode:
		for _, child := range n.Content {
			if found := templated(child); found != nil {
				return found
			}
		}
	}
	return nil
}
