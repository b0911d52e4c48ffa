package project

import "testing"

func TestPatternsMatchAsGitignoreDoes(t *testing.T) {
	p := ParsePatterns([]string{"# comment", "legacy/", "*.dev.Dockerfile", "/top/Dockerfile", "!keep.dev.Dockerfile"})
	for name, want := range map[string]bool{
		"legacy/Dockerfile": true, "a/legacy/b/Dockerfile": true, "legacy": false,
		"x.dev.Dockerfile": true, "a/x.dev.Dockerfile": true, "keep.dev.Dockerfile": false,
		"top/Dockerfile": true, "a/top/Dockerfile": false, "Dockerfile": false,
	} {
		if got := p.Match(name); got != want {
			t.Errorf("Match(%q) = %v", name, got)
		}
	}
}
