package multistage

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
)

// fetched notes the files that a RUN of the build stage downloads: the runtime
// stage copies them.
func (pl *plan) fetched(at *place) string {
	var paths []string
	for _, e := range at.effects {
		if e.Kind != effects.Fetches {
			continue
		}
		if e.Reason != "" {
			return brief(commandText(e)) + ": " + e.Reason
		}
		paths = append(paths, e.Writes...)
	}
	for _, p := range paths {
		switch {
		case strings.HasPrefix(p, "/tmp/"):
			pl.leave(p, "it is temporary")
		case pl.isGone(p):
			pl.leave(p, "a later command removes it")
		case strings.HasSuffix(p, "/") && isShared(p):
			return "it unpacks into " + p + ", beside what the image has there"
		case isPartOf([]string{strings.TrimSuffix(p, "/")}, pl.outputs):
		default:
			pl.outputs = append(pl.outputs, p)
		}
	}
	return ""
}

func (pl *plan) isGone(name string) bool {
	for _, at := range pl.places {
		for _, e := range at.effects {
			for _, g := range e.Gone {
				if g == strings.TrimSuffix(name, "/") {
					return true
				}
			}
		}
	}
	return false
}

// isShared reports whether a folder is one that the base image fills.
func isShared(dir string) bool {
	switch path.Clean(dir) {
	case "/", "/bin", "/etc", "/home", "/lib", "/opt", "/root", "/sbin", "/srv", "/usr", "/usr/bin", "/usr/lib", "/usr/local",
		"/usr/local/bin", "/usr/local/lib", "/usr/local/share", "/usr/sbin", "/usr/share", "/var", "/var/lib":
		return true
	}
	return false
}
