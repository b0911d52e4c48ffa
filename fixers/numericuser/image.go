package numericuser

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
)

// imageReason looks at the base image and at what else the file builds.
func imageReason(m *build.Model, s *build.Stage) string {
	ref := s.Bottom().Ref
	repository := facts.ParseRef(ref).Repository
	switch {
	case slices.Contains(dropsPrivileges, repository):
		return "the image " + repository + " is made to start as root"
	case strings.Contains(ref, "onbuild"):
		return "ONBUILD of the base image " + ref + " makes what the image holds"
	case !slices.Contains(hosts, repository):
		return "the base image " + ref + " is not known to start programs as they are"
	}
	for _, other := range m.Stages {
		if other != s && other.IsImage() {
			return "the file builds more images than one"
		}
	}
	return ""
}
