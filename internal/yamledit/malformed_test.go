package yamledit_test

import (
	"fmt"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/yamledit"
)

func TestMalformedNamesTheLineOfTheFault(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: x\x00y\n":        "2:5: control characters are not allowed",
		"a: 1\nb: x\xffy\n":        "2:5: invalid leading UTF-8 octet",
		"a: 1\nb: [1, 2\nc: 3\n":   "2:1: did not find expected ',' or ']'",
		"a: [1, 2\n":               "1:1: did not find expected ',' or ']'",
		"a: 1\nb: {x: 1\n":         "2:1: did not find expected ',' or '}'",
		"a:\n  b: 1\n c: 2\n":      "3:1: did not find expected key",
		"a: 1\nb: @x\n":            "2:1: found character that cannot start any token",
		"a: 1\n\tb: 2\n":           "2:1: found a tab character that violates indentation",
		"a: b: c\n":                "1:1: mapping values are not allowed in this context",
		"a: 1\nb: 2\nc: 3\nd: \"x": "4:1: found unexpected end of stream",
	} {
		err := yaml.Unmarshal([]byte(text), &yaml.Node{})
		if err == nil {
			t.Errorf("%q parses", text)
			continue
		}
		at, message := yamledit.Malformed(text, err)
		if got := fmt.Sprintf("%d:%d: %s", at.Line, at.Column, message); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
