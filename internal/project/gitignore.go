package project

import (
	"path"
	"strings"
)

// gitignore is the patterns of one .gitignore, in the folder that it lies in.
// The semantics are those of gitignore(5): the last pattern that matches
// wins, "!" takes in again, a pattern with a slash is anchored to the folder,
// a trailing slash restricts it to folders, "**" spans folders.
type gitignore struct {
	dir      string // of the .gitignore, relative to the walk's root
	patterns []gitPattern
}

type gitPattern struct {
	segments []string
	negated  bool
	dirOnly  bool
}

// parseGitignore takes the first maxPatterns patterns.
func parseGitignore(dir, text string) gitignore {
	rules := gitignore{dir: dir}
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		if len(rules.patterns) == maxPatterns {
			break
		}
		if pattern, ok := parseGitPattern(strings.TrimSuffix(line, "\r")); ok {
			rules.patterns = append(rules.patterns, pattern)
		}
	}
	return rules
}

func parseGitPattern(line string) (gitPattern, bool) {
	var p gitPattern
	if strings.HasPrefix(line, "#") {
		return p, false
	}
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = strings.TrimSuffix(line, " ")
	}
	if rest, ok := strings.CutPrefix(line, "!"); ok {
		p.negated, line = true, rest
	}
	if rest, ok := strings.CutSuffix(line, "/"); ok {
		p.dirOnly, line = true, rest
	}
	if line == "" {
		return p, false
	}
	if rest, anchored := strings.CutPrefix(line, "/"); anchored {
		line = rest
	} else if !strings.Contains(line, "/") {
		p.segments = []string{"**"}
	}
	p.segments = append(p.segments, strings.Split(line, "/")...)
	for _, segment := range p.segments {
		if _, err := path.Match(gitSegment(segment), ""); err != nil {
			// git matches nothing with a malformed pattern.
			return p, false
		}
	}
	return p, true
}

// gitSegment translates the one spelling that path.Match does not know.
func gitSegment(segment string) string { return strings.ReplaceAll(segment, "[!", "[^") }

// ignores says whether name, a path from the walk's root, is ignored by this
// file, and whether any of its patterns decides about it.
func (g gitignore) ignores(name string, isDir bool) (ignored, decided bool) {
	rel := name
	if g.dir != "." {
		var inside bool
		if rel, inside = strings.CutPrefix(name, g.dir+"/"); !inside {
			return false, false
		}
	}
	segments := strings.Split(rel, "/")
	for i := len(g.patterns) - 1; i >= 0; i-- {
		p := g.patterns[i]
		if p.dirOnly && !isDir {
			continue
		}
		if matchSegments(p.segments, segments) {
			return !p.negated, true
		}
	}
	return false, false
}

// matchSegments matches a path against a pattern, both split at slashes. Only
// the last "**" tried is backtracked to, so the cost stays polynomial.
func matchSegments(pattern, name []string) bool {
	retryPattern, retryName := -1, -1
	p, n := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			if p == len(pattern)-1 {
				return true
			}
			p++
			retryPattern, retryName = p, n
			continue
		case p < len(pattern):
			if ok, _ := path.Match(gitSegment(pattern[p]), name[n]); ok {
				p, n = p+1, n+1
				continue
			}
		}
		if retryPattern < 0 {
			return false
		}
		retryName++
		p, n = retryPattern, retryName
	}
	return p == len(pattern)
}

// ignoredByGit asks the .gitignore files from the innermost outwards.
func ignoredByGit(stack []gitignore, name string, isDir bool) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		if ignored, decided := stack[i].ignores(name, isDir); decided {
			return ignored
		}
	}
	return false
}

// IsIgnored reports whether the .gitignore files of the repository leave a file
// out, so that what lies there is made by a tool.
func (r *Repository) IsIgnored(name string) bool {
	type key struct{}
	byFolder := Memo(r, key{}, r.gitignores)
	if len(byFolder) == 0 {
		return false
	}
	var stack []gitignore
	if root, ok := byFolder["."]; ok {
		stack = append(stack, root)
	}
	for i, c := range name {
		if c != '/' {
			continue
		}
		if ignoredByGit(stack, name[:i], true) {
			return true
		}
		if rules, ok := byFolder[name[:i]]; ok {
			stack = append(stack, rules)
		}
	}
	return ignoredByGit(stack, name, false)
}

func (r *Repository) gitignores() map[string]gitignore {
	byFolder := map[string]gitignore{}
	for _, name := range r.Sources() {
		if path.Base(name) != ".gitignore" {
			continue
		}
		if text, err := r.Read(name); err == nil {
			dir := path.Dir(name)
			byFolder[dir] = parseGitignore(dir, text)
		}
	}
	return byFolder
}
