package fix

import "strings"

// OldFrontend is the frontend that the file asks for if it is older than cache
// mounts, which came with 1.2 (docs.docker.com/build/buildkit/dockerfile-release-notes);
// "" otherwise.
func (p *Pass) OldFrontend() string {
	for _, d := range p.File.Directives {
		_, tag, _ := strings.Cut(d.Value, "docker/dockerfile:")
		if d.Name == "syntax" && (tag == "1.0" || tag == "1.1" || strings.HasPrefix(tag, "1.0.") || strings.HasPrefix(tag, "1.1.")) {
			return d.Value
		}
	}
	return ""
}
