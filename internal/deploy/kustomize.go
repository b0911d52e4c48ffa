package deploy

import (
	"path"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// isKustomization knows the three names that kustomize looks for.
func isKustomization(name string) bool {
	switch path.Base(name) {
	case "kustomization.yaml", "kustomization.yml", "Kustomization":
		return true
	}
	return false
}

// rename reads the images of a kustomization: a container that says name runs
// newName. So what is built as newName is what name stands for in the manifests.
func (x *reading) rename(content string) {
	for _, document := range parse(content) {
		_, images := yamledit.Get(document.Content[0], "images")
		if images == nil || images.Kind != yaml.SequenceNode {
			continue
		}
		for _, image := range images.Content {
			name, renamed := project.ImageName(text(image, "name")), project.ImageName(text(image, "newName"))
			if name == "" || renamed == "" || name == renamed {
				continue
			}
			x.renamed[name] = append(x.renamed[name], renamed)
		}
	}
}
