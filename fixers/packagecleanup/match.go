package packagecleanup

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

type word = shell.Word

// matchAny reports whether a package's name fits one of the patterns of
// path.Match.
func matchAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}

func matchAnyIn(patterns []string, names packages) bool {
	for n := range names {
		if names[n] && matchAny(patterns, n) {
			return true
		}
	}
	return false
}

// isPlain reports whether a name holds no variable and no pattern: what is left
// of curl=$VERSION.
func isPlain(name string) bool { return name != "" && !strings.ContainsAny(name, "$`*?[({") }
