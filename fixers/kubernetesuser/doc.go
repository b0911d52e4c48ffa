// Package kubernetesuser is the fixer kubernetes-user: the files beside the
// Dockerfile that run its image say the user that it runs as.
//
// Invariants: only containers whose image is known to be built from this
// Dockerfile are touched. What a file says already stays: nothing is loosened,
// and what contradicts the image is a finding that names both places. A file
// that is a template, or that an anchor shares, is left alone, aloud.
package kubernetesuser

import "github.com/drydock-dev/drydock/internal/fix"

var doc = fix.Doc{
	Title: "Say the image's user in Kubernetes manifests and compose files",
	Why: `A cluster refuses a container under "runAsNonRoot: true" whose image names its user, or runs as root.
With numeric-user the image says a number; the manifest beside it says the same number here, in the
same change: runAsNonRoot, runAsUser and runAsGroup, in the pod's or the container's securityContext,
where the file has them already. fsGroup is added where a volume of the pod's own is written.

A container belongs to a Dockerfile if its image is what a compose, bake, skaffold or Tilt file, a
workflow, a Makefile or a script builds from it, through the images of a kustomization if need be, or
what "images" in .drydock.yaml says.

In the values of a Helm chart, podSecurityContext and securityContext are completed where they are. In
a compose file, a user by name becomes its number.

restricted-profile: true adds what else the restricted Pod Security Standard asks of containers.`,
	Before: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: inventory
spec:
  template:
    spec:
      containers:
        - name: inventory
          image: example.org/inventory:1.4
          securityContext:
            runAsNonRoot: true
`,
	After: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: inventory
spec:
  template:
    spec:
      containers:
        - name: inventory
          image: example.org/inventory:1.4
          securityContext:
            runAsNonRoot: true
            runAsUser: 1001
            runAsGroup: 1001
`,
	Refuses: []string{
		"A container whose image nothing is known to build from the Dockerfile, or that two builders build.",
		"An image that runs as root, as a user by name, or as one that is not known.",
		"A container that says another user, or runAsNonRoot: false, or that is privileged.",
		"A file that is a template, does not parse, or shares the place through an anchor.",
		"fsGroup for a pod that runs other images too.",
		"Numbers in a repository with resources of OpenShift, which chooses a pod's user itself.",
	},
	Safety: fix.Review,
}
