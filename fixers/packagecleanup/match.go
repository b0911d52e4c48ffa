package packagecleanup

import (
	"path"
	"strings"
)

// matchAny reports whether a package's name fits one of the patterns of
// path.Match.
func matchAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if isOther(p, name) {
			continue
		}
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}

// isOther reports whether the first letters tell that name does not fit: most do.
func isOther(pattern, name string) bool {
	return pattern == "" || name == "" || pattern[0] != name[0] && strings.IndexByte(`*?[\`, pattern[0]) < 0
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
