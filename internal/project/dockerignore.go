package project

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// ignoreRules are the patterns of a .dockerignore. The nil value ignores
// nothing.
type ignoreRules struct {
	patterns []string

	mu      sync.Mutex // the matcher compiles its patterns when first used
	matcher *patternmatcher.PatternMatcher
}

// readIgnoreRules reads <Dockerfile>.dockerignore beside the Dockerfile if
// there is one, else .dockerignore at the root of the context; never both, as
// BuildKit does (frontend/dockerui/config.go, ReadEntrypoint and
// dockerIgnorePatterns).
func readIgnoreRules(repository, context fs.FS, dockerfile string) (*ignoreRules, error) {
	if dockerfile != "" {
		rules, err := ignoreRulesIn(repository, cleanPath(dockerfile)+".dockerignore")
		if rules != nil || err != nil {
			return rules, err
		}
	}
	return ignoreRulesIn(context, ".dockerignore")
}

// ignoreRulesIn gives nil and no error for a file that is not there.
func ignoreRulesIn(tree fs.FS, name string) (*ignoreRules, error) {
	text, err := readRegular(tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return parseIgnoreRules(name, text)
}

// maxPatterns bounds an ignore file. Each path is held against each pattern,
// and the longest ignore files seen have a few hundred.
const maxPatterns = 10_000

func parseIgnoreRules(name, text string) (*ignoreRules, error) {
	patterns, err := ignorefile.ReadAll(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(patterns) > maxPatterns {
		return nil, fmt.Errorf("%s: more than %d patterns", name, maxPatterns)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &ignoreRules{patterns: patterns, matcher: matcher}, nil
}

func (r *ignoreRules) excludes(name string) bool {
	if r == nil || name == "." {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	ignored, err := r.matcher.MatchesOrParentMatches(name)
	// A pattern that cannot be compiled makes the build fail; leaving the
	// file out makes a caller decline.
	return ignored || err != nil
}

func (r *ignoreRules) hasExceptions() bool { return r != nil && r.matcher.Exclusions() }
