package contract

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Warnings returns what BuildKit's parser and instruction parser warn of, as
// "Rule: message" in the order of the file, without positions so that two texts
// compare. The error is BuildKit's where it refuses the text.
//
// The rules that need a whole build graph (dockerfile2llb.DockerfileLint) are left
// out: it takes three times as long, and resolves base images over the network.
func Warnings(text string) ([]string, error) {
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	var warnings []string
	for _, w := range result.Warnings {
		warnings = append(warnings, "NoEmptyContinuation: "+w.Short)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) {
		warnings = append(warnings, rule+": "+message)
	}})
	if _, _, err := instructions.Parse(result.AST, lint); err != nil {
		return nil, err
	}
	return warnings, nil
}
