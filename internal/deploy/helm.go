package deploy

import (
	"path"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// IsValues reports whether a file of this name holds the values of a Helm chart.
func IsValues(name string) bool {
	for _, pattern := range []string{"values.yaml", "values.yml", "values-*.yaml", "values-*.yml", "values.*.yaml", "*-values.yaml"} {
		if ok, _ := path.Match(pattern, path.Base(name)); ok {
			return true
		}
	}
	return false
}

// A Value is a part of a values file that names an image and has a place for its
// container's securityContext, as "helm create" lays it out.
type Value struct {
	Image string // as [project.ImageName] gives it
	At    *yaml.Node
	Owner *yaml.Node // the mapping that holds both
	// Context is the value of the key that templates hand to the container, nil if
	// there is none: a template would not read a new one.
	Context *yaml.Node
	// PodContext is that of the pod, nil if there is none.
	PodContext *yaml.Node
}

// maxDepth bounds how deep values are searched for images.
const maxDepth = 10

// Values gives the parts of a values file that name images.
func Values(document *yaml.Node) []Value {
	if document.Kind == yaml.DocumentNode {
		document = document.Content[0]
	}
	var all []Value
	var visit func(n *yaml.Node, depth int)
	visit = func(n *yaml.Node, depth int) {
		if n.Kind != yaml.MappingNode || depth > maxDepth {
			return
		}
		if v, ok := valueOf(n); ok {
			all = append(all, v)
		}
		for i := 1; i < len(n.Content); i += 2 {
			visit(n.Content[i], depth+1)
		}
	}
	visit(document, 0)
	return all
}

func valueOf(n *yaml.Node) (Value, bool) {
	_, image := yamledit.Get(n, "image")
	if image == nil {
		return Value{}, false
	}
	v := Value{At: image, Owner: n}
	switch image.Kind {
	case yaml.ScalarNode:
		v.Image = project.ImageName(image.Value)
	case yaml.MappingNode:
		name := text(image, "repository")
		if name == "" {
			name = text(image, "name")
		}
		if registry := text(image, "registry"); registry != "" && name != "" {
			name = registry + "/" + name
		}
		v.Image = project.ImageName(name)
	}
	for _, key := range []string{"containerSecurityContext", "securityContext"} {
		if _, context := yamledit.Get(n, key); context != nil && v.Context == nil {
			v.Context = context
		}
	}
	_, v.PodContext = yamledit.Get(n, "podSecurityContext")
	return v, v.Image != ""
}
