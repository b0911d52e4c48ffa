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
	if pattern == "" || name == "" {
		return true
	}
	switch pattern[0] {
	case name[0], '*', '?', '[', '\\':
		return false
	}
	return true
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
