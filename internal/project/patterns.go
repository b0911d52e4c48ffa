package project

import "strings"

// Patterns are lines of gitignore(5), relative to one folder.
type Patterns struct{ rules gitignore }

// ParsePatterns reads one pattern a line. Like git, it passes over a malformed
// one.
func ParsePatterns(lines []string) Patterns {
	return Patterns{parseGitignore(".", strings.Join(lines, "\n"))}
}

// Match reports whether the patterns take in the file at name, by itself or with
// a folder above it. name is relative to the folder of the patterns and has
// slashes.
func (p Patterns) Match(name string) bool {
	for i, c := range name {
		if c != '/' {
			continue
		}
		if in, _ := p.rules.ignores(name[:i], true); in {
			return true
		}
	}
	in, _ := p.rules.ignores(name, false)
	return in
}
